"""Sessions: processes by their credentials, as far as they see what is asked about, from what the probe principals states.

Processes in a container of root's are a separate session: they see only the files that their container was given.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from hostcheck.api import Hole, View, ViewList, attempt, known, opening, worst_hole
from hostcheck_builtin.accounts.dac import Gids, Ids, Ranges
from hostcheck_builtin.accounts.people import Session
from hostcheck_builtin.system.fact_members import opened
from hostcheck_builtin.system.mount_views import covers

Ends = Callable[[], Iterable[View | Hole]]
"""Returns the collections of what is asked about, each member with its `realpath`."""


def sessions(files: View, ends: Ends) -> tuple[list[Session], Hole | None]:
    """Return the sessions that get at any of these `ends`, or may, and the hole where there may be others."""
    processes: View | Hole = attempt(files.__getitem__, "processes")
    if isinstance(processes, Hole):
        return [], processes
    found = [attempt(_of_set, ends, processes[key]) for key in known(processes)]
    return [session for each in found if not isinstance(each, Hole) for session in each], worst_hole(opening(processes), *found)


def _of_set(ends: Ends, process: View) -> list[Session]:
    """Return the sessions with one set of credentials: of who started them, and of who acts, as where a program is setuid; none of root's.

    Its processes in a container of root's are a separate session, one for each container.
    """
    real, acting = process["uids"][0], process["uids"][3]
    if real == 0:
        return []
    sessions = [] if attempt(process.__getitem__, "count") == 0 else [_session(process, _host_paths(process), ends)]
    containers = attempt(_containers, process)
    for key, told in () if isinstance(containers, Hole) else containers:
        paths = told if isinstance(told, Hole) else attempt(_paths, told)
        sessions.append(_session(process, paths, ends, container=key, numbers=told))
    return [replace(one, ids=replace(one.ids, uid=uid)) for one in sessions if one is not None for uid in dict.fromkeys((real, acting)) if uid]


def _containers(process: View) -> list[tuple[str, View | Hole]]:
    containers: View = process["containers"]
    return [(key, attempt(containers.__getitem__, key)) for key in known(containers)]


def _session(process: View, paths: tuple[str, ...] | Hole | None, ends: Ends, *, container: str = "", numbers: View | Hole | None = None) -> Session | None:
    """Return the session of processes with these credentials that see these `paths`, None where they see nothing that matters; `numbers` are a container's."""
    reaches = paths if isinstance(paths, Hole) else paths is None or _mounted(ends, paths)
    if reaches is False:
        return None
    told = attempt(_capabilities, process)
    override, search, powers, uids, gids = (False, False, (), (), ()) if isinstance(told, Hole) else told
    stated = attempt(_groups_of, process)
    groups = frozenset[int]() if isinstance(stated, Hole) else stated
    several = "some_groups" in process
    numbers = process if numbers is None else numbers
    pids, count = (numbers if isinstance(numbers, Hole) else attempt(numbers.__getitem__, fact) for fact in ("pids", "count"))
    traceable = numbers if isinstance(numbers, Hole) else attempt(lambda told: "traceable" not in told or told["traceable"], numbers)
    return Session(
        ids=Ids(
            may=Gids(groups, _ranges(process["some_groups"])) if several else groups,
            must=frozenset(process["groups"]) if several else groups,
            more=isinstance(stated, Hole),
            override=override,
            search=search,
            powers=powers,
            inside=paths is not None,
            uids=uids,
            gids=gids,
        ),
        reaches=reaches,
        host_paths=None if isinstance(paths, Hole) else paths,
        pids=pids if isinstance(pids, Hole) else tuple(pids),
        count=count,
        users=process["users"] if several else 1,
        unsure=stated if isinstance(stated, Hole) else None,
        able=told if isinstance(told, Hole) else None,
        container=container,
        gid=-1 if isinstance(stated, Hole) else process["gids"][0],
        traceable=traceable,
    )


def _capabilities(process: View) -> tuple[bool, bool, tuple[str, ...], Ranges, Ranges]:
    """Return by which capabilities processes pass over permissions, and of which owners and groups; no ids matter where there are none."""
    override, search, powers = process["dac_override"], process["dac_read_search"], tuple(process["powers"])
    able = override or search or powers
    return override, search, powers, _ranges(process["mapped_uids"]) if able else (), _ranges(process["mapped_gids"]) if able else ()


def _groups_of(process: View) -> frozenset[int]:
    """Return the groups that processes have, but for root's where a program that is setuid root has it from its file as well, as Xorg.wrap(1) does."""
    given, *acting = process["gids"]
    return frozenset((given, *(gid for gid in acting if gid or 0 not in process["uids"]), *process["groups"]))


def _host_paths(process: View) -> tuple[str, ...] | Hole | None:
    """Return what processes see of the host's file system, None where they see all of it, or where a user who can change what they see hides it."""
    sees, own = (attempt(process.__getitem__, fact) for fact in ("host_mounts", "user_mounts"))
    if sees is True or own is True:
        return None
    unknown = worst_hole(sees, own)
    return attempt(_paths, process) if unknown is None else unknown


def _paths(process: View) -> tuple[str, ...]:
    return tuple(process["host_paths"])


def _mounted(ends: Ends, places: tuple[str, ...]) -> bool | Hole:
    """Say whether any of these `ends` is at these places or below; past its directories, then."""
    unknown: Hole | None = None
    for found, more in map(opened, ends() if places else ()):
        unknown = worst_hole(unknown, more)
        for path in known(found):
            real = attempt(_realpath, found, path)
            if isinstance(real, Hole):
                owner = attempt(_owner, found, path)
                unknown = unknown if isinstance(owner, int) and owner else worst_hole(unknown, real)
            elif any(covers(place, real) for place in places):
                return True
    return unknown or False


def all_sockets(facts: Mapping[str, Any]) -> Iterator[View | Hole]:
    """Yield the sockets of engines, root's and users'."""
    for probe in ("sockets", "user-sockets"):
        yield attempt(_sockets, facts, probe)


def _sockets(facts: Mapping[str, Any], probe: str) -> View:
    sockets: View = facts[probe]["sockets"]
    return sockets


def _owner(sockets: View, path: str) -> int:
    """Return whose a socket is: of that one nothing else is said, whoever sees it, and nothing of others follows from it."""
    owner: int = sockets[path]["owner_uid"]
    return owner


def _realpath(sockets: View, path: str) -> str:
    real: str = sockets[path]["realpath"]
    return real


def _ranges(stated: ViewList) -> Ranges:
    return tuple((first, count) for first, count in stated)
