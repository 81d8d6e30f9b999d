from typing import Any

import pytest
from root_programs.root_host import PASSWD, derive, document, file

from hostcheck.host import attempt
from hostcheck.model import Hole
from hostcheck.view import opening

SU = {
    "/usr/bin/su": "x",
    "/etc/pam.d/su": "auth sufficient pam_rootok.so\n@include common-auth\naccount required pam_unix.so\n",
    "/etc/pam.d/common-auth": "auth sufficient pam_unix.so nullok\nauth required pam_deny.so\n",
}
SETUID = {"/usr/bin/su": file(0, 0o4755)}
LOCKED = "root:*:19000:0:99999:7:::\nann:!:19000:0:99999:7:::\nbob:$y$j9T$abc:19000:0:99999:7:::\nwww:*:::::::\n"
STAFF = "auth sufficient pam_wheel.so trust group=staff\n"


def opened(shadow: Any = LOCKED, passwd: str = PASSWD, stats: Any = SETUID, **files: Any) -> Any:
    told = {**SU, "/etc/shadow": shadow, "/etc/passwd": passwd, **{f"/etc/pam.d/{name}": text for name, text in files.items()}}
    return derive(document(told, stats=stats))["open_accounts"]


def short(told: Any) -> Any:
    """Return by name who becomes it: all, some by name, with ? where that is not certain."""
    return {name: f"{'all ' if one['everyone'] else ''}{' '.join(one['callers'])}{'' if one['certain'] else '?'}".strip() for name, one in told.items()}


@pytest.mark.parametrize(
    ("shadow", "found"),
    [
        (LOCKED, {}),
        ("root::19000:0:99999:7:::\n", {"root": "all"}),
        ("ann::19000::::::\n", {"ann": "all"}),
        ("ann::\n", {"ann": "all"}),
        ("ann:*:::::::\nann::::::::\n", {}),
        ("ann::19000:0:99999:7::19500:\n", {"ann": "all ?"}),
        ("ann::19000:0:99999:7:30::\n", {"ann": "all ?"}),
        ("www::19000:0:99999:7:::\n", {"www": "all ?"}),
        ("gone::19000:0:99999:7:::\n", {}),
        ("# ann::19000:0:99999:7:::\n+::::::::\n", {}),
    ],
)
def test_an_account_is_open_where_the_first_line_of_its_name_has_no_password(shadow: str, found: Any) -> None:
    assert short(opened(shadow)) == found


@pytest.mark.parametrize(
    ("line", "shadow", "found"),
    [
        ("eve::1002:1002::/:/bin/sh", "eve:*:::::::\n", True),
        ("eve:*:1002:1002::/:/bin/sh", "eve::::::::\n", False),
        ("eve:##eve:1002:1:::/bin/sh", "eve::\n", True),
    ],
)
def test_shadow_is_asked_where_the_other_file_says_so(line: str, shadow: str, found: bool) -> None:
    assert ("eve" in opened(shadow, f"{PASSWD}{line}\n")) is found


def test_where_shadow_cannot_be_read_there_may_be_others() -> None:
    told = opened(PermissionError(13, "no"), f"{PASSWD}eve::1002:1002::/:/bin/sh\n")
    assert isinstance(opening(told), Hole) and short(told) == {"eve": "all"}


@pytest.mark.parametrize("stats", [{"/usr/bin/su": file(0, 0o755)}, {"/usr/bin/su": file(0, 0o4750)}, {"/usr/bin/su": file(1000, 0o4755)}])
def test_it_is_not_certain_where_su_does_not_run_as_root_for_everybody(stats: Any) -> None:
    assert short(opened("ann::::::::\n", stats=stats)) == {"ann": "all ?"}
    assert short(opened(stats=stats, su=STAFF + SU["/etc/pam.d/su"])) == {}


def test_more_than_are_looked_at_are_a_hole() -> None:
    many = "".join(f"u{number}::{2000 + number}:100::/:/bin/sh\n" for number in range(300))
    told = opened("", PASSWD + many)
    assert len(dict(told)) == 200 and isinstance(opening(told), Hole)


ALL = {"ann": "all", "bob": "all", "root": "all"}


@pytest.mark.parametrize(
    ("before", "found"),
    [
        ("auth sufficient pam_permit.so\n", ALL),
        ("auth sufficient pam_localuser.so\n", ALL),
        ("auth optional pam_permit.so\n", {}),
        (STAFF, {"root": "bob", "ann": "bob"}),
        (STAFF.replace("trust ", ""), {}),
        (STAFF.replace("sufficient", "optional"), {}),
        ("auth sufficient pam_wheel.so trust\n", {}),
        (STAFF.replace("trust", "trust root_only"), {"root": "bob"}),
        (STAFF.replace("trust", "trust deny"), {"root": "all ?", "ann": "all ?", "bob": "all ?"}),
        ("auth sufficient pam_succeed_if.so use_uid user = bob\n", {"root": "bob", "ann": "bob"}),
        ("auth sufficient pam_succeed_if.so use_uid user ingroup staff\n", {"root": "bob", "ann": "bob"}),
        ("auth sufficient pam_succeed_if.so user = ann\n", {"ann": "all"}),
        ("auth sufficient pam_succeed_if.so uid >= 1001\n", {"bob": "all"}),
        ("auth [success=ignore default=1] pam_succeed_if.so user = ann\nauth sufficient pam_succeed_if.so use_uid user = bob\n", {"ann": "bob"}),
        ("auth sufficient pam_sss.so\n", {}),
        ("auth required pam_duo.so\n", {}),
    ],
)
def test_pam_lets_some_in_without_a_secret(before: str, found: Any) -> None:
    told = opened(su=before + SU["/etc/pam.d/su"])
    assert short(told) == found and opening(told) is None


@pytest.mark.parametrize(("service", "found"), [("", "bob"), ("deny ", "all ?")])
def test_of_an_open_account_pam_may_keep_some_out(service: str, found: str) -> None:
    assert short(opened("ann::::::::\n", su=f"auth required pam_wheel.so {service}group=staff\n" + SU["/etc/pam.d/su"]))["ann"] == found


def test_what_a_module_does_that_is_not_known_may_let_everybody_in() -> None:
    told = opened(su="auth sufficient pam_ours.so\n" + SU["/etc/pam.d/su"])
    assert [isinstance(attempt(one.__getitem__, "everyone"), Hole) for one in told.values()] == [True]


def test_a_stack_that_cannot_be_read_may_let_everybody_in() -> None:
    assert isinstance(opening(opened(su=PermissionError(13, "no"))), Hole)
