"""Which engines systemd starts for a user: by the user's own units, by those of all users, and whether that user's systemd runs without a session.

A unit is enabled by a link of its name in a directory of its target (systemd.unit(5), Install); where the link leads does not matter for that.
"""

from collections.abc import Iterable
from typing import Final

from hostcheck.api import Host
from hostcheck_builtin.system import candidates
from hostcheck_builtin.system.home_dir import Place
from hostcheck_builtin.system.presence import absent_as

TARGETS: Final = ("default.target.wants", "graphical-session.target.wants", "sockets.target.wants", "basic.target.wants", "multi-user.target.wants")
ENGINES: Final = ("docker", "podman", "containerd", "buildkit")
"""Those that run without root."""
OF_ALL: Final = "/etc/systemd/user"
LINGER: Final = "/var/lib/systemd/linger"
"""One file for each user whose systemd is started at boot and outlives the last session (loginctl(1), enable-linger)."""


def own(place: Place) -> list[str]:
    """Return the units of engines that a user's own systemd starts."""
    if ".config" not in place.names or place.folder(".config", "systemd/user") is None:
        return []
    folders = [place.folder(".config", f"systemd/user/{target}") for target in TARGETS]
    return _engines(name for folder in folders if folder is not None for name in folder.names())


def of_all(host: Host) -> list[str]:
    """Return the units of engines that the systemd of every user starts."""
    return _engines(name for target in TARGETS for name in absent_as([], host.list_dir, f"{OF_ALL}/{target}"))


def lingering(host: Host) -> list[str]:
    """Return the names of the users whose systemd runs without a session."""
    return absent_as([], host.list_dir, LINGER)


def _engines(names: Iterable[str]) -> list[str]:
    return sorted({name for name in names if name.endswith((".service", ".socket")) and candidates.UNITS.get(name.rpartition(".")[0]) in ENGINES})
