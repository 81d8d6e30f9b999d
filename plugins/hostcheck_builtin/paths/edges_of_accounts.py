"""Edges of accounts: those that others become by su(1) without a password, and those of directories that do not list their users.

su asks for no password where the account has none, and where PAM lets the caller in without one. Such an edge is certain only where the stack of PAM says so.
An account of that kind with uid 0 is root itself.

A directory service that does not list its users was asked for those who matter here (accounts/asked_by_number.py). It may give an id or a group of this host
to somebody else, and only whoever administers it can say that.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from hostcheck.api import Hole, View, Why, attempt
from hostcheck_builtin.paths import who
from hostcheck_builtin.paths.graph import DIRECTORY, EVERYONE, OTHERS, ROOT, USER, Change, Edge, Strength

BECOMES: Final = Edge(kind="becomes", origin=OTHERS, to=ROOT, because="become another user by su(1), which asks for no password", technique="T1078.003")


def edges(facts: Mapping[str, Any]) -> Iterator[Edge]:
    """Yield the edges to each account that others become so, and those that may be there of accounts that are not listed."""
    yield from who.each(facts, "root-program-access", "open_accounts", BECOMES, _account)
    yield from _unlisted(facts)


def _account(one: View, name: str, pointer: str) -> Iterator[Edge]:
    strength = Strength.CERTAIN if one["certain"] else Strength.LIKELY
    edge = replace(BECOMES, to=ROOT if one["as_uid"] == 0 else f"{USER}{name}", evidence=(pointer,), strength=strength)
    if one["by"] == "pam":
        change = Change(f"su {name}", f"let su ask everybody but root for a password (/etc/pam.d/su): it lets others become {name} without one", "pam")
        edge, because = replace(edge, changes=(change,)), f"su(1) lets {{}} become {name} and asks for no password (/etc/pam.d/su)"
    else:
        edge, because = replace(edge, changes=(without_password(name),)), f"{name} has no password, and su(1) asks {{}} for none"
    if one["everyone"]:
        yield replace(edge, origin=EVERYONE, because=because.format("every local user"))
    for caller in one["callers"]:
        yield replace(edge, origin=f"{USER}{caller}", because=because.format(caller))


def _unlisted(facts: Mapping[str, Any]) -> Iterator[Edge]:
    """Yield the edge that may be there from each source that does not list all it knows; where it is not known whether one is asked, from users at large."""
    edge, pointer = replace(BECOMES, because="have an id or a group that leads to root from a directory"), who.at("nss", "sources")
    databases: View | Hole = attempt(lambda: facts["nss"]["sources"])
    if isinstance(databases, Hole):
        yield who.unseen(edge, databases, pointer)
        return
    told: dict[str, bool | Hole] = {}
    for _, sources in databases.items():
        for name, source in sources.items():
            if not source["enumerates"]:
                told.setdefault(name, attempt(source.__getitem__, "configured"))
    for name, configured in told.items():
        if isinstance(configured, Hole):
            yield who.unseen(edge, configured, pointer)
        elif configured:
            yield who.unseen(replace(edge, origin=f"{DIRECTORY}{name}"), _hole(name), pointer)


def _hole(source: str) -> Hole:
    message = f"{source} does not list its users, and was asked only for those whom this host names; look in that directory who else has these ids and groups"
    return Hole(why=Why.LIMIT, message=message)


def without_password(name: str) -> Change:
    """Return the change to an account whose password is empty."""
    return Change(f"password {name}", f"give {name} a password, or lock the account (passwd -l {name})", "password", user=name)
