"""Edges of accounts that have no password, and of those whom nobody can list.

Every local user becomes an account without a password with su(1), which asks for none. What root-program-access tells of them is certain only where PAM says
so. One of them with uid 0 is root itself.

A directory service that does not list its users was asked for those who matter here (accounts/asked_by_number.py). It may give an id or a group of this host
to somebody else, and only whoever administers it can say that.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from hostcheck.api import Hole, View, Why, attempt
from hostcheck_builtin.paths import who
from hostcheck_builtin.paths.graph import DIRECTORY, EVERYONE, OTHERS, ROOT, USER, Change, Edge, Strength

BECOMES: Final = Edge(kind="becomes", origin=OTHERS, to=ROOT, because="become a user who has no password", technique="T1078.003")


def edges(facts: Mapping[str, Any]) -> Iterator[Edge]:
    """Yield the edges of accounts without a password, and those that may be there of accounts that are not listed."""
    yield from who.each(facts, "root-program-access", "open_accounts", BECOMES, _account)
    yield from _unlisted(facts)


def _account(one: View, name: str, pointer: str) -> Iterator[Edge]:
    edge = replace(BECOMES, origin=EVERYONE, to=ROOT if one["as_uid"] == 0 else f"{USER}{name}", evidence=(pointer,))
    change = Change(f"password {name}", f"give {name} a password, or lock the account (passwd -l {name})", "password", user=name)
    strength = Strength.CERTAIN if one["certain"] else Strength.LIKELY
    yield replace(edge, because=f"{name} has no password, and su(1) asks for none", strength=strength, changes=(change,))


def _unlisted(facts: Mapping[str, Any]) -> Iterator[Edge]:
    """Yield for each source of the name service that does not list all it knows the edge that may be there."""
    databases: View | Hole = attempt(lambda: facts["nss"]["sources"])
    told: dict[str, Hole] = {}
    for _, sources in () if isinstance(databases, Hole) else databases.items():
        for name, source in sources.items():
            configured = False if source["enumerates"] else attempt(source.__getitem__, "configured")
            if configured is not False:
                told.setdefault(name, configured if isinstance(configured, Hole) else _hole(name))
    for name, hole in told.items():
        edge = replace(BECOMES, origin=f"{DIRECTORY}{name}", because=f"have an id or a group that leads to root from {name}")
        yield who.unseen(edge, hole, who.at("nss", "sources"))


def _hole(source: str) -> Hole:
    message = f"{source} lists nobody, and was asked for those alone whom this host names; look in that directory who else has these ids and groups"
    return Hole(why=Why.LIMIT, message=message)
