"""Who is on this host and which groups each can act with, by any way one gets a group.

A user may have several names and a name several entries; the files, the name service, /etc/gshadow and living processes each tell of groups that
the others do not, and what one of them does not tell leaves open who else there is.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from hostcheck.api import Hole, worst_hole
from hostcheck_builtin.accounts.dac import Gids, Ids
from hostcheck_builtin.accounts.stock_accounts import SHIPPED
from hostcheck_builtin.system.mount_views import covers

FREE: Final = range(1000, 60000)
"""The gids that groups of people get (login.defs(5), GID_MIN and GID_MAX)."""
JOINED: Final = ("group", "primary group")
"""Ways by which every session of a user has a group; by the others it has one only if somebody asked for it (newgrp(1)), or at some service."""
GETS: Final = (*JOINED, "gshadow member")
"""Ways by which who asks for it has a group as gid, without a password (newgrp(1))."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One entry of a user database, other than root's; `key` is its name in /etc/passwd, or ``uid N`` where it stands only elsewhere.

    `idle` says that it is certain that nobody acts as it.
    """

    key: str
    name: str | Hole
    uid: int
    login_capable: bool | Hole
    idle: bool = False

    @property
    def known_as(self) -> str:
        """Return what sentences call them: by name where that is known, whatever the key."""
        return self.name if isinstance(self.name, str) and self.name else self.key


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Credentials of living processes; `reaches` is a hole where it is not known whether they get at any socket of the host.

    `host_paths` are what they see of the host's file system, None where that is all of it, or may be. `users` counts who has them where they are those of
    many users whom nobody knows, and stand under the uid of one; `unsure` is the hole where it is not known which groups they have. `container` is that of
    root's in which all of them are, "" for none. `traceable` says of those that do not see all of the host whether whoever has their uid and `gid` may attach
    to one; `able` is the hole where it is not known of them which capabilities they have, over which ids.
    """

    ids: Ids
    reaches: bool | Hole
    host_paths: tuple[str, ...] | None = None
    pids: tuple[int, ...] | Hole = ()
    count: int | Hole = 0
    users: int = 1
    unsure: Hole | None = None
    able: Hole | None = None
    container: str = ""
    gid: int = -1
    traceable: bool | Hole = True

    def sees(self, path: str) -> bool:
        """Say whether a path of the host may be among what they see."""
        return self.host_paths is None or any(covers(above, path) for above in self.host_paths)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What gives a group beside its line: to the users that it names, and with `unnamed` to whoever logs in or is made, or comes to be in a list.

    `place` is the file, with the line, or the unit that says so; `alone` says of a unit that it sets this group and no other.
    """

    kind: str
    users: tuple[str, ...] = ()
    unnamed: bool = False
    place: str = ""
    alone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """What stands in the way of knowing all: by kind the hole where there may be more, None where there is none.

    `users` who there is, `names` which groups, `lines` who stands in their lines, `groups` who has them by whatever way, and `of` the same of one gid;
    `sessions` which processes there are, `kept` which groups some of them have, `theirs` the same of processes of which their own users hide it, `reach`
    what they get at, `grants` what gives groups beside their lines.
    """

    users: Hole | None = None
    groups: Hole | None = None
    lines: Hole | None = None
    names: Hole | None = None
    sessions: Hole | None = None
    kept: Hole | None = None
    theirs: Hole | None = None
    reach: Hole | None = None
    grants: Hole | None = None
    of: Mapping[int, Hole] = field(default_factory=dict)

    def of_known(self) -> Hole | None:
        """Return a hole where a known user may have another way yet."""
        return worst_hole(self.groups, self.sessions)

    def missing(self, gids: Iterable[int]) -> Hole | None:
        """Return a hole where it is not known who has one of these groups."""
        return worst_hole(self.groups, *(self.of[gid] for gid in gids if gid in self.of))

    def lacking(self, gid: int, hole: Hole | None) -> "Unknown":
        """Return the same where, because of `hole`, there may be others who have a group."""
        worst = worst_hole(self.of.get(gid), hole)
        return self if worst is None else replace(self, of={**self.of, gid: worst})


@dataclass(slots=True, kw_only=True)
class People:
    """Everybody but root: by key, by uid and by the ways to each gid; and what stands in the way of knowing all.

    `idle` says of accounts that were shipped with root's group whether it is certain that nobody acts as them.
    `local_groups` are the entries of /etc/group, and `lines` names, by gid and person, those of /etc/group and /etc/passwd that give the gid: only these
    can be edited on this host. `commented` names those of /etc/group with a # before them, which give the gid all the same.
    `open_ways` are ways to a gid that everybody has: `spread` joins each user by them, where it matters who that is. `programs` says of programs that give
    their group whether only root can put another file there. `containers` names a container by what the control group of a process calls it.
    """

    persons: dict[str, Person] = field(default_factory=dict)
    by_uid: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    by_name: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    ways: dict[int, dict[str, dict[str, None]]] = field(default_factory=lambda: defaultdict(dict))
    names: dict[int, str] = field(default_factory=dict)
    group_names: dict[str, tuple[str, int]] = field(default_factory=dict)
    sessions: list[Session] = field(default_factory=list)
    ranged: list[Session] | None = None
    by_gid: dict[int, list[Session]] = field(default_factory=lambda: defaultdict(list))
    grants: dict[int, dict[str, Grant]] = field(default_factory=lambda: defaultdict(dict))
    by_label: dict[str, int] = field(default_factory=dict)
    labels: int = 0
    spare_gids: dict[str, int | None] = field(default_factory=dict)
    roots: set[str] = field(default_factory=set)
    dynamic: set[int] = field(default_factory=set)
    local_groups: set[str] = field(default_factory=set)
    lines: dict[int, dict[str, list[str]]] = field(default_factory=lambda: defaultdict(dict))
    commented: dict[int, dict[str, list[str]]] = field(default_factory=lambda: defaultdict(dict))
    open_ways: dict[int, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))
    programs: dict[str, bool] = field(default_factory=dict)
    unknown: Unknown = field(default_factory=Unknown)
    containers: Callable[[str], str | Hole] = str
    idle: Mapping[str, bool | Hole] = field(default_factory=dict)

    def copy(self) -> "People":
        """Return the same people by their names and groups, to whom ways and persons can be added that these do not have."""
        return People(
            persons=dict(self.persons),
            by_uid=defaultdict(list, {uid: list(keys) for uid, keys in self.by_uid.items()}),
            by_name=defaultdict(list, {name: list(keys) for name, keys in self.by_name.items()}),
            ways=defaultdict(dict, {gid: {key: dict(ways) for key, ways in having.items()} for gid, having in self.ways.items()}),
            names=self.names,
            group_names=self.group_names,
            roots=self.roots,
            local_groups=self.local_groups,
            lines=self.lines,
            commented=self.commented,
            idle=self.idle,
        )

    def is_idle(self, gid: int, key: str) -> bool:
        """Say whether a person who has root's group as it was shipped is known not to act, or may not be: then it is open who has the group."""
        return gid == 0 and key in SHIPPED and self.idle.get(key, False) is not False

    def inside(self, container: str) -> str | Hole:
        """Return what sentences say of processes in a container, "" where they are in none."""
        name = self.containers(container) if container else ""
        return f" in container {name}" if isinstance(name, str) and name else name

    def unsure_of(self, gid: int) -> Hole | None:
        """Return the hole where it is not known who has a group as primary group."""
        return worst_hole(self.unknown.users, *((one for key, one in self.idle.items() if key in SHIPPED) if gid == 0 else ()))

    def lack(self, gid: int, hole: Hole | None) -> None:
        """Note that there may be others who have a group."""
        self.unknown = self.unknown.lacking(gid, hole)

    def lack_all(self, hole: Hole | None) -> None:
        """Note that anybody may have any group by a way that is not known."""
        self.unknown = replace(self.unknown, groups=worst_hole(self.unknown.groups, hole))

    def grant(self, gid: int, key: str, grant: Grant) -> None:
        """Note what gives a group beside its line."""
        self.grants[gid][key] = grant

    def gid_of(self, name: str) -> int | None:
        """Return the gid of the first group with a name (getgrnam(3)), None where no group that is known has it."""
        return next((gid for named, gid in self.group_names.values() if named == name), None)

    def add(self, person: Person) -> None:
        """Take in a person."""
        self.persons[person.key] = person
        self.by_uid[person.uid].append(person.key)
        if isinstance(person.name, str):
            self.by_name[person.name].append(person.key)

    def join(self, gid: int, key: str, way: str) -> None:
        """Note a way by which a person gets a group."""
        self.ways[gid].setdefault(key, {})[way] = None

    def spread(self, gids: Iterable[int]) -> None:
        """Join everybody by the ways to these groups that all have; there may be very many users, so this is done only for groups that open something."""
        for gid in gids:
            if ways := self.open_ways.get(gid):
                for key in self.persons:
                    if not ways.keys() <= self.ways[gid].get(key, {}).keys():
                        self.ways[gid].setdefault(key, {}).update(ways)

    def stands(self, gid: int, key: str, entry: str) -> None:
        """Note that an entry of a file gives a person a group: of /etc/group by its key, of /etc/passwd by ""."""
        self.lines[gid].setdefault(key, []).append(entry)

    def join_all(self, gid: int, names: Iterable[str], way: str) -> None:
        """Note the same way for everybody with one of these names."""
        for name in names:
            for key in self.by_name.get(name, ()):
                self.join(gid, key, way)

    def label(self, gid: int) -> str:
        """Return the name of a group in /etc/group, else ``gid N``: what only the name service calls it may not be known tomorrow."""
        return self.names.get(gid, f"gid {gid}")

    def labelled(self, label: str) -> int | None:
        """Return the gid that a label names, None where it names none: of several names of one gid only the first is a label."""
        if self.labels != len(self.names):
            self.by_label, self.labels = {name: gid for gid, name in self.names.items()}, len(self.names)
        return self.by_label.get(label)

    def spare(self, key: str) -> int | None:
        """Return a gid that no group and no user has, for a group whose gid an earlier one has: another one for each of them."""
        if not self.spare_gids:
            taken = {gid for _, gid in self.group_names.values()} | self.by_uid.keys() | self.commented.keys()
            free = (number for number in FREE if number not in taken)
            self.spare_gids = {name: next(free, None) for name, (_, gid) in sorted(self.group_names.items()) if name != self.label(gid)}
        return self.spare_gids.get(key)

    def takes(self, person: Person, session: Session) -> bool | Hole:
        """Say whether a person can act as processes with the same uid: those beside one's own sessions, as in a container, have to be attached to.

        By login or by newgrp(1), which asks members for no password, one can have any group as gid of whose line one is.
        """
        if session.host_paths is None or session.traceable is not True:
            return session.host_paths is None or session.traceable
        ways = self.ways.get(session.gid, {}).get(person.key, {})
        return any(way in ways for way in GETS) or self.unknown.missing([session.gid]) or False

    def uid_of(self, key: str) -> int | None:
        """Return the uid of whom facts know by this key, None where nobody is known so."""
        if key in self.persons:
            return self.persons[key].uid
        number = key.removeprefix("uid ").partition("#")[0]
        return int(number) if key.startswith("uid ") and number.isascii() and number.isdigit() else None

    def owner(self, uid: int) -> str:
        """Return the key of the first entry with a uid, else ``uid N``."""
        return "root" if uid == 0 else next(iter(self.by_uid.get(uid, ())), f"uid {uid}")

    def ids_of(self, person: Person, gids: Collection[int]) -> Ids:
        """Return what a fresh session of a person acts with, of the groups `gids`."""
        held = {gid: ways for gid in gids if (ways := self.ways.get(gid, {}).get(person.key))}
        must = frozenset(gid for gid, ways in held.items() if any(way in ways for way in JOINED))
        return Ids(uid=person.uid, may=frozenset(held), must=must, more=self.unknown.missing(gids) is not None)

    def named(self, uid: int) -> list[Person]:
        """Return the persons with a uid; one that no database has is nevertheless somebody, if only the next to be given that uid."""
        return [self.persons[key] for key in self.by_uid.get(uid, ())] or [self.nameless(uid)]

    def holding(self, gid: int) -> list[Session]:
        """Return the sessions that have a group."""
        if not self.by_gid:
            for session in self.sessions:
                for held in session.ids.may.exact if isinstance(session.ids.may, Gids) else session.ids.may:
                    self.by_gid[held].append(session)
        ranged = [one for one in self.several if isinstance(one.ids.may, Gids) and gid in one.ids.may and gid not in one.ids.may.exact]
        return [*self.by_gid.get(gid, []), *ranged]

    @property
    def several(self) -> list[Session]:
        """Return the sessions of which many stand together, with ranges of groups; they are few."""
        if self.ranged is None:
            self.ranged = [one for one in self.sessions if isinstance(one.ids.may, Gids)]
        return self.ranged

    def nameless(self, uid: int) -> Person:
        """Return somebody of whom only the uid is known."""
        unknown, key = self.unknown.users, f"uid {uid}"
        return Person(key=f"{key}#2" if key in self.persons else key, name=unknown or f"uid {uid}", uid=uid, login_capable=unknown or False)
