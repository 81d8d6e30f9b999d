"""Who can connect to which engine's socket, and who can put another in its place.

Connecting needs write on the socket and search on every directory of its real path (unix(7)); replacing it needs write on a directory of any path
by which clients come. What a user can plant in a runtime directory or a home decides nothing about the sockets of the system. A path at which root's
engine is to be is judged by the directories on the way to it, whatever stands there: to take the socket away must not take the finding away.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, TypeVar

from hostcheck.api import Hole, HoleError, Json, View, Why, attempt, incomplete, known, opening, worst_hole
from hostcheck_builtin.accounts import access
from hostcheck_builtin.accounts.access import Access
from hostcheck_builtin.accounts.dac import WRITE, Ids, may
from hostcheck_builtin.accounts.gather import gather
from hostcheck_builtin.accounts.people import People
from hostcheck_builtin.accounts.ways import memberships
from hostcheck_builtin.groups import grants, stale_sessions
from hostcheck_builtin.sockets import private_directories, requirements
from hostcheck_builtin.sockets.private_directories import Homes
from hostcheck_builtin.system.products_by_path import product_of

T = TypeVar("T")
FOR_ENGINES: Final = frozenset({"docker", "containerd", "crio", "podman", "buildkit", "buildkitd", "lxd", "incus", "incus-admin", "libvirt"})
"""Groups that are made for engines: who leaves one loses nothing else."""
SHARED: Final = ("/tmp/", "/var/tmp/", "/dev/shm/")
"""Directories in which anybody may make names (Filesystem Hierarchy Standard 3.0, 3.18, 5.15)."""


def derive(facts: Mapping[str, Any], values: Mapping[str, Json]) -> Json:
    """State for each socket who can connect and who can replace it, and for each group who has it."""
    if facts["host"]["scan"]["init_userns"] is False:
        return Hole(why=Why.DENIED, message="the scanner is in a user namespace, where ids are not the host's")
    people = gather(facts)
    grants.take(people, facts)
    private = private_directories.of(facts)
    sockets = _each(facts, "sockets", partial(_system_socket, people, private))
    return {
        "sockets": _with_abstract(people, facts, _without_aliases(facts, sockets)),
        "user_sockets": _each(facts, "user-sockets", partial(_user_socket, people, private)),
        "engine_groups": _engine_groups(people, facts),
        "groups": _groups(people),
    }


def _each(facts: Mapping[str, Any], probe: str, state: Callable[[View, str], Json]) -> Json:
    """State each socket of a probe, each with the holes of its own."""
    sockets = attempt(_sockets, facts, probe)
    if isinstance(sockets, Hole):
        return sockets
    return incomplete({path: attempt(_of_one, state, sockets, path) for path in known(sockets)}, opening(sockets))


def _sockets(facts: Mapping[str, Any], probe: str) -> View:
    sockets: View = facts[probe]["sockets"]
    return sockets


def _of_one(state: Callable[[View, str], T], sockets: View, path: str) -> T:
    return state(sockets[path], path)


def _with_abstract(people: People, facts: Mapping[str, Any], sockets: Json) -> Json:
    """Add the abstract sockets to those with a path."""
    names: View | Hole = attempt(lambda: facts["sockets"]["abstract"])
    if isinstance(sockets, Hole):
        return sockets
    unknown = worst_hole(getattr(sockets, "hole", None), names if isinstance(names, Hole) else opening(names))
    if isinstance(names, Hole):
        return incomplete(dict(sockets), unknown)
    stated = {name: attempt(_of_one, partial(_abstract_socket, people), names, name) for name in known(names)}
    return incomplete({**sockets, **stated}, unknown)


def _abstract_socket(people: People, socket: View, _: str) -> Json:
    """State the same of an abstract socket of root's: no permission stops anybody, and nobody can bind its name while it is there."""
    found = requirements.without_permissions(people, socket)
    requirements.connected(people, socket, found)
    users = access.stated(found)
    return {
        **{"engine": attempt(socket.__getitem__, "engine"), "scope": "rootful", "owner_uid": 0, "owner": "root", "type": "abstract", "listening": True},
        **{"everyone": found.everyone, "users": users, "users_other_than_owner": users, "acl_grants": [], "acl_entries": {}},
        **_with_keeping(people, found, _told(people, found, {}, attempt(socket.__getitem__, "engine"))),
        **{"expected": False, "machine": "none", "replaceable_by": {"everyone": False, "users": {}, "ways": []}},
        **{"group_grants": {}, "permissions": "an abstract socket without permissions", "root_only": False, "unit": "", "link": {}},
    }


def _told(people: People, found: Access, root_only: Mapping[str, bool], engine: Json) -> dict[str, Json]:
    """State who passes as words, and each way with what a fix has to name."""
    reasons = access.reasons(people, found, root_only)
    for reason in reasons.values():
        reason["engine"] = engine
    return {"reached_by": access.words(found), "reasons": reasons, "processes": access.processes(found)}


def _with_keeping(people: People, found: Access, told: dict[str, Json]) -> dict[str, Json]:
    """Add of each process whether it keeps its access when the socket and its directories get other groups, but for groups of engines."""
    unsure, processes = worst_hole(found.hole, found.uncertain), told["processes"]
    for (pid, key), gids in found.held.items():
        keeps = any(gid <= 0 or people.label(gid) in FOR_ENGINES for gid in gids)
        processes[f"{pid} of {key}"]["keeps"] = keeps or unsure or False
    return told


def _system_socket(people: People, private: Homes, socket: View, path: str) -> Json:
    found = access.access(people, requirements.connecting(socket))
    requirements.connected(people, socket, found)
    others = access.stated(access.but(found, socket["owner_uid"]))
    taken = requirements.takings(people, socket)
    stated = _socket(people, socket, found)
    told = _with_keeping(people, found, _told(people, found, _root_only(socket), stated["engine"]))
    told["expected"] = attempt(socket.__getitem__, "expected")
    for reason in told["reasons"].values():
        if reason["kind"] == "owner":
            reason["personal"] = reason["place"] in socket["parents"] and _personal(people, private, socket, reason["place"])
        if "group" in reason:
            reason["for_engines"] = reason["group"] in FOR_ENGINES
    told["group_grants"] = _group_grants(people, private, socket, found, stated["engine"])
    unit = attempt(lambda: socket["unit"] if "unit" in socket else "")
    seen = {"unit": unit, "link": _link(socket, path), "machine": attempt(_linked_machine, socket)}
    return {**stated, **told, **seen, "users_other_than_owner": others, "replaceable_by": _taking(people, private, socket, taken)}


def _link(socket: View, path: str) -> dict[str, Json]:
    """State of a path that is a link itself whether root alone can put another file there, and whether root's engine needs it; nothing of another."""
    if path not in socket["links"]:
        return {}
    alone, scope, listens = requirements.only_root(requirements.exposed(socket), path), _scope(socket), attempt(socket.__getitem__, "listening")
    needed = worst_hole(scope, listens) or (scope == "rootful" and listens)
    return {"root_only": alone, "removable": alone and (needed if isinstance(needed, Hole) else not needed)}


def _group_grants(people: People, private: Homes, socket: View, found: Access, engine: Json) -> Json:
    """State each file or directory of the way that its group opens to its members, with who gets through by it and what a fix has to name."""
    alone, end = _root_only(socket), socket["realpath"]
    stated: dict[str, Json] = {}
    for gid, place in requirements.by_group(socket):
        users = {key: {"name": person.name} for key, (person, ways, _) in sorted(found.users.items()) if any(way.gid == gid and not way.entry for way in ways)}
        group = people.label(gid)
        stated[f"group {group} on {place}"] = {
            **{"group": group, "place": place, "root_only": alone[place], "for_engines": group in FOR_ENGINES, "socket": place == end},
            **{"engine": engine, "personal": place != end and _personal(people, private, socket, place)},
            "users": incomplete(users, worst_hole(found.hole, found.uncertain)),
        }
    return stated


def _root_only(socket: View) -> dict[str, bool]:
    """Say of the socket and each directory of its way whether root alone can put another there."""
    open_folders = requirements.exposed(socket)
    return {path: requirements.only_root(open_folders, path) for path in (socket["realpath"], *socket["parents"])}


def _taking(people: People, private: Homes, socket: View, taken: Mapping[str, Access], uid: int = 0) -> dict[str, Json]:
    """State who but root and `uid` can put another in its place, and of the topmost directory that lets them what a fix has to change there."""
    cause = _cause(people, private, socket, taken, uid)
    found = access.taking(access.merged(taken.values()))
    return found if cause is None else {**found, "cause": cause}


def _cause(people: People, private: Homes, socket: View, taken: Mapping[str, Access], uid: int) -> dict[str, Json] | Hole | None:
    open_folders = requirements.exposed(socket)
    for path, found in taken.items():
        clear = access.nobody(found) if path in open_folders else True
        if clear is not True:
            folder = requirements.place(path, socket["parents"][path])
            return clear or {
                **{"path": path, "mode": f"{folder.mode:04o}", "owner_uid": folder.uid, "owner": people.owner(folder.uid)},
                **{"group": requirements.group_name(people, folder.gid), "writable": bool(folder.mode & 0o022), "everyone": found.everyone},
                **{"sticky": bool(folder.mode & requirements.STICKY), "personal": _personal(people, private, socket, path)},
                "foreign": folder.uid not in (0, uid),
                "root_only": requirements.only_root(open_folders, path),
            }
    return None


def _personal(people: People, private: Homes, socket: View, path: str) -> bool | Hole:
    """Say whether a directory of the way is one that a user lives in, which root cannot take without breaking what that user does."""
    uid = socket["parents"][path]["uid"]
    return private.personal(path, uid, [person.name for person in people.named(uid) if isinstance(person.name, str)])


def _linked_machine(socket: View) -> str:
    """Return the product into whose machine a path of the system leads because root made it a link to a user's, "none" where that is not so."""
    product = product_of(socket["realpath"])
    if product == "none" or socket["owner_uid"] == 0 or not len(socket["links"]):
        return "none"
    scope = _scope(socket)
    if isinstance(scope, Hole):
        raise HoleError(scope)
    folders = [requirements.place(above, socket["parents"][above]) for above in {path.rpartition("/")[0] or "/" for path in socket["links"]}]
    alone = all(folder.uid == 0 and not folder.mode & 0o022 and not folder.acl for folder in folders)
    return product if scope == "rootless" and alone and all(socket["links"][path]["uid"] == 0 for path in socket["links"]) else "none"


def _user_socket(people: People, private: Homes, socket: View, _: str) -> Json:
    """State of a user's socket who else can connect or take its place: else than who listens, since to own the socket does not make one that user."""
    place, parents = socket["runtime_dir"], socket["parents"]
    folder = {"path": place, "mode": parents[place]["mode"], "under_tmp": f"{place}/".startswith(SHARED)}
    stated = {
        **_socket(people, socket, access.access(people, requirements.connecting(socket))),
        "machine": product_of(socket["realpath"]),
        "runtime_dir": folder,
    }
    uid = attempt(requirements.obeyed, socket)
    if isinstance(uid, Hole):
        return {**stated, **dict.fromkeys(("users_other_than_owner", "replaceable_by", "reasons", "processes"), uid)}
    others = requirements.others(people, socket, uid)
    taken = {path: access.but(found, uid) for path, found in requirements.takings(people, socket).items()}
    told = {**_told(people, others, _root_only(socket), stated["engine"]), "reached_by": stated["reached_by"]}
    return {**stated, **told, "users_other_than_owner": access.stated(others), "replaceable_by": _taking(people, private, socket, taken, uid)}


def _socket(people: People, socket: View, found: Access) -> dict[str, Json]:
    alone, entries = _root_only(socket), requirements.acl_entries(people, socket)
    return {
        "realpath": socket["realpath"],
        "mode": socket["mode"],
        "gid": socket["owner_gid"],
        "group": requirements.group_name(people, socket["owner_gid"]),
        "permissions": requirements.permissions(people, socket),
        "root_only": alone[socket["realpath"]],
        "engine": attempt(socket.__getitem__, "engine"),
        "scope": _scope(socket),
        "owner_uid": socket["owner_uid"],
        "owner": people.owner(socket["owner_uid"]),
        "type": socket["type"],
        "listening": attempt(socket.__getitem__, "listening"),
        "everyone": found.everyone,
        "users": access.stated(found),
        "reached_by": access.words(found),
        "acl_grants": list(entries),
        "acl_entries": {words: {"entry": entry, "place": place, "root_only": alone[place]} for words, (entry, place) in entries.items()},
    }


def _scope(socket: View) -> str | Hole:
    """Say whose engine it is: what root owns or listens on is root's, and not to know who listens makes nothing of another's rootless."""
    if socket["owner_uid"] == 0 or socket["type"] == "absent":
        return "rootful"
    uid = attempt(lambda: socket["peer"]["uid"] if "peer" in socket else socket["owner_uid"])
    return uid if isinstance(uid, Hole) else "rootful" if uid == 0 else "rootless"


def _without_aliases(facts: Mapping[str, Any], sockets: Json) -> Json:
    """Leave out a path that is a link to another one of these, unless somebody but root could change just that link."""
    if isinstance(sockets, Hole):
        return sockets
    stated = _sockets(facts, "sockets")
    for path in list(sockets):
        alias = attempt(_is_alias, stated, path)
        if isinstance(alias, Hole):
            sockets[path] = alias
        elif alias:
            del sockets[path]
    return sockets


def _is_alias(stated: View, path: str) -> bool:
    socket = stated[path]
    target = socket["realpath"]
    if target == path or target not in stated:
        return False
    more = [name for name in socket["parents"] if name not in stated[target]["parents"]]
    places = [requirements.place(name, socket["parents"][name]) for name in more]
    return all(place.uid == 0 and not place.mode & 0o022 and not place.acl for place in places)


def _engine_groups(people: People, facts: Mapping[str, Any]) -> Json:
    sockets = attempt(_sockets, facts, "sockets")
    if isinstance(sockets, Hole):
        return sockets
    unknown = opening(sockets)
    found: dict[int, list[str]] = {}
    for path in sorted(known(sockets)):
        gids = attempt(_of_one, _gids, sockets, path)
        if isinstance(gids, Hole):
            unknown = worst_hole(unknown, gids)
            continue
        for gid in gids:
            found.setdefault(gid, []).append(path)
    return incomplete({people.label(gid): _engine_group(people, gid, paths, unknown) for gid, paths in sorted(found.items())}, unknown)


def _gids(socket: View, _: str) -> list[int]:
    """Return the groups that may write to a socket of root's, if its directories do not stop everybody."""
    if socket["type"] != "socket":
        return []
    scope = _scope(socket)
    if isinstance(scope, Hole):
        raise HoleError(scope)
    needs = requirements.connecting(socket)[0].needs
    giving = dict.fromkeys(gid for _, gid, bits in needs[-1].place.groups if bits & WRITE)
    return [gid for gid in giving if scope == "rootful" and may(Ids(may={gid}, must={gid}, more=True), needs)[0] is not False]


def _engine_group(people: People, gid: int, paths: list[str], unknown: Hole | None) -> Json:
    members = _members(people, gid)
    primary = sorted(key for key, ways in people.ways.get(gid, {}).items() if "primary group" in ways)
    stale = stale_sessions.stated(people, gid)
    told, made = access.reasons(people, members, {}), people.label(gid) in FOR_ENGINES
    for reason in told.values():
        reason["for_engines"] = made
    return {
        **{"gid": gid, "for_engines": made},
        "primary_members": incomplete(primary, people.unknown.users),
        "members": incomplete(sorted(members.users), members.hole),
        "reasons": told,
        **grants.stated(people, gid),
        "stale_processes": stale,
        "stale_pids": stale_sessions.by_pid(stale),
        "sockets": incomplete(paths, unknown),
    }


def _members(people: People, gid: int) -> Access:
    """Return who has a group, with the ways, and the hole where there may be others."""
    found = Access()
    for key in people.ways.get(gid, {}):
        person = people.persons[key]
        found.users[key] = (person, dict.fromkeys(memberships(people, person, gid)), {})
    found.hole = worst_hole(people.unknown.users, people.unknown.missing([gid]), people.unknown.sessions)
    for session in people.holding(gid):
        if isinstance(session.reaches, Hole):
            found.hole = worst_hole(found.hole, session.reaches)
            continue
        for person in people.named(session.ids.uid):
            found.users.setdefault(person.key, (person, {}, {}))
            access.by_process(people, person, session, found, f"has group {people.label(gid)}", gid)
    found.uncertain = worst_hole(found.uncertain, found.hole)
    return found


def _groups(people: People) -> Json:
    return incomplete({key: _group(people, name, gid) for key, (name, gid) in sorted(people.group_names.items())}, people.unknown.names)


def _group(people: People, name: str, gid: int) -> Json:
    found = _members(people, gid)
    members: dict[str, Json] = {}
    for key, (person, ways, _) in sorted(found.users.items()):
        members[key] = {"uid": person.uid, "name": person.name, "why": incomplete([way.words for way in ways], found.uncertain)}
    told = _told(people, found, {}, "unknown")
    return {
        **{"name": name, "gid": gid, "members": incomplete(members, found.hole), "ways": told["reached_by"]},
        **{"reasons": told["reasons"], "processes": told["processes"]},
    }
