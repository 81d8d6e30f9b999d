"""What a dockerd says of itself: at which addresses of TCP it takes orders from who shows no certificate, and which plugins it asks about each.

It warns of an address that asks for no TLS, or for none of clients (fillAPIInfo() of moby, daemon/info.go); of one that it got from systemd it does not.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from hostcheck.api import Hole, HoleError, View, Why, attempt, known, opening, pattern, worst_hole

WARNING: Final = pattern(r"API is accessible on (https?)://([^\s/]{0,253}:([0-9]{1,5})) without (?:encryption|TLS client verification)", re.ASCII)
TLS: Final = {"http": "none", "https": "server"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    """One address of which a dockerd warns, what it asks there, and its pid, 0 where that is not known."""

    name: str
    port: int
    tls: str
    pid: int = 0


def warned(facts: Mapping[str, Any], uid: int = 0) -> list[Warned]:
    """Return the addresses of which the dockerd of a user warns; what it does not tell is not known to be otherwise."""
    sockets: View = facts["user-engines" if uid else "engines"]["sockets"]
    found: dict[str, Warned] = {}
    for path in known(sockets):
        texts = attempt(_texts, sockets, path, uid)
        for text in [] if isinstance(texts, Hole) else texts:
            for told in WARNING.finditer(text):
                pid = 0 if uid else attempt(_pid, facts, path)
                one = Warned(name=told[2], port=int(told[3]), tls=TLS[told[1]], pid=0 if isinstance(pid, Hole) else pid)
                found.setdefault(one.name, one)
    return list(found.values())


def _texts(sockets: View, path: str, uid: int) -> list[str]:
    one = sockets[path]
    return list(one["info"]["warnings"]) if "info" in one and one["uid"] == uid else []


def _pid(facts: Mapping[str, Any], path: str) -> int:
    """Return the dockerd that serves a socket, 0 where systemd listens for it, or that was not seen."""
    sockets = facts["sockets"]["sockets"]
    if path not in sockets or sockets[path]["activated"] or "peer" not in sockets[path]:
        return 0
    return int(sockets[path]["peer"]["pid"])


def speaks(facts: Mapping[str, Any], pid: int) -> bool:
    """Say whether a dockerd of root's was asked what it warns of; raises HoleError where that is not known.

    Of one at a socket that systemd holds it is not known which it is, and it stands for any.
    """
    sockets: View = facts["engines"]["sockets"]
    served = [path for path in known(sockets) if attempt(_pid, facts, path) in (0, pid)]
    stated = [attempt(_texts, sockets, path, 0) for path in served if attempt(lambda at: "info" in sockets[at], path)]
    unknown = worst_hole(*stated, opening(sockets))
    if unknown is not None and all(isinstance(one, Hole) for one in stated):
        raise HoleError(unknown)
    return any(not isinstance(one, Hole) for one in stated)


def plugins(facts: Mapping[str, Any]) -> list[str]:
    """Return the authorization plugins of root's dockerd; raises HoleError where none says so, or two say otherwise."""
    sockets: View = facts["engines"]["sockets"]
    stated = [attempt(_plugins, sockets, path) for path in known(sockets)]
    lists = {tuple(one) for one in stated if isinstance(one, list)}
    if len(lists) != 1:
        raise HoleError(Hole(why=Why.NONSENSE, message="no one dockerd of root's says which authorization plugins it has"))
    return list(lists.pop())


def _plugins(sockets: View, path: str) -> list[str] | None:
    one = sockets[path]
    return list(one["info"]["authorization_plugins"]) if "info" in one and one["uid"] == 0 else None
