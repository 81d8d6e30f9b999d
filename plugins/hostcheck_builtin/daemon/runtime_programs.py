"""Whose the programs are that root's dockerd starts as runtimes: each runs as root for every container that asks for it by name.

A runtime that is named without a path is looked for where a service of systemd looks (systemd.exec(5), PATH).
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from hostcheck.api import Hole, Host, Json, attempt, incomplete, worst_hole
from hostcheck_builtin.system.ownership import so_far, stated_others
from hostcheck_builtin.system.path_walk import LstatCache

FOLDERS: Final = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
USUAL: Final = "runc"


def stated(host: Host, daemons: Mapping[str, Json], lstats: LstatCache, unread: Hole | None) -> Json:
    """State each program that is named, by that name: where it is, and who but root can change it; `unread` is why there may be other daemons."""
    told = [one for daemon in daemons.values() for one in _named(daemon)]
    named = {USUAL, *(one for one in told if isinstance(one, str))} if daemons else set()
    return incomplete({name: attempt(_program, host, name, lstats) for name in sorted(named) if name}, worst_hole(unread, *told))


def _named(told: Any) -> Iterator[str | Hole]:
    """Yield what flags, file and service name, and a hole for each of which that is not known."""
    for key in ("flags", "settings"):
        settings = told.get(key, {})
        runtimes = settings if isinstance(settings, Hole) else settings.get("runtimes", {})
        unknown = worst_hole(runtimes, getattr(settings, "hole", None))
        yield from () if unknown is None else (unknown,)
        yield from () if isinstance(runtimes, Hole) else runtimes.values()
    for part in ("file", "service"):
        inner = told.get(part)
        yield from _named(inner) if isinstance(inner, dict) else (inner,) if isinstance(inner, Hole) else ()


def _program(host: Host, name: str, lstats: LstatCache) -> Json:
    for path in [name] if name.startswith("/") else [f"{folder}/{name}" for folder in FOLDERS if "/" not in name]:
        found = so_far(host, path, lstats)
        if found.type or found.stopped or name.startswith("/"):
            others = incomplete(stated_others(found.others), found.stopped)
            return {"path": path, "present": found.stopped or bool(found.type), "root_owned": found.root_owned, "others": others}
    return {"path": name, "present": False, "root_owned": True, "others": {}}
