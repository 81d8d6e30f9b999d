"""Which mounts of a container lead to its host.

A mount is one cause: it is told of as the worst that it is. The right to write is needed for no socket, and of what is only read it is asked what stands
there.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from hostcheck.api import Hole, Json, View, attempt, incomplete, known, opening, worst_hole
from hostcheck_builtin.containers import host_places
from hostcheck_builtin.containers.host_places import HostPlace

SHARED: Final = frozenset({"shared", "rshared"})
KINDS: Final = ("socket_mounts", "host_mounts", "secret_mounts", "kernel_mounts", "shared_mounts")
Known = tuple[dict[str, Json], Hole | None]
"""What was found by its path, in words, and why there may be more."""
GROUPS: Final = ("cron", "kernel", "logins", "units")
"""Of what root runs and believes by itself."""
HOW: Final = {"runs": "runs it", "reads": "reads it", "loads": "loads it", "searches": "looks in it for programs", "all": "uses the files in it"}


def sockets(facts: Mapping[str, Any]) -> Known:
    """Return the engines' sockets that are there, by each path that leads to them; that users may have laid more leaves open no mount of others."""
    there: View | Hole = attempt(lambda: facts["sockets"]["sockets"])
    if isinstance(there, Hole):
        return {}, there
    each = [attempt(lambda at: _named(at, there[at]), path) for path in known(there)]
    found = {path: engine for one in each if not isinstance(one, Hole) for path, engine in one.items()}
    more = opening(there)
    return found, worst_hole(None if more and more.owners else more, *(one for one in each if isinstance(one, Hole)))


def _named(path: str, socket: View) -> dict[str, Json]:
    if socket["type"] != "socket":
        return {}
    return dict.fromkeys((path, socket["realpath"]), attempt(lambda: f"the socket of {socket['engine']}"))


def places(facts: Mapping[str, Any]) -> Known:
    """Return what root runs or obeys on this host, and the directories in which engines keep what is in containers."""
    (run, unrun), (kept, unkept) = _run(facts), data(facts)
    return run | kept, worst_hole(unrun, unkept)


def _run(facts: Mapping[str, Any]) -> Known:
    """Return what root surely runs or obeys; what users have laid there leaves open no mount of others."""
    found: dict[str, Json] = {}
    unread: list[Hole] = []
    for told in (attempt(_files, facts, group, part) for group in GROUPS for part in ("places", "files")):
        hole = told if isinstance(told, Hole) else opening(told)
        unread += [hole] if hole and not hole.owners else []
        if not isinstance(told, Hole):
            used = [attempt(_use, told, path) for path in known(told)]
            found |= dict(one for one in used if isinstance(one, tuple))
    return found, worst_hole(*unread)


def _files(facts: Mapping[str, Any], group: str, part: str) -> View:
    """Return what is root's alone, or what others can change too; evidence of versions that did not state the first has none."""
    told: View = facts["root-programs"][group]
    return told[part] if part in told else View({})


def _use(files: View, path: str) -> tuple[str, str] | None:
    """Return where a file is, and for what root surely uses it; None where that is not known. What is root's alone is stated by its real path."""
    file: View = files[path]
    uses: View = file["uses"]
    sure = [key for key in known(uses) if attempt(lambda at: uses[at]["certain"] is True and uses[at]["user"] == "root", key) is True]
    return (str(file["realpath"]) if "realpath" in file else path, _words(uses[sure[0]])) if sure else None


def _words(use: View) -> str:
    return f"{use['by']} ({use['place']}) {HOW[use['how']]} as root"


def data(facts: Mapping[str, Any]) -> Known:
    """Return the directories in which engines keep what is in containers: those that they tell, and the usual ones."""
    places: dict[str, Json] = dict.fromkeys(host_places.DATA_ROOTS, host_places.DATA)
    there: View | Hole = attempt(lambda: facts["engines"]["sockets"])
    if isinstance(there, Hole):
        return places, there
    holes: list[Json] = [opening(there)]
    for path in known(there):
        for part, fact in (("info", "root_dir"), ("libpod", "graph_root")):
            told = attempt(lambda at, part, fact: there[at][part][fact] if part in there[at] else "", path, part, fact)
            holes.append(told)
            if isinstance(told, str) and told not in ("", "/"):
                places[told] = host_places.DATA
    return places, worst_hole(*holes)


def of(container: View, at_sockets: Known, at_places: Known) -> dict[str, Json]:
    """State the mounts that lead to the host, by what they are."""
    found: dict[str, dict[str, Json]] = {kind: {} for kind in KINDS}
    mounts: View | Hole = attempt(lambda: container["mounts"])
    if isinstance(mounts, Hole):
        return dict.fromkeys(KINDS, mounts)
    for place in known(mounts):
        told = attempt(lambda at: _mount(mounts[at], at_sockets, at_places), place)
        for kind, one in dict.fromkeys(KINDS, told).items() if isinstance(told, Hole) else told.items():
            found[kind][place] = one
    return {kind: incomplete(members, opening(mounts)) for kind, members in found.items()}


def _mount(mount: View, at_sockets: Known, at_places: Known) -> dict[str, Json]:
    """Return what one mount is, by its kind; where its path is not known, it may be any that it can be."""
    real, writes = attempt(lambda: mount["real"] if "real" in mount else None), bool(mount["writable"])
    if real is None:
        return {}
    told: dict[str, Json] = {"shared_mounts": {"path": real}} if mount["propagation"] in SHARED else {}
    if isinstance(real, Hole):
        return told | dict.fromkeys(("socket_mounts", "host_mounts", "kernel_mounts") if writes else ("socket_mounts", "secret_mounts"), real)
    kind, place = _worst(real, writes, at_sockets[0], at_places[0])
    if place is not None:
        told[kind] = stated(real, place._replace(what=at_sockets[0][place.path]) if kind == "socket_mounts" else place, writes)
        return told
    told |= {} if at_sockets[1] is None else {"socket_mounts": at_sockets[1]}
    return told | ({} if at_places[1] is None else {"host_mounts" if writes else "secret_mounts": at_places[1]})


def stated(real: str, place: HostPlace, writes: bool) -> dict[str, Json]:
    """State a mount by where it leads and by the place that it is, holds or lies in."""
    return {"path": real, "place": place.path, "what": place.what, "writable": writes}


def _worst(real: str, writes: bool, sockets: Iterable[str], places: Mapping[str, str]) -> tuple[str, HostPlace | None]:
    """Return what a mount is told of as: the whole host that is written to, else a socket, else what is written to, else what is read."""
    socket = host_places.socket(real, sockets)
    if socket and not (real == "/" and writes):
        return "socket_mounts", HostPlace(socket, "")
    bus = host_places.bus(real)
    if bus:
        return "host_mounts", bus
    if not writes:
        return "secret_mounts", host_places.secret(real, places)
    kernel = host_places.kernel(real)
    return ("kernel_mounts", kernel) if kernel else ("host_mounts", host_places.writable(real, places))
