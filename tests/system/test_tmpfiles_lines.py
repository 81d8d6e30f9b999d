"""Lines of tmpfiles.d: which count, and what they change; systemd-tmpfiles itself is asked in tests/real_engines/test_socket_units.py and tests/hosts."""

from typing import Any

import pytest

from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole
from hostcheck_builtin.system import tmpfiles_lines
from hostcheck_builtin.system.tmpfiles_lines import TmpfilesLine

ETC, LIB = "/etc/tmpfiles.d", "/usr/lib/tmpfiles.d"


def lines(files: dict[str, Any]) -> list[TmpfilesLine | Hole]:
    return list(tmpfiles_lines.lines(MemoryHost(files)))


def places(files: dict[str, Any]) -> list[str]:
    return ["hole" if isinstance(one, Hole) else one.place for one in lines(files)]


def test_of_two_files_with_one_name_the_earlier_directory_counts() -> None:
    files = {f"{ETC}/b.conf": "d /srv/b", f"{LIB}/b.conf": "d /srv/x", f"{LIB}/a.conf": "d /srv/a", f"{LIB}/a": "d /srv/y"}
    assert places(files) == [f"{LIB}/a.conf:1", f"{ETC}/b.conf:1"]


def test_of_two_lines_of_a_kind_for_a_path_the_first_counts() -> None:
    assert places({f"{ETC}/a.conf": "z /srv/a 0700\nz /srv/a/ 0777\na+ /srv/a - - - - u:ann:r\nz /srv/b 0777"}) == [f"{ETC}/a.conf:{n}" for n in (1, 3, 4)]


def test_a_file_that_cannot_be_read_is_a_hole() -> None:
    assert places({f"{ETC}/a.conf": PermissionError(13, "no"), f"{ETC}/b.conf": "d /srv/b"}) == ["hole", f"{ETC}/b.conf:1"]


@pytest.mark.parametrize(
    ("line", "changed"),
    [
        ("z /srv/a 2775 ann 1500", (0o2775, "ann", "1500", (), False)),
        ("Z %t/a ~0775 - staff", (0o775, "", "staff", (), True)),
        ("z /srv/a :0664 :ann :staff", (0, "", "", (), False)),
        ("a+ /srv/a - - - - u:ann:rw,g:staff:r", (0, "", "", (("user", "ann", 6), ("group", "staff", 4)), False)),
        ("A /srv/a - - - - o::rw", (0o6, "", "", (), True)),
        ("a /srv/a - - - - nonsense", (0, "", "", (), False)),
    ],
)
def test_what_a_line_changes(line: str, changed: tuple[Any, ...]) -> None:
    (one,) = lines({f"{ETC}/a.conf": line})
    assert isinstance(one, TmpfilesLine) and (change := one.change).paths in (("/srv/a",), ("/run/a",))
    assert (change.mode, change.user, change.group, change.acl, change.deep) == changed


@pytest.mark.parametrize("line", ["", "# d /srv/a", "x /srv/a", "L /srv/a - - - - /b", "d srv/a", "d", "w /srv/a - - - - text", "r! /srv/a"])
def test_other_lines_make_and_change_nothing(line: str) -> None:
    assert lines({f"{ETC}/a.conf": line}) == []
