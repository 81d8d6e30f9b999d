"""Gather who is on the host from what the probes principals and nss state.

The files must have been read, or nothing is known; whatever else was not, leaves a hole beside what is known: a name service that did not answer,
/etc/gshadow that only root reads, processes that are hidden.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final

from hostcheck.api import Hole, View, ViewList, attempt, known, opening
from hostcheck_builtin.analyses.people import People, Person, Session
from hostcheck_builtin.analyses.permissions import Ids, Ranges

BARRED: Final = frozenset({"nologin", "false"})
"""Shells that end a session at once (nologin(8), shells(5)), wherever they stand."""


def gather(facts: Mapping[str, Any]) -> People:
    """Return who there is by the probes principals and nss; raises HoleError where the files themselves were not read."""
    people, files = People(), facts["principals"]
    service: View | Hole = attempt(facts.__getitem__, "nss")
    listed = {part: service if isinstance(service, Hole) else attempt(service.__getitem__, part) for part in ("users", "groups", "memberships")}
    _users(people, files["users"], listed["users"])
    _groups(people, files["groups"], listed["groups"])
    _memberships(people, listed["memberships"])
    _shadow(people, files)
    _sessions(people, files)
    return people


def _hole(collection: View | Hole) -> Hole | None:
    return collection if isinstance(collection, Hole) else opening(collection)


def _users(people: People, users: View, listed: View | Hole) -> None:
    people.unknown_users = opening(users) or _hole(listed)
    for key in known(users):
        user = users[key]
        if user["uid"] == 0:
            continue
        people.add(Person(key=key, name=user["name"], uid=user["uid"], login_capable=_lets_in(user["shell"])))
        people.join(user["gid"], key, "primary group")
    if not isinstance(listed, Hole):
        for key in known(listed):
            _listed_user(people, listed[key])


def _lets_in(shell: str) -> bool:
    return shell.rpartition("/")[2] not in BARRED


def _groups(people: People, groups: View, listed: View | Hole) -> None:
    people.unknown_groups = people.unknown_names = opening(groups) or _hole(listed)
    for key in known(groups):
        group = groups[key]
        people.names.setdefault(group["gid"], key)
        people.group_names[key] = (group["name"], group["gid"])
        people.join_all(group["gid"], group["members"], "group")
    if not isinstance(listed, Hole):
        for key in known(listed):
            _listed_group(people, listed[key])


def _listed_user(people: People, user: View) -> None:
    """Take a user whom the name service lists: under the name of /etc/passwd where both agree on name and uid, else by uid."""
    if user["uid"] == 0:
        return
    key = next((key for key in people.by_name.get(user["name"], ()) if people.persons[key].uid == user["uid"]), "")
    if not key:
        key, count = f"uid {user['uid']}", 1
        while key in people.persons:
            count += 1
            key = f"uid {user['uid']}#{count}"
        people.add(Person(key=key, name=user["name"], uid=user["uid"], login_capable=_lets_in(user["shell"])))
    people.join(user["gid"], key, "primary group")


def _listed_group(people: People, group: View) -> None:
    told = (group["name"], group["gid"])
    if people.group_names.get(group["name"], told) != told:
        people.group_names[f"{group['name']} (gid {group['gid']})"] = told
    people.group_names.setdefault(group["name"], told)
    people.join_all(group["gid"], group["members"], "group")


def _memberships(people: People, memberships: View | Hole) -> None:
    people.unknown_groups = people.unknown_groups or _hole(memberships)
    if isinstance(memberships, Hole):
        return
    for key in known(memberships):
        gids = attempt(_gids, memberships, key)
        if isinstance(gids, Hole):
            people.unknown_groups = people.unknown_groups or gids
            continue
        for gid in gids:
            for person in people.by_name.get(memberships[key]["name"], ()):
                if "primary group" not in people.ways[gid].get(person, ()):
                    people.join(gid, person, "group")


def _gids(memberships: View, key: str) -> list[int]:
    return list(memberships[key]["gids"])


def _shadow(people: People, files: View) -> None:
    """Take who may join a group by newgrp(1), which asks /etc/gshadow and only then /etc/group."""
    shadow: View | Hole = attempt(files.__getitem__, "gshadow")
    if isinstance(shadow, Hole):
        people.unknown_groups = people.unknown_groups or shadow
        return
    gids = defaultdict(list)
    for name, gid in people.group_names.values():
        gids[name].append(gid)
    listed = {key: frozenset(files["groups"][key]["members"]) for key in known(files["groups"])}
    passwords = [group["gid"] for key in listed if (group := files["groups"][key])["password"] and group["name"] not in shadow]
    for key in shadow:
        record = shadow[key]
        for gid in gids.get(record["name"], ()):
            people.join_all(gid, record["administrators"], "group administrator")
            people.join_all(gid, [name for name in record["members"] if name not in listed.get(key, ())], "gshadow member")
        passwords += gids.get(record["name"], ()) if record["password"] else ()
    for gid in set(passwords):
        for key in people.persons:
            people.join(gid, key, "group password")


def _sessions(people: People, files: View) -> None:
    processes: View | Hole = attempt(files.__getitem__, "processes")
    if isinstance(processes, Hole):
        people.unknown_sessions = processes
        return
    people.unknown_sessions = opening(processes)
    for key in known(processes):
        session = attempt(_session, processes, key)
        if isinstance(session, Hole):
            people.unknown_sessions = people.unknown_sessions or session
        elif session is not None:
            people.sessions.append(session)
            _appear(people, session)


def _appear(people: People, session: Session) -> None:
    """Take somebody whom no database has, but who has a process, for a person."""
    if isinstance(session.reaches, Hole):
        people.unknown_reach = people.unknown_reach or session.reaches
    elif session.ids.uid not in people.by_uid:
        people.add(people.nameless(session.ids.uid))


def _session(processes: View, key: str) -> Session | None:
    process = processes[key]
    reaches = attempt(process.__getitem__, "host_mounts")
    if reaches is False or 0 in process["uids"]:
        return None
    override, search = process["dac_override"], process["dac_read_search"]
    able = override or search
    groups = frozenset((*process["gids"], *process["groups"]))
    ids = Ids(
        uid=process["uids"][3],
        may=groups,
        must=groups,
        override=override,
        search=search,
        uids=_ranges(process["mapped_uids"]) if able else (),
        gids=_ranges(process["mapped_gids"]) if able else (),
    )
    return Session(ids=ids, reaches=reaches)


def _ranges(told: ViewList) -> Ranges:
    return tuple((first, count) for first, count in told)
