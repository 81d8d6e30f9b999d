"""The settings that the kernel will have after a reboot, beside those that it has now, and what applies the one at boot.

A file proves nothing where nothing reads it: without systemd-sysctl or a script that runs sysctl(8), the kernel's own defaults come back.
"""

from collections.abc import Mapping
from typing import Any, Final

from hostcheck.api import ABSENT, Hole, Host, Json, Stat, Unsupported, Why, attempt, incomplete, map_known, worst_hole
from hostcheck_builtin.kernel import sysctl_files
from hostcheck_builtin.kernel.sysctl_files import FOLDERS, MAIN, Configuration, Reading, Setting
from hostcheck_builtin.system.ownership import hosts_ownership, ownership, stated_others
from hostcheck_builtin.system.path_walk import OTHERS_WRITE, LstatCache
from hostcheck_builtin.system.presence import absent_as
from hostcheck_builtin.system.units import FOLDERS as UNIT_FOLDERS

UNIT: Final = "systemd-sysctl.service"
PARTED: Final = Hole(why=Why.UNSUPPORTED, message=f"{sysctl_files.MAIN}: counts for procps and not for systemd-sysctl, and neither runs at boot")
WRITTEN: Final = "zz-hostcheck-"
"""How the names of the files begin that the fixes of the benchmark write."""
LEVELS: Final = ("sysinit", "boot", "default")
"""The runlevels of OpenRC on the way to a running system."""


def boot_settings(host: Host, running: Mapping[str, Any]) -> Json:
    """State who applies configuration at boot, and each of the settings `running` that it sets."""
    applied = attempt(_applied_by, host)
    found = attempt(sysctl_files.configuration, host, tuple(running))
    own = attempt(_own_folder, host)
    return {"applied_by": applied, "own_folder": own, "settings": map_known(found, lambda files: _settings(files, applied, running))}


def _own_folder(host: Host) -> Json:
    """State where a file of an administrator belongs, and whether root can write one there: in a directory that others can write to, its name may be a link."""
    lstats = LstatCache()
    found = hosts_ownership(host, FOLDERS[0], lstats, follow=True)
    mine = [ownership(host, f"{found.place}/{name}", lstats) for name in absent_as([], host.list_dir, FOLDERS[0]) if name.startswith(WRITTEN)]
    closed = found.root_owned and found.type in ("", "dir") and not (found.type and found.end.mode & OTHERS_WRITE)
    return {"path": found.place, "root_only": closed and all(one.root_owned and one.type in ("", "file") for one in mine)}


def _settings(files: Configuration, applied: str | Hole, running: Mapping[str, Any]) -> Json:
    reading = _reading(files, applied, running)
    holes = [one for one in reading.values() if isinstance(one, Hole)]
    known = {name: _setting(name, one, applied, running[name]) for name, one in sorted(reading.items()) if not isinstance(one, Hole)}
    unread = worst_hole(*holes)
    return incomplete(known, unread)


def _reading(files: Configuration, applied: str | Hole, names: Mapping[str, Any]) -> Reading:
    """Return what the reader of this host takes from the files; where that is not known, what both take alike."""
    systemd, procps = sysctl_files.read_by_systemd(files, names), sysctl_files.read_by_procps(files, names)
    if applied == "systemd":
        return systemd
    if applied in ("procps", "openrc"):
        return procps
    unsure = applied if isinstance(applied, Hole) else PARTED
    return {name: _alike(systemd.get(name), procps.get(name), unsure) for name in sorted({*systemd, *procps})}


def _alike(one: Setting | Hole | None, other: Setting | Hole | None, unsure: Hole) -> Setting | Hole:
    """Return what both readers take, else the gravest hole that is in the way of knowing it."""
    if one is not None and one == other:
        return one
    return worst_hole(one, other, unsure) or unsure


def _setting(name: str, found: Setting, applied: str | Hole, now: Any) -> Json:
    others = {path: {**one, "root_above": _is_only_roots_above(path, found.others)} for path, one in stated_others(found.others).items()}
    stated = {
        "name": name,
        "raw": found.value,
        "source": f"{found.path}:{found.line}",
        "volatile": found.path.startswith("/run/"),
        "root_owned": found.root_owned,
        "others_can_change": incomplete(others, found.unread),
        "applied_by": applied,
        **({"editable": found.place} if found.place.startswith("/etc/") else {}),
    }
    if isinstance(now, Hole):
        return {**stated, "running": now, "differs": now}
    if not now["present"]:
        return stated
    return {**stated, "running": now["raw"], "differs": sysctl_files.as_written(found.value) != sysctl_files.as_written(now["raw"])}


def _is_only_roots_above(path: str, others: Mapping[str, Stat]) -> bool:
    """Say whether a directory on the way to configuration, or a file of it, can be replaced by root alone; what a link leads to elsewhere is somebody's own."""
    here = path.rpartition("/")[0] in FOLDERS or any(f"{one}/".startswith(f"{path.rstrip('/')}/") for one in (*FOLDERS, MAIN))
    return here and others[path].type != "link" and not any(path.startswith(f"{one.rstrip('/')}/") for one in others if one != path)


def _applied_by(host: Host) -> str:
    """Say what applies the files at boot, by the system that booted: sd_booted(3), OpenRC's runlevel, the pipe of sysvinit."""
    if _there(host, "/run/systemd/system"):
        return "systemd" if _has_unit(host) else "none"
    if _there(host, "/run/openrc/softlevel"):
        return "openrc" if any([_there(host, f"/etc/runlevels/{level}/sysctl") for level in LEVELS]) else "none"
    if _there(host, "/run/initctl"):
        return "procps" if any(name[:1] == "S" and name[3:].startswith("procps") for name in absent_as([], host.list_dir, "/etc/rcS.d")) else "none"
    raise Unsupported("what started this system is not known, and so not what applies settings at boot")


def _has_unit(host: Host) -> bool:
    """Say whether systemd has the unit, and it is not masked: the first on the load path counts (systemd.unit(5))."""
    for folder in UNIT_FOLDERS:
        path = f"{folder}/{UNIT}"
        try:
            found = host.stat(path, follow=False)
            return host.read_link(path) != "/dev/null" if found.type == "link" else found.size > 0
        except ABSENT:
            continue
    return False


def _there(host: Host, path: str) -> bool:
    """Say whether root put something there: where others may, it is no evidence of what booted."""
    found = hosts_ownership(host, path, LstatCache())
    return found.type != "" and found.root_owned
