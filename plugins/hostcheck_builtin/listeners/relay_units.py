"""Relays that systemd starts when somebody connects: until then nobody runs, and systemd itself holds the port.

That is how systemd-socket-proxyd(8) is meant to be used; with Accept= each connection starts a program that never holds the port itself.
"""

import posixpath
from collections.abc import Callable, Iterable
from typing import NamedTuple

from hostcheck.api import Hole, Host, TcpSocket, attempt
from hostcheck_builtin.listeners import socket_units
from hostcheck_builtin.listeners.root_engines import ENGINES
from hostcheck_builtin.system import exec_commands, units

Names = Callable[[list[str]], Iterable[str]]
"""Returns the engines' sockets that a command line names."""


class RelayUnit(NamedTuple):
    """A service behind a socket unit: its command, and the engines' sockets that this names."""

    argv: list[str]
    paths: list[str]


def held(host: Host, sockets: list[TcpSocket], names: Names) -> list[tuple[TcpSocket, RelayUnit]] | Hole:
    """Return which of these sockets systemd holds for a relay, each with what it starts; a hole where that is not known."""
    if not sockets or attempt(host.holders, [one.inode for one in sockets], [socket_units.SYSTEMD]) == []:
        return []
    told = attempt(_by_port, host, names)
    if isinstance(told, Hole):
        return told
    found: list[tuple[TcpSocket, RelayUnit]] = []
    for one in sockets:
        holds = attempt(host.holders, [one.inode], [socket_units.SYSTEMD]) if one.port in told else []
        if isinstance(holds, Hole):
            return holds
        found += [(one, told[one.port])] if holds else []
    return found


def _by_port(host: Host, names: Names) -> dict[int, RelayUnit]:
    folders = units.listed(host)
    found: dict[int, RelayUnit] = {}
    for unit in sorted({name for listed in folders.values() for name in listed if name.endswith(socket_units.ENDING)}):
        texts = list(units.texts(host, unit, folders))
        ports = socket_units.of_unit(texts)
        service = units.service_of(unit, texts)
        behind = list(units.texts(host, service, folders)) if ports else []
        started = attempt(exec_commands.started, host, service, behind)
        for argv in (one.told for one in ([] if isinstance(started, Hole) else started) if one.told):
            paths = list(names(argv)) if posixpath.basename(argv[0]) not in ENGINES else []  # dockerd is told the path of its containerd
            found.update(dict.fromkeys(ports, RelayUnit(argv, paths)) if paths else {})
    return found
