from typing import Any

import pytest
from root_programs.root_host import PASSWD, derive, document, file

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
