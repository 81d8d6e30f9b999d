"""Hide the facts that an analysis is given, one at a time: every leaf, and every collection left open or shortened."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from hostcheck.model import Hole, Why, incomplete

DENIED = Hole(why=Why.DENIED, message="Permission denied")


def leaves(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the place of every fact, and of every collection of facts."""
    if at:
        yield at
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from leaves(item, (*at, key))


def changed(told: Any, at: tuple[Any, ...], how: str) -> Any:
    """Hide one fact, or leave one collection open, or that without its first member."""
    told = deepcopy(told)
    here = told
    for key in at[:-1]:
        here = here[key]
    value = here[at[-1]]
    if how == "hidden":
        here[at[-1]] = DENIED
    elif isinstance(value, dict | list):
        members = value if how == "opened" else dict(list(value.items())[1:]) if isinstance(value, dict) else value[1:]
        here[at[-1]] = incomplete(members, DENIED)
    return told
