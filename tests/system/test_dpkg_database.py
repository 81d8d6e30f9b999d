"""What dpkg notes of the files of packages: whose a file is, and its digest."""

from typing import Any

import pytest

from hostcheck.api import LimitExceeded, Nonsense, Unsupported
from hostcheck.host.answers import Stat
from hostcheck.host.memory import MemoryHost
from hostcheck_builtin.system import bounds
from hostcheck_builtin.system.dpkg_database import DpkgDatabase, DpkgLists, Recorded

INFO = "/var/lib/dpkg/info"
FILES = {
    f"{INFO}/sudo.list": "/.\n/usr\n/usr/bin\n/usr/bin/sudo\n/usr/share/doc/sudo\n",
    f"{INFO}/sudo.md5sums": "aaaa  usr/share/doc/sudo\nbbbb  usr/bin/sudo\n",
    f"{INFO}/mount.list": "/bin/mount\n",
    f"{INFO}/mount.md5sums": "cccc  bin/mount\n",
    f"{INFO}/libc6:amd64.list": "/usr/lib/pt_chown\n",
    f"{INFO}/libc6:amd64.md5sums": "dddd  usr/lib/pt_chown\n",
    f"{INFO}/old.list": "/usr/bin/old\n",
    f"{INFO}/wrapper.list": "/usr/bin/tool\n/usr/bin/tool.real\n",
    f"{INFO}/wrapper.md5sums": "eeee  usr/bin/tool\n",
    f"{INFO}/tool.list": "/usr/bin/tool\n",
    f"{INFO}/tool.md5sums": "ffff  usr/bin/tool\n",
}
DIVERTED = {"/var/lib/dpkg/diversions": "/usr/bin/tool\n/usr/bin/tool.distrib\nwrapper\n"}
NAMES = ("sudo", "mount", "pt_chown", "old", "tool")


def recorded(path: str, files: dict[str, Any] = FILES, first: tuple[str, ...] = ("sudo",), **more: Any) -> list[Recorded]:
    return DpkgDatabase(MemoryHost(files, **more), (*NAMES, "tool.distrib"), first).recorded(path)


@pytest.mark.parametrize(
    ("path", "package", "digest"),
    [
        ("/usr/bin/sudo", "sudo", "bbbb"),
        ("/usr/bin/mount", "mount", "cccc"),
        ("/usr/lib/pt_chown", "libc6", "dddd"),
        ("/usr/bin/old", "old", ""),
    ],
)
def test_the_package_that_lists_a_file_has_its_digest(path: str, package: str, digest: str) -> None:
    """As before /usr was merged, for one architecture, and where a package has no digests at all."""
    assert recorded(path) == [Recorded(package, "md5", digest)]


@pytest.mark.parametrize("path", ["/usr/local/bin/sudo", "/usr/bin/none", "/opt/mount"])
def test_what_no_package_lists_is_of_none(path: str) -> None:
    assert recorded(path) == []


def test_what_was_moved_for_another_package_is_known_by_its_own_name() -> None:
    files = {**FILES, **DIVERTED}
    del files[f"{INFO}/wrapper.list"]
    assert recorded("/usr/bin/tool.distrib", files) == [Recorded("tool", "md5", "ffff")]
    assert recorded("/usr/bin/tool.distrib") == []


def test_where_a_file_was_moved_away_another_package_has_its_own() -> None:
    assert recorded("/usr/bin/tool", {**FILES, **DIVERTED}) == [Recorded("wrapper", "md5", "eeee")]


def test_lists_of_other_packages_are_read_only_where_the_first_do_not_have_it() -> None:
    unread = {**FILES, f"{INFO}/mount.list": PermissionError(13, "no")}
    assert recorded("/usr/bin/sudo", unread)[0].digest == "bbbb"
    with pytest.raises(PermissionError):
        recorded("/usr/bin/old", unread)


@pytest.mark.parametrize("mode", [0o666, 0o664])
def test_digests_that_others_can_change_are_not_believed(mode: int) -> None:
    with pytest.raises(Nonsense, match="others than root"):
        recorded("/usr/bin/sudo", stats={f"{INFO}/sudo.md5sums": Stat(type="file", uid=0, gid=50, mode=mode)})


def test_of_settings_the_lists_of_settings_are_read_alone() -> None:
    files = {**FILES, f"{INFO}/sudo.conffiles": "/etc/pam.d/sudo\nremove-on-upgrade /etc/cron.d/sudo\n", f"{INFO}/old.list": PermissionError(13, "no")}
    assert recorded("/etc/pam.d/sudo", files) == [Recorded("sudo", "md5", "")]
    with pytest.raises(PermissionError):
        recorded("/etc/cron.d/sudo", files)
    listed = {**FILES, f"{INFO}/old.list": "/etc/cron.d/sudo\n"}
    assert recorded("/etc/cron.d/sudo", listed) == [Recorded("old", "md5", "")]
    assert recorded("/etc/cron.daily/sudo", listed) == []


def test_without_lists_nothing_is_told() -> None:
    with pytest.raises(Unsupported):
        DpkgLists(MemoryHost({}), NAMES).held(lambda _: True)


def test_only_lists_of_chosen_packages_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    lists = DpkgLists(MemoryHost(FILES), NAMES)
    assert lists.held(lambda package: package in ("sudo", "libc6")) == {
        "/usr/bin/sudo": "sudo",
        "/usr/share/doc/sudo": "sudo",
        "/usr/lib/pt_chown": "libc6:amd64",
    }
    monkeypatch.setattr(bounds, "DPKG_LISTS_BYTES", 10)
    with pytest.raises(LimitExceeded):
        lists.held(lambda package: package == "sudo")
