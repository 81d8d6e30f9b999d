"""The TCP ports on which systemd listens for an engine that it starts when somebody connects: nobody does so here, as that would start it.

What such an engine would demand is not known before it runs.
"""

import re
from typing import Final

from hostcheck.api import Hole, Host, TcpSocket, attempt, pattern
from hostcheck_builtin.system import candidates, units
from hostcheck_builtin.system.procfs import number

ENDING: Final = ".socket"
SERVICE: Final = ".service"
STREAM: Final = pattern(r"(?:.*:)?([0-9]{1,5})", re.ASCII)
"""A port, alone or behind an address (systemd.socket(5), ListenStream=)."""
SYSTEMD: Final = 1


def ports(host: Host) -> dict[int, str]:
    """Return the ports of the socket units that are called after engines, or start a service that is, with the engine of each."""
    folders = units.listed(host)
    found: dict[int, str] = {}
    for unit in sorted({name for names in folders.values() for name in names if name.endswith(ENDING)}):
        texts = list(units.texts(host, unit, folders))
        service = units.service_of(unit, texts).removesuffix(SERVICE)
        engine = candidates.UNITS.get(unit.removesuffix(ENDING)) or candidates.UNITS.get(service)
        if engine:
            found.update(dict.fromkeys(of_unit(texts), engine))
    return found


def of_unit(texts: list[str]) -> list[int]:
    """Return the TCP ports on which a socket unit listens."""
    streams: list[str] = []
    for value in (value for text in texts for value in units.settings(text, "Socket", "ListenStream")):
        streams = [*streams, value] if value else []
    numbers = [number(found[1]) for one in streams if (found := STREAM.fullmatch(one))]
    return [one for one in numbers if one is not None]


def held(host: Host, sockets: list[TcpSocket]) -> dict[int, str] | Hole:
    """Return which of these sockets systemd holds for an engine, by inode, with the engine; a hole where that is not known."""
    if attempt(host.holders, [one.inode for one in sockets], [SYSTEMD]) == []:
        return {}
    told = attempt(ports, host)
    if isinstance(told, Hole):
        return told
    found: dict[int, str] = {}
    for one in sockets:
        if one.port in told:
            holds = attempt(host.holders, [one.inode], [SYSTEMD])
            if isinstance(holds, Hole):
                return holds
            found.update({one.inode: told[one.port]} if holds else {})
    return found
