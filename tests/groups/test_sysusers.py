"""Whom systemd-sysusers puts into a group: of two files with one name the first counts, and a link to /dev/null masks."""

from typing import Any

import pytest

from hostcheck.host.memory import MemoryHost
from hostcheck.model import OpenObject
from hostcheck_builtin.groups.sysusers import memberships

DENIED = PermissionError(13, "Permission denied")


def lines(files: dict[str, Any], **more: Any) -> Any:
    return memberships(MemoryHost(files, **more))


@pytest.mark.parametrize(
    ("line", "given"),
    [
        ("m ann docker", ("ann", "docker")),
        ('  m\t"ann" docker  ', ("ann", "docker")),
        ("m! ann docker", ("ann", "docker")),
        ('u ann - "Ann, of" /home/ann', None),
        ('u ann -:docker "Ann"', ("ann", "docker")),
        ("u! ann 5:999", ("ann", "999")),
        ("u ann 5", None),
        ("g docker -", None),
        ("r - 500-900", None),
        ("# m ann docker", None),
        ("m ann", None),
        ("", None),
    ],
)
def test_lines_of_sysusers(line: str, given: tuple[str, str] | None) -> None:
    told = lines({"/etc/sysusers.d/x.conf": f"\n{line}\n"})
    assert told == ({} if given is None else {"/etc/sysusers.d/x.conf:2": {"user": given[0], "group": given[1]}})


def test_the_first_file_of_a_name_counts_and_may_mask() -> None:
    vendor = {"/usr/lib/sysusers.d/x.conf": "m ann docker\n", "/usr/lib/sysusers.d/README": "m ann docker\n"}
    assert set(lines(vendor)) == {"/usr/lib/sysusers.d/x.conf:1"}
    assert lines({**vendor, "/etc/sysusers.d/x.conf": ""}) == {}
    assert lines(vendor, links={"/etc/sysusers.d/x.conf": "/dev/null"}) == {}
    assert set(lines({**vendor, "/run/sysusers.d/y.conf": "m ann disk\n"})) == {"/usr/lib/sysusers.d/x.conf:1", "/run/sysusers.d/y.conf:1"}


@pytest.mark.parametrize("files", [{"/etc/sysusers.d": DENIED}, {"/etc/sysusers.d/y.conf": DENIED}, {"/etc/sysusers.d/y.conf": 'm "ann docker\n'}])
def test_lines_of_sysusers_may_not_be_known(files: dict[str, Any]) -> None:
    told = lines({"/usr/lib/sysusers.d/x.conf": "m ann docker\n", **files})
    assert isinstance(told, OpenObject) and len(told) == 1
