"""The units of systemd that start root's engines, for who wants them off: by the socket unit that listens, else those that packages install.

A unit that is named by its package alone need not be what started the engine: one that was started by hand is stopped by no unit.
"""

from collections.abc import Mapping
from typing import Any, Final

from hostcheck.api import Hole, Json, View, attempt, incomplete, known, opening, worst_hole

SUFFIX: Final = ".socket"
PACKAGED: Final = {
    "docker": ("docker.service", "docker.socket"),
    "containerd": ("containerd.service", ""),
    "podman": ("podman.service", "podman.socket"),
    "crio": ("crio.service", ""),
    "cri-dockerd": ("cri-docker.service", "cri-docker.socket"),
    "buildkit": ("buildkit.service", "buildkit.socket"),
}
"""What packages of Debian, of Fedora and of the engines' own projects call them."""


def units(facts: Mapping[str, Any], found: Json) -> Json:
    """Return ``{service: {socket}}`` for the engines that these sockets, programs and pidfiles show; socket is "" where there is none."""
    if isinstance(found, Hole):
        return found
    stated = [attempt(_unit, facts, path) for path in known(found)]
    unknown = worst_hole(opening(found), *(one for one in stated if isinstance(one, Hole)))
    named = dict(sorted(one for one in stated if isinstance(one, tuple) and one[0]))
    return incomplete({service: {"socket": socket} for service, socket in named.items()}, unknown)


def _unit(facts: Mapping[str, Any], path: str) -> tuple[str, str]:
    engines = facts["engines"]
    if path in engines["sockets"]:
        sockets: View = facts["sockets"]["sockets"]
        unit = str(sockets[path]["unit"]) if path in sockets and "unit" in sockets[path] else ""
        if unit.endswith(SUFFIX):  # evidence of versions that stated no service has the name by which systemd goes where no Service= is given
            return str(sockets[path]["service"]) if "service" in sockets[path] else f"{unit.removesuffix(SUFFIX)}.service", unit
        return PACKAGED.get(str(engines["sockets"][path]["named"]), ("", ""))
    for part in ("processes", "pidfiles"):
        if path in engines[part]:
            return PACKAGED.get(str(engines[part][path]["engine"]), ("", ""))
    return ("", "")
