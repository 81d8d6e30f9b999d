"""Which registries are used without a secure connection, and whether the way to them leaves this host."""

import re
from typing import Final

from hostcheck.api import Hole, Json, View, attempt, incomplete, known, opening, pattern, worst_hole

LOOPBACK: Final = pattern(r"(localhost|127\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}|\[::1\])(:[0-9]{1,5})?(/.*)?", re.ASCII | re.IGNORECASE | re.DOTALL)
"""A location whose host is one of loopback by its name or number, whatever path is behind it."""


def insecure(registries: View) -> Json:
    """Return the registries and mirrors, by where they are, that need no certificate and may speak plain HTTP; those that are blocked are not used."""
    found: dict[str, Json] = {}
    unread = opening(registries)
    for prefix in known(registries):
        places = attempt(lambda at: _places(registries[at], at), prefix)
        unread = worst_hole(unread, places)
        found |= {} if isinstance(places, Hole) else places
    return incomplete(found, unread)


def _places(one: View, prefix: str) -> dict[str, Json]:
    if one["blocked"]:
        return {}
    names = {one["location"]: one["location"]} if one["insecure"] else {}
    names |= {f"{mirror} (a mirror of {prefix})": mirror for mirror, is_insecure in one["mirrors"].items() if is_insecure}
    return {key: {"name": name, "file": one["file"], "loopback": loopback(name)} for key, name in names.items()}


def loopback(location: str) -> bool:
    """Say whether a location is on this host alone."""
    return LOOPBACK.fullmatch(location) is not None
