"""Who is on this host and which groups each can act with, by any way one gets a group.

A user may have several names and a name several entries; the files, the name service, /etc/gshadow and living processes each tell of groups that
the others do not, and what one of them does not tell leaves open who else there is.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from hostcheck.api import Hole, View, ViewList, attempt, known, opening
from hostcheck_builtin.analyses.permissions import Ids, Ranges

BARRED: Final = frozenset({"nologin", "false"})
"""Shells that end a session at once (nologin(8), shells(5)), wherever they stand."""
JOINED: Final = ("group", "primary group")
"""Ways by which every session of a user has a group; by the others it has one only if somebody asked for it (newgrp(1))."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One entry of a user database, other than root's; `key` is its name in /etc/passwd, or ``uid N`` where it stands only elsewhere."""

    key: str
    name: str | Hole
    uid: int
    login_capable: bool | Hole


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Credentials of living processes; `reaches` is a hole where it is not known whether they see the host's file system."""

    ids: Ids
    reaches: bool | Hole


@dataclass(slots=True, kw_only=True)
class People:
    """Everybody but root: by key, by uid and by the ways to each gid; and what stands in the way of knowing all."""

    persons: dict[str, Person] = field(default_factory=dict)
    by_uid: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    by_name: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    ways: dict[int, dict[str, dict[str, None]]] = field(default_factory=lambda: defaultdict(dict))
    names: dict[int, str] = field(default_factory=dict)
    group_names: dict[str, tuple[str, int]] = field(default_factory=dict)
    sessions: list[Session] = field(default_factory=list)
    by_gid: dict[int, list[Session]] = field(default_factory=lambda: defaultdict(list))
    unknown_users: Hole | None = None
    unknown_groups: Hole | None = None
    unknown_names: Hole | None = None
    unknown_sessions: Hole | None = None
    unknown_reach: Hole | None = None

    @property
    def uncertain(self) -> Hole | None:
        """Return a hole where a known user may have another way yet."""
        return self.unknown_groups or self.unknown_sessions

    def label(self, gid: int) -> str:
        """Return the name of a group in /etc/group, else ``gid N``: what only the name service calls it may not be known tomorrow."""
        return self.names.get(gid, f"gid {gid}")

    def owner(self, uid: int) -> str:
        """Return the key of the first entry with a uid, else ``uid N``."""
        return "root" if uid == 0 else next(iter(self.by_uid.get(uid, ())), f"uid {uid}")

    def ids_of(self, person: Person, gids: Iterable[int]) -> Ids:
        """Return what a fresh session of a person acts with, of the groups `gids`."""
        held = {gid: ways for gid in gids if (ways := self.ways.get(gid, {}).get(person.key))}
        must = frozenset(gid for gid, ways in held.items() if any(way in ways for way in JOINED))
        return Ids(uid=person.uid, may=frozenset(held), must=must, more=self.unknown_groups is not None)

    def named(self, uid: int) -> list[Person]:
        """Return the persons with a uid; one that no database has is nevertheless somebody, if only the next to be given that uid."""
        return [self.persons[key] for key in self.by_uid.get(uid, ())] or [self.nameless(uid)]

    def holding(self, gid: int) -> Iterator[Session]:
        """Yield the sessions that have a group."""
        if not self.by_gid:
            for session in self.sessions:
                for held in session.ids.may:
                    self.by_gid[held].append(session)
        yield from self.by_gid.get(gid, ())

    def nameless(self, uid: int) -> Person:
        """Return somebody of whom only the uid is known."""
        unknown = self.unknown_users
        return Person(key=f"uid {uid}", name=unknown or f"uid {uid}", uid=uid, login_capable=unknown or False)


def gather(facts: Mapping[str, Any]) -> People:
    """Return who there is by the probes principals and nss; raises HoleError where the files themselves were not read."""
    people, files = People(), facts["principals"]
    _users(people, files["users"])
    _groups(people, files["groups"])
    service = attempt(lambda: facts["nss"])
    if isinstance(service, Hole):
        people.unknown_users = people.unknown_users or service
        people.unknown_groups = people.unknown_groups or service
        people.unknown_names = people.unknown_names or service
    else:
        _service(people, service)
    _shadow(people, files)
    _sessions(people, files)
    return people


def _add(people: People, person: Person) -> None:
    people.persons[person.key] = person
    people.by_uid[person.uid].append(person.key)
    if isinstance(person.name, str):
        people.by_name[person.name].append(person.key)


def _join(people: People, gid: int, key: str, way: str) -> None:
    people.ways[gid].setdefault(key, {})[way] = None


def _users(people: People, users: View) -> None:
    people.unknown_users = opening(users)
    for key in known(users):
        user = users[key]
        if user["uid"] == 0:
            continue
        _add(people, Person(key=key, name=user["name"], uid=user["uid"], login_capable=_lets_in(user["shell"])))
        _join(people, user["gid"], key, "primary group")


def _lets_in(shell: str) -> bool:
    return shell.rpartition("/")[2] not in BARRED


def _groups(people: People, groups: View) -> None:
    people.unknown_groups = people.unknown_names = opening(groups)
    for key in known(groups):
        group = groups[key]
        people.names.setdefault(group["gid"], key)
        people.group_names[key] = (group["name"], group["gid"])
        _members(people, group["gid"], group["members"], "group")


def _members(people: People, gid: int, names: Iterable[str], way: str) -> None:
    for name in names:
        for key in people.by_name.get(name, ()):
            _join(people, gid, key, way)


def _service(people: People, service: View) -> None:
    users, groups, memberships = (attempt(lambda part=part: service[part]) for part in ("users", "groups", "memberships"))
    people.unknown_users = people.unknown_users or _hole(users)
    people.unknown_groups = people.unknown_groups or _hole(groups) or _hole(memberships)
    people.unknown_names = people.unknown_names or _hole(groups)
    for key in [] if isinstance(users, Hole) else known(users):
        _listed_user(people, users[key])
    for key in [] if isinstance(groups, Hole) else known(groups):
        _listed_group(people, groups[key])
    for key in [] if isinstance(memberships, Hole) else known(memberships):
        _membership(people, memberships, key)


def _hole(collection: View | Hole) -> Hole | None:
    return collection if isinstance(collection, Hole) else opening(collection)


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
        _add(people, Person(key=key, name=user["name"], uid=user["uid"], login_capable=_lets_in(user["shell"])))
    _join(people, user["gid"], key, "primary group")


def _listed_group(people: People, group: View) -> None:
    if not any(name == group["name"] and gid == group["gid"] for name, gid in (people.group_names.get(group["name"], ("", -1)),)):
        key = group["name"] if group["name"] not in people.group_names else f"{group['name']} (gid {group['gid']})"
        people.group_names[key] = (group["name"], group["gid"])
    _members(people, group["gid"], group["members"], "group")


def _membership(people: People, memberships: View, key: str) -> None:
    told = attempt(lambda: (memberships[key]["name"], list(memberships[key]["gids"])))
    if isinstance(told, Hole):
        people.unknown_groups = people.unknown_groups or told
        return
    for person in people.by_name.get(told[0], ()):
        for gid in told[1]:
            if "primary group" not in people.ways[gid].get(person, ()):
                _join(people, gid, person, "group")


def _shadow(people: People, files: View) -> None:
    """Take who may join a group by newgrp(1), which asks /etc/gshadow and only then /etc/group."""
    shadow = attempt(lambda: files["gshadow"])
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
            _members(people, gid, record["administrators"], "group administrator")
            _members(people, gid, [name for name in record["members"] if name not in listed.get(key, ())], "gshadow member")
        passwords += gids.get(record["name"], ()) if record["password"] else ()
    for gid in set(passwords):
        for key in people.persons:
            _join(people, gid, key, "group password")


def _sessions(people: People, files: View) -> None:
    processes = attempt(lambda: files["processes"])
    if isinstance(processes, Hole):
        people.unknown_sessions = processes
        return
    people.unknown_sessions = opening(processes)
    for key in known(processes):
        session = attempt(lambda key=key: _session(processes[key]))
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
        _add(people, people.nameless(session.ids.uid))


def _session(process: View) -> Session | None:
    reaches = attempt(lambda: process["host_mounts"])
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
