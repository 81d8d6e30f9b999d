"""Addresses, networks and registries as dockerd takes them: yes, no, or not certain (None), as it differs between versions or depends on the host."""

import re
from collections.abc import Callable, Iterable
from typing import Any, Final

from hostcheck.api import pattern

Verdict = bool | None
"""Whether dockerd starts with a value."""
HOST: Final = r"(?:\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z](?:[0-9A-Za-z.-]*[0-9A-Za-z])?)"
PLACE: Final = pattern(rf"({HOST})?(?::([0-9]{{1,9}}))?", re.ASCII)
MIRROR: Final = pattern(rf"https?://({HOST})(?::([0-9]{{1,9}}))?/?", re.ASCII)
DOMAIN: Final = pattern(r"[0-9A-Za-z](?:[0-9A-Za-z-]*[0-9A-Za-z])?(?:\.[0-9A-Za-z](?:[0-9A-Za-z-]*[0-9A-Za-z])?)*\.?", re.ASCII)
NETWORK: Final = pattern(r"[0-9A-Fa-f.:]+/[0-9]{1,3}", re.ASCII)
LONGEST: Final = 254
PORTS: Final = 65535
NEWER: Final = frozenset(("vsock", "npipe"))
"""Schemes that other versions or systems have."""


def every(values: Iterable[Any], takes: Callable[[Any], Verdict]) -> Verdict:
    """Return the worst answer of all."""
    found = {takes(one) for one in values}
    return False if False in found else None if None in found else True


def address(value: str) -> Verdict:
    """Say whether a value is an address; nothing, and one with a zone, is taken by some versions only."""
    from ipaddress import ip_address  # for daemon.json that has one

    if not value or "%" in value or value != value.strip():
        return None
    try:
        ip_address(value)
    except ValueError:
        return False
    return True


def network(value: Any) -> Any:
    """Return an interface's address with its network, None where the value is none (net.ParseCIDR of Go)."""
    from ipaddress import ip_interface

    if not isinstance(value, str) or not NETWORK.fullmatch(value):
        return None
    try:
        return ip_interface(value)
    except ValueError:
        return None


def bridge(value: str) -> Verdict:
    """Say whether docker0 can have an address: that of a network itself is taken by some versions only."""
    found = network(value)
    if not value or found is None or found.version != 4:
        return not value
    return None if found.ip == found.network.network_address else True


def listens(value: str) -> Verdict:
    """Say whether dockerd listens at an address (ParseHost of moby's opts)."""
    scheme, separator, rest = value.strip().partition("://")
    if not separator:
        return _tcp(scheme) if scheme else True
    if scheme in ("unix", "fd"):
        return scheme == "fd" or "://" not in rest
    return _tcp(rest) if scheme == "tcp" else None if scheme in NEWER else False


def _tcp(value: str) -> Verdict:
    found = PLACE.fullmatch(value)
    if found is None:
        return False if "/" in value or not value.rpartition(":")[2].isdigit() else None
    if found[2] is not None and not 0 < int(found[2]) <= PORTS:
        return False
    name = (found[1] or "").strip("[]")
    return True if name in ("", "localhost") or address(name) else None


def registry(value: str) -> Verdict:
    """Say whether dockerd takes a registry by its place, or a network of them (loadInsecureRegistries and validateHostPort of moby's registry)."""
    if network(value) is not None:
        return True
    for scheme in ("http://", "https://"):
        value = value.removeprefix(scheme)
    if not value or any(mark in value for mark in "/ @"):
        return False
    found = PLACE.fullmatch(value)
    if found is None or not found[1] or found[1].startswith("["):
        return None
    return found[2] is None or int(found[2]) <= PORTS


def mirror(value: str) -> Verdict:
    """Say whether dockerd takes a mirror (ValidateMirror of moby's registry); one with a path only newer versions do."""
    scheme, separator, rest = value.partition("://")
    if not separator or scheme.lower() not in ("http", "https") or "@" in rest or len(rest.partition("?")[2] + rest.partition("#")[2]) > 0:
        return False
    found = MIRROR.fullmatch(value)
    return True if found and int(found[2] or 1) <= PORTS else None


def domain(value: str) -> Verdict:
    """Say whether dockerd takes a domain to search in."""
    if value == ".":
        return True
    if not value.strip() or " " in value:
        return False
    return True if DOMAIN.fullmatch(value) and len(value) < LONGEST and not value.replace(".", "").isdigit() else None


def pools(value: Any) -> Verdict:
    """Say whether dockerd takes networks to choose from: [{base, size}]."""
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        return False
    found: list[Any] = []
    for one in value:
        told = {key.lower(): item for key, item in one.items()}
        base, size = network(told.get("base")), told.get("size", 0)
        if base is None or not isinstance(size, int) or isinstance(size, bool):
            return False
        if not base.network.prefixlen <= size <= base.max_prefixlen or any(base.network.overlaps(other) for other in found if other.version == base.version):
            return None
        found.append(base.network)
    return True if not found or any(one.version == 4 for one in found) else None
