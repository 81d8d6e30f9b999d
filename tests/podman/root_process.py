"""A process of root's that runs podman, in memory."""

from typing import Any

from hostcheck.host.answers import Process


def process(pid: int = 7, **more: Any) -> Process:
    """Return one; `more` says what is otherwise."""
    usual = {"name": "podman", "exe": "/usr/bin/podman", "uids": (0, 0, 0, 0), "gids": (0, 0, 0, 0), "host_mounts": True}
    return Process(**{"pid": pid, "ppid": 1, "groups": (), "cap_effective": 0, **usual, **more})
