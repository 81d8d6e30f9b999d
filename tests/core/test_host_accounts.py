"""Whose account a uid is: that of /etc/passwd, of the one who has it in a range, of the name service, or everybody's together."""

import os

import pytest

from hostcheck.host.accounts import ASKED, COMMON, Accounts, Ranges, accounts_in, tells
from hostcheck.host.memory import MemoryHost

PASSWD = b"root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\nbob:x:1001:1001::/home/bob:/bin/sh\n"
SUBUID = b"ann:100000:65536\n1001:200000:10\nbob:300000:10\nann:300005:10\ncat:400000:9\nroot:500000:9\nann:x:y\n"


def accounts(nsswitch: bytes = b"passwd: files\n", asks: list[int] | None = None, told: bool | None = True) -> Accounts:
    files = {"/etc/passwd": PASSWD, "/etc/subuid": SUBUID, "/etc/nsswitch.conf": nsswitch}

    def ask(uid: int) -> bool | None:
        (asks if asks is not None else []).append(uid)
        return told

    return Accounts(lambda path: files.get(path, b""), ask)


@pytest.mark.parametrize(
    ("uid", "account"),
    [(0, 0), (1000, 1000), (1001, 1001), (100_000, 1000), (165_535, 1000), (165_536, COMMON), (200_003, 1001), (300_001, 1001), (300_012, 1000)],
)
def test_subordinate_ids_are_their_owners(uid: int, account: int) -> None:
    assert accounts().of(uid) == account


def test_what_two_have_nobody_has_or_root_is_everybodys_together() -> None:
    assert [accounts().of(uid) for uid in (300_007, 400_001, 500_001, 7)] == [COMMON] * 4


def test_the_name_service_is_asked_where_it_may_know_more_and_no_more_once_it_was_late() -> None:
    asks: list[int] = []
    known = accounts(b"passwd: files [NOTFOUND=return] sss # ldap\n", asks)
    assert [known.of(uid) for uid in (5000, 5000, 5001, 100_000, 1000)] == [5000, 5000, 5001, 1000, 1000] and asks == [5000, 5001]
    late: list[int] = []
    assert [accounts(b"passwd: sss\n", late, None).of(uid) for uid in (5000,)] == [COMMON] and late == [5000]
    slow = accounts(b"passwd: sss\n", late, None)
    assert [slow.of(uid) for uid in (5000, 5001)] == [COMMON] * 2 and late == [5000, 5000]
    never: list[int] = []
    assert accounts(b"passwd: files\n", never).of(5000) == COMMON and not never
    many: list[int] = []
    asked = accounts(b"passwd: sss\n", many, False)
    assert {asked.of(uid) for uid in range(5000, 5000 + ASKED + 9)} == {COMMON} and len(many) == ASKED


def test_the_name_service_answers_in_a_process_of_its_own() -> None:
    assert tells(os.geteuid()) is True and tells(3_999_999_999) is False


def test_files_of_a_host_that_is_no_machine_tell_the_same() -> None:
    host = MemoryHost({"/etc/passwd": PASSWD, "/etc/subuid": SUBUID})
    assert [host.account(uid) for uid in (0, 1000, 100_001, 7)] == [0, 1000, 1000, COMMON]
    assert accounts_in(MemoryHost({})).of(7) == 7


def test_ranges_within_one_another_are_all_found() -> None:
    assert Ranges([(0, 100, 1), (10, 20, 2), (30, 40, 3)]).owners(15) == {1, 2} and Ranges([(0, 100, 1), (10, 20, 2)]).owners(50) == {1}
