"""Who gets a group without standing in its line: by pam_group at a login, or as the user of a service; and what will put users into it later.

A rule of pam_group that says everybody gives the group to whoever has a shell that lets in; who is named gets it whatever the shell, since cron and su -s
ask for none. What makes users says nothing of those who are there.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final

from hostcheck.api import Hole, HoleError, Json, View, Why, attempt, incomplete, known, opening, pattern, worst_hole
from hostcheck_builtin.accounts.people import JOINED, Grant, People, Person
from hostcheck_builtin.groups.pam_group import LOGIC, at_some_terminal, at_some_time, holds, matches

INCLUDED: Final = "common-"
"""How Debian calls the files that services include (pam-auth-update(8)); no program asks for a service of that name."""
ROOT: Final = frozenset({"", "root", "0"})
MANAGER: Final = "user@.service"
"""What pam_systemd starts for everybody who logs in."""
OTHERS: Final = {
    "pam_group": "other users",
    "unit": "the user of each instance",
    "new users": "every new user",
    "same gid": "members of that group",
}
"""Whom a grant gives the group beside those whom it names."""
FOR_ENGINES: Final = frozenset(
    {"docker", "containerd", "crio", "podman", "buildkit", "buildkitd", "lxd", "incus", "incus-admin", "libvirt", "microk8s", "snap_microk8s"}
)
"""Groups that are made for engines: who leaves one loses nothing else. Others, such as sudo, wheel and users, give more."""
BEHIND: Final = "commented"
"""The kind of a line of /etc/group behind a #."""
NUMBER: Final = pattern(r"[0-9]{1,10}", re.ASCII)


def take(people: People, facts: Mapping[str, Any]) -> None:
    """Add the ways that the probe group-grants tells, and the grants by group; people and groups must be known as far as they are."""
    stated = attempt(facts.__getitem__, "group-grants")
    if isinstance(stated, Hole):
        _unknown(people, stated, ways=True)
        return
    services = attempt(_of_pam_group, stated, "services")
    _each(people, attempt(stated.__getitem__, "units"), _unit, ways=True)
    _each(people, attempt(_of_pam_group, stated, "rules"), partial(_rule, services), ways=True)
    _each(people, attempt(stated.__getitem__, "new_users"), _new_users)
    _each(people, attempt(stated.__getitem__, "cloud_init"), _cloud_init)
    _each(people, attempt(stated.__getitem__, "sysusers"), _sysusers)


def stated(people: People, gid: int) -> dict[str, Json]:
    """State what gives a group beside its line, another line with its gid among it, and to whom, but for those who stand in the line anyway."""
    stated: dict[str, Json] = {key: _stated(people, gid, one) for key, one in sorted(people.grants.get(gid, {}).items())}
    for key, (_, other) in sorted(people.group_names.items()):
        if other == gid and key != people.label(gid):
            stated[f"group {key} with the same gid"] = {"kind": "same gid", "users": [], "unnamed": True}
    stated |= _commented(people, gid)
    hole = worst_hole(people.unknown.grants, people.unknown.names, people.unknown.of.get(gid))
    told = dict(pair for key, one in stated.items() for pair in _told(people, gid, key, one))
    unsure = worst_hole(hole, *(getattr(one["users"], "hole", None) for one in stated.values()))
    return {"auto_grants": incomplete(stated, hole), "granted": incomplete(list(told), unsure), "grants": incomplete(told, unsure)}


def _told(people: People, gid: int, key: str, one: dict[str, Any]) -> Iterator[tuple[str, dict[str, Json]]]:
    """Yield in words each user who is given the group, and others as one, with what a fix has to name."""
    kind, grant = one["kind"], people.grants.get(gid, {}).get(key)
    place = (
        {"place": grant.place, "alone": grant.alone} if grant else {"place": key.partition(",")[0], "alone": True} if kind == BEHIND else _same_gid(people, key)
    )
    given = {"kind": kind, "group": people.label(gid), **place}
    at = key.removeprefix("new users by ").replace("pam_group ", "pam_group, ").replace("sysusers.d ", "sysusers.d, ").replace("cloud-init ", "cloud-init, ")
    for user in (*one["users"], *([""] if one["unnamed"] else [])):
        yield f"{user or OTHERS[kind]} ({at})", {**given, "name": user}


def _commented(people: People, gid: int) -> dict[str, dict[str, Any]]:
    """State the lines of /etc/group behind a # that give the group, each with whom no other line gives it."""
    found: dict[str, dict[str, Any]] = {}
    for key, lines in sorted(people.commented.get(gid, {}).items()):
        for line in lines if not people.lines.get(gid, {}).get(key) else ():
            one = found.setdefault(f"{line} of /etc/group, which the # before it does not disable", {"kind": BEHIND, "users": [], "unnamed": False})
            one["users"].append(people.persons[key].name if isinstance(people.persons[key].name, str) else key)
    return found


def _same_gid(people: People, key: str) -> dict[str, Json]:
    """State of another group with the same gid its name, and a gid for it that no group and no user has."""
    name = key.removeprefix("group ").removesuffix(" with the same gid")
    free: Json = worst_hole(people.unknown.names, people.unknown.users) or people.spare(name)
    local = name in people.local_groups
    return {"other": name, "alone": local, "place": "/etc/group" if local else "the name service", **({} if free is None else {"free_gid": free})}


def _stated(people: People, gid: int, grant: Grant) -> dict[str, Json]:
    """State a grant; of a user who is not known to stand in the line it is not known either, where not all who do are known."""
    outside = [user for user in grant.users if not any(_stands(people, gid, key) for key in _keys(people, grant, user))]
    hole = people.unknown.lines if outside else None
    return {"kind": grant.kind, "users": outside if hole is None else incomplete([], hole), "unnamed": grant.unnamed}


def _keys(people: People, grant: Grant, user: str) -> list[str]:
    return _users(people, "", user) if grant.kind == "unit" else people.by_name.get(user, [])


def _stands(people: People, gid: int, key: str) -> bool:
    return any(way in JOINED for way in people.ways.get(gid, {}).get(key, ()))


def _of_pam_group(stated: View, part: str) -> View:
    found: View = stated["pam_group"][part]
    return found


def _unknown(people: People, hole: Hole | None, *, ways: bool) -> None:
    unknown = people.unknown
    groups = worst_hole(unknown.groups, hole) if ways else unknown.groups
    people.unknown = replace(unknown, grants=worst_hole(unknown.grants, hole), groups=groups)


def _each(people: People, stated: View | Hole, take_one: Callable[[People, str, View], None], *, ways: bool = False) -> None:
    """Take each member; what is not known of one may be any group, and with `ways` that of anybody."""
    if isinstance(stated, Hole):
        _unknown(people, stated, ways=ways)
        return
    _unknown(people, opening(stated), ways=ways)
    for key in known(stated):
        one = attempt(stated.__getitem__, key)
        _unknown(people, one if isinstance(one, Hole) else attempt(take_one, people, key, one), ways=ways)


def _gids(people: People, groups: Iterable[str]) -> Iterator[int]:
    """Yield the gid of each group that is known, by name or number."""
    for group in groups:
        gid = int(group) if NUMBER.fullmatch(group) else people.gid_of(group)
        if gid is not None:
            yield gid


def _unit(people: People, name: str, unit: View) -> None:
    user, dynamic, groups = _of_instance(name, unit["user"]), unit["dynamic"], list(unit["groups"])
    if not dynamic and (user in ROOT or user in people.roots):
        return
    if any("%" in group for group in groups):
        raise HoleError(Hole(why=Why.LIMIT, message=f"{name}: its groups depend on what it is started as"))
    anybody = "%" in user
    for gid in _gids(people, groups):
        people.grant(gid, f"unit {name}", _of_unit(name, user, groups, anybody=anybody))
        if dynamic:
            people.dynamic.add(gid)
        if anybody and name != MANAGER:
            people.lack(gid, Hole(why=Why.LIMIT, message=f"{name}: its user depends on what it is started as"))
        for key in _users(people, name, user):
            people.join(gid, key, f"unit {name}")


def _of_unit(name: str, user: str, groups: list[str], *, anybody: bool) -> Grant:
    users = () if anybody else (user or name.partition(".")[0],)
    return Grant(kind="unit", users=users, unnamed=anybody, place=name, alone=len(groups) == 1)


def _of_instance(name: str, user: str) -> str:
    """Return the user of a unit, that of an instance where it is named after it (systemd.unit(5), specifiers)."""
    instance = name.partition("@")[2].rpartition(".")[0]
    return user.replace("%i", instance).replace("%I", instance) if instance else user


def _users(people: People, name: str, user: str) -> list[str]:
    if name == MANAGER and "%" in user:
        return [key for key, person in people.persons.items() if person.login_capable is True]
    return people.by_uid.get(int(user), []) if NUMBER.fullmatch(user) else people.by_name.get(user, [])


def _rule(services: View | Hole, people: People, at: str, rule: View) -> None:
    fields = {name: rule[name] for name in ("services", "ttys", "users", "times")}
    gids = list(_gids(people, (group for group in list(rule["groups"]) if not NUMBER.fullmatch(group))))
    if holds(fields["ttys"], at_some_terminal) is False or holds(fields["times"], at_some_time) is False:
        return
    ways, hole = _services(fields["services"], services)
    ways = [f"{way}, {at}" for way in ways]
    named, unnamed = _named(fields["users"])
    for gid in gids if named or unnamed else ():
        people.lack(gid, hole)
        if ways:
            people.grant(gid, f"pam_group {at}", Grant(kind="pam_group", users=tuple(named), unnamed=unnamed, place=at))
            _logins(people, gid, fields["users"], ways)


def _services(field: str, services: View | Hole) -> tuple[list[str], Hole | None]:
    """Return the ways by which a rule is asked, one for each service that it names, and the hole where there may be more."""
    if isinstance(services, Hole):
        return [], services
    hole, loading = opening(services), list[str]()
    for name in known(services):
        if not name.startswith(INCLUDED) and holds(field, partial(matches, name=name)):
            loads = attempt(services.__getitem__, name)
            hole = worst_hole(hole, loads)
            loading += [name] if loads is True else []
    if "*" in field and loading:
        return ["pam_group at any service"], hole
    return [f"pam_group at {name}" for name in loading], hole


def _named(field: str) -> tuple[list[str], bool]:
    """Return the users whom a rule names and gives the group, and whether it gives it to others too."""
    if field[:1] in ("@", "%"):
        return [], True
    names = [token for token in dict.fromkeys(LOGIC.findall(field)) if token not in ("&", "|", "!") and "*" not in token]
    stranger = holds(field, lambda token: True if token == "*" else None if "*" in token else False)
    return [name for name in names if holds(field, partial(matches, name=name))], stranger is not False


def _logins(people: People, gid: int, field: str, ways: list[str]) -> None:
    """Join whom a rule means, by each way."""
    if field.startswith("@"):
        people.lack(gid, Hole(why=Why.LIMIT, message="pam_group: who is in a netgroup is not asked for"))
        return
    means = _members(people, field[1:]) if field.startswith("%") else _meant(field)
    for key, person in people.persons.items():
        if means(person):
            for way in ways:
                people.join(gid, key, way)


def _members(people: People, group: str) -> Callable[[Person], bool]:
    ways = people.ways.get(gid, {}) if (gid := people.gid_of(group)) is not None else {}
    return lambda person: any(way in ways.get(person.key, ()) for way in JOINED)


def _meant(field: str) -> Callable[[Person], bool]:
    tokens = frozenset(LOGIC.findall(field))

    def means(person: Person) -> bool:
        name = person.name
        if not isinstance(name, str) or not (person.login_capable is True or name in tokens):
            return False
        return bool(holds(field, partial(matches, name=name)))

    return means


def _new_users(people: People, path: str, stated: View) -> None:
    for gid in _gids(people, list(stated["groups"])):
        people.grant(gid, f"new users by {path}", Grant(kind="new users", unnamed=True, place=path))


def _cloud_init(people: People, place: str, stated: View) -> None:
    user, groups = stated["user"], list(stated["groups"])
    for gid in _gids(people, groups):
        people.grant(gid, f"cloud-init {place}", Grant(kind="cloud-init", users=(user,), place=place))


def _sysusers(people: People, at: str, stated: View) -> None:
    user, group = stated["user"], stated["group"]
    for gid in _gids(people, [group]):
        if user not in people.roots:
            people.grant(gid, f"sysusers.d {at}", Grant(kind="sysusers.d", users=(user,), place=at))
