"""Where the system's engine sockets are, and what stands there: asked for by every probe that speaks of them, which cannot see another's facts.

A path is a candidate because engines use it, because root's configuration names it, because a process of root's engine listens there, because
anybody does and nobody but root could have put it there, or because a mount shows one of these sockets there as well; what else stands in a directory
of a user is left to the discovery of users' sockets.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from hostcheck.api import Hole, Host, Json, Why, attempt, incomplete, worst_hole
from hostcheck_builtin.dockerd import daemon_json, told
from hostcheck_builtin.sockets import fd_owners, second_names
from hostcheck_builtin.sockets.fd_owners import Held
from hostcheck_builtin.system import candidates, mounts_to_avoid, path_walk
from hostcheck_builtin.system.account_files import keep
from hostcheck_builtin.system.credentials import all_seeing
from hostcheck_builtin.system.listeners import ListenerCache, bound, listen_everywhere, listener_of
from hostcheck_builtin.system.mountinfo import mounts
from hostcheck_builtin.system.path_walk import LstatCache, WalkedPath
from hostcheck_builtin.system.presence import absent_as
from hostcheck_builtin.system.socket_places import place_of
from hostcheck_builtin.system.units import Unit, socket_units

Claim = tuple[str | Hole, str | Hole]
"""Which engine, and what says so; a hole where something that would have been asked first could not be."""


class Discovered(NamedTuple):
    """The facts of each socket by path, who listens on any, and what root's engines hold."""

    sockets: Json
    cache: ListenerCache
    held: Held


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class Search:
    """What was found so far; `unread` is the first source of candidates that could not be read, `linked` the hole that hard links leave.

    `trusted` are the paths whose way is walked whoever made it; `expected` those where an engine of root's is to be, `unexpected` the hole where
    there may be more of these.
    """

    host: Host
    cache: ListenerCache
    units: dict[str, Unit] | Hole
    systemd: bool | Hole
    slow: frozenset[str] | Hole
    lstats: LstatCache = field(default_factory=dict)
    claims: dict[str, Claim] = field(default_factory=dict)
    trusted: set[str] = field(default_factory=set)
    expected: set[str] = field(default_factory=set)
    unexpected: Hole | None = None
    unread: Hole | None = None
    linked: Hole | None = None
    held: Held = field(default_factory=Held)


def discover(host: Host) -> Discovered:
    """Return the sockets by path; incomplete where a source of paths could not be read, or the scanner may not look behind a path."""
    search = Search(
        host=host, cache=listen_everywhere(host), units=attempt(_units, host), systemd=attempt(_systemd, host), slow=attempt(mounts_to_avoid.slow_mounts, host)
    )
    for source, found in _configured(search):
        _claim(search, source, found)
        if source != "well-known" and not isinstance(found, Hole):
            search.expected |= {candidates.canonical(path) for path in found}
    search.trusted, search.unexpected = set(search.claims), search.unread
    _claim(search, "listening", _listening(search))
    search.held = fd_owners.engines(host, search.cache)
    _hold(search, search.held)
    sockets: dict[str, Json] = {}
    _look(search, search.claims, sockets)
    if moved := _moved(search, sockets):
        _hold(search, fd_owners.anybody(host, search.cache), moved)
        _look(search, moved, sockets)
    _look_again(search, sockets)
    return Discovered(incomplete(sockets, worst_hole(search.unread, search.linked)), search.cache, search.held)


def _look(search: Search, paths: Iterable[str], sockets: dict[str, Json]) -> None:
    """State what stands at these paths, instead of what was stated of them before."""
    for path in paths:
        for name, entry in list(_entries(search, path)):
            if path in candidates.WELL_KNOWN:
                sockets.pop(name, None)
            _keep(search, sockets, name, entry)


def _keep(search: Search, sockets: dict[str, Json], path: str, entry: Json) -> None:
    if isinstance(entry, Hole) and not all_seeing(search.host):
        search.unread = worst_hole(search.unread, entry)
    else:
        keep(sockets, path, entry)


def _look_again(search: Search, sockets: dict[str, Json]) -> None:
    """State each socket once more where a mount shows it at another path: who listens and what starts it are the same, the way to it is not."""
    found = [(path, entry) for path, entry in sockets.items() if not isinstance(entry, Hole) and entry["type"] == "socket"]
    table = attempt(mounts, search.host) if found else []
    known = {*sockets, *(entry["realpath"] for _, entry in found)}
    for path, entry in found:
        places = table if isinstance(table, Hole) else attempt(second_names.mounted, table, entry["realpath"])
        if isinstance(places, Hole):
            search.unread = worst_hole(search.unread, places)
            continue
        for place in places:
            way = None if place in known else _same(search, place, entry)
            known.add(place)
            if way is not None:
                seen = way if isinstance(way, Hole) else {**entry, **path_walk.stated(way), "source": f"mount of {path}", "expected": False}
                _keep(search, sockets, place, seen)


def _same(search: Search, place: str, entry: dict[str, Json]) -> WalkedPath | Hole | None:
    """Walk to where a mount has a socket; None where another mount covers it, which only a way of root's alone proves."""
    way = _whole(search, place)
    if isinstance(way, Hole) or (way.type == "socket" and (way.end.dev, way.end.ino) == (entry["dev"], entry["ino"])):
        return way
    if all(path_walk.roots_alone(one) for one in way.parents.values()):
        return None
    return Hole(why=Why.NONSENSE, message=f"{place}: a mount has {entry['realpath']} there, and something else was found")


def _units(host: Host) -> dict[str, Unit]:
    return {candidates.canonical(path): unit for path, unit in sorted(socket_units(host).items(), key=lambda one: one[0], reverse=True)}


def _systemd(host: Host) -> bool:
    """Say whether systemd is process 1 (sd_booted(3)); nobody but root can make that directory."""
    return absent_as(False, lambda: host.stat("/run/systemd/system", follow=False).type == "dir")


def _configured(search: Search) -> Iterator[tuple[str, dict[str, str] | Hole]]:
    """Yield what names candidates, the most certain of the engine first."""
    yield "well-known", candidates.WELL_KNOWN
    for path in daemon_json.PLACES:
        yield path, attempt(told.sockets, search.host, path)
    for path, engine in candidates.TOML.items():
        yield path, attempt(candidates.toml, search.host, path, engine)
    if isinstance(search.units, Hole):
        yield "unit", search.units
        return
    for path, unit in search.units.items():
        engine = candidates.named(path, unit.name, unit.service)
        yield f"unit:{unit.name}", {path: engine} if engine != "unknown" else {}


def _claim(search: Search, source: str, found: dict[str, str] | Hole) -> None:
    if isinstance(found, Hole):
        search.unread = worst_hole(search.unread, found)
        return
    for name, engine in found.items():
        search.claims.setdefault(candidates.canonical(name), (engine, source) if search.unread is None else (search.unread, search.unread))


def _listening(search: Search) -> dict[str, str] | Hole:
    """Return the names that tell an engine; anybody may write one, so that one which leads to a server's or a user's file system is passed over."""
    names, slow = bound(search.cache), search.slow
    if isinstance(names, Hole) or isinstance(slow, Hole):
        return names if isinstance(names, Hole) else slow if isinstance(slow, Hole) else {}
    return {path: engine for path in names if (engine := candidates.named(path)) != "unknown" and not mounts_to_avoid.below(path, slow)}


def _hold(search: Search, held: Held, only: Collection[str] | None = None) -> None:
    """Take what processes of root hold; the name of one that sees other mounts may mean another place."""
    search.unexpected, search.unread = worst_hole(search.unexpected, held.hole), worst_hole(search.unread, held.hole)
    taken = {path: engine for path, engine in held.engines.items() if only is None or candidates.canonical(path) in only}
    here = {candidates.canonical(path) for path in held.here & taken.keys()}
    search.trusted |= here
    search.expected |= here
    _claim(search, "process", {path: stated if (stated := candidates.named(path)) != "unknown" else engine for path, engine in taken.items()})


def _moved(search: Search, sockets: dict[str, Json]) -> list[str]:
    """Return the well-known paths under which somebody listens, though not there: it may be root whose socket was taken away.

    Who listens under such a name in another network namespace does so in a container, or is an engine by name.
    """
    table = search.cache.table
    stated = set() if isinstance(table, Hole) else {candidates.canonical(path) for path in table.own}
    missing = stated & candidates.WELL_KNOWN.keys() - search.expected
    return sorted(path for path in missing if not _is_heard(sockets.get(path, {})))


def _is_heard(entry: Json) -> bool:
    """Say whether root listens there, or it is not known that it does not."""
    if isinstance(entry, Hole) or isinstance(entry.get("listening"), Hole) or isinstance(entry.get("peer"), Hole):
        return True
    return bool(entry.get("listening")) and entry["peer"]["uid"] == 0


def _entries(search: Search, path: str) -> Iterator[tuple[str, Json]]:
    """Yield what stands at a path, and apart from it what stands at its name under /var/run where that is not the same.

    That is mostly a link (Filesystem Hierarchy Standard 3.0, 5.13), and the name by which docker's clients come.
    """
    twin = f"/var{path}" if path.startswith("/run/") else ""
    way, other = _walk(search, path), _walk(search, twin) if twin else None
    same = isinstance(way, WalkedPath) and isinstance(other, WalkedPath) and way.realpath == other.realpath
    if isinstance(way, WalkedPath) and isinstance(other, WalkedPath) and same:
        path_walk.join(way, other)
    unseen = other if isinstance(other, Hole) else None
    if way is not None:
        yield path, way if isinstance(way, Hole) else _entry(search, path, way, unseen)
    if other is not None and not same and not (isinstance(other, WalkedPath) and other.type == "absent"):
        yield twin, other if isinstance(other, Hole) else _entry(search, path, other, None)


def _walk(search: Search, path: str) -> WalkedPath | Hole | None:
    place = candidates.canonical(path)
    if place not in search.trusted:
        slow = search.slow
        avoid = mounts_to_avoid.nowhere if isinstance(slow, Hole) else lambda here, _: here in slow
        way = attempt(partial(path_walk.walk, search.host, path, search.lstats, path_walk.roots_alone, avoid=avoid))
    else:
        way = _whole(search, path)
    return way if isinstance(way, Hole) or way.found or (way.type == "absent" and place in search.expected) else None


def _whole(search: Search, path: str) -> WalkedPath | Hole:
    """Walk to its end; what stops that where a user has laid the way is about that user's things alone."""
    way = path_walk.way_to(search.host, path, search.lstats, avoid=mounts_to_avoid.refusing(search.slow, roots_too=False))
    return way if isinstance(way, Hole) else way.stopped or way


def _entry(search: Search, path: str, way: WalkedPath, unseen: Hole | None) -> Json:
    engine, source = search.claims[path]
    search.linked = worst_hole(search.linked, second_names.linked(way.realpath, way.end))
    expected = path in search.expected or search.unexpected or False
    facts = {**path_walk.stated(way), "engine": engine, "source": source, "expected": expected}
    if unseen:
        facts.update({name: incomplete(facts[name], unseen) for name in ("links", "parents")})
    unit = search.units if isinstance(search.units, Hole) else search.units.get(path)
    if unit is not None:
        facts["unit"] = unit if isinstance(unit, Hole) else unit.name
        facts["service"] = unit if isinstance(unit, Hole) else unit.service
    return {**facts, **_listener(search, path, way)}


def _listener(search: Search, path: str, way: WalkedPath) -> dict[str, Json]:
    if way.type != "socket":
        return {"activated": False, "listening": False}
    managers: tuple[int, ...] | Hole = search.systemd if isinstance(search.systemd, Hole) else (1,) if search.systemd else ()
    claimed = search.units if isinstance(search.units, Hole) else not search.units.keys().isdisjoint((path, candidates.canonical(way.realpath)))
    return listener_of(search.cache, place_of(path, path_walk.stated(way)), managers, ours=claimed, budget="system")
