"""Each user who runs an engine or reaches one of root's: what it is, and whether the kernel and the engine make it hold.

A user is named by what is theirs: by who owns a socket, and by whose processes run an engine's program; never by what a socket says of itself.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from hostcheck.api import Hole, HoleError, Json, View, ViewList, attempt, incomplete, known, map_known, opening, worst_hole
from hostcheck_builtin.accounts.people import People
from hostcheck_builtin.accounts.ways import UNOWNED
from hostcheck_builtin.engines import client_targets, limits, roots_units, scopes, unowned_ids
from hostcheck_builtin.groups.grants import FOR_ENGINES
from hostcheck_builtin.system.fact_members import collection, each_known

MACHINES: Final = ("libvirt", "unknown")
"""What is no container engine; who reaches it is judged by the rules of the sockets."""
REACHED: Final = ("why", "via")
KEPT: Final = ("owner", "other", "primary", "primary elsewhere", "shipped")
"""Kinds of ways that a process of the user has in a container too, beside an ACL entry of the user's: they take no further group."""
GIVEN: Final = ("member", "process")
"""Kinds of ways that a line of /etc/group gives, which are gone after it and a logout."""
MAYBE_GIVEN: Final = (*GIVEN, "elsewhere", "place")
"""Those that such a line may give, where not all lines are known."""


@dataclass(slots=True, kw_only=True)
class Use:
    """What one user runs and reaches: engines of their own with what shows them, sockets of root's; the holes where there may be more of these."""

    rootless: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    rootful: dict[str, dict[str, Json]] = field(default_factory=dict)
    sockets: list[View] = field(default_factory=list)
    unknown: Hole | None = None
    unknown_rootful: Hole | None = None

    def lacks(self, hole: Hole | None) -> None:
        """Note why there may be more; of several reasons the gravest stands."""
        self.unknown = worst_hole(self.unknown, hole)


@dataclass(slots=True, kw_only=True)
class Users:
    """Everybody who runs or reaches an engine, by uid; and what stands in the way of knowing all."""

    by_uid: dict[int, Use] = field(default_factory=lambda: defaultdict(Use))
    unknown_rootless: Hole | None = None
    unknown_rootful: Hole | None = None

    def lacks_rootless(self, hole: Hole | None) -> None:
        """Note why users may have engines that are not known: each of those whose places it is about, or any user."""
        if hole is None or not hole.owners:
            self.unknown_rootless = worst_hole(self.unknown_rootless, hole)
            return
        for uid in hole.owners:
            self.by_uid[uid].lacks(hole)


class Listed:
    """A list of names in which many users are looked up; raises HoleError where it cannot be known whether one is in it, as the list itself does."""

    def __init__(self, names: ViewList) -> None:
        """Take the names once."""
        self._names, self._unknown = frozenset(known(names)), opening(names)

    def __contains__(self, name: str) -> bool:
        """Say whether a name is in the list."""
        if name not in self._names and self._unknown:
            raise HoleError(self._unknown)
        return name in self._names


class Lines:
    """The lines of /etc/group; raises HoleError where they are not known."""

    def __init__(self, facts: Mapping[str, Any]) -> None:
        """Take their names; who stands in one is read once, when it is first asked for."""
        self._groups: View = facts["principals"]["groups"]
        self._members: dict[str, Listed] = {}
        self.keys = frozenset(known(self._groups))
        self.unknown = opening(self._groups)

    def member(self, key: str, names: list[str]) -> str:
        """Return which of these names stands in a line, "" for none; raises HoleError."""
        if key not in self._members:
            self._members[key] = Listed(self._groups[key]["members"])
        return next((name for name in names if name in self._members[key]), "")


def users(facts: Mapping[str, Any], people: People, rootful: Json) -> tuple[Json, Json]:
    """Return each user of an engine, and of them who runs one of their own; `rootful` is what shows that docker runs as root."""
    found = Users()
    _own_sockets(found, facts)
    _own_programs(found, facts)
    _reached(found, facts, people)
    kernel = attempt(lambda: facts["kernel"])
    ids = _unowned(people, found)
    names = {uid: UNOWNED if uid in ids[:1] else people.owner(uid) for uid in found.by_uid}
    unsure = {names[uid]: use.unknown for uid, use in found.by_uid.items() if use.unknown}
    stated = {names[uid]: _user(found, uid, use, rootful, kernel) for uid, use in sorted(found.by_uid.items()) if _counts(use)}
    units = roots_units.units(facts, rootful)
    lines: Lines | Hole = attempt(Lines, facts)
    lingering: Listed | Hole = attempt(lambda: Listed(facts["user-clients"]["lingering"]))
    for uid, name in sorted(names.items()):
        if name in stated and not isinstance(stated[name], Hole):
            use = found.by_uid[uid]
            ways = use.rootful
            memberships = _memberships(lines, people, uid, ways)
            access: dict[str, Json] = {
                path: {
                    **{part: way[part] for part in ("engine", *REACHED)},
                    "others": _others(way["ways"], memberships),
                    "kept": map_known(way["ways"], lambda ways: _named(ways, lambda one: one["kind"] in KEPT or one.get("entry", "").startswith("u:"))),
                    "anybodys": map_known(way["ways"], lambda ways: _named(ways, lambda one: one["kind"] == "other")),
                }
                for path, way in ways.items()
            }
            stated[name] |= {**client_targets.stated(facts, uid), **_started(facts, lingering, people, uid), **named(people, uid), "rootful_units": units}
            stated[name] |= {"rootful_access": incomplete(access, worst_hole(use.unknown_rootful, found.unknown_rootful)), "memberships": memberships}
            stated[name] |= {"who": unowned_ids.named(ids)} if name == UNOWNED else {}
    return incomplete(stated, worst_hole(found.unknown_rootless, found.unknown_rootful)), incomplete(_rootless(stated, unsure), found.unknown_rootless)


def _unowned(people: People, found: Users) -> list[int]:
    """Put those together who are nothing but ids in ACL entries, as one user under the lowest of their ids, and return the ids."""
    ways = {uid: use.rootful for uid, use in found.by_uid.items() if not use.rootless and not use.unknown and not use.unknown_rootful}
    ids, reached = unowned_ids.together(people, ways)
    for uid in ids:
        del found.by_uid[uid]
    if ids:
        found.by_uid[ids[0]].rootful = reached
    return ids


def named(people: People, uid: int) -> dict[str, Json]:
    """State a user as sentences name one, and as a command is run: by the login name, "" where no database has the uid."""
    name = next((person.name for person in people.named(uid)), "")
    if isinstance(name, Hole):
        return {"who": f"uid {uid}", "login": name}
    login = "" if name == f"uid {uid}" else name
    return {"who": f"{login} (uid {uid})" if login else f"uid {uid}", "login": login}


def _memberships(lines: Lines | Hole, people: People, uid: int, ways: Mapping[str, Any]) -> Json:
    """Return the groups of /etc/group that let a user connect and in whose lines the user stands, each with the name that stands there."""
    names = [person.name for person in people.named(uid) if isinstance(person.name, str)]
    if isinstance(lines, Hole):
        return lines
    via = [way["via"] for way in ways.values()]
    giving = dict.fromkeys(group for one in via if not isinstance(one, Hole) for group in one if group in lines.keys)
    stated = {key: attempt(lines.member, key, names) for key in sorted(giving)}
    unknown = worst_hole(lines.unknown, *(one if isinstance(one, Hole) else getattr(one, "hole", None) for one in via))
    unknown = worst_hole(unknown, *(one for one in stated.values() if isinstance(one, Hole)))
    return incomplete({key: {"login": one, "for_engines": key in FOR_ENGINES} for key, one in stated.items() if isinstance(one, str) and one}, unknown)


def _others(ways: Json, memberships: Json) -> Json:
    """Return the ways that a user keeps who is taken out of these groups and logs out."""
    if isinstance(ways, Hole) or isinstance(memberships, Hole):
        return ways if isinstance(ways, Hole) else memberships
    unlisted = getattr(memberships, "hole", None)
    given = {group for group, one in memberships.items() if not isinstance(one, Hole)}
    kept = _named(ways, lambda one: not (one["kind"] in GIVEN and one.get("group") in given or (unlisted and one["kind"] in MAYBE_GIVEN)))
    return incomplete(list(kept), worst_hole(getattr(kept, "hole", None), unlisted))


def _rootless(stated: Mapping[str, Json], unsure: Mapping[str, Hole]) -> dict[str, Json]:
    """Return who of the users runs an engine of their own; of whom that is not known, a hole that says nothing of anybody else."""
    result: dict[str, Json] = {}
    for name, user in stated.items():
        if not isinstance(user, Hole) and user["rootless"]:
            result[name] = {"uid": user["uid"], "engines": incomplete(sorted(user["rootless"]), getattr(user["rootless"], "hole", None))}
        elif name in unsure:
            result[name] = unsure[name]
    return result


def _counts(use: Use) -> bool:
    return bool(use.rootless or use.rootful or use.unknown or use.unknown_rootful)


def _own_sockets(found: Users, facts: Mapping[str, Any]) -> None:
    sockets, unknown = collection(lambda: facts["user-engines"]["sockets"])
    found.lacks_rootless(unknown)
    for path in known(sockets):
        owner = attempt(lambda at: int(sockets[at]["owner_uid"]), path)
        if isinstance(owner, Hole):
            found.lacks_rootless(owner)
        elif owner != 0:
            _own_socket(found.by_uid[owner], path, sockets[path])


def _own_socket(use: Use, path: str, socket: View) -> None:
    """Take a socket for its owner, whoever listens there."""
    running = attempt(scopes.runs, socket)
    if running is False:
        return
    scope = running if isinstance(running, Hole) else attempt(scopes.scope, socket)
    if isinstance(scope, Hole):
        use.lacks(scope)
    elif scope.scope == "rootless":
        use.rootless[scopes.engine(socket)].append(path)
        use.sockets.append(socket)


def _own_programs(found: Users, facts: Mapping[str, Any]) -> None:
    """Take a user's processes that run an engine's program: podman has no daemon, and a dockerd may listen where nobody looks."""
    programs, unknown = collection(lambda: facts["user-engines"]["programs"])
    found.lacks_rootless(unknown)
    for uid in known(programs):
        use = found.by_uid[int(uid)]
        kinds, more = each_known(lambda at=uid: programs[at], lambda program: str(program["engine"]))  # type: ignore[misc]
        use.lacks(more)
        for path, kind in kinds.items():
            if kind != "rootlesskit":
                use.rootless[kind].append(path)


def _reached(found: Users, facts: Mapping[str, Any], people: People) -> None:
    """Take who can connect to an engine of root's."""
    sockets, found.unknown_rootful = collection(lambda: facts["socket-access"]["sockets"])
    for path in known(sockets):
        reached = attempt(lambda at: _reaching(sockets[at], people), path)
        users, unknown = ({}, reached) if isinstance(reached, Hole) else reached
        found.unknown_rootful = worst_hole(found.unknown_rootful, unknown)
        for uid, way in users.items():
            if isinstance(way, Hole):
                found.by_uid[uid].unknown_rootful = worst_hole(found.by_uid[uid].unknown_rootful, way)
            else:
                found.by_uid[uid].rootful[path] = way


def _reaching(socket: View, people: People) -> tuple[dict[int, dict[str, Json] | Hole], Hole | None]:
    """Return who can connect to a socket of root's, each with the engine and the ways, or a hole where that is not known of one."""
    if not socket["listening"] or socket["scope"] != "rootful" or socket["engine"] in MACHINES:
        return {}, None
    users: View = socket["users"]
    ways: dict[int, dict[str, Json] | Hole] = {}
    unknown = opening(users)
    for key in known(users):
        one = attempt(users.__getitem__, key)
        uid = people.uid_of(key) if isinstance(one, Hole) else attempt(lambda at: int(at["uid"]), one)
        if isinstance(uid, Hole) or uid is None:
            unknown = worst_hole(unknown, uid, one)
        elif isinstance(one, Hole):
            ways.setdefault(uid, one)
        elif uid not in ways or isinstance(ways[uid], Hole):
            told = {part: attempt(_words, users, key, part) for part in REACHED}
            ways[uid] = {"engine": str(socket["engine"]), **told, "ways": attempt(_ways, users, key)}
    return ways, unknown


def _words(people: View, key: str, part: str) -> Json:
    words = people[key][part]
    return incomplete(known(words), opening(words))


def _ways(people: View, key: str) -> Json:
    """Return the ways by their words, in fields; raises HoleError."""
    ways: View = people[key]["ways"]
    return incomplete({words: {name: ways[words][name] for name in ways[words]} for words in known(ways)}, opening(ways))


def _named(ways: Json, chosen: Callable[[Mapping[str, Any]], bool]) -> Json:
    """Return the words of the ways that are chosen by their fields; open where there may be more."""
    return incomplete([words for words, one in ways.items() if chosen(one)], getattr(ways, "hole", None))


def _user(found: Users, uid: int, use: Use, rootful: Json, kernel: View | Hole) -> Json:
    """State one user; nothing but a hole where it is not known that the user has to do with an engine at all."""
    if not use.rootless and not use.rootful:
        return worst_hole(use.unknown, use.unknown_rootful, found.unknown_rootful)
    rootful_unknown = worst_hole(use.unknown_rootful, found.unknown_rootful)
    use.lacks(found.unknown_rootless)
    return {
        "uid": uid,
        "rootless": incomplete({kind: incomplete(shown, use.unknown) for kind, shown in sorted(use.rootless.items())}, use.unknown),
        "rootful_sockets": incomplete(sorted(use.rootful), rootful_unknown),
        "rootful_docker": rootful,
        "userns_usable": kernel if isinstance(kernel, Hole) else attempt(limits.usable, kernel, use.sockets),
        "userns_closed_by": kernel if isinstance(kernel, Hole) else attempt(limits.closed_by, kernel),
        **limits.limits(kernel, uid, use.sockets, use.unknown),
    }


def _started(facts: Mapping[str, Any], lingering: Listed | Hole, people: People, uid: int) -> dict[str, Json]:
    """State which engines systemd starts for a user, and whether without a session."""
    names = [person.name for person in people.named(uid) if isinstance(person.name, str)]
    homes, more = collection(lambda: client_targets.homes(facts["user-clients"], uid))
    units = [attempt(lambda: facts["user-clients"]["enabled"]), *(attempt(lambda at: homes[at]["enabled"], path) for path in known(homes))]
    unknown = worst_hole(more, *(one if isinstance(one, Hole) else opening(one) for one in units))
    starts = sorted({name for one in units if not isinstance(one, Hole) for name in known(one)})
    lingers = lingering if isinstance(lingering, Hole) else attempt(lambda: any(name in lingering for name in names))
    return {"starts": incomplete(starts, unknown), "lingers": lingers}
