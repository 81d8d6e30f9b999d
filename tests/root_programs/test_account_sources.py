from typing import Any

import pytest
from root_programs.root_host import PASSWD, access, file, folder, listed

from hostcheck.host.answers import AclEntry, Stat
from hostcheck_builtin.root_programs.account_sources import ACCOUNTS

HAS_ALL = {"/etc/passwd": PASSWD, "/etc/shadow": "", "/etc/sudoers": "", "/etc/sudoers.d/site": "", "/etc/doas.conf": "", "/etc/ssh/sshd_config": ""}


@pytest.mark.parametrize("path", ACCOUNTS)
@pytest.mark.parametrize("stat", [file(0, 0o666), file(1001, 0o600), file(0, 0o664, 50)])
def test_an_account_file_that_somebody_can_write_is_certain_and_waits_for_nothing(path: str, stat: Stat) -> None:
    one = access(HAS_ALL, stats={path: stat})[path]
    assert (one["kind"], one["certain"], one["as_uid"], one["interaction"], one["when"]) == (
        "accounts",
        True,
        0,
        "nothing",
        "when somebody logs in or changes user",
    )


def test_account_files_of_roots_are_nobody_elses() -> None:
    assert access(HAS_ALL, stats={"/etc/shadow": file(0, 0o640, 42), "/etc/gshadow": file(0, 0o640, 42), "/etc/sudoers": file(0, 0o440)}) == {}


def test_an_account_file_that_is_not_there_counts_where_somebody_can_make_it() -> None:
    found = access({"/etc/shadow": None}, stats={"/etc": folder(0, 0o777)})
    assert (found["/etc/shadow"]["type"], found["/etc/shadow"]["certain"]) == ("absent", True)


ACL = tuple(AclEntry(tag=tag, id=who, perms=perms) for tag, who, perms in (("user_obj", -1, 6), ("user", 1001, 6), ("mask", -1, 6), ("other", -1, 0)))


@pytest.mark.parametrize(
    ("path", "stat", "sure"),
    [
        ("/etc/sudoers", file(0, 0o460, acl=ACL), True),
        ("/etc/sudoers", file(0, 0o666), False),
        ("/etc/sudoers", file(0, 0o660, 50), False),
        ("/etc/sudoers", file(1001, 0o440), False),
        ("/etc/sudoers.d/site", file(0, 0o460, acl=ACL), True),
        ("/etc/sudoers.d/site", file(1001, 0o440), False),
        ("/etc/sudoers.d", folder(0, 0o777), False),
        ("/etc/doas.conf", file(0, 0o666), False),
        ("/etc/ssh/sshd_config", file(0, 0o666), False),
    ],
)
def test_what_sudo_and_others_pass_over_is_not_certain(path: str, stat: Stat, sure: bool) -> None:
    found: Any = listed("logins", HAS_ALL, stats={path: stat})
    assert [use["certain"] for use in found[path]["uses"].values()] == [sure]
