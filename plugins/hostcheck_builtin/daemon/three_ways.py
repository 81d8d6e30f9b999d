"""One dockerd: each of its settings as it runs, as flags and file have it now, and as a restart would give it; and where that makes a difference.

What runs is told by the daemon or by its command line, and where neither tells it nothing is stated: its file may have changed since it was started.
"""

import re
from typing import Any, Final, NamedTuple

from hostcheck.api import Hole, Json, View, attempt, incomplete, map_known, pattern, worst_hole
from hostcheck_builtin.daemon import consequences, one_source
from hostcheck_builtin.daemon.running import TOLD, major, plain, same
from hostcheck_builtin.dockerd.settings import SETTINGS
from hostcheck_builtin.engines import scopes

OPEN: Final = pattern(r"API is accessible on (https?://[0-9A-Za-z.:\[\]-]+) ?(without encryption|without TLS client verification)?", re.ASCII)
WAYS: Final = ("running", "configured", "after_restart")
Stated = dict[str, Json]


class Sources(NamedTuple):
    """What tells a daemon its settings: its own command line, None where it does not run; what would start it, and its name; what it says of itself."""

    own: View | None
    starts: View | Hole
    info: View | Hole | None
    rootless: bool
    name: str = "dockerd"


def state(sources: Sources) -> Stated:
    """State a daemon."""
    settings = _settings(sources)
    starts, info = sources.starts, sources.info
    return {
        "settings": settings,
        "differences": _differences(settings),
        "refuses": starts if isinstance(starts, Hole) else attempt(one_source.refuses, starts, sources.name),
        "file": starts if isinstance(starts, Hole) else attempt(_file, starts, sources.rootless),
        **_on_tcp(settings),
        **consequences.of_settings(settings),
        **({} if info is None else _says(info, sources.rootless)),
    }


def _settings(sources: Sources) -> Stated:
    """State the settings of which anybody says anything; incomplete where there may be more."""
    every = {key: _three(key, sources) for key in SETTINGS}
    unknown = worst_hole(*(getattr(one, "hole", None) for one in every.values() if not one))
    stated: Stated = incomplete({key: one for key, one in every.items() if one}, unknown)
    return stated


def _three(key: str, sources: Sources) -> Stated:
    """State one setting: what is not known of it is left out, and leaves it incomplete; empty where nobody says anything of it."""
    own, starts = sources.own, sources.starts
    running = None if own is None else attempt(_runs, key, own, sources.info)
    after = starts if isinstance(starts, Hole) else attempt(one_source.setting, starts, key, sources.rootless)
    now = after if own is None or own is starts else attempt(one_source.setting, own, key, sources.rootless)
    stated: Stated = {}
    if running is not None and not isinstance(running, Hole):
        stated["running"] = running
    if now is not None and not isinstance(now, Hole):
        stated["configured"] = now[0]
    if after is not None and not isinstance(after, Hole):
        stated |= {"after_restart": after[0], "by": after[1], "where": _where(after[1], sources)}
    whole: Stated = incomplete(stated, worst_hole(running, now, after))
    return whole


def _where(by: str, sources: Sources) -> Json:
    """Return where a setting is made, in the words of a sentence."""
    if by == "default":
        return "by default"
    if by == "flag":
        return f"by a flag of {sources.name}"
    starts = sources.starts
    return starts if isinstance(starts, Hole) else attempt(lambda: f"in {starts['file']['path']}")


def _runs(key: str, own: View, info: View | Hole | None) -> Json:
    """Return a setting as the daemon or its command line tells it, None where neither does."""
    if key in TOLD and info is not None:
        fact, read = TOLD[key]
        return info if isinstance(info, Hole) else read(info) if fact in info else None
    return plain(own["flags"][key]) if key in own["flags"] else None


def _differences(settings: Stated) -> Json:
    """State which settings a restart would change."""
    found: Stated = {}
    unknown = getattr(settings, "hole", None)
    for key, one in settings.items():
        if "running" not in one or "after_restart" not in one:
            unknown = worst_hole(unknown, getattr(one, "hole", None))
        elif not same(key, one["running"], one["after_restart"]):
            found[key] = {"running": _text(one["running"]), "after_restart": _text(one["after_restart"])}
    return incomplete(found, unknown)


def _text(value: Json) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    words = ", ".join(value) if isinstance(value, list | dict) else str(value)
    return words or "not set"


def _file(starts: View, rootless: bool) -> Json:
    file = starts["file"]
    stated = {"path": file["path"], "present": attempt(lambda: file["present"])}
    return stated if rootless else {**stated, "root_owned": attempt(lambda: file["root_owned"])}


def _on_tcp(settings: Stated) -> Stated:
    """Say whether an address of the API is one of TCP, and whether other hosts reach one."""
    hosts = settings.get("hosts", {})
    tcp = {one.rpartition("://")[2] for way in WAYS for one in hosts.get(way, ()) if one.startswith("tcp:") or "://" not in one}
    beyond = any(not consequences.is_here(one) for one in tcp)
    unknown = worst_hole(getattr(hosts, "hole", None), getattr(settings, "hole", None) if not hosts else None)
    return {"listens_on_tcp": bool(tcp) or unknown or False, "listens_beyond": beyond or unknown or False}


def _says(info: View | Hole, rootless: bool) -> Stated:
    """State what a daemon says of itself that is no setting: swarm, an open API, and whether root in its containers is another user on the host."""
    if isinstance(info, Hole):
        return dict.fromkeys(("major", "open_api", "swarm") if rootless else ("major", "open_api", "remapped", "swarm"), info)
    warnings = map_known(attempt(lambda: info["warnings"]), _open)
    stated = {"major": attempt(major, info), "swarm": attempt(lambda: str(info["swarm_state"])), "open_api": warnings}
    return stated if rootless else {**stated, "remapped": attempt(_remapped, info)}


def _remapped(info: View) -> bool:
    return "name=userns" in info["security_options"] and all(scopes.remapped_to(info))


def _open(warnings: Any) -> dict[str, Json]:
    """Return at which addresses a daemon says that its API is open, and how."""
    found: dict[str, Json] = {}
    for warning in warnings:
        told = OPEN.search(warning)
        if told:
            host = told[1].partition("://")[2].rpartition(":")[0]
            found[told[1]] = {"how": told[2] or "to everybody", "loopback": consequences.is_here(host)}
    return found
