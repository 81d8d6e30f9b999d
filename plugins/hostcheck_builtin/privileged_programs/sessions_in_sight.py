"""Which living sessions count for which programs: one in a container counts only if it sees the program. People are gathered once for all of them."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from hostcheck.api import Hole, View, attempt, known, opening, worst_hole
from hostcheck_builtin.accounts.people import People, Session


def seeing(people: People, programs: Iterable[View | Hole]) -> People:
    """Return the same people with those sessions alone that see one of these programs, or may."""
    paths, hole = _paths(programs)
    sessions = [one for session in people.sessions if (one := _seeing(session, paths, hole)) is not None]
    kept, reach = worst_hole(*(one.unsure for one in sessions)), worst_hole(*(one.reaches for one in sessions))
    return replace(people, sessions=sessions, unknown=replace(people.unknown, kept=kept, reach=reach), ranged=None, by_gid=defaultdict(list))


def _seeing(session: Session, paths: list[str], hole: Hole | None) -> Session | None:
    if session.host_paths is None or any(map(session.sees, paths)):
        return session
    return None if hole is None else replace(session, reaches=hole)


def _paths(programs: Iterable[View | Hole]) -> tuple[list[str], Hole | None]:
    """Return where these programs are, and the hole where there may be others."""
    paths: list[str] = []
    hole: Hole | None = None
    for found in programs:
        places = [found] if isinstance(found, Hole) else [opening(found), *(attempt(_realpath, found, path) for path in known(found))]
        hole = worst_hole(hole, *places)
        paths += [place for place in places if isinstance(place, str)]
    return paths, hole


def _realpath(programs: View, path: str) -> str:
    return str(programs[path]["realpath"])
