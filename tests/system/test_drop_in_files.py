"""Which files of several directories count: the first of each name, unless it is a link to /dev/null; and what cannot be listed is a hole."""

from typing import Any

import pytest

from hostcheck.host.memory import MemoryHost
from hostcheck_builtin.system.drop_in_files import drop_in_files

DENIED = PermissionError(13, "Permission denied")
FOLDERS = ("/etc/x.d", "/usr/lib/x.d")


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ({"/etc/x.d/b.conf": "", "/usr/lib/x.d/a.conf": ""}, ["/usr/lib/x.d/a.conf", "/etc/x.d/b.conf"]),
        ({"/etc/x.d/a.conf": "", "/usr/lib/x.d/a.conf": ""}, ["/etc/x.d/a.conf"]),
        ({"/etc/x.d/a.conf": ("link", "/dev/null"), "/usr/lib/x.d/a.conf": ""}, []),
        ({"/etc/x.d/a.txt": ""}, []),
        ({}, []),
    ],
)
def test_which_files_count(files: dict[str, Any], found: list[str]) -> None:
    links = {path: value[1] for path, value in files.items() if isinstance(value, tuple)}
    host = MemoryHost({path: value for path, value in files.items() if isinstance(value, str)}, links=links)
    assert drop_in_files(host, FOLDERS, 10) == (found, None)


def test_what_cannot_be_listed_leaves_the_others() -> None:
    found, hole = drop_in_files(MemoryHost({"/etc/x.d": DENIED, "/usr/lib/x.d/a.conf": ""}), FOLDERS, 10)
    assert found == ["/usr/lib/x.d/a.conf"] and hole is not None and hole.why == "denied"
    found, hole = drop_in_files(MemoryHost({f"/etc/x.d/{number}.conf": "" for number in range(3)}), FOLDERS, 2)
    assert hole is not None and hole.why == "limit"
