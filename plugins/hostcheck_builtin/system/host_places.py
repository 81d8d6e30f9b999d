"""Which places of a host make one root there, or tell what root alone is to know: to write there, to read there, or to connect.

The places are those of the catalogue (leads/places), and those that readers find on this host. A mount has such a place where it is the place itself or a
directory above it, and of some places also where it is anything below.
"""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from hostcheck_builtin.leads import place_entries as catalogue

KERNEL: Final = {"/proc": "settings of the kernel and what it tells of all processes", "/sys": "settings of the kernel, its devices and control groups"}
DATA: Final = "the files of every container and image"
ALLOWED: Final = ", whatever the mount allows"
"""To connect to a socket takes no right to write to the mount."""
DATA_ROOTS: Final = ("/var/lib/docker", "/var/lib/containerd", "/var/lib/containers/storage")
VOLUMES: Final = "volumes"


class HostPlace(NamedTuple):
    """A place of the host, and what it is."""

    path: str
    what: str


def below(path: str, place: str) -> bool:
    """Say whether a path is a place or something below it."""
    return f"{path}/".startswith(f"{place.rstrip('/')}/")


def kernel(path: str) -> HostPlace | None:
    """Return the file system of the kernel that a path is in."""
    return next((HostPlace(place, what) for place, what in KERNEL.items() if below(path, place)), None)


def is_usual(path: str) -> bool:
    """Say whether a path is in a place that makes root of whoever can write there, on every host."""
    return catalogue.is_known(path)


def writable(path: str, places: Mapping[str, str]) -> HostPlace | None:
    """Return what makes root of whoever can write to a path; `places` are the directories of engines (DATA), and what root runs or obeys on this host."""
    data = _data(places)
    alone, with_below = (catalogue.of("write", alone=alone) for alone in (True, False))
    known = nearest(path, {**alone, **dict.fromkeys(data, DATA)}, with_below) or _inside(path, data)
    if known is None and (pattern := catalogue.by_pattern(path, "write")):
        return HostPlace(*pattern)
    return known or next((HostPlace(one, what) for one, what in sorted(places.items()) if what != DATA and below(one, path)), None)


def secret(path: str, places: Mapping[str, str]) -> HostPlace | None:
    """Return what is to be read at a path that root alone should know."""
    alone = {**catalogue.of("read", alone=True), **dict.fromkeys(_data(places), DATA)}
    return nearest(path, alone, catalogue.of("read", alone=False))


def _data(places: Mapping[str, str]) -> list[str]:
    return [place for place, what in places.items() if what == DATA]


def socket(path: str, sockets: Iterable[str]) -> str | None:
    """Return the engine's socket that a path is, or has below it."""
    return next((one for one in sorted(sockets) if below(one, path)), None)


def bus(path: str) -> HostPlace | None:
    """Return the socket of systemd's or of containerd's shims that a path is, has below it, or lies in; of the whole host more is to be told than that."""
    there = catalogue.of("connect", alone=False)
    found = sorted((one for one in there if (below(one, path) or below(path, one)) and path != "/"), key=_doubtful)
    return HostPlace(found[0], there[found[0]] + ALLOWED) if found else None


def shown_by_kubelet(path: str) -> HostPlace | None:
    """Return the logs that a path is, holds or lies in: whoever makes a link there reads by the kubelet what it leads to."""
    return nearest(path, {}, catalogue.of("link", alone=False))


def nearest(path: str, alone: Mapping[str, str], with_below: Mapping[str, str]) -> HostPlace | None:
    """Return the place that a path is, else the one that it is in, else the first that it holds, of which one that surely makes root."""
    for places in (alone, with_below):
        if path in places:
            return HostPlace(path, places[path])
    inside = [place for place in with_below if below(path, place)]
    held = sorted((place for places in (alone, with_below) for place in sorted(places) if below(place, path)), key=_doubtful)
    found = max(inside, key=len) if inside else held[0] if held else None
    return None if found is None else HostPlace(found, {**alone, **with_below}[found])


def _doubtful(place: str) -> bool:
    return not catalogue.is_certain(place)


def _inside(path: str, data: Iterable[str]) -> HostPlace | None:
    """Return the directory of an engine that a path is in; a volume in it belongs to those who use it."""
    for place in sorted(data):
        if below(path, place):
            first, _, volume = path[len(place.rstrip("/")) + 1 :].partition("/")
            return None if first == VOLUMES and volume else HostPlace(place, DATA)
    return None
