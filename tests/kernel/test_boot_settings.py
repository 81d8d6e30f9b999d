"""Who applies settings at boot, by the system that booted, and what each setting will be where that differs from now."""

import errno
from typing import Any

import pytest
from system.outermost import outermost

from hostcheck.host.answers import Stat
from hostcheck.model import Hole, OpenObject, Why
from hostcheck_builtin.kernel.boot_settings import boot_settings

SYSTEMD = {"/run/systemd/system/x": "", "/usr/lib/systemd/system/systemd-sysctl.service": "[Service]\n"}
PROCPS = {"/run/initctl": "", "/etc/rcS.d/S12procps": "#!/bin/sh\n"}
OPENRC = {"/run/openrc/softlevel": "default", "/etc/runlevels/boot/sysctl": "#!/sbin/openrc-run\n"}
KPTR = "kernel.kptr_restrict"
NOW: dict[str, Any] = {
    KPTR: {"present": True, "value": 1, "raw": "1"},
    "kernel.core_pattern": {"present": True, "value": "core", "raw": "core"},
    "fs.protected_symlinks": {"present": True, "value": 1, "raw": "1"},
    "fs.protected_hardlinks": {"present": True, "value": 1, "raw": "1"},
    "net.ipv4.conf.all.route_localnet": {"present": True, "value": 0, "raw": "0"},
    "kernel.unprivileged_userns_clone": {"present": False},
}
BOB = 1000
DENIED = PermissionError(errno.EACCES, "denied")


def stated(files: dict[str, Any], **more: Any) -> Any:
    return boot_settings(outermost(files, **more), NOW)


def read(files: dict[str, Any], **more: Any) -> Any:
    """Return what systemd-sysctl would set."""
    return stated({**SYSTEMD, **files}, **more)["settings"]


def brief(settings: Any) -> dict[str, tuple[str, str]]:
    return {name: (one["raw"], one["source"]) for name, one in settings.items()}


MAIN = {"/etc/sysctl.conf": f"{KPTR}=0", "/etc/sysctl.d/99.conf": f"{KPTR}=1\nkernel.core_pattern=core"}


@pytest.mark.parametrize(
    ("boot", "applied", "value"),
    [(SYSTEMD, "systemd", "1"), (PROCPS, "procps", "0"), (OPENRC, "openrc", "0")],
    ids=["100-systemd", "100-sysvinit", "100-openrc"],
)
def test_sysctl_conf_counts_last_and_only_for_procps(boot: dict[str, str], applied: str, value: str) -> None:
    found = stated({**boot, **MAIN})
    assert found["applied_by"] == applied
    assert found["settings"][KPTR]["raw"] == value
    assert {one["applied_by"] for one in found["settings"].values()} == {applied}


@pytest.mark.parametrize("boot", [{}, {"/run/initctl": "", "/etc/rcS.d/K12procps": ""}, {"/run/systemd": DENIED}])
def test_where_the_reader_is_not_known_only_what_both_take_alike_is_told(boot: dict[str, Any]) -> None:
    found = stated({**boot, **MAIN})
    assert isinstance(found["settings"], OpenObject)
    assert brief(found["settings"]) == {"kernel.core_pattern": ("core", "/etc/sysctl.d/99.conf:2")}


@pytest.mark.parametrize(
    ("files", "links", "applied"),
    [
        ({"/run/systemd/system/x": ""}, {}, "none"),
        ({**SYSTEMD, "/etc/systemd/system/x": ""}, {"/etc/systemd/system/systemd-sysctl.service": "/dev/null"}, "none"),
        ({**SYSTEMD, "/etc/systemd/system/systemd-sysctl.service": ""}, {}, "none"),
        (SYSTEMD, {"/etc/systemd/system/systemd-sysctl.service": "/usr/lib/other.service"}, "systemd"),
        ({**SYSTEMD, **PROCPS, **OPENRC}, {}, "systemd"),
        ({**SYSTEMD, "/etc/systemd/system/systemd-sysctl.service": "\n"}, {}, "systemd"),
        ({"/run/openrc/softlevel": ""}, {}, "none"),
        ({"/run/initctl": "", "/etc/rcS.d/x": ""}, {}, "none"),
        ({"/run/initctl": ""}, {}, "none"),
    ],
)
def test_who_applies_settings_is_told_by_what_booted(files: dict[str, str], links: dict[str, str], applied: str) -> None:
    assert stated(files, links=links)["applied_by"] == applied


@pytest.mark.parametrize("folder", ["/run", "/run/systemd"])
def test_what_others_may_have_planted_is_no_sign_of_what_booted(folder: str) -> None:
    planted = stated(SYSTEMD, stats={folder: Stat(type="dir", uid=0, gid=0, mode=0o777)})
    assert planted["applied_by"].why == Why.UNSUPPORTED
    theirs = stated({**SYSTEMD, **OPENRC}, stats={"/run/systemd/system": Stat(type="dir", uid=BOB, gid=0, mode=0o755)})
    assert theirs["applied_by"] == "openrc"


def test_what_booted_may_not_be_known() -> None:
    assert stated({"/etc/rcS.d/S01procps": ""})["applied_by"].why == Why.UNSUPPORTED
    assert stated({"/run/systemd": DENIED})["applied_by"].why == Why.DENIED


@pytest.mark.parametrize(
    ("name", "raw", "differs"),
    [
        (KPTR, "1", False),
        (KPTR, "01", False),
        (KPTR, "0x1", False),
        (KPTR, "2", True),
        (KPTR, "0x", True),
        (KPTR, "1_", True),
        (KPTR, "\u0661", True),
        (KPTR, "", True),
        (KPTR, "1 2", True),
        ("kernel.core_pattern", "core", False),
        ("kernel.core_pattern", "core.%p", True),
        ("kernel.core_pattern", "core\u00a0", False),
    ],
)
def test_a_value_differs_where_the_kernel_takes_it_for_another(name: str, raw: str, differs: bool) -> None:
    one = read({"/etc/sysctl.d/a.conf": f"{name}={raw}"})[name]
    assert (one["raw"], one["differs"], one["running"]) == (raw, differs, NOW[name]["raw"])


def test_what_the_running_kernel_does_not_have_cannot_differ() -> None:
    one = read({"/etc/sysctl.d/a.conf": "kernel.unprivileged_userns_clone=0"})["kernel.unprivileged_userns_clone"]
    assert "differs" not in one and "running" not in one


def test_what_the_kernel_has_now_may_not_be_known() -> None:
    hole = Hole(why=Why.DENIED, message="no")
    one = boot_settings(outermost({**SYSTEMD, "/etc/sysctl.d/a.conf": f"{KPTR}=1"}), {KPTR: hole})["settings"][KPTR]
    assert (one["raw"], one["differs"], one["running"]) == ("1", hole, hole)


def test_a_file_in_run_is_gone_after_a_reboot() -> None:
    assert read({"/run/sysctl.d/a.conf": f"{KPTR}=1"})[KPTR]["volatile"] is True
    assert read({"/etc/sysctl.d/a.conf": f"{KPTR}=1"})[KPTR]["volatile"] is False


def test_a_setting_from_a_file_of_somebody_elses_is_not_roots() -> None:
    for uid in (0, BOB):
        stats = {"/etc/sysctl.d/a.conf": Stat(type="file", uid=uid, gid=0, mode=0o644)}
        assert read({"/etc/sysctl.d/a.conf": f"{KPTR}=1"}, stats=stats)[KPTR]["root_owned"] is (uid == 0)


@pytest.mark.parametrize(
    ("stats", "links", "others"),
    [
        ({}, {}, {}),
        ({"/etc/sysctl.d/a.conf": Stat(type="file", uid=BOB, gid=7, mode=0o644)}, {}, {"/etc/sysctl.d/a.conf": (BOB, 7, "0644", True)}),
        ({"/etc/sysctl.d": Stat(type="dir", uid=0, gid=0, mode=0o777)}, {}, {"/etc/sysctl.d": (0, 0, "0777", True)}),
        ({"/run": Stat(type="dir", uid=0, gid=0, mode=0o777)}, {}, {"/run": (0, 0, "0777", True)}),
        ({"/": Stat(type="dir", uid=0, gid=0, mode=0o777)}, {}, {"/": (0, 0, "0777", True)}),
        (
            {"/etc/sysctl.d": Stat(type="dir", uid=0, gid=0, mode=0o777), "/etc/sysctl.d/a.conf": Stat(type="file", uid=BOB, gid=7, mode=0o644)},
            {},
            {"/etc/sysctl.d": (0, 0, "0777", True), "/etc/sysctl.d/a.conf": (BOB, 7, "0644", False)},
        ),
        (
            {"/home/bob": Stat(type="dir", uid=BOB, gid=BOB, mode=0o755), "/etc/sysctl.d/z.conf": Stat(type="link", uid=BOB, gid=0, mode=0o777)},
            {"/etc/sysctl.d/z.conf": "/home/bob/x"},
            {"/etc/sysctl.d/z.conf": (BOB, 0, "0777", False), "/home/bob": (BOB, BOB, "0755", False)},
        ),
    ],
)
def test_what_others_can_change_is_told_and_where_root_can_take_it_back(stats: dict[str, Stat], links: dict[str, str], others: dict[str, Any]) -> None:
    one = read({"/etc/sysctl.d/a.conf": f"{KPTR}=1", "/home/bob/x": "#"}, stats=stats, links=links)[KPTR]
    assert {path: (found["uid"], found["gid"], found["mode"], found["root_above"]) for path, found in one["others_can_change"].items()} == others
    assert one["root_owned"] is not others or not others


def test_what_others_can_change_may_be_more_than_is_seen() -> None:
    files = {"/etc/sysctl.d/a.conf": f"{KPTR}=1", "/run/sysctl.d": DENIED}
    assert isinstance(read(files, stats={"/run": Stat(type="dir", uid=0, gid=0, mode=0o777)}), Hole)
    far = read({"/etc/sysctl.d/a.conf": f"{KPTR}=1", "/usr/lib/sysctl.d/0.conf": "#", "/usr/local": DENIED})
    assert isinstance(far, Hole)


@pytest.mark.parametrize(
    ("files", "links", "editable"),
    [
        ({"/etc/sysctl.d/a.conf": f"{KPTR}=1"}, {}, "/etc/sysctl.d/a.conf"),
        ({"/etc/sysctl.conf": f"{KPTR}=1"}, {"/etc/sysctl.d/99-sysctl.conf": "../sysctl.conf"}, "/etc/sysctl.conf"),
        ({"/usr/lib/sysctl.d/a.conf": f"{KPTR}=1"}, {}, None),
        ({"/srv/a": f"{KPTR}=1"}, {"/etc/sysctl.d/a.conf": "/srv/a"}, None),
    ],
)
def test_what_stands_in_etc_is_the_administrators_to_edit(files: dict[str, str], links: dict[str, str], editable: str | None) -> None:
    assert read(files, links=links)[KPTR].get("editable") == editable


def test_of_a_file_and_of_the_reader_that_are_not_known_the_graver_is_told() -> None:
    files = {"/etc/sysctl.d/a.conf": f"{KPTR}=1"}
    fifo = {"/etc/sysctl.conf": Stat(type="fifo", uid=0, gid=0, mode=0o644)}
    assert stated({**files, "/etc/sysctl.conf": DENIED})["settings"].hole.why == Why.DENIED
    assert stated({**files, "/run/systemd": DENIED}, stats=fifo)["settings"].hole.why == Why.DENIED
    assert stated({**files, **MAIN})["settings"].hole.why == Why.UNSUPPORTED
