"""Who passes a route: all users that the permissions of a way let through, user by user and how.

Users are looked at only where an owner, a group or an ACL entry of the way concerns them; all others fare as a user of whom nothing is known.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from hostcheck.api import Hole, Json, incomplete, worst_hole
from hostcheck_builtin.accounts.dac import Ids, Need, may
from hostcheck_builtin.accounts.people import People, Person, Session

STRANGER: Final = Ids()


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """What has to be got, all of it, to pass; `only` names the uids that may pass at all, where not everyone may. `name` is put after the way."""

    needs: tuple[Need, ...]
    only: frozenset[int] | None = None
    name: str = ""

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
    """Who passes: whether anybody at all, each user with the ways and the groups behind them, and the hole where there may be others."""

    everyone: bool = False
    users: dict[str, tuple[Person, dict[str, None], dict[str, None]]] = field(default_factory=dict)
    hole: Hole | None = None
    uncertain: Hole | None = None


def access(people: People, routes: Iterable[Route]) -> Access:
    """Return who passes at least one of the routes."""
    found = Access(uncertain=people.unknown.of_known())
    for route in routes:
        _through(people, route, found)
    return found


def add(people: People, uids: Iterable[int], way: str, found: Access) -> None:
    """Add the users with these uids, who pass by a way that no permission gives."""
    for uid in uids:
        for person in people.named(uid):
            _record(people, Route(needs=()), person, found, [(way, -1, "")])


def _through(people: People, route: Route, found: Access) -> None:
    anybody = route.only is None and may(STRANGER, route.needs)[0] is True
    found.everyone |= anybody
    gids = frozenset(route.gids)
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
        if route.admits(session.ids.uid) and (session.ids.uid in uids or session.ids.capable or not gids.isdisjoint(session.ids.may)):
            _session(people, route, session, found)
    found.hole = worst_hole(found.hole, people.unknown.sessions)


def _person(people: People, route: Route, person: Person, ids: Ids, found: Access) -> None:
    verdict, reasons = may(ids, route.needs)
    if verdict is None:
        found.hole = worst_hole(found.hole, people.unknown.missing(route.gids))
    elif verdict:
        ways = ((kind, gid, way) for kind, gid in reasons for way in (people.ways[gid][person.key] if gid >= 0 else ("",)))
        _record(people, route, person, found, ways)


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
        reasons = (("other", -1),)
    if verdict is True or lacking is None:
        for key, person in people.persons.items():
            if key not in concerned:
                _record(people, route, person, found, [(kind, gid, "") for kind, gid in reasons])


def _session(people: People, route: Route, session: Session, found: Access) -> None:
    verdict, reasons = may(session.ids, route.needs)
    if not verdict or (route.path and not session.sees(route.path)):
        return
    if isinstance(session.reaches, Hole):
        found.hole = worst_hole(found.hole, session.reaches)
        found.uncertain = worst_hole(found.uncertain, session.reaches)
        return
    for person in people.named(session.ids.uid):
        _record(people, route, person, found, [(kind, gid, "process group" if gid >= 0 else "") for kind, gid in reasons])


def _record(people: People, route: Route, person: Person, found: Access, ways: Iterable[tuple[str, int, str]]) -> None:
    _, why, via = found.users.setdefault(person.key, (person, {}, {}))
    for kind, gid, way in ways:
        label = people.label(gid)
        if kind not in ("group", ""):
            why[f"{kind}{route.name}"] = None
        if gid >= 0:
            why[f"{way} {label}{route.name}"] = None
            via[label] = None


def stated(found: Access) -> dict[str, Json]:
    """State the users; the ways of each may be more where groups or processes are not all known."""
    users: dict[str, Json] = incomplete({key: _user(found, *entry) for key, entry in sorted(found.users.items())}, found.hole)
    return users


def but(found: Access, uid: int) -> Access:
    """Return the same without those who have a uid."""
    users = {key: entry for key, entry in found.users.items() if entry[0].uid != uid}
    return Access(everyone=found.everyone, users=users, hole=found.hole, uncertain=found.uncertain)


def taking(found: Access) -> Json:
    """State who passes, as users and as words."""
    return {"everyone": found.everyone, "users": stated(found), "ways": words(found)}


def _user(found: Access, person: Person, why: dict[str, None], via: dict[str, None]) -> Json:
    return {
        "uid": person.uid,
        "name": person.name,
        "why": incomplete(list(why), found.uncertain),
        "via": incomplete(list(via), found.uncertain),
        "login_capable": person.login_capable,
    }


def words(found: Access) -> Json:
    """State the same as one text for each user and way; of a route that is open to everyone only that."""
    stated = ["every local user"] if found.everyone else []
    stated += [f"{key} by {way}" for key, (_, why, _) in sorted(found.users.items()) for way in why if not (found.everyone and way.startswith("other"))]
    return incomplete(stated, worst_hole(found.hole, found.uncertain))
