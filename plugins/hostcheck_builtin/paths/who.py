"""From what other analyses state to edges: one for each user and way, one for every local user, and one that may be there for whatever is not known."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache, partial
from typing import Any, Final

from hostcheck.api import Hole, View, attempt, known, opening, pattern, unread
from hostcheck_builtin.accounts.ways import is_unowned, only_by_entries
from hostcheck_builtin.paths.graph import EVERYONE, LET_IN, OF, OTHERS, RUNNER, UNLISTED, USER, Change, Edge, Strength
from hostcheck_builtin.system.bounds import WAYS_TO_A_PLACE as EACH

OF_UID: Final = pattern(r"^/run/user/([0-9]{1,10})(?:/|$)|^(?:[^/].*\b)?uid ([0-9]{1,10})$")
NO_ACCOUNT: Final = "a user without an account"
Whose = Callable[[str], str]
"""What says which user a member is of, by its key: "" where that cannot be said."""
OfOne = Callable[[View, str, str], Iterator[Edge]]
"""What yields the edges of one member, given its facts, its key and its place."""
Named = Callable[[View, str], Iterable[str] | None]
"""What says which users alone the edges of a member begin at, whatever else is not known of it, by the collection and the key; None where others may."""


def at(*names: str) -> str:
    """Return the place in the facts that these names lead to, as a JSON Pointer (RFC 6901): the evidence of an edge."""
    return "".join("/" + name.replace("~", "~0").replace("/", "~1") for name in names)


def each(
    facts: Mapping[str, Any], analysis: str, fact: str, edge: Edge, of_one: OfOne, whose: Whose | None = None, named: Named | None = None
) -> Iterator[Edge]:
    """Yield the edges of each member of a collection; where it or a member is not known, `edge` as one that may be there.

    With `whose`, what is not known of a member that is a user's leads to that user: nobody can make unknown what is not theirs. With `named`, it
    begins at the users whom the member names.
    """
    pointer = at(analysis, fact)
    members: View | Hole = attempt(lambda: facts[analysis][fact])
    if isinstance(members, Hole):
        yield unseen(edge, members, pointer)
    else:
        yield from inside(members, pointer, edge, of_one, whose, named)


def inside(members: View, pointer: str, edge: Edge, of_one: OfOne, whose: Whose | None = None, named: Named | None = None) -> Iterator[Edge]:
    """Yield the same of a collection that is known, at its place."""
    for key in known(members):
        place = pointer + at(key)
        told = attempt(_listed, members, key, place, of_one)
        if isinstance(told, Hole):
            owner, names = whose(key) if whose else "", attempt(named, members, key) if named else None
            mine = replace(edge, to=f"{USER}{owner}") if owner else edge
            begins = [edge.origin] if names is None or isinstance(names, Hole) else [f"{USER}{name}" for name in names]
            yield from (unseen(replace(mine, origin=origin), told, place) for origin in begins)
        else:
            yield from told
    if (hole := opening(members)) is not None:
        yield unseen(edge, hole, pointer)


def _listed(members: View, key: str, place: str, of_one: OfOne) -> list[Edge]:
    return list(of_one(members[key], key, place))


def behind(facts: Mapping[str, Any], found: Iterable[Edge]) -> Iterator[Edge]:
    """Yield edges, but one that may be there for what some users have laid as one of each of them, and of whoever each lets in.

    So what a user hides leaves nothing of anybody else open: containers and CI runners that could not be listed are those of the user as well. Users who have
    no account are one.
    """
    named: dict[int, str] | None = None
    for edge in found:
        if edge.origin not in (OTHERS, UNLISTED, RUNNER) or edge.hole is None or not edge.hole.owners:
            yield edge
            continue
        named = _accounts(facts)[0] if named is None else named
        for name in sorted({named.get(uid, NO_ACCOUNT) for uid in edge.hole.owners}):
            yield replace(edge, origin=f"{LET_IN}{name}" if edge.origin == OTHERS else f"{edge.origin}{OF}{name}")
            if edge.origin == OTHERS and name != NO_ACCOUNT and edge.to != f"{USER}{name}":
                yield replace(edge, origin=f"{USER}{name}")


def _accounts(facts: Mapping[str, Any]) -> tuple[dict[int, str], dict[str, str]]:
    """Return the names of users by uid, the first of each, and by home."""
    users: View | Hole = attempt(lambda: facts["principals"]["users"])
    told = [] if isinstance(users, Hole) else [one for key in known(users) if not isinstance(one := attempt(_account, users, key), Hole)]
    return {uid: name for name, uid, _ in reversed(told)}, {home: name for name, uid, home in reversed(told) if uid and home.count("/") > 1}


def owners(facts: Mapping[str, Any]) -> Whose:
    """Return what says whose a place is by its path: below a home, or below /run/user, or told as a uid; users are looked up only if asked."""
    known_users = cache(partial(_accounts, facts))

    def whose(key: str) -> str:
        names, homes = known_users()
        if found := OF_UID.search(key):
            uid = int(found[1] or found[2])
            return names.get(uid, f"uid {uid}") if uid else ""
        above = key
        while above.count("/") > 1:
            if above in homes:
                return homes[above]
            above = above.rpartition("/")[0]
        return ""

    return whose


def _account(users: View, key: str) -> tuple[str, int, str]:
    user = users[key]
    return user["name"], user["uid"], user["home"].rstrip("/")


def edges(told: View | Hole, pointer: str, edge: Edge, users: str = "users") -> Iterator[Edge]:
    """Yield an edge for each who can, as `edge` is but for who and why; `told` has `everyone` and `users`, as all facts about access have."""
    if isinstance(told, Hole):
        yield unseen(edge, told, pointer)
        return
    everyone = attempt(told.__getitem__, "everyone")
    if isinstance(everyone, Hole):
        yield unseen(edge, everyone, pointer + at("everyone"))
    elif everyone:
        yield replace(edge, origin=EVERYONE, because=f"every local user can {edge.because}", evidence=(pointer + at("everyone"),))
    people: View | Hole = attempt(told.__getitem__, users)
    if isinstance(people, Hole):
        yield unseen(edge, people, pointer + at(users))
        return
    for key in known(people):
        yield from _of_one(people, key, pointer + at(users, key), edge)
    hole = opening(people)
    if hole is not None and everyone is not True:
        yield unseen(edge, hole, pointer + at(users))


def _of_one(people: View, key: str, pointer: str, edge: Edge) -> Iterator[Edge]:
    mine = replace(edge, origin=f"user:{key}", evidence=(pointer,))
    ways: View | Hole = attempt(lambda: people[key]["ways"])
    if isinstance(ways, Hole):
        yield unseen(mine, ways, pointer)
        return
    name = attempt(lambda: people[key]["name"]) if key.startswith("uid ") else key
    unowned = is_unowned(key, name, by_entries=attempt(only_by_entries, ways) is True)
    called = key if isinstance(name, Hole) else str(name)
    mine = replace(mine, origin=f"{USER}{called}", entry=edge.because if unowned else "")
    found = {words: attempt(_way, ways, words) for words in known(ways)[:EACH]}
    owned = min((way["place"] for way in found.values() if not isinstance(way, Hole) and _is_owner(way)), key=len, default="")
    for words, way in found.items():
        if isinstance(way, Hole):
            yield unseen(mine, way, pointer)
        elif way["kind"] != "other" and (not _is_owner(way) or way["place"] == owned):  # the former is told of every local user
            sure = max(edge.strength, Strength.LIKELY if way.get("out_of_reach") else Strength.CERTAIN)
            told = replace(mine, strength=sure, because=f"{called} can {edge.because} ({words})", pid=way.get("pid", 0))
            yield replace(told, changes=(_closing(called, words, way, edge), *edge.changes))
    if (hole := opening(ways)) is not None:
        yield unseen(mine, hole, pointer)


def _is_owner(way: Mapping[str, Any]) -> bool:
    """Say whether somebody owns a place of a way: of several the topmost tells all, since what is below it stays open while that is theirs."""
    return way["kind"] == "owner" and "place" in way


def _way(ways: View, words: str) -> dict[str, Any]:
    """Return the fields of a way; raises HoleError where one is not known."""
    way: View = ways[words]
    return {name: way[name] for name in way}


def _closing(key: str, words: str, way: Mapping[str, Any], edge: Edge) -> Change:
    """Return the change that takes one user's way away: to leave a group closes all that the group opens."""
    if way["kind"] == "member":
        return leaving(key, way["group"])
    return Change(f"way {key} {words} {edge.to}", f"remove what lets {key} {edge.because} ({words})", "way", user=key)


def leaving(user: str, group: str) -> Change:
    """Return the change that takes a user out of a group."""
    return Change(f"member {user} {group}", f"take {user} out of group {group}", "member", user=user, group=group)


def unseen(edge: Edge, hole: Hole, pointer: str) -> Edge:
    """Return an edge that may be there; it begins where `edge` does, with users who could not be listed where that says no other."""
    because = f"not known: {edge.because} ({unread(hole.why, hole.message)})"
    return replace(edge, because=because, evidence=(pointer,), strength=Strength.POTENTIAL, changes=(), hole=hole)
