"""Edges of accounts that have no password: every local user becomes one with su(1), which asks for none.

What root-program-access tells of them is certain only where PAM says so. One of them with uid 0 is root itself.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from hostcheck.api import View
from hostcheck_builtin.paths import who
from hostcheck_builtin.paths.graph import EVERYONE, OTHERS, ROOT, USER, Change, Edge, Strength

BECOMES: Final = Edge(kind="becomes", origin=OTHERS, to=ROOT, because="become a user who has no password", technique="T1078.003")


def edges(facts: Mapping[str, Any]) -> Iterator[Edge]:
    """Yield the edges of accounts without a password."""
    yield from who.each(facts, "root-program-access", "open_accounts", BECOMES, _account)


def _account(one: View, name: str, pointer: str) -> Iterator[Edge]:
    edge = replace(BECOMES, origin=EVERYONE, to=ROOT if one["as_uid"] == 0 else f"{USER}{name}", evidence=(pointer,))
    change = Change(f"password {name}", f"give {name} a password, or lock the account (passwd -l {name})", "password", user=name)
    strength = Strength.CERTAIN if one["certain"] else Strength.LIKELY
    yield replace(edge, because=f"{name} has no password, and su(1) asks for none", strength=strength, changes=(change,))
