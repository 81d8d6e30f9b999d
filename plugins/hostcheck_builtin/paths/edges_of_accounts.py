"""Edges of su(1) where it asks for no password: because an account has none, or because PAM lets others in by itself.

What root-program-access tells of them is certain only where PAM says so. One of them with uid 0 is root itself.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from hostcheck.api import View
from hostcheck_builtin.paths import who
from hostcheck_builtin.paths.graph import EVERYONE, OTHERS, ROOT, USER, Change, Edge, Strength

BECOMES: Final = Edge(kind="becomes", origin=OTHERS, to=ROOT, because="become another user by su(1), which asks for no password", technique="T1078.003")


def edges(facts: Mapping[str, Any]) -> Iterator[Edge]:
    """Yield the edges to each account that others become so."""
    yield from who.each(facts, "root-program-access", "open_accounts", BECOMES, _account)


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


def without_password(name: str) -> Change:
    """Return the change to an account whose password is empty."""
    return Change(f"password {name}", f"give {name} a password, or lock the account (passwd -l {name})", "password", user=name)
