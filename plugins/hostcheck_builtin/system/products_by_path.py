"""Where the products of desktop virtual machines put the sockets that lead into them, told by the path alone.

A user may put any socket at such a path, so it says something of that user's own sockets only, or of a link that root made to one.
"""

from typing import Final

PLACES: Final = {
    "/.docker/desktop/": "docker-desktop",
    "/Library/Containers/com.docker.docker/": "docker-desktop",
    "/.orbstack/run/": "orbstack",
    "/.colima/": "colima",
    "/.config/colima/": "colima",
    "/.lima/": "lima",
    "/.rd/": "rancher-desktop",
}
"""By a part of the path; ~/.docker/run is none: on Linux a rootless engine may be there."""
PODMAN: Final = "-api.sock"


def product_of(path: str) -> str:
    """Return the product whose machine a path leads into, "none" where it is none of theirs."""
    folder, _, name = path.rpartition("/")
    if name.endswith(PODMAN) and folder.endswith("/podman"):
        return "podman-machine"
    return next((product for place, product in PLACES.items() if path.find(place) > 0 and name.endswith(".sock")), "none")
