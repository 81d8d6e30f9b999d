"""What lines of tmpfiles.d make of a file of root's at the next boot; a real systemd-tmpfiles is asked in tests/hosts."""

from typing import Any

import pytest

from hostcheck.host.answers import Stat
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole, HoleError
from hostcheck_builtin.root_programs.boot_permissions import BootPermissions
from hostcheck_builtin.root_programs.root_files import is_alone
from hostcheck_builtin.system.path_walk import WalkedPath

UNIT = "/etc/systemd/system/shop.service"
ROOTS = Stat(type="dir", uid=0, gid=0, mode=0o755)
FILES = {"/etc/passwd": "root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\n", "/etc/group": "root:x:0:\nrelease:x:1500:ann\n"}


def after(text: str, path: str = UNIT, *, kind: str = "file", there: bool = True) -> Any:
    """Return the way to a path after a boot, None where nothing changes it."""
    parents = {path[:end] or "/": ROOTS for end, sign in enumerate(path) if sign == "/"}
    end = Stat(type=kind, uid=0, gid=0, mode=0o755 if kind == "dir" else 0o644) if there else list(parents.values())[-1]
    way = WalkedPath(realpath=path, end=end, type=kind if there else "absent", parents=parents)
    assert is_alone(way)
    told = BootPermissions(host=MemoryHost({**FILES, "/etc/tmpfiles.d/a.conf": text})).after(path, way)
    return told and (told[1], is_alone(told[0]), told[0])


@pytest.mark.parametrize(
    ("line", "alone"),
    [
        (f"z {UNIT} 0664 root release -", False),
        (f"z {UNIT} - ann", False),
        ("z /etc/systemd/system/*.service 0666", False),
        ("Z /etc/systemd 0775 root release", False),
        ("d /etc/systemd/system 0775 root release -", False),
        ("e /etc/systemd/s* 0775 root release -", False),
        (f"f {UNIT} 0664 root 1500 - text", False),
        (f"a+ {UNIT} - - - - u:ann:rw", False),
        (f"a+ {UNIT} - - - - g:release:rw", False),
        (f"z {UNIT} 0644 root release -", True),
        (f"z {UNIT} 0755 - -\nz {UNIT} 0666", None),  # the first of two counts
        (f"d {UNIT} 0775 root release -", None),
        (f"z {UNIT} :0664 - :release", None),
        (f"w {UNIT} - - - - text", None),
        (f"x {UNIT}\n# z {UNIT} 0666", None),
        ("z /etc/systemd/user/shop.service 0664 root release", None),
        ("f /etc/systemd/system 0666", None),
    ],
)
def test_lines(line: str, alone: bool | None) -> None:
    told = after(line)
    assert told is None if alone is None else told[:2] == ("/etc/tmpfiles.d/a.conf:1", alone)


def test_what_is_stated() -> None:
    end = after(f"z {UNIT} 0664 root release -")[2].end
    assert (end.uid, end.gid, end.mode, end.acl) == (0, 1500, 0o664, ())
    end = after(f"a+ {UNIT} - - - - u:ann:rw")[2].end
    assert end.mode == 0o664 and {(one.tag, one.id, one.perms) for one in end.acl} == {
        *{("user_obj", -1, 6), ("user", 1000, 6), ("group_obj", -1, 4), ("mask", -1, 6), ("other", -1, 4)},
    }


def test_where_nothing_is_there_yet_its_directory_counts() -> None:
    assert after("d /etc/systemd/system 0775 root release -", there=False)[1] is False
    assert after(f"z {UNIT} 0666", there=False) is None


def test_a_name_that_is_in_no_file_is_not_known() -> None:
    with pytest.raises(HoleError, match="nobody-knows is not in /etc/group"):
        after(f"z {UNIT} 0664 root nobody-knows -")


def test_a_file_that_cannot_be_read_leaves_it_open() -> None:
    found = BootPermissions(host=MemoryHost({"/etc/tmpfiles.d/a.conf": PermissionError(13, "no")}))
    assert found.exact == {} and isinstance(found.unread, Hole)
