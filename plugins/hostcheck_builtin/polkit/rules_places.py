"""Where files of polkit's rules and actions are: which come first, and which are this host's own."""

from typing import Final

PLACES: Final = ("/etc/polkit-1/rules.d", "/run/polkit-1/rules.d", "/usr/local/share/polkit-1/rules.d", "/usr/share/polkit-1/rules.d")
"""Where rules are; of files of one name that of the earlier place comes first (polkit(8))."""
OWN: Final = ("/etc/", "/run/", "/usr/local/", "/var/lib/polkit-1/")
"""Where rules and actions of the host's own are, and not those of packages (polkit(8))."""
OF_PACKAGES: Final = "/10-vendor.d/"
"""Where packages put older rules among these (pklocalauthority(8))."""


def is_own(place: str) -> bool:
    """Say whether a file of rules or actions is this host's own, and not a package's."""
    return place.startswith(OWN) and OF_PACKAGES not in place


def order(path: str, line: str = "0") -> tuple[str, int, list[int]]:
    """Return by what files are put into the order in which polkit asks them."""
    folder, _, name = path.rpartition("/")
    return name, PLACES.index(folder) if folder in PLACES else len(PLACES), [int(one) for one in line.split(".")]
