"""Who can connect to which engine's socket, and who can put another in its place.

Connecting needs write on the socket and search on every directory of its real path (unix(7)); replacing it needs write on a directory of any path
by which clients come. What a user can plant in a runtime directory or a home decides nothing about the sockets of the system. A path at which root's
engine is to be is judged by the directories on the way to it, whatever stands there: to take the socket away must not take the finding away.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final, TypeVar

from hostcheck.api import Hole, Json, View, Why, attempt, incomplete, known, worst_hole
from hostcheck_builtin.accounts import access, access_facts, path_routes
from hostcheck_builtin.accounts.access import Access
from hostcheck_builtin.accounts.gather import gather
from hostcheck_builtin.accounts.people import People
from hostcheck_builtin.groups import grants
from hostcheck_builtin.sockets import container_names, engine_groups, next_boot, private_directories, replacement, requirements, setgid_ways
from hostcheck_builtin.sockets.private_directories import Homes
from hostcheck_builtin.system.fact_members import collection, each_stated, sure
from hostcheck_builtin.system.products_by_path import product_of

T = TypeVar("T")
SHARED: Final = ("/tmp/", "/var/tmp/", "/dev/shm/")
"""Directories in which anybody may make names (Filesystem Hierarchy Standard 3.0, 3.18, 5.15)."""


def derive(facts: Mapping[str, Any], values: Mapping[str, Json]) -> Json:
    """State for each socket who can connect and who can replace it, and for each group who has it."""
    if facts["host"]["scan"]["init_userns"] is False:
        return Hole(why=Why.DENIED, message="the scanner is in a user namespace, where ids are not the host's")
    people = gather(facts)
    people.containers = container_names.resolver(facts)
    grants.take(people, facts)
    setgid_ways.take(people, facts)
    private = private_directories.of(facts)
    sockets = each_stated(lambda: facts["sockets"]["sockets"], partial(_system_socket, people, private))
    now = _with_abstract(people, facts, _without_aliases(facts, sockets))
    return {
        "sockets": _with_planned(now, next_boot.stated(people, facts, {} if isinstance(now, Hole) else now)),
        "user_sockets": each_stated(lambda: facts["user-sockets"]["sockets"], partial(_user_socket, people, private)),
        "engine_groups": engine_groups.engine_groups(people, facts),
        "groups": engine_groups.groups(people, facts),
    }


def _with_abstract(people: People, facts: Mapping[str, Any], sockets: Json) -> Json:
    """Add the abstract sockets to those with a path."""
    if isinstance(sockets, Hole):
        return sockets
    names, more = collection(lambda: facts["sockets"]["abstract"])
    stated = {name: attempt(lambda at: _abstract_socket(people, names[at], at), name) for name in known(names)}
    return incomplete({**sockets, **stated}, worst_hole(getattr(sockets, "hole", None), more))


def _with_planned(sockets: Json, planned: Json) -> Json:
    """Add what will be made at the next boot."""
    if isinstance(sockets, Hole):
        return sockets
    return incomplete({**sockets, **planned}, worst_hole(getattr(sockets, "hole", None), getattr(planned, "hole", None)))


def _abstract_socket(people: People, socket: View, _: str) -> Json:
    """State the same of an abstract socket of root's: no permission stops anybody, and nobody can bind its name while it is there."""
    found = requirements.without_permissions(people, socket)
    requirements.connected(people, socket, found)
    users = access_facts.stated(found)
    return {
        **{"engine": attempt(socket.__getitem__, "engine"), "scope": "rootful", "owner_uid": 0, "owner": "root", "type": "abstract", "listening": True},
        **{"everyone": found.everyone, "users": users, "granted": access_facts.granted(found, users), "users_other_than_owner": users},
        **_with_keeping(people, found, access_facts.told(people, found, {}, attempt(socket.__getitem__, "engine"))),
        **{"expected": False, "machine": "none", "replaceable_by": {"everyone": False, "users": {}, "ways": []}},
        **{
            "acl_grants": [],
            "acl_entries": {},
            "group_grants": {},
            "permissions": "an abstract socket without permissions",
            "root_only": False,
            "unit": "",
            "link": {},
        },
    }


def _with_keeping(people: People, found: Access, told: dict[str, Json]) -> dict[str, Json]:
    """Add of each process whether it keeps its access when the socket and its directories get other groups, but for groups of engines."""
    unsure, processes = found.open, told["processes"]
    for (pid, key), gids in found.held.items():
        keeps = any(gid <= 0 or people.label(gid) in grants.FOR_ENGINES for gid in gids)
        processes[f"{pid} of {key}"]["keeps"] = keeps or unsure or False
    return told


def _system_socket(people: People, private: Homes, socket: View, path: str) -> Json:
    found = access.access(people, path_routes.connecting(socket))
    requirements.connected(people, socket, found)
    others = access_facts.stated(access.but(found, socket["owner_uid"]))
    taken = requirements.takings(people, socket)
    stated = _socket(people, socket, found)
    acts = access.acting(found)
    told = _with_keeping(people, found, access_facts.told(people, acts, _root_only(socket), stated["engine"]))
    told["expected"] = attempt(socket.__getitem__, "expected")
    for reason in told["reasons"].values():
        if reason["kind"] == "owner":
            reason["personal"] = reason["place"] in socket["parents"] and replacement.personal(people, private, socket, reason["place"])
        if "group" in reason:
            reason["for_engines"] = reason["group"] in grants.FOR_ENGINES
    told["group_grants"] = _group_grants(people, private, socket, found, stated["engine"])
    unit = attempt(lambda: socket["unit"] if "unit" in socket else "")
    seen = {"unit": unit, "link": replacement.link(socket, path), "machine": attempt(_linked_machine, socket)}
    given = {"granted": access_facts.granted(acts, access_facts.stated(acts)), "users_other_than_owner": others}
    given |= requirements.group_traits(people, path_routes.end_of(socket))
    return {**stated, **told, **seen, **given, "replaceable_by": replacement.taking(people, private, socket, taken)}


def _group_grants(people: People, private: Homes, socket: View, found: Access, engine: Json) -> Json:
    """State each file or directory of the way that its group opens to its members, with who gets through by it and what a fix has to name."""
    alone, end = _root_only(socket), socket["realpath"]
    stated: dict[str, Json] = {}
    for gid, place in requirements.by_group(socket):
        users = {key: {"name": person.name} for key, (person, ways, _) in sorted(found.users.items()) if any(way.gid == gid and not way.entry for way in ways)}
        group = people.label(gid)
        stated[f"group {group} on {place}"] = {
            **{"group": group, "place": place, "root_only": alone[place], "for_engines": group in grants.FOR_ENGINES, "socket": place == end},
            **{"engine": engine, "personal": place != end and replacement.personal(people, private, socket, place)},
            "users": incomplete(users, found.open),
        }
    return stated


def _root_only(socket: View) -> dict[str, bool]:
    """Say of the socket and each directory of its way whether root alone can put another there."""
    open_folders = requirements.exposed(socket)
    return {path: requirements.only_root(open_folders, path) for path in (socket["realpath"], *socket["parents"])}


def _linked_machine(socket: View) -> str:
    """Return the product into whose machine a path of the system leads because root made it a link to a user's, "none" where that is not so."""
    product = product_of(socket["realpath"])
    if product == "none" or socket["owner_uid"] == 0 or not len(socket["links"]):
        return "none"
    scope = sure(requirements.scope_of(socket))
    folders = [path_routes.place(above, socket["parents"][above]) for above in {path.rpartition("/")[0] or "/" for path in socket["links"]}]
    alone = all(folder.uid == 0 and not folder.mode & 0o022 and not folder.acl for folder in folders)
    return product if scope == "rootless" and alone and all(socket["links"][path]["uid"] == 0 for path in socket["links"]) else "none"


def _user_socket(people: People, private: Homes, socket: View, _: str) -> Json:
    """State of a user's socket who else can connect or take its place: else than who listens, since to own the socket does not make one that user."""
    place, parents = socket["runtime_dir"], socket["parents"]
    folder = {"path": place, "mode": parents[place]["mode"], "under_tmp": f"{place}/".startswith(SHARED)}
    stated = {
        **_socket(people, socket, access.access(people, path_routes.connecting(socket))),
        "machine": product_of(socket["realpath"]),
        "runtime_dir": folder,
    }
    uid = attempt(requirements.obeyed, socket)
    if isinstance(uid, Hole):
        return {**stated, **dict.fromkeys(("users_other_than_owner", "replaceable_by", "reasons", "processes"), uid)}
    others = requirements.others(people, socket, uid)
    taken = {path: access.but(found, uid) for path, found in requirements.takings(people, socket).items()}
    told = {**access_facts.told(people, others, _root_only(socket), stated["engine"]), "reached_by": stated["reached_by"]}
    return {**stated, **told, "users_other_than_owner": access_facts.stated(others), "replaceable_by": replacement.taking(people, private, socket, taken, uid)}


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
        "scope": requirements.scope_of(socket),
        "owner_uid": socket["owner_uid"],
        "owner": people.owner(socket["owner_uid"]),
        "type": socket["type"],
        "listening": attempt(socket.__getitem__, "listening"),
        "everyone": found.everyone,
        "users": access_facts.stated(found),
        "reached_by": access_facts.words(found),
        "acl_grants": list(entries),
        "acl_entries": {words: {"entry": entry, "place": place, "root_only": alone[place]} for words, (entry, place) in entries.items()},
    }


def _without_aliases(facts: Mapping[str, Any], sockets: Json) -> Json:
    """Leave out a path that is a link to another one of these, unless somebody but root could change just that link."""
    if isinstance(sockets, Hole):
        return sockets
    stated: View = facts["sockets"]["sockets"]
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
    places = [path_routes.place(name, socket["parents"][name]) for name in more]
    return all(place.uid == 0 and not place.mode & 0o022 and not place.acl for place in places)
