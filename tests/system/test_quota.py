"""So many are looked at of each user, of users without an account together, and all of root's; what is left names whose it is."""

from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole, Why
from hostcheck_builtin.system.quota import Quota, accounts

DENIED = Hole(why=Why.DENIED, message="no")


def test_each_user_has_as_many_and_root_all() -> None:
    quota = Quota({1000, 1001}, 2, 3)
    assert [quota.takes(uid) for uid in (1000, 1000, 1000, 1001, 0, 0, 0, 1000)] == [True, True, False, True, True, True, True, False]
    assert {uid: hole.message for uid, hole in quota.left("sockets").items()} == {1000: "uid 1000 has 4 sockets, and not all of them are looked at"}


def test_users_without_an_account_share() -> None:
    quota = Quota({1000}, 2, 3)
    assert [quota.takes(uid) for uid in (7, 7, 7, 8, 9, 1000)] == [True, True, False, False, False, True]
    assert {uid: hole.message for uid, hole in quota.left("x").items()} == {7: "users who are not in /etc/passwd have 5 x, and not all of them are looked at"}
    assert quota.shares(7) and not quota.shares(1000) and not quota.shares(0)


def test_where_it_is_not_known_who_has_an_account_each_counts_alone() -> None:
    quota = Quota(DENIED, 1, 1)
    assert [quota.takes(uid) for uid in (7, 8, 8)] == [True, True, False] and not quota.shares(7)


def test_who_has_an_account() -> None:
    assert accounts(MemoryHost({"/etc/passwd": "root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\n"})) == {0, 1000}
    assert isinstance(accounts(MemoryHost({"/etc/passwd": PermissionError(13, "no")})), Hole)
