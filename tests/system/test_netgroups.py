"""Which sources may know a netgroup; where none does, the real C library finds nobody in one."""

import ctypes

import pytest

from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole
from hostcheck_builtin.system import netgroups

NIS = {"/proc/sys/kernel/domainname": "site\n"}
NO_NIS = {"/proc/sys/kernel/domainname": "(none)\n"}


@pytest.mark.parametrize(
    ("line", "files", "found"),
    [
        ("netgroup: nis", NO_NIS, []),
        ("netgroup: nis", {}, []),
        ("netgroup: nis", NIS, ["nis"]),
        ("netgroup: files nis", {**NO_NIS, "/etc/netgroup": ""}, ["files"]),
        ("netgroup: files sss", NO_NIS, []),
        ("netgroup: files [NOTFOUND=return] sss", {"/etc/sssd/sssd.conf": ""}, ["sss"]),
        ("netgroup: ldap", NO_NIS, ["ldap"]),
        ("passwd: files", NO_NIS, []),
        ("passwd: files", NIS, ["nis"]),
        ("passwd: files", {"/etc/netgroup": ""}, ["files"]),
    ],
)
def test_who_may_know_a_netgroup(line: str, files: dict[str, str], found: list[str]) -> None:
    assert netgroups.sources(MemoryHost({"/etc/nsswitch.conf": f"{line}\n", **files})) == found


def test_what_cannot_be_read_may_know_one() -> None:
    for path in ("/etc/nsswitch.conf", "/proc/sys/kernel/domainname"):
        assert isinstance(netgroups.sources(MemoryHost({"/etc/nsswitch.conf": "netgroup: nis\n", path: PermissionError("no")})), Hole)


def test_the_c_library_finds_nobody_in_a_netgroup_that_no_source_knows() -> None:
    assert ctypes.CDLL(None).innetgr(b"hostcheck-unheard-of", None, b"root", None) == 0
