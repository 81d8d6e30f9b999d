"""Gather who is on the host from what the probes principals and nss state.

The files must have been read, or nothing is known; whatever else was not, leaves a hole beside what is known: a name service that did not answer,
/etc/gshadow that only root reads, processes that are hidden.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final

from hostcheck.api import Hole, View, ViewList, attempt, known, opening, worst_hole
from hostcheck_builtin.accounts.dac import Gids, Ids, Ranges
from hostcheck_builtin.accounts.idle_accounts import idle
from hostcheck_builtin.accounts.people import People, Person, Session, Unknown
from hostcheck_builtin.system.mount_views import covers

BARRED: Final = frozenset({"nologin", "false"})
"""Shells that end a session at once (nologin(8), shells(5)), wherever they stand."""
Ends = Callable[[], Iterable[View | Hole]]


def users(facts: Mapping[str, Any]) -> People:
    """Return the users by the probes principals and nss, without groups and sessions; raises HoleError where /etc/passwd was not read."""
    files = facts["principals"]
    people = People(idle=idle(files))
    people.unknown = Unknown(users=_users(people, files["users"], _listed(facts, "users"), primary=False))
    return people


def gather(facts: Mapping[str, Any], ends: Ends | None = None) -> People:
    """Return who there is by the probes principals and nss; raises HoleError where the files themselves were not read.

    `ends` returns the collections of what is asked about, each member with its `realpath`, the sockets of engines where nothing is said: a process in a
    container counts if it sees one of these.
    """
    files = facts["principals"]
    people = People(idle=idle(files))
    listed = {part: _listed(facts, part) for part in ("users", "groups", "memberships")}
    users = _users(people, files["users"], listed["users"])
    names, open_to_all = _groups(people, files["groups"], listed["groups"])
    groups = worst_hole(names, _commented(people, files), _memberships(people, listed["memberships"]))
    people.sessions, sessions = _sessions(files, ends or partial(_all_sockets, facts))
    people.unknown = Unknown(
        users=users,
        # Who is not listed has a primary group and memberships that are not listed either.
        groups=worst_hole(groups, _shadow(people, files, open_to_all), users),
        # A session has a group without asking for it by the line and by the primary group, whatever /etc/gshadow says.
        lines=worst_hole(groups, users),
        names=names,
        sessions=sessions,
        kept=worst_hole(*(session.unsure for session in people.sessions)),
        reach=worst_hole(*(session.reaches for session in people.sessions)),
    )
    people.lack(0, worst_hole(*people.idle.values()))
    for session in people.sessions:
        # somebody whom no database has, but who has a process
        if session.reaches is True and session.ids.uid not in people.by_uid:
            people.add(people.nameless(session.ids.uid))
    return people


def _listed(facts: Mapping[str, Any], part: str) -> View | Hole:
    """Return what the name service lists."""
    listed: View | Hole = attempt(lambda: facts["nss"][part])
    return listed


def _hole(collection: View | Hole) -> Hole | None:
    return collection if isinstance(collection, Hole) else opening(collection)


def _users(people: People, users: View, listed: View | Hole, *, primary: bool = True) -> Hole | None:
    """Take the users, with their `primary` groups or without, and return the hole where there may be others."""
    for key in known(users):
        user = users[key]
        uid = user["uid"]
        if uid == 0:
            people.roots.add(user["name"])
        else:
            people.add(Person(key=key, name=user["name"], uid=uid, login_capable=lets_in(user["shell"])))
            if primary and not people.is_idle(gid := user["gid"], key):
                people.join(gid, key, "primary group")
                people.stands(gid, key, "")
    if not isinstance(listed, Hole):
        for key in known(listed):
            _listed_user(people, listed[key], primary=primary)
    return worst_hole(opening(users), _hole(listed))


def lets_in(shell: str) -> bool:
    """Say whether a shell lets anybody in."""
    return shell.rpartition("/")[2] not in BARRED


def _groups(people: People, groups: View, listed: View | Hole) -> tuple[Hole | None, dict[str, int]]:
    """Take the groups, and return the hole where there may be others, and the gid of each that has a password of its own in /etc/group."""
    open_to_all = {}
    for key in known(groups):
        group = groups[key]
        name, gid = group["name"], group["gid"]
        people.names.setdefault(gid, key)
        people.local_groups.add(key)
        people.group_names[key] = (name, gid)
        people.join_all(gid, group["members"], "group")
        for member in dict.fromkeys(group["members"]):
            for person in people.by_name.get(member, ()):
                people.stands(gid, person, key)
        if group["password"]:
            open_to_all[key] = gid
    if not isinstance(listed, Hole):
        for key in known(listed):
            _listed_group(people, listed[key])
    return worst_hole(opening(groups), _hole(listed)), open_to_all


def _commented(people: People, files: View) -> Hole | None:
    """Take who stands in a line of /etc/group behind a #, and return the hole where that is not known."""
    if attempt(lambda: "commented_groups" in files) is False:
        return None
    lines: View | Hole = attempt(files.__getitem__, "commented_groups")
    if not isinstance(lines, Hole):
        for key in known(lines):
            gid, members = lines[key]["gid"], lines[key]["members"]
            people.join_all(gid, members, "group")
            for person in dict.fromkeys(person for member in members for person in people.by_name.get(member, ())):
                people.commented[gid].setdefault(person, []).append(key)
    return _hole(lines)


def _listed_user(people: People, user: View, *, primary: bool) -> None:
    """Take a user whom the name service lists: under the name of /etc/passwd where both agree on name and uid, else by uid."""
    name, uid = user["name"], user["uid"]
    if uid == 0:
        return
    key = next((key for key in people.by_name.get(name, ()) if people.persons[key].uid == uid), "")
    if not key:
        key, count = f"uid {uid}", 1
        while key in people.persons:
            count += 1
            key = f"uid {uid}#{count}"
        people.add(Person(key=key, name=name, uid=uid, login_capable=lets_in(user["shell"])))
    if primary and not people.is_idle(gid := user["gid"], key):
        people.join(gid, key, "primary group")


def _listed_group(people: People, group: View) -> None:
    name, gid = stated = group["name"], group["gid"]
    if people.group_names.setdefault(name, stated) != stated:
        people.group_names[f"{name} (gid {gid})"] = stated
    people.join_all(gid, group["members"], "group")


def _memberships(people: People, memberships: View | Hole) -> Hole | None:
    """Take who has which group by the name service, and return the hole where that may not be all."""
    unknown = _hole(memberships)
    if isinstance(memberships, Hole):
        return unknown
    for key in known(memberships):
        gids = attempt(_gids, memberships, key)
        if isinstance(gids, Hole):
            unknown = worst_hole(unknown, gids)
            continue
        for gid in gids:
            for person in people.by_name.get(memberships[key]["name"], ()):
                if "primary group" not in people.ways[gid].get(person, ()) and not people.is_idle(gid, person):
                    people.join(gid, person, "group")
    return unknown


def _gids(memberships: View, key: str) -> list[int]:
    return list(memberships[key]["gids"])


def _shadow(people: People, files: View, open_to_all: dict[str, int]) -> Hole | None:
    """Take who may join a group by newgrp(1), which asks /etc/gshadow and only then /etc/group; return the hole where that is not known."""
    shadow: View | Hole = attempt(files.__getitem__, "gshadow")
    if isinstance(shadow, Hole):
        return shadow
    groups, in_file = files["groups"], frozenset(known(files["groups"]))
    passwords = {gid for key, gid in open_to_all.items() if key not in shadow}
    for key, (name, gid) in list(people.group_names.items()):
        if name not in shadow:
            continue
        record = shadow[name]
        people.join_all(gid, record["administrators"], "group administrator")
        listed = frozenset(groups[key]["members"]) if key in in_file else frozenset()
        people.join_all(gid, [member for member in record["members"] if member not in listed], "gshadow member")
        passwords |= {gid} if record["password"] else set()
    for gid in passwords:
        for person in people.persons:
            people.join(gid, person, "group password")
    return None


def _sessions(files: View, ends: Ends) -> tuple[list[Session], Hole | None]:
    """Return the sessions that get at any of these `ends`, or may, and the hole where there may be others."""
    processes: View | Hole = attempt(files.__getitem__, "processes")
    if isinstance(processes, Hole):
        return [], processes
    found = [attempt(_of_set, ends, processes[key]) for key in known(processes)]
    return [session for each in found if not isinstance(each, Hole) for session in each], worst_hole(opening(processes), *found)


def _of_set(ends: Ends, process: View) -> list[Session]:
    """Return the sessions with one set of credentials: of who started them, and of who acts, as where a program is setuid; none of root's.

    Those in containers of root's are sessions of their own, since each sees what its container was given.
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
    override, search, powers = process["dac_override"], process["dac_read_search"], tuple(process["powers"])
    able = override or search or powers
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
            uids=_ranges(process["mapped_uids"]) if able else (),
            gids=_ranges(process["mapped_gids"]) if able else (),
        ),
        reaches=reaches,
        host_paths=None if isinstance(paths, Hole) else paths,
        pids=pids if isinstance(pids, Hole) else tuple(pids),
        count=count,
        users=process["users"] if several else 1,
        unsure=stated if isinstance(stated, Hole) else None,
        container=container,
        gid=-1 if isinstance(stated, Hole) else process["gids"][0],
        traceable=traceable,
    )


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
    for found in ends() if places else ():
        if isinstance(found, Hole):
            unknown = worst_hole(unknown, found)
            continue
        unknown = worst_hole(unknown, opening(found))
        for path in known(found):
            real = attempt(_realpath, found, path)
            if isinstance(real, Hole):
                unknown = unknown if isinstance(attempt(_owner, found, path), int) else worst_hole(unknown, real)
            elif any(covers(place, real) for place in places):
                return True
    return unknown or False


def _all_sockets(facts: Mapping[str, Any]) -> Iterator[View | Hole]:
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
