"""Who passes a route, as facts: by user with every way, as words, and with what a fix has to name."""

from collections.abc import Iterable, Mapping
from typing import Final

from hostcheck.api import Hole, Json, incomplete, worst_hole
from hostcheck_builtin.accounts.access import Access
from hostcheck_builtin.accounts.people import People, Person
from hostcheck_builtin.accounts.ways import Way, reason

EVERYBODY: Final = "every local user"


def stated(found: Access) -> dict[str, Json]:
    """State the users, with a hole for whom it is not known; the ways of each may be more where groups or processes are not all known."""
    unsure = {key: hole for key, (_, hole) in found.unsure.items() if key not in found.users}
    known = {key: _user(found, *entry) for key, entry in found.users.items()}
    users: dict[str, Json] = incomplete(dict(sorted({**unsure, **known}.items())), found.hole)
    return users


def granted(found: Access, users: dict[str, Json]) -> dict[str, Json]:
    """State of the `users` those who pass by more than what everybody has; of one who is known for no other way it is open whether there is one."""
    if not found.everyone:
        return users
    named = {key: hole for key, (_, hole) in found.unsure.items()}
    named |= {key: users[key] for key, (_, ways, _) in found.users.items() if any(way.kind != "other" for way in ways)}
    stated: dict[str, Json] = incomplete(dict(sorted(named.items())), worst_hole(found.hole, found.uncertain))
    return stated


def taking(found: Access) -> dict[str, Json]:
    """State who passes, as users and as words."""
    return {"everyone": found.everyone, "users": stated(found), "ways": words(found)}


def _user(found: Access, person: Person, ways: dict[Way, None], via: dict[str, None]) -> Json:
    unknown = worst_hole(found.uncertain, *found.unsure.get(person.key, ()))
    return {
        "uid": person.uid,
        "name": person.name,
        "why": incomplete([way.words for way in ways], unknown),
        "ways": incomplete({way.words: way.fields() for way in ways}, unknown),
        "via": incomplete(list(via), unknown),
        "login_capable": person.login_capable,
    }


def reasons(people: People, found: Access, root_only: Mapping[str, bool]) -> Json:
    """State each user and way as one member, by its words, with what a fix has to name; what every local user has is one member for all.

    That processes of a member of a group have it is not said beside the membership.
    `root_only` says of each place with permissions whether root alone can put another file there.
    """
    stated: dict[str, Json] = {EVERYBODY: {"kind": "other", "name": "", "called": "", "inside": ""}} if found.everyone else {}
    for key, (person, ways, _) in sorted(found.users.items()):
        for way in ways:
            if way.kind == "password":
                stated[f"every user who knows the {way.words}"] = {"kind": way.kind, "name": "", "called": "", "inside": "", "group": way.group}
            elif not ((found.everyone and way.kind == "other") or (way.kind == "process" and _joined(found, key, {way.gid}))):
                stated[f"{key} ({way.words})"] = reason(people, person, way, root_only)
    unknown = found.open
    _count_administrators(stated.values(), unknown)
    return incomplete(stated, unknown)


def of_everybody(people: People, way: Way) -> dict[str, Json]:
    """State a way that everybody has as that of one member, with what a fix has to name."""
    alone = {"root_only": people.programs[way.place]} if way.place in people.programs else {}
    return {"kind": way.kind, "name": "", "called": "", "inside": "", "group": way.group, "place": way.place, **alone}


def _count_administrators(reasons: Iterable[dict[str, Json]], unknown: Hole | None) -> None:
    """State of each administrator of a group whether it has no other: gpasswd(1) sets all of them at once."""
    of_group: dict[Json, list[dict[str, Json]]] = {}
    for one in reasons:
        if one["kind"] == "administrator":
            of_group.setdefault(one["group"], []).append(one)
    for administrators in of_group.values():
        for one in administrators:
            one["alone"] = len(administrators) == 1 and (unknown or True)


def processes(found: Access) -> Json:
    """State the processes whose credentials or open connections let somebody pass, each with whose it is."""
    stated = {
        f"{pid} of {key}": {
            **{"pid": pid, "name": person.name, "uid": person.uid, "member": _joined(found, key, found.held.get((pid, key), set()))},
            "container": _container(found.containers.get(pid, "")),
        }
        for (pid, key), person in sorted(found.processes.items(), key=lambda one: one[0])
    }
    return incomplete(stated, found.open)


def _container(key: str) -> Json:
    engine, _, name = key.partition(":")
    return {"engine": engine, "id": name}


def _joined(found: Access, key: str, gids: set[int]) -> bool:
    """Say whether a user stands in the line of one of these groups, or has it as primary group: then every session of the user has it (login(1))."""
    return key in found.users and any(way.gid in gids for way in found.users[key][1] if way.kind in ("member", "primary"))


def words(found: Access) -> Json:
    """State the same as one text for each user and way; of a route that is open to everyone only that."""
    return _listed(reasons(People(), found, {}))


def _listed(stated: Json) -> Json:
    return incomplete(list(stated), getattr(stated, "hole", None))


def told(people: People, found: Access, root_only: Mapping[str, bool], engine: Json) -> dict[str, Json]:
    """State who passes as words, and each way with what a fix has to name."""
    ways = reasons(people, found, root_only)
    for way in ways.values():
        way["engine"] = engine
    return {"reached_by": _listed(ways), "reasons": ways, "processes": processes(found)}
