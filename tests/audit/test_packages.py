"""Which package a program is from."""

from typing import Any

import pytest

from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole, Why
from hostcheck_builtin.audit.packages import Packages
from hostcheck_builtin.system import bounds

STATUS = """Package: docker.io
Status: install ok installed
Version: 26.1.5+dfsg1-9
Description: x
 Package: evil
 Version: 9

Package: runc
Status: deinstall ok config-files
Version: 1.1.15+ds1-2

Package: acme
Status: install ok installed
Architecture: amd64
Version: 5:2.0-1
"""
DPKG = {
    "/var/lib/dpkg/status": STATUS,
    "/var/lib/dpkg/info/docker.io.list": "/.\n/usr\n/usr/sbin/dockerd\n",
    "/var/lib/dpkg/info/runc.list": "/usr/bin/runc\n",
    "/var/lib/dpkg/info/acme:amd64.list": "/bin/crun\n",
}
APK = "P:docker-engine\nV:27.3.1-r1\nF:usr/bin\nR:dockerd\nZ:x\n\nP:runc\nV:1.2.2-r0\nF:etc\nR:runc\nF:usr/bin\nR:runc\n"


NAMES = ("crun", "dockerd", "podman", "runc")


def owner(path: str, files: dict[str, Any]) -> Any:
    return Packages(MemoryHost(files), NAMES).owner(path)


def test_dpkg_names_the_package_that_lists_the_file() -> None:
    assert owner("/usr/sbin/dockerd", DPKG) == {"manager": "dpkg", "package": "docker.io", "version": "26.1.5+dfsg1-9"}
    assert owner("/usr/bin/crun", DPKG) == {"manager": "dpkg", "package": "acme", "version": "5:2.0-1"}  # as before the merge of /usr


def test_a_package_that_was_removed_holds_nothing() -> None:
    assert owner("/usr/bin/runc", DPKG) == {}


def test_apk_names_the_package_of_directory_and_file() -> None:
    assert owner("/usr/bin/dockerd", {"/lib/apk/db/installed": APK}) == {"manager": "apk", "package": "docker-engine", "version": "27.3.1-r1"}
    assert owner("/usr/bin/runc", {"/lib/apk/db/installed": APK})["package"] == "runc"
    assert owner("/usr/bin/crun", {"/lib/apk/db/installed": APK}) == {}


def test_the_database_of_apk_is_read_once_for_all_programs() -> None:
    """A desktop's has some megabytes: read for each program, nine programs would come to more than is read of lists."""
    text = APK + "\n" + "F:usr/share\n" + "R:x\n" * (1 << 20)
    known = Packages(MemoryHost({"/lib/apk/db/installed": text}), ["runc", "dockerd"])
    assert [known.owner("/usr/bin/runc")["package"] for _ in range(20)] == ["runc"] * 20


@pytest.mark.parametrize("files", [{}, {"/var/lib/rpm/other": ""}, {"/var/lib/dpkg/status": STATUS}])
def test_without_records_nothing_is_known(files: dict[str, Any]) -> None:
    hole = owner("/usr/bin/podman", files)
    assert isinstance(hole, Hole) and hole.why is Why.UNSUPPORTED
    assert owner("/usr/bin/podman", DPKG) == {}


@pytest.mark.parametrize("path", ["/var/lib/rpm/rpmdb.sqlite", "/usr/lib/sysimage/rpm/Packages.db", "/usr/share/rpm/rpmdb.sqlite"])
def test_what_rpm_holds_is_not_read(path: str) -> None:
    assert owner("/usr/bin/podman", {path: ""}) == {"manager": "rpm"} == owner("/usr/bin/podman", {**DPKG, path: ""})
    assert owner("/usr/sbin/dockerd", {**DPKG, path: ""})["package"] == "docker.io"
    assert owner("/usr/bin/podman", {"/var/lib/pacman/local/x/desc": ""}) == {"manager": "pacman"}


def test_what_an_administrator_puts_there_is_from_no_package() -> None:
    assert owner("/usr/local/bin/dockerd", {"/var/lib/rpm/Packages": ""}) == {} == owner("/opt/bin/dockerd", {})


def test_what_cannot_be_read_is_a_hole() -> None:
    denied = PermissionError(13, "Permission denied", "/var/lib/dpkg/status")
    for files in ({**DPKG, "/var/lib/dpkg/status": denied}, {**DPKG, "/var/lib/dpkg/info/docker.io.list": denied}):
        hole = owner("/usr/bin/podman", files)
        assert isinstance(hole, Hole) and hole.why is Why.DENIED


def test_lists_are_read_up_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "DPKG_LISTS_BYTES", len(STATUS) + 40)
    assert owner("/usr/sbin/dockerd", DPKG)["package"] == "docker.io"
    hole = owner("/usr/bin/podman", {**DPKG, "/var/lib/dpkg/info/acme:amd64.list": "/x\n" * 40})
    assert isinstance(hole, Hole) and hole.why is Why.LIMIT
