"""The system's engine sockets: where they are, who may reach and replace them by owner, mode and ACL, and who listens.

A path is a candidate because engines use it, because root's configuration names it, or because somebody listens there and nobody but root
could have put it there; what stands in a directory of a user is left to the probe user-sockets.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

from hostcheck.api import ABSENT, Hole, Host, Json, attempt, incomplete
from hostcheck_builtin.readers import candidates, ways
from hostcheck_builtin.readers.accounts import keep
from hostcheck_builtin.readers.holes import graver
from hostcheck_builtin.readers.listeners import Ears, bound, heard, listen
from hostcheck_builtin.readers.living import all_seeing
from hostcheck_builtin.readers.units import socket_units
from hostcheck_builtin.readers.ways import Looks, Way

Claim = tuple[str | Hole, str | Hole]
"""Which engine, and what says so; a hole where something that would have been asked first could not be."""


@dataclass(slots=True, kw_only=True)
class Search:
    """What was found so far; `unread` is the first source of candidates that could not be read."""

    host: Host
    ears: Ears
    units: dict[str, str] | Hole
    systemd: bool | Hole
    looks: Looks = field(default_factory=dict)
    claims: dict[str, Claim] = field(default_factory=dict)
    trusted: set[str] = field(default_factory=set)
    unread: Hole | None = None


def collect(host: Host) -> Json:
    """State every engine socket of the system by its path; incomplete where a source of paths could not be read, or the scanner may not look behind a path."""
    search = Search(host=host, ears=listen(host), units=attempt(_units, host), systemd=attempt(_systemd, host))
    for source, found in _sources(search):
        _claim(search, source, found)
    sockets: dict[str, Json] = {}
    sees_all = all_seeing(host)
    for path in search.claims:
        for name, entry in _entries(search, path):
            if isinstance(entry, Hole) and not sees_all:
                search.unread = graver(search.unread, entry)
            else:
                keep(sockets, name, entry)
    return {"sockets": incomplete(sockets, search.unread) if search.unread else sockets}


def _units(host: Host) -> dict[str, str]:
    return {candidates.canonical(path): unit for path, unit in sorted(socket_units(host).items(), reverse=True)}


def _systemd(host: Host) -> bool:
    """Say whether systemd is process 1 (sd_booted(3)); nobody but root can make that directory."""
    try:
        return host.stat("/run/systemd/system", follow=False).type == "dir"
    except ABSENT:
        return False


def _sources(search: Search) -> Iterator[tuple[str, dict[str, str] | Hole]]:
    """Yield what names candidates, the most certain of the engine first."""
    yield "well-known", candidates.WELL_KNOWN
    for path in candidates.DAEMON_JSON:
        yield path, attempt(candidates.daemon_json, search.host, path)
    for path, engine in candidates.TOML.items():
        yield path, attempt(candidates.toml, search.host, path, engine)
    if isinstance(search.units, Hole):
        yield "unit", search.units
    else:
        for path, unit in search.units.items():
            engine = candidates.named(path, unit)
            yield f"unit:{unit}", {path: engine} if engine != "unknown" else {}
    names = bound(search.ears)
    search.trusted = set(search.claims)
    yield "listening", names if isinstance(names, Hole) else {path: engine for path in names if (engine := candidates.named(path)) != "unknown"}


def _claim(search: Search, source: str, found: dict[str, str] | Hole) -> None:
    if isinstance(found, Hole):
        search.unread = graver(search.unread, found)
        return
    for path, engine in found.items():
        search.claims.setdefault(candidates.canonical(path), (engine, source) if search.unread is None else (search.unread, search.unread))


def _entries(search: Search, path: str) -> Iterator[tuple[str, Json]]:
    """Yield what stands at a path, and apart from it what stands at its name under /var/run where that is not the same.

    That is mostly a link (Filesystem Hierarchy Standard 3.0, 5.13), and the name by which docker's clients come.
    """
    twin = f"/var{path}" if path.startswith("/run/") else ""
    way, other = _walk(search, path), _walk(search, twin) if twin else None
    same = isinstance(way, Way) and isinstance(other, Way) and way.realpath == other.realpath
    if isinstance(way, Way) and isinstance(other, Way) and same:
        ways.join(way, other)
    unseen = other if isinstance(other, Hole) else None
    if way is not None:
        yield path, way if isinstance(way, Hole) else _entry(search, path, way, unseen)
    if other is not None and not same:
        yield twin, other if isinstance(other, Hole) else _entry(search, path, other, None)


def _walk(search: Search, path: str) -> Way | Hole | None:
    enter = ways.always if candidates.canonical(path) in search.trusted else ways.roots_alone
    return attempt(partial(ways.walk, search.host, path, search.looks, enter))


def _entry(search: Search, path: str, way: Way, unseen: Hole | None) -> Json:
    engine, source = search.claims[path]
    facts = {**ways.stated(way), "engine": engine, "source": source}
    if unseen:
        facts.update({name: incomplete(facts[name], unseen) for name in ("links", "parents")})
    unit = search.units if isinstance(search.units, Hole) else search.units.get(path)
    if unit is not None:
        facts["unit"] = unit
    return {**facts, **_heard(search, way, unit)}


def _heard(search: Search, way: Way, unit: str | Hole | None) -> dict[str, Json]:
    if way.type != "socket":
        return {"activated": False, "listening": False}
    managers: tuple[int, ...] | Hole = search.systemd if isinstance(search.systemd, Hole) else (1,) if search.systemd else ()
    ours = unit if isinstance(unit, Hole) else unit is not None
    return heard(search.ears, way.realpath, managers, ours=ours, budget="system")
