"""What the password comes to that a rule of sudo asks for: an account may have none, and PAM may ask for nothing."""

from struct import Struct
from typing import Any

import pytest
from privileged_programs.rights import derive, facts

from hostcheck.host import attempt
from hostcheck.model import Hole

PASSWD = "root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\nbob:x:1001:1001::/home/bob:/bin/sh\n"
HASH = "$y$j9T$abcdefghijkl"
ASKS = "auth required pam_unix.so\naccount required pam_unix.so\n"
OWN, MISSING, NOTHING = "own-password", "missing-password", "nothing"


def needs(field: str, pam: Any = ASKS, sudoers: str = "ann ALL=(ALL) ALL\n", **more: Any) -> Any:
    """Return what is needed of each who has a right, with ? where that is not certain."""
    shadow = PermissionError(13, "no") if field == "denied" else f"ann:{field}:19000:0:99999:7:::\nbob:{HASH}:19000:0:99999:7:::\n"
    files = {"/etc/passwd": PASSWD, "/etc/shadow": shadow, "/etc/pam.d/sudo": pam, **{f"/{path}": text for path, text in more.items()}}
    found = derive(facts(sudoers, files, people={"ann": 1000, "bob": 1001}))["grants"]
    told = {one["name"]: (attempt(one.__getitem__, "needs"), one["certain"], attempt(one.__getitem__, "unasked_by")) for one in found.values()}
    return {name: "hole" if isinstance(need, Hole) else f"{need}{'' if sure else '?'} {by}".strip() for name, (need, sure, by) in told.items()}


@pytest.mark.parametrize(
    ("field", "pam", "found"),
    [
        (HASH, ASKS, OWN),
        ("!", ASKS, MISSING),
        ("*", ASKS, MISSING),
        (f"!{HASH}", ASKS, MISSING),
        ("", ASKS, MISSING),
        ("", ASKS.replace("unix.so\nacc", "unix.so nullok\nacc"), f"{NOTHING} password"),
        ("!", "auth sufficient pam_permit.so\n" + ASKS, f"{NOTHING} pam"),
        ("!", "auth sufficient pam_wheel.so trust group=staff\n" + ASKS, MISSING),
        ("!", "auth sufficient pam_sss.so\n" + ASKS, f"{OWN}?"),
        ("!", "auth sufficient pam_ours.so\n" + ASKS, "hole"),
        ("!", PermissionError(13, "no"), "hole"),
        ("denied", ASKS, "hole"),
    ],
)
def test_what_a_user_needs(field: str, pam: Any, found: str) -> None:
    assert needs(field, pam) == {"ann": found}


def test_a_rule_that_asks_nobody_needs_no_password_that_is_there() -> None:
    assert needs("!", sudoers="ann ALL=(ALL) NOPASSWD: ALL\n") == {"ann": f"{NOTHING} rule"}


def test_another_users_password_may_be_known() -> None:
    assert needs("!", sudoers="Defaults rootpw\nann ALL=(ALL) ALL\n") == {"ann": "other-secret"}


LOCK, OFF, ON = (Struct("=4H48x").pack(2, 56, kind, flags) for kind, flags in ((4, 0), (3, 1), (3, 0)))
"""Records as sudo 1.9.16 writes them: the lock, of who was not let in, and of who was."""


def test_who_was_let_in_before_may_be_asked_for_nothing() -> None:
    assert needs("!", **{"run/sudo/ts/ann": LOCK + ON}) == {"ann": f"{OWN}?"} == needs("!", **{"run/sudo/ts/1000": LOCK + OFF + ON})
    assert needs("!", **{"run/sudo/ts/bob": LOCK + ON}) == {"ann": MISSING} == needs("!", **{"run/sudo/ts/1000": LOCK + OFF})
    assert needs("!", **{"run/sudo/ts/1000": PermissionError(13, "no")}) == {"ann": "hole"}


def test_of_a_rule_for_everybody_those_are_told_apart_who_are_asked_for_nothing() -> None:
    everybody = "ALL ALL=(ALL) ALL\n"
    assert needs("!", sudoers=everybody) == {"every local user": OWN}
    assert needs("", ASKS.replace("unix.so\nacc", "unix.so nullok\nacc"), everybody) == {"ann": f"{NOTHING} password", "bob": OWN}
