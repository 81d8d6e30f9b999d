"""Which registries are used without a secure connection, and whether the way to them leaves this host."""

import re
from typing import Final

from hostcheck.api import Json, View, known, pattern

LOOPBACK: Final = pattern(r"(localhost|127\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}|\[::1\])(:[0-9]{1,5})?(/.*)?", re.ASCII | re.IGNORECASE | re.DOTALL)
"""A location whose host is one of loopback by its name or number, whatever path is behind it."""


def insecure(registries: View) -> dict[str, Json]:
    """Return the registries and mirrors, by where they are, that need no certificate and may speak plain HTTP; those that are blocked are not used."""
    found: dict[str, Json] = {}
    for prefix in known(registries):
        one = registries[prefix]
        if one["blocked"]:
            continue
        mirrors = [mirror for mirror in known(one["mirrors"]) if one["mirrors"][mirror]]
        for name, key in [*([(one["location"],) * 2] if one["insecure"] else []), *((mirror, f"{mirror} (a mirror of {prefix})") for mirror in mirrors)]:
            found[key] = {"name": name, "file": one["file"], "loopback": loopback(name)}
    return found


def loopback(location: str) -> bool:
    """Say whether a location is on this host alone."""
    return LOOPBACK.fullmatch(location) is not None
