"""Macs with desktop virtual machines: made by hand from what is known of the products' files, not recorded.

No probe was ever run on a Mac; these hosts show only that what is there would be told, and that all that a Mac has not is a hole.
"""

import json
from typing import Any

from hostcheck.host.answers import Peer, Stat
from hostcheck.host.memory import MemoryHost

MAC = "/System/Library/CoreServices/SystemVersion.plist"
HOME = "/Users/ann"
UID = 501
PEER = Peer(pid=700, uid=UID, gid=20)
LIMA = 'mounts:\n- location: "~"\n  writable: true\n'
PODMAN = {"Name": "podman-machine-default", "HostUser": {"Rootful": True, "UID": 501}, "Mounts": [{"Source": "/Users", "Target": "/Users", "ReadOnly": False}]}
SETTINGS = {"FilesharingDirectories": ["/Users", "/Volumes", "/private", "/tmp", "/var/folders"]}
SUPPORT = f"{HOME}/Library/Application Support"
GROUP = f"{HOME}/Library/Group Containers/group.com.docker"
DATA = f"{HOME}/Library/Containers/com.docker.docker/Data"
FILES: dict[str, dict[str, str]] = {
    "docker-desktop": {"/Applications/Docker.app/Contents/Info.plist": "", f"{GROUP}/settings-store.json": json.dumps(SETTINGS)},
    "podman-machine": {
        "/Applications/Podman Desktop.app/Contents/Info.plist": "",
        f"{HOME}/.config/containers/podman/machine/applehv/podman-machine-default.json": json.dumps(PODMAN),
    },
    "orbstack": {"/Applications/OrbStack.app/Contents/Info.plist": "", f"{HOME}/.orbstack/vmconfig.json": "{}"},
    "colima": {"/usr/local/bin/colima": "", f"{HOME}/.colima/_lima/colima/lima.yaml": LIMA, f"{HOME}/.colima/default/colima.yaml": "mounts: []\n"},
    "lima": {"/usr/local/bin/limactl": "", f"{HOME}/.lima/docker/lima.yaml": LIMA},
    "rancher-desktop": {
        "/Applications/Rancher Desktop.app/Contents/Info.plist": "",
        f"{HOME}/.rd/bin/rdctl": "",
        f"{SUPPORT}/rancher-desktop/lima/0/lima.yaml": LIMA,
    },
    "multipass": {"/Library/Application Support/com.canonical.multipass/bin/multipassd": ""},
}
"""What each product leaves on a Mac, by product."""
SOCKETS = {
    "docker-desktop": f"{HOME}/.docker/run/docker.sock",
    "orbstack": f"{HOME}/.orbstack/run/docker.sock",
    "colima": f"{HOME}/.colima/default/docker.sock",
    "lima": f"{HOME}/.lima/docker/sock/docker.sock",
    "rancher-desktop": f"{HOME}/.rd/docker.sock",
}
"""Where clients on the Mac connect; podman's is below $TMPDIR, which no file tells."""


def mac(product: str, *, running: bool = False, links: dict[str, str] | None = None, mode: int = 0o700) -> MemoryHost:
    """Return a Mac on which ann has a product, and a second user nothing."""
    files = {MAC: "", "/etc/passwd": "root:*:0:0::/var/root:/bin/sh\nnobody:*:-2:-2::/var/empty:/usr/bin/false\n", **FILES[product]}
    socket = SOCKETS.get(product, "")
    return MemoryHost(
        {**files, "/Users/Shared/x": "", "/Users/bob/.zshrc": ""},
        stats={**owned(files, socket), "/Users/bob": Stat(type="dir", uid=502, gid=20, mode=0o750), HOME: Stat(type="dir", uid=UID, gid=20, mode=mode)},
        links=links or {},
        peers={socket: PEER} if running and socket else {},
    )


def owned(files: dict[str, Any], socket: str) -> dict[str, Stat]:
    """Return everything below the home as ann's."""
    found: dict[str, Stat] = {}
    for path in (path for path in (*files, socket) if path.startswith(f"{HOME}/")):
        kind = "socket" if path == socket else "file"
        found[path] = Stat(type=kind, uid=UID, gid=20, mode=0o755 if kind == "socket" else 0o644)
        while (path := path.rpartition("/")[0]) != HOME:
            found[path] = Stat(type="dir", uid=UID, gid=20, mode=0o755)
    return found
