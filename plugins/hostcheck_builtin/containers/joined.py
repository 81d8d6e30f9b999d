"""Whose namespace a container has, where it shares that of another container, which may share that of a third."""

from typing import Final

from hostcheck.api import View
from hostcheck_builtin.system.bounds import NAMESPACES_SHARED_IN_TURN as JOINED

JOINS: Final = "container:"


def holder(containers: View, key: str, kind: str) -> str:
    """Return the key of the container whose namespace one has: its own, or the last that is known on the way."""
    for _ in range(JOINED):
        whose = containers[key]["namespaces"][kind]
        other = f"{containers[key]['engine']}:{whose.removeprefix(JOINS)}"
        if not whose.startswith(JOINS) or other not in containers:
            return key
        key = other
    return key
