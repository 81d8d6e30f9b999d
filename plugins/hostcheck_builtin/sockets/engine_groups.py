"""Who has a group: those that may write to a socket of root's engine, with what gives them away, and every group by name."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from hostcheck.api import Hole, Json, View, attempt, incomplete, worst_hole
from hostcheck_builtin.accounts import access, access_facts, path_routes
from hostcheck_builtin.accounts.access import Access
from hostcheck_builtin.accounts.dac import WRITE, Ids, may
from hostcheck_builtin.accounts.people import People
from hostcheck_builtin.accounts.ways import Way, elsewhere, memberships
from hostcheck_builtin.groups import grants, stale_sessions
from hostcheck_builtin.sockets import requirements
from hostcheck_builtin.system.fact_members import each_known, sure

ASKS: Final = "libvirt"
"""The engine that asks polkit about each client, so that no rule says of its socket who has root by it."""


def engine_groups(people: People, facts: Mapping[str, Any]) -> Json:
    """State each group that may write to a socket of root's engine: who has it, by what, and which processes kept it."""
    sockets: View | Hole = attempt(lambda: facts["sockets"]["sockets"])
    if isinstance(sockets, Hole):
        return sockets
    found, unknown = _opened(sockets)
    stated = {people.label(gid): _engine_group(people, gid, paths, unknown) for gid, paths in sorted(found.items())}
    return incomplete(stated, worst_hole(unknown, people.unknown.theirs if found else None))


def _opened(sockets: View) -> tuple[dict[int, list[str]], Hole | None]:
    """Return the sockets of root's engines by the group that may write to them, and the hole where there may be more."""
    writing, unknown = each_known(lambda: sockets, _gids)
    found: dict[int, list[str]] = {}
    for path, gids in sorted(writing.items()):
        for gid in gids:
            found.setdefault(gid, []).append(path)
    return found, unknown


def _of_anybody(unknown: Hole | None) -> Hole | None:
    """Return why sockets are not known, unless these are what some users have laid alone: a group is not told of by those."""
    return None if unknown and unknown.owners else unknown


def _gids(socket: View) -> list[int]:
    """Return the groups that may write to a socket of root's, if its directories do not stop everybody."""
    if socket["type"] != "socket":
        return []
    scope = sure(requirements.scope_of(socket))
    needs = path_routes.connecting(socket)[0].needs
    giving = dict.fromkeys(gid for _, gid, bits in needs[-1].place.groups if bits & WRITE)
    return [gid for gid in giving if scope == "rootful" and may(Ids(may={gid}, must={gid}, more=True), needs)[0] is not False]


def _engine_group(people: People, gid: int, paths: list[str], unknown: Hole | None) -> Json:
    members = _members(people, gid)
    primary = sorted(key for key, ways in people.ways.get(gid, {}).items() if "primary group" in ways)
    stale = stale_sessions.stated(people, gid)
    told, made = access_facts.reasons(people, members, {}), people.label(gid) in grants.FOR_ENGINES
    for reason in told.values():
        reason["for_engines"] = made
    return {
        **{"gid": gid, "for_engines": made},
        "primary_members": incomplete(primary, people.unsure_of(gid)),
        "members": incomplete(sorted(members.users), worst_hole(members.hole, members.unknown_people)),
        "reasons": told,
        **grants.stated(people, gid),
        "stale_processes": stale,
        "stale_pids": stale_sessions.by_pid(stale),
        "sockets": incomplete(paths, _of_anybody(unknown)),
    }


def _members(people: People, gid: int, but: Collection[Way] = ()) -> Access:
    """Return who has a group, with the ways `but` these, and the hole where there may be others."""
    found = Access()
    for key in people.ways.get(gid, {}):
        person = people.persons[key]
        ways = {way: None for way in memberships(people, person, gid) if way not in but}
        if ways:
            found.users[key] = (person, ways, {})
    found.hole = worst_hole(people.unknown.users, people.unknown.missing([gid]), people.unknown.sessions)
    for session in people.sessions:
        if session.unsure and not session.unsure.owners:
            found.lack(people.named(session.ids.uid), session.unsure)
    for session in people.holding(gid):
        if isinstance(session.reaches, Hole):
            found.lack(people.named(session.ids.uid), session.reaches)
            continue
        for person in people.named(session.ids.uid):
            found.users.setdefault(person.key, (person, {}, {}))
            access.by_process(people, person, session, found, f"has group {people.label(gid)}", gid)
    found.uncertain = worst_hole(found.uncertain, found.hole)
    return found


def groups(people: People, facts: Mapping[str, Any]) -> Json:
    """State every group of /etc/group, by name: who has it, by what, and at which sockets that is judged."""
    sockets: View | Hole = attempt(lambda: facts["sockets"]["sockets"])
    found, unknown = ({}, sockets) if isinstance(sockets, Hole) else _opened(sockets)
    unknown = _of_anybody(unknown)
    judged: dict[int, Json] = {} if isinstance(sockets, Hole) else {gid: _judged(sockets, paths, unknown) for gid, paths in found.items()}
    stated: dict[str, Json] = {}
    for key, (name, gid) in sorted(people.group_names.items()):
        # who is in disk or in sudo has more than an engine
        elsewhere = judged.get(gid, incomplete([], unknown)) if name in grants.FOR_ENGINES else []
        stated[key] = {**_group(people, name, gid), "judged": elsewhere}
    return incomplete(stated, worst_hole(people.unknown.names, people.unknown.theirs))


def _judged(sockets: View, paths: list[str], unknown: Hole | None) -> Json:
    """Return those of some sockets at which somebody listens and who has the engine is judged."""
    found = {path: attempt(_is_judged, sockets, path) for path in paths}
    return incomplete([path for path, judged in found.items() if judged is True], worst_hole(unknown, *found.values()))


def _is_judged(sockets: View, path: str) -> bool:
    socket = sockets[path]
    return bool(socket["listening"]) and socket["engine"] != ASKS


def _group(people: People, name: str, gid: int) -> dict[str, Json]:
    """State who has a group: users one by one, and everybody as one member where a way is open to all."""
    everybody = [elsewhere(people, gid, way) for way in people.open_ways.get(gid, ())]
    found = _members(people, gid, everybody)
    members: dict[str, Json] = {key: hole for key, (_, hole) in found.unsure.items()}
    acts = access.acting(found)
    members |= {key: {"uid": person.uid, "name": person.name} for key, (person, _, _) in acts.users.items()}
    members = dict(sorted(members.items()))
    idle = {key: {"uid": person.uid, "name": person.name} for key, (person, _, _) in sorted(found.users.items()) if person.idle}
    told = access_facts.reasons(people, acts, {})
    for way in everybody:
        members[access_facts.EVERYBODY] = {"name": ""}
        told[f"{access_facts.EVERYBODY} ({way.words})"] = access_facts.of_everybody(people, way)
    for reason in told.values():
        reason["engine"] = "unknown"
    return {
        "name": name,
        "gid": gid,
        "members": incomplete(members, found.hole),
        **({"idle_members": idle} if idle else {}),
        "reasons": told,
        "processes": access_facts.processes(found),
    }
