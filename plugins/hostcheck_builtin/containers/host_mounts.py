"""Which mounts of a container lead to its host.

A mount is one cause: it is told of as the worst that it is. The right to write is needed for no socket, and of what is only read it is asked what stands
there.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from hostcheck.api import Hole, Json, View, attempt, both, incomplete, known, opening, worst_hole
from hostcheck_builtin.leads import place_entries as catalogue
from hostcheck_builtin.system import host_places
from hostcheck_builtin.system.fact_members import collection, opened
from hostcheck_builtin.system.host_places import HostPlace

RUN: Final = "/run"
"""Where engines have their sockets."""
SHARED: Final = frozenset({"shared", "rshared"})
REFUSED: Final = "refused_mounts"
KINDS: Final = ("socket_mounts", "host_mounts", "secret_mounts", "kernel_mounts", "shared_mounts")
Known = tuple[dict[str, Json], Hole | None]
"""What was found by its path, in words, and why there may be more."""
Using = Callable[[str, str, HostPlace, bool], tuple[bool | Hole, bool | Hole]]
"""Says of a kind of mount, a path, what is there, and whether it is writable, whether who acts inside can use it, and whether that one or root inside can."""
GROUPS: Final = ("cron", "kernel", "logins", "units")
"""Of what root runs and believes by itself."""


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


class KnownPlaces(NamedTuple):
    """What was found by its path, in words, and why there may be more; and whether a kubelet shows the logs of this host."""

    found: dict[str, Json]
    more: Hole | None
    kubelet: bool | Hole


def places(facts: Mapping[str, Any]) -> KnownPlaces:
    """Return what root runs or obeys on this host, and the directories in which engines keep what is in containers."""
    (run, unrun), (kept, unkept) = _run(facts), data(facts)
    return KnownPlaces(run | kept, worst_hole(unrun, unkept), attempt(lambda: bool(facts["kubeconfigs"]["node"])))


def _run(facts: Mapping[str, Any]) -> Known:
    """Return what root surely runs or obeys; what users have laid there leaves open no mount of others."""
    found: dict[str, Json] = {}
    unread: list[Hole] = []
    for told in (attempt(_files, facts, group, part) for group in GROUPS for part in ("places", "files")):
        files, hole = opened(told)
        unread += [hole] if hole and not hole.owners else []
        used = [attempt(_use, files, path) for path in known(files)]
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
    return f"{use['by']} ({use['place']}) {catalogue.HOW[use['how']]} as root"


def data(facts: Mapping[str, Any]) -> Known:
    """Return the directories in which engines keep what is in containers: those that they tell, and the usual ones."""
    places: dict[str, Json] = dict.fromkeys(host_places.DATA_ROOTS, host_places.DATA)
    there, unknown = collection(lambda: facts["engines"]["sockets"])
    holes: list[Json] = [unknown]
    for path in known(there):
        for part, fact in (("info", "root_dir"), ("libpod", "graph_root")):
            told = attempt(lambda at, part, fact: there[at][part][fact] if part in there[at] else "", path, part, fact)
            holes.append(told)
            if isinstance(told, str) and told not in ("", "/"):
                places[told] = host_places.DATA
    return places, worst_hole(*holes)


def of(container: View, at_sockets: Known, at_places: KnownPlaces, using: Using) -> dict[str, Json]:
    """State the mounts that lead to the host, by what they are; those that nobody inside can use are `refused_mounts`."""
    found: dict[str, dict[str, Json]] = {kind: {} for kind in (*KINDS, REFUSED)}
    mounts: View | Hole = attempt(lambda: container["mounts"])
    if isinstance(mounts, Hole):
        return dict.fromkeys((*KINDS, REFUSED), mounts)
    for place in known(mounts):
        told = attempt(lambda at: _mount(mounts[at], at_sockets, at_places, using), place)
        for kind, one in dict.fromkeys((*KINDS, REFUSED), told).items() if isinstance(told, Hole) else told.items():
            found[kind][place] = one
    return {kind: incomplete(members, opening(mounts)) for kind, members in found.items()}


def _mount(mount: View, at_sockets: Known, at_places: KnownPlaces, using: Using) -> dict[str, Json]:
    """Return what one mount is, by its kind; where its path is not known, it may be any that it can be."""
    real, writes = attempt(lambda: mount["real"] if "real" in mount else None), bool(mount["writable"])
    if real is None:
        return {}
    told: dict[str, Json] = {"shared_mounts": {"path": real}} if mount["propagation"] in SHARED else {}
    if isinstance(real, Hole):
        return told | dict.fromkeys(("socket_mounts", "secret_mounts", REFUSED, *(("host_mounts", "kernel_mounts") if writes else ())), real)
    return told | _used(real, writes, _alternatives(real, writes, at_sockets, at_places, using))


class _Alternative(NamedTuple):
    """What a mount may be told of as: whether who acts inside can use it as that, and whether that one or root inside can; without a place where it may be."""

    kind: str
    place: HostPlace | None
    can: bool | Hole
    keeps: bool | Hole


def _alternatives(real: str, writes: bool, at_sockets: Known, at_places: KnownPlaces, using: Using) -> list[_Alternative]:
    """Return what a mount can be told of as, the worst first; also what it may be where not all sockets or places are known."""
    found: dict[str, _Alternative] = {}
    for kind, place in _each(real, writes, at_sockets[0], at_places.found):
        named = place._replace(what=at_sockets[0][place.path]) if kind == "socket_mounts" else place
        found.setdefault(kind, _Alternative(kind, named, *using(kind, real, place, writes)))
    logs = host_places.shown_by_kubelet(real) if writes and at_places.kubelet is not False else None
    if logs and at_places.kubelet is True:
        found.setdefault("secret_mounts", _Alternative("secret_mounts", logs, *using("secret_mounts", real, logs, writes)))
    shown = at_places.kubelet if logs and isinstance(at_places.kubelet, Hole) else None
    more = {"socket_mounts": at_sockets[1], "host_mounts" if writes else "secret_mounts": at_places.more, **({"secret_mounts": shown} if shown else {})}
    unknown = [_Alternative(kind, None, hole, hole) for kind, hole in more.items() if hole is not None and kind not in found]
    near = not (real == "/" and writes) and any(host_places.below(*pair) for pair in ((real, RUN), (RUN, real)))
    first = [one for one in unknown if one.kind == "socket_mounts" and near]
    return [*first, *found.values(), *(one for one in unknown if one not in first)]


def _used(real: str, writes: bool, alternatives: Sequence[_Alternative]) -> dict[str, Json]:
    """Return a mount as the worst that it is, and if who acts inside cannot use that, as what else that one can; as refused where nobody inside uses it."""
    told: dict[str, tuple[_Alternative, bool | Hole]] = {}
    for one in alternatives:
        told[one.kind] = (one, one.keeps if one is alternatives[0] else one.can if alternatives[0].can is not True else False)
    stand = {kind: is_told if isinstance(is_told, Hole) else _stated(real, one, writes) for kind, (one, is_told) in told.items() if is_told is not False}
    refused: bool | Hole = True
    for _, is_told in told.values():
        refused = both(refused, negated(is_told))
    if isinstance(refused, Hole):
        return {**stand, REFUSED: refused}
    kinds = [(one.kind, one.place) for one in alternatives if refused and one.place is not None]
    return {REFUSED: {**stated(real, kinds[0][1], writes), "kind": kinds[0][0]}} if kinds else stand


def _stated(real: str, one: _Alternative, writes: bool) -> Json:
    place = one.place or HostPlace("", "")
    sure = {} if one.kind != "host_mounts" or catalogue.is_certain(place.path) else {"sure": False}
    return {**stated(real, place, writes), **({} if one.can is True else {"usable": one.can}), **sure}


def negated(value: bool | Hole) -> bool | Hole:
    """Return whether something is not so; a hole where that is not known."""
    return value if isinstance(value, Hole) else not value


def stated(real: str, place: HostPlace, writes: bool) -> dict[str, Json]:
    """State a mount by where it leads and by the place that it is, holds or lies in."""
    return {"path": real, "place": place.path, "what": place.what, "writable": writes}


def _each(real: str, writes: bool, sockets: Iterable[str], places: Mapping[str, str]) -> Iterator[tuple[str, HostPlace]]:
    """Yield what a mount can be told of as, the worst first: the whole host that is written to, a socket, what is written to, what is read."""
    written = host_places.writable(real, places) if writes else None
    if real == "/" and written:
        yield "host_mounts", written
    if socket := host_places.socket(real, sockets):
        yield "socket_mounts", HostPlace(socket, "")
    if bus := host_places.bus(real):
        yield "host_mounts", bus
    if writes and (kernel := host_places.kernel(real)):
        yield "kernel_mounts", kernel
    if written and real != "/":
        yield "host_mounts", written
    if secret := host_places.secret(real, places):
        yield "secret_mounts", secret
