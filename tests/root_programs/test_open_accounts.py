from typing import Any

import pytest
from root_programs.root_host import PASSWD, derive, document, facts, file

from hostcheck.model import Hole
from hostcheck.view import opening

SU = {
    "/usr/bin/su": "x",
    "/etc/pam.d/su": "auth sufficient pam_rootok.so\n@include common-auth\n",
    "/etc/pam.d/common-auth": "auth sufficient pam_unix.so nullok\n",
}
SETUID = {"/usr/bin/su": file(0, 0o4755)}
LOCKED = "root:*:19000:0:99999:7:::\nann:!:19000:0:99999:7:::\nbob:$y$j9T$abc:19000:0:99999:7:::\nwww:*:::::::\n"


def opened(shadow: Any, passwd: str = PASSWD, stats: Any = SETUID, **files: Any) -> Any:
    return facts({**SU, "/etc/shadow": shadow, "/etc/passwd": passwd, **files}, stats=stats)["open_accounts"]


@pytest.mark.parametrize(
    ("shadow", "found"),
    [
        (LOCKED, {}),
        ("root::19000:0:99999:7:::\n", {"root": {"uid": 0, "su": True}}),
        ("ann::19000::::::\n", {"ann": {"uid": 1000, "su": True}}),
        ("ann::\n", {"ann": {"uid": 1000, "su": True}}),
        ("ann:*:::::::\nann::::::::\n", {}),
        ("ann::19000:0:99999:7::19500:\n", {"ann": {"uid": 1000, "su": False}}),
        ("ann::19000:0:99999:7:30::\n", {"ann": {"uid": 1000, "su": False}}),
        ("www::19000:0:99999:7:::\n", {"www": {"uid": 33, "su": False}}),
        ("gone::19000:0:99999:7:::\n", {}),
        ("# ann::19000:0:99999:7:::\n+::::::::\n", {}),
    ],
)
def test_an_account_is_open_where_the_first_line_of_its_name_has_no_password(shadow: str, found: Any) -> None:
    assert opened(shadow) == found


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
    assert isinstance(opening(told), Hole) and told["eve"] == {"uid": 1002, "su": True}


@pytest.mark.parametrize("stats", [{"/usr/bin/su": file(0, 0o755)}, {"/usr/bin/su": file(0, 0o4750)}, {"/usr/bin/su": file(1000, 0o4755)}])
def test_it_is_not_certain_where_su_does_not_run_as_root_for_everybody(stats: Any) -> None:
    assert opened("ann::::::::\n", stats=stats) == {"ann": {"uid": 1000, "su": False}}


def test_it_is_not_certain_where_su_is_mounted_nosuid() -> None:
    mounts = "22 1 0:21 / /proc rw - proc proc rw\n27 1 254:0 / / rw,nosuid - ext4 /dev/vda rw\n"
    assert opened("ann::::::::\n", **{"/proc/self/mountinfo": mounts, "/proc/1/mountinfo": mounts}) == {"ann": {"uid": 1000, "su": False}}


def test_more_than_are_looked_at_are_a_hole() -> None:
    many = "".join(f"u{number}::{2000 + number}:100::/:/bin/sh\n" for number in range(300))
    told = opened("", PASSWD + many)
    assert len(dict(told)) == 200 and isinstance(opening(told), Hole)


def test_the_analysis_says_who_has_none() -> None:
    files = {**SU, "/etc/shadow": "root::\nann::::::1::\n"}
    assert derive(document(files, stats=SETUID))["open_accounts"] == {"ann": {"as_uid": 1000, "certain": False}, "root": {"as_uid": 0, "certain": True}}
    unread = derive(document({**SU, "/etc/shadow": PermissionError(13, "no")}, stats=SETUID))["open_accounts"]
    assert isinstance(opening(unread), Hole) and dict(unread) == {}
