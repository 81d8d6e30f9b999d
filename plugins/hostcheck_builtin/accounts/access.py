"""Who passes a route: all users that the permissions of a way let through, user by user, how, and by which entry of which file.

Users are looked at only where an owner, a group or an ACL entry of the way concerns them; all others fare as a user of whom nothing is known.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from hostcheck.api import Hole, worst_hole
from hostcheck_builtin.accounts.dac import Ids, Need, Ways, may
from hostcheck_builtin.accounts.people import People, Person, Session
from hostcheck_builtin.accounts.ways import OUT_OF_REACH, Way, capability, entry, ways_to

STRANGER: Final = Ids()


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """What has to be got, all of it, to pass; `only` names the uids that may pass at all, where not everyone may.

    With `named` the words of a way say which place it is about: there are several routes to the same end.
    """

    needs: tuple[Need, ...]
    only: frozenset[int] | None = None
    named: bool = False

    def admits(self, uid: int) -> bool:
        """Say whether somebody with this uid may pass at all."""
        return self.only is None or uid in self.only

    @property
    def path(self) -> str:
        """Return what the way leads to, which is what has to be seen of the host by who sees only some of it; "" where it is no file."""
        return self.needs[-1].place.path if self.needs else ""

    @property
    def uids(self) -> set[int]:
        """Return the users whom the way names."""
        places = [need.place for need in self.needs]
        return ({place.uid for place in places} | {uid for place in places for uid in place.users} | (self.only or set())) - {0}

    @property
    def gids(self) -> set[int]:
        """Return the groups that the way names."""
        return {gid for need in self.needs for _, gid, _ in need.place.groups}


@dataclass(slots=True, kw_only=True)
class Access:
    """Who passes: whether anybody at all, each user with the ways and the groups behind them, and the hole where there may be others.

    `processes` are those whose credentials or open connections are a way, by pid and whose they are: threads of one may be several users'. `held` are the
    groups by which each of them has it, -1 for a capability or a connection. `containers` are those in which one of these processes is, by pid. `unsure` are
    those of whom it is not known whether they pass, or by which other way, each with the reason: what is not known of them opens nothing about anybody else.
    """

    everyone: bool = False
    users: dict[str, tuple[Person, dict[Way, None], dict[str, None]]] = field(default_factory=dict)
    processes: dict[tuple[int, str], Person] = field(default_factory=dict)
    held: dict[tuple[int, str], set[int]] = field(default_factory=dict)
    containers: dict[int, str] = field(default_factory=dict)
    unsure: dict[str, tuple[Person, Hole]] = field(default_factory=dict)
    hole: Hole | None = None
    uncertain: Hole | None = None

    @property
    def open(self) -> Hole | None:
        """Return the hole where somebody may pass, or may have a way, that is not among those who are known to."""
        return worst_hole(self.hole, self.uncertain, self.unknown_people)

    @property
    def unknown_people(self) -> Hole | None:
        """Return the hole where it is not known of somebody by name whether that one passes, or how else."""
        return worst_hole(*(hole for _, hole in self.unsure.values()))

    def lack(self, people: Iterable[Person], *holes: Any) -> None:
        """Note that it is not known of these people whether they pass, or how else, if there is a hole among `holes`."""
        for person in people:
            if (hole := worst_hole(*self.unsure.get(person.key, ()), *holes)) is not None:
                self.unsure[person.key] = (person, hole)


def access(people: People, routes: Iterable[Route]) -> Access:
    """Return who passes at least one of the routes."""
    found = Access(uncertain=people.unknown.of_known())
    for route in routes:
        _through(people, route, found)
    return found


def add(people: People, uids: Iterable[tuple[int, int | Hole]], way: str, found: Access) -> None:
    """Add the users with these uids, who pass by a way that no permission gives, each with a process that has it, 0 for none in particular."""
    for uid, pid in uids:
        for person in people.named(uid):
            _, ways, _ = found.users.setdefault(person.key, (person, {}, {}))
            if isinstance(pid, Hole):
                found.lack([person], pid)
                continue
            ways[Way(kind=way, words=f"{way}, process {pid}" if pid else way, pid=pid)] = None
            if pid:
                found.processes[pid, person.key] = person
                found.held.setdefault((pid, person.key), set()).add(-1)


def merged(parts: Iterable[Access]) -> Access:
    """Return who passes by at least one of several ways."""
    whole = Access()
    for part in parts:
        whole.everyone |= part.everyone
        whole.hole, whole.uncertain = worst_hole(whole.hole, part.hole), worst_hole(whole.uncertain, part.uncertain)
        for person, hole in part.unsure.values():
            whole.lack([person], hole)
        whole.processes |= part.processes
        whole.containers |= part.containers
        for one, gids in part.held.items():
            whole.held.setdefault(one, set()).update(gids)
        for key, (person, ways, via) in part.users.items():
            _, all_ways, all_via = whole.users.setdefault(key, (person, {}, {}))
            all_ways |= ways
            all_via |= via
    return whole


def acting(found: Access) -> Access:
    """Return the same without the accounts as which nobody acts."""
    return replace(found, users={key: entry for key, entry in found.users.items() if not entry[0].idle})


def is_empty(found: Access) -> bool:
    """Say whether nobody is known to pass."""
    return not found.everyone and not found.users


def nobody(found: Access) -> bool | Hole:
    """Say whether it is certain that nobody passes."""
    return False if found.everyone or found.users else found.open or True


def _through(people: People, route: Route, found: Access) -> None:
    anybody = route.only is None and may(STRANGER, route.needs)[0] is True
    found.everyone |= anybody
    gids = frozenset(route.gids)
    people.spread(gids)
    found.uncertain = worst_hole(found.uncertain, people.unknown.missing(gids))
    concerned = {person.key: person for uid in sorted(route.uids) for person in people.named(uid)}
    concerned |= {key: people.persons[key] for gid in sorted(gids) for key in people.ways.get(gid, ())}
    for person in concerned.values():
        if route.admits(person.uid):
            _person(people, route, person, people.ids_of(person, gids), found)
    if route.only is None:
        _others(people, route, anybody, concerned, found)
    uids = {person.uid for person in concerned.values()}
    for session in people.sessions:
        if route.admits(session.ids.uid) and (
            session.ids.uid in uids or session.ids.capable or session.unsure or session.able or any(gid in session.ids.may for gid in gids)
        ):
            _session(people, route, session, found)
    found.hole = worst_hole(found.hole, people.unknown.sessions)


def _person(people: People, route: Route, person: Person, ids: Ids, found: Access) -> None:
    verdict, reasons = may(ids, route.needs)
    if verdict is None:
        found.lack([person], people.unknown.missing(route.gids))
    elif verdict:
        _record(people, route, person, found, reasons)


def _others(people: People, route: Route, anybody: bool, concerned: Mapping[str, Person], found: Access) -> None:
    """Let the users through whom the way does not name, and say what is not known of them."""
    verdict, reasons = may(Ids(more=True), route.needs)
    lacking = people.unknown.missing(route.gids)
    if verdict is not False:
        found.hole = worst_hole(found.hole, people.unknown.users)
    if verdict is None:
        found.hole = worst_hole(found.hole, lacking)
    if not anybody:
        return
    found.hole = worst_hole(found.hole, people.unknown.reach)
    if lacking is None:
        reasons = (("other", -1, route.path),)
    if verdict is True or lacking is None:
        for key, person in people.persons.items():
            if key not in concerned:
                _record(people, route, person, found, reasons)


def _session(people: People, route: Route, session: Session, found: Access) -> None:
    if route.path and not session.sees(route.path):
        return
    verdict, reasons = may(session.ids, route.needs)
    named = people.named(session.ids.uid)
    unknown = session.able if verdict is False else session.unsure
    found.lack(named, unknown)
    if session.users > 1 and not verdict:
        found.hole = worst_hole(found.hole, unknown)
    if not verdict:
        return
    if isinstance(session.reaches, Hole):
        found.lack(named, session.reaches)
        return
    for person in named:
        _record(people, route, person, found, reasons, session)


def _record(people: People, route: Route, person: Person, found: Access, reasons: Ways, session: Session | None = None) -> None:
    _, ways, via = found.users.setdefault(person.key, (person, {}, {}))
    for kind, gid, path in reasons:
        at = f" on {path}" if path and (route.named or path != route.path) else ""
        if gid >= 0:
            via[people.label(gid)] = None
        if kind == "acl group":
            label = people.label(gid)
            ways[Way(kind="acl", words=f"ACL entry group:{label}{at}", group=label, gid=gid, entry=entry("g", label, gid), place=path)] = None
        elif kind == "acl user":
            label = people.owner(person.uid)
            ways[Way(kind="acl", words=f"ACL entry user:{label}{at}", entry=entry("u", label, person.uid), place=path)] = None
        elif kind == "owner":
            ways[Way(kind="owner", words=f"owner of {path}" if at else "owner", place=path)] = None
        elif kind == "other":
            ways[Way(kind="other", words=f"any user{at}", place=path)] = None
        elif session is not None and kind:
            by_process(people, person, session, found, f"has group {people.label(gid)}" if gid >= 0 else f"has {capability(kind)}", gid)
        elif gid >= 0:
            at = at if route.named else ""
            ways |= {one: None for way in people.ways[gid][person.key] for one in ways_to(people, person, gid, way, at)}


def by_process(people: People, person: Person, session: Session, found: Access, has: str, gid: int) -> None:
    """Note what processes act with; where it is not known which, or whether they are their user's to use, there is a way that cannot be named."""
    takes = people.takes(person, session)
    if isinstance(session.pids, Hole) or isinstance(session.count, Hole) or isinstance(takes, Hole):
        found.lack([person], session.pids, session.count, takes)
        return
    more = max(session.count, len(session.pids)) - 1
    which = f"process {session.pids[0]}{f' and {more} more' if more > 0 else ''}" if session.pids else "a process"
    words = f"{which} {has.replace('has ', 'have ', 1) if more > 0 else has}{'' if takes else OUT_OF_REACH}"
    alone, group = session.pids[0] if session.pids and not more else 0, people.label(gid) if gid >= 0 else ""
    way = Way(kind="process", words=words, group=group, gid=gid, container=session.container, pid=alone, out_of_reach=not takes)
    found.users[person.key][1][way] = None
    for pid in session.pids:
        found.processes[pid, person.key] = person
        found.held.setdefault((pid, person.key), set()).add(gid)
        if session.container:
            found.containers[pid] = session.container


def but(found: Access, uid: int) -> Access:
    """Return the same without those who have a uid."""
    users = {key: entry for key, entry in found.users.items() if entry[0].uid != uid}
    processes = {one: person for one, person in found.processes.items() if person.uid != uid}
    unsure = {key: lack for key, lack in found.unsure.items() if lack[0].uid != uid}
    return replace(found, users=users, processes=processes, unsure=unsure)
