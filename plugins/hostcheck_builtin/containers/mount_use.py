"""What somebody who is not root in a container can do with what it has of its host, by the permissions there: directories above a mount do not matter.

What the places of the catalogue let others than root do, other probes have looked at: root-programs and engine-files for what is written, and
container-processes for what is read.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from hostcheck.api import Hole, View, Why, attempt, known, opening, worst_hole
from hostcheck_builtin.accounts import path_routes
from hostcheck_builtin.accounts.access import Route
from hostcheck_builtin.accounts.dac import Ids, Need, may
from hostcheck_builtin.containers import host_mounts, secret_files
from hostcheck_builtin.containers.acting import Acting
from hostcheck_builtin.containers.host_mounts import Using
from hostcheck_builtin.containers.inside_user import GROUPS_UNKNOWN
from hostcheck_builtin.leads import place_entries as catalogue
from hostcheck_builtin.system import host_places
from hostcheck_builtin.system.host_places import DATA, HostPlace

UNSURE: Final = Hole(why=Why.UNSUPPORTED, message="whether root obeys what is written there is not certain")
GROUPS: Final = ("cron", "kernel", "logins", "units")
NOT_LOOKED: Final = Hole(why=Why.UNSUPPORTED, message="whether others than root may write there is not looked at")
NOT_THESE: Final = ("commands", "credentials", "keys")
"""Of the files of engines, what is read, or what users' own commands read."""


class MountUse:
    """Says what may be done with a mount by its permissions."""

    def __init__(self, facts: Mapping[str, Any]) -> None:
        """Take the facts."""
        self._facts = facts

    def by(self, acting: Acting) -> Using:
        """Return what says of a mount whether who acts in a container can use it, and whether that one or who becomes root there can."""

        def using(kind: str, real: str, place: HostPlace, writes: bool) -> tuple[bool | Hole, bool | Hole]:
            told = acting.root if acting.root is not False else attempt(JUDGES[kind], self._facts, real, place, writes, acting.ids) or acting.unsure or False
            return told, acting.keeps(told)

        return using


def _connects(facts: Mapping[str, Any], real: str, _: HostPlace, __: bool, ids: Ids) -> bool | Hole:
    """Say whether an engine's socket at a path or below lets somebody connect."""
    sockets: View = facts["sockets"]["sockets"]
    each = [attempt(_lets, sockets, path, real, ids) for path in known(sockets)]
    more = opening(sockets)
    return True in each or worst_hole(*each, None if more and more.owners else more) or False


def _lets(sockets: View, path: str, real: str, ids: Ids) -> bool | Hole:
    if sockets[path]["type"] != "socket" or not any(host_places.below(at, real) for at in (path, sockets[path]["realpath"])):
        return False
    return _any(path_routes.connecting(sockets[path]), real, ids)


def _any(routes: Iterator[Route] | list[Route], real: str, ids: Ids) -> bool | Hole:
    """Say whether somebody passes one of the routes that end at a path or below, once inside of that."""
    found = [_passes(route, real, ids) for route in routes if host_places.below(route.path, real)]
    return True in found or worst_hole(*found) or False


def _passes(route: Route, real: str, ids: Ids) -> bool | Hole:
    if not (route.admits(ids.uid) or ids.capable):
        return False
    return _may(ids, tuple(need for need in route.needs if host_places.below(need.place.path, real)))


def _may(ids: Ids, needs: tuple[Need, ...]) -> bool | Hole:
    verdict = may(ids, needs)[0]
    return GROUPS_UNKNOWN if verdict is None else verdict


def _writes(facts: Mapping[str, Any], real: str, place: HostPlace, writes: bool, ids: Ids) -> bool | Hole:
    """Say whether somebody may write to what root runs or obeys at a path or below; systemd does what root alone tells it (org.freedesktop.systemd1(5))."""
    if not writes:
        return False
    told = list(_of_root(facts))
    each = [_changes(files, path, real, ids) for files in told if not isinstance(files, Hole) for path in known(files)]
    if True in each:
        return True
    unread = [files if isinstance(files, Hole) else opening(files) for files in told]
    return worst_hole(*each, *(hole for hole in unread if hole and not hole.owners), _not_looked_at(facts, real, place)) or False


def _of_root(facts: Mapping[str, Any]) -> Iterator[View | Hole]:
    for group in GROUPS:
        yield attempt(lambda at: facts["root-programs"][at]["files"], group)
    kinds: View | Hole = attempt(lambda: facts["engine-files"])
    if isinstance(kinds, Hole):
        yield kinds
        return
    for kind in known(kinds):
        if kind not in NOT_THESE:
            yield attempt(kinds.__getitem__, kind)


def _changes(files: View, path: str, real: str, ids: Ids) -> bool | Hole:
    """Say whether somebody may change a file, or one of the members of a directory."""
    entry = attempt(files.__getitem__, path)
    if isinstance(entry, Hole):
        return entry if host_places.below(path, real) else False
    members: View | Hole = attempt(lambda: entry["members"]) if "members" in entry else View({})
    inside = members if isinstance(members, Hole) else [attempt(_changed, attempt(members.__getitem__, name), real, ids) for name in known(members)]
    each = [attempt(_changed, entry, real, ids), *([inside] if isinstance(inside, Hole) else inside)]
    if True in each and (doubt := attempt(_doubt, entry)):
        return doubt
    return True in each or (worst_hole(*each) if host_places.below(path, real) else None) or False


def _doubt(entry: View) -> Hole | None:
    """Return why it is not certain that root obeys a file, None where it is; files of engines say nothing of that."""
    if "uses" not in entry:
        return None
    uses: View = entry["uses"]
    each = [attempt(lambda key: bool(uses[key]["user"] == "root" and uses[key]["certain"]), key) for key in known(uses)]
    return None if True in each else worst_hole(*each) or UNSURE


def _changed(entry: View | Hole, real: str, ids: Ids) -> bool | Hole:
    if isinstance(entry, Hole):
        return entry
    whole = [] if path_routes.stopped(entry) else [*path_routes.writing(entry)]
    return _any([*whole, *path_routes.replacing(entry)], real, ids)


def _not_looked_at(facts: Mapping[str, Any], real: str, place: HostPlace) -> Hole | None:
    """Return why it is not known who may write to a place that a path is, holds or lies in; None where a probe has looked at each."""
    if place.what == DATA or _data_roots(facts, real):
        return NOT_LOOKED
    near = [(one.reader, path) for one in catalogue.all_places() if one.gives == "write" for path in one.folders if _near(path, real)]
    return worst_hole(*(_not_seen(facts, reader, place._replace(path=path)) for reader, path in near))


def _near(path: str, real: str) -> bool:
    return host_places.below(path, real) or host_places.below(real, path)


def _data_roots(facts: Mapping[str, Any], real: str) -> bool:
    """Say whether a path is, holds or lies in a directory of an engine that is not a usual one."""
    return any(_near(path, real) for path in host_mounts.data(facts)[0] if path not in host_places.DATA_ROOTS)


def _not_seen(facts: Mapping[str, Any], reader: str, place: HostPlace) -> Hole | None:
    if reader == "files/places.py":
        told = [path for kind in known(facts["engine-files"]) for path in known(facts["engine-files"][kind])]
        return None if any(host_places.below(path, place.path) or host_places.below(place.path, path) for path in told) else NOT_LOOKED
    return NOT_LOOKED if reader and not reader.startswith(("root_programs/", "system/host_places.py")) else None


def _reads(facts: Mapping[str, Any], real: str, place: HostPlace, __: bool, ids: Ids) -> bool | Hole:
    processes = facts["container-processes"]
    if "secrets" not in processes or place.path in catalogue.of("link", alone=False):
        return NOT_LOOKED
    told = secret_files.reads(processes["secrets"], real, lambda needs: _may(ids, needs))
    return NOT_LOOKED if told is False and _data_roots(facts, real) else told


def _nobody(*_: Any) -> bool:
    """What is the kernel's root alone may set (proc(5), sysfs(5))."""
    return False


JUDGES: Final[Mapping[str, Callable[..., bool | Hole]]] = {
    "socket_mounts": _connects,
    "host_mounts": _writes,
    "secret_mounts": _reads,
    "kernel_mounts": _nobody,
}
