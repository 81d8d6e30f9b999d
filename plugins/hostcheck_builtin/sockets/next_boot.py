"""Who could connect to an engine's socket after the next boot and cannot now: by the units that make it then, and by what root changes afterwards.

No process of today is left then, and no permission that somebody set by hand on what is in /run. What is the same now and then is judged now.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from hostcheck.api import Hole, HoleError, Json, View, Why, attempt, incomplete, known, opening, worst_hole
from hostcheck_builtin.accounts import access, access_facts, path_routes
from hostcheck_builtin.accounts.access import Access, Route
from hostcheck_builtin.accounts.dac import SEARCH, WRITE, Inode, Need
from hostcheck_builtin.accounts.people import People
from hostcheck_builtin.groups import grants
from hostcheck_builtin.sockets import ids, later_changes, requirements
from hostcheck_builtin.sockets.ids import NoSuchName
from hostcheck_builtin.system import candidates
from hostcheck_builtin.system.fact_members import collection
from hostcheck_builtin.system.mount_views import above

PLANNED: Final = "planned"


def stated(people: People, facts: Mapping[str, Any], now: Json) -> Json:
    """State each socket that a unit makes at the next boot, with the access that it adds to what `now` states of the sockets of today."""
    units, unknown = collection(lambda: facts["socket-units"]["units"])
    later, found = _later(people), dict[str, Json]()
    for name in known(units):
        told = attempt(_places, units, name)
        places, unlisted = ([], told) if isinstance(told, Hole) else told
        unknown = worst_hole(unknown, unlisted)
        for place in places:
            one = attempt(_planned if place.startswith("/") else _unguarded, later, facts, name, place, now)
            if one is not None:
                key = f"{candidates.canonical(place)} after reboot"
                found[key if key not in found else f"{key}, by {name}"] = one
    return incomplete(found, unknown)


def _places(units: View, name: str) -> tuple[list[str], Hole | None]:
    """Return where a unit will listen, nothing where it does not start, and the hole where there may be more; raises HoleError where it is not known at all."""
    unit = units[name]
    if not unit["starts"]:
        return [], None
    paths, names = unit["paths"], unit["abstract"]
    return [*known(paths), *known(names)], worst_hole(opening(paths), opening(names))


def _later(people: People) -> People:
    """Return who is there when the processes of today are gone."""
    unknown = replace(people.unknown, sessions=None, kept=None, reach=None)
    return replace(people, sessions=[], ranged=None, by_gid=defaultdict(list), unknown=unknown)


def _planned(people: People, facts: Mapping[str, Any], name: str, path: str, now: Json) -> Json:
    """State one socket as it will be; None where it will not be made, since its group or owner does not exist, or is judged elsewhere."""
    unit: View = facts["socket-units"]["units"][name]
    try:
        made = _end(people, facts, unit, unit["paths"][path])
        needs = (*_searching(people, unit["paths"][path]["parents"], made.path), Need(place=made, want=WRITE))
        roots = ids.uid(people, str(unit["runs_as"])) == 0
    except NoSuchName:
        return None
    changes = later_changes.of(people, facts, candidates.canonical(path), [need.place for need in needs])
    if not changes and unit["kind"] == "service" and unit["engine"] != ids.DOCKER:
        return None  # what such an engine makes by its own configuration is judged by that
    ways = list(later_changes.ways(people, needs, changes.values()))
    found, end = _new(people, facts, ways, path, now), ways[-1][-1].place
    its_own = found if not changes else _new(people, facts, [needs], path, now)
    by_unit = unit["kind"] == "socket" and (not changes or made.uid or not access.is_empty(its_own))
    owner, group = people.owner(end.uid), requirements.group_name(people, end.gid)
    return {
        **{"type": PLANNED, "scope": "rootful" if roots else "rootless", "listening": False, "expected": False, "machine": "none", "root_only": False},
        **{"realpath": end.path, "mode": f"{end.mode:04o}", "gid": end.gid, "group": group, "owner_uid": end.uid, "owner": owner},
        **{"permissions": later_changes.permissions(people, end, f"{owner}:{group}"), "made_by": later_changes.words(name, changes)},
        **{"unit": name if by_unit else "", "changes": changes},
        **requirements.group_traits(people, end),
        **_access(people, found, end, str(unit["engine"])),
        **{"acl_grants": [], "acl_entries": {}, "group_grants": {}, "link": {}, "replaceable_by": {"everyone": False, "users": {}, "ways": []}},
    }


def _new(people: People, facts: Mapping[str, Any], ways: list[tuple[Need, ...]], path: str, now: Json) -> Access:
    """Return who can connect in one of these ways, and cannot now."""
    place = candidates.canonical(path)
    before = _now(now, place)
    today = attempt(_needs, facts, place) if before else None
    found = access.access(people, [Route(needs=needs) for needs in ways if needs != today])
    _take_away(found, before, _unknown(now, place))
    return found


def _unguarded(people: People, facts: Mapping[str, Any], name: str, place: str, now: Json) -> Json:
    """State an abstract socket that a unit will make: no permission stops anybody."""
    unit: View = facts["socket-units"]["units"][name]
    roots, found = ids.uid(people, str(unit["runs_as"])) == 0, Access(everyone=True)
    _take_away(found, _now(now, place), _unknown(now, place))
    end = Inode(path=place, uid=0, gid=0, mode=0)
    return {
        **{"type": PLANNED, "scope": "rootful" if roots else "rootless", "listening": False, "expected": False, "machine": "none", "root_only": False},
        **{"realpath": place, "owner_uid": 0, "owner": "root", "gid": 0, "group": "root", "made_by": name, "unit": ""},
        **{"permissions": "an abstract socket without permissions", **requirements.group_traits(people, end)},
        **_access(people, found, end, str(unit["engine"])),
        **{"acl_grants": [], "acl_entries": {}, "group_grants": {}, "link": {}, "replaceable_by": {"everyone": False, "users": {}, "ways": []}},
    }


def _access(people: People, found: Access, end: Inode, engine: str) -> dict[str, Json]:
    users, acts = access_facts.stated(found), access.acting(found)
    told = access_facts.told(people, acts, {}, engine)
    for reason in told["reasons"].values():
        reason.update({"personal": False} if reason["kind"] == "owner" else {})
        reason.update({"for_engines": reason["group"] in grants.FOR_ENGINES} if "group" in reason else {})
    others = access_facts.stated(access.but(found, end.uid))
    given = {"granted": access_facts.granted(acts, access_facts.stated(acts)), "users_other_than_owner": others}
    return {"engine": engine, "everyone": found.everyone, "users": users, **given, **told}


def _end(people: People, facts: Mapping[str, Any], unit: View, way: View) -> Inode:
    uid, group = ids.uid(people, str(unit["user"])), str(unit["group"])
    gid = _primary(facts, str(unit["user"])) if not group and uid else ids.gid(people, group, otherwise=0 if unit["kind"] == "service" else None)
    return Inode(path=str(way["realpath"]), uid=uid, gid=gid, mode=int(unit["mode"], 8))


def _searching(people: People, parents: View, path: str) -> Iterator[Need]:
    for place in above(path):
        one = parents[place]
        uid, gid = ids.uid(people, str(one["user"])), ids.gid(people, str(one["group"]))
        yield Need(place=Inode(path=place, uid=uid, gid=gid, mode=int(one["mode"], 8), acl=path_routes.acl(one)), want=SEARCH)


def _primary(facts: Mapping[str, Any], name: str) -> int:
    """Return the primary group of a user of /etc/passwd, which a socket gets where only its owner is said (systemd.socket(5))."""
    users: View = facts["principals"]["users"]
    gids = [int(users[key]["gid"]) for key in known(users) if name in (users[key]["name"], str(users[key]["uid"]))]
    if not gids:
        raise HoleError(opening(users) or Hole(why=Why.UNSUPPORTED, message=f"{name}: its primary group is not in /etc/passwd"))
    return gids[0]


def _now(now: Json, path: str) -> dict[str, Json]:
    """Return what is stated of the socket of root's that somebody listens on at a path now, nothing where that is none or not known."""
    one = now.get(path)
    return one if isinstance(one, dict) and one["listening"] is True and one["scope"] == "rootful" else {}


def _needs(facts: Mapping[str, Any], path: str) -> tuple[Need, ...]:
    return path_routes.connecting(facts["sockets"]["sockets"][path])[0].needs


def _unknown(now: Json, path: str) -> Hole | None:
    """Return why it is not known who can connect at a path now, None where it is known."""
    one = now.get(path)
    if one is None or isinstance(one, Hole):
        return one or getattr(now, "hole", None)
    if one["listening"] is False:
        return None
    told = [one["listening"], one["scope"], one["everyone"], one["granted"]]
    return worst_hole(*(fact for fact in told if isinstance(fact, Hole)), getattr(one["granted"], "hole", None))


def _take_away(found: Access, before: dict[str, Json], unknown: Hole | None) -> None:
    """Leave those who cannot connect now; raises HoleError where that is not known, and somebody could connect then."""
    if unknown is not None and (found.everyone or found.users):
        raise HoleError(unknown)
    if before.get("everyone") is True:
        found.users = {key: one for key, one in found.users.items() if any(way.kind != "other" for way in one[1])}
        found.everyone = False
    granted = before.get("granted", {})
    for key, one in {} if isinstance(granted, Hole) else granted.items():
        taken = found.users.pop(key, None)
        if taken is not None:
            found.lack([taken[0]], one)
