"""What the unit file of a socket says that systemd will make: where it listens, with which owner, group and mode; systemd.socket(5).

Of a setting that systemd would pass over the one before it counts, as for systemd: a mode that is no octal number.
"""

import re
from typing import Final

from hostcheck.api import Hole, Json, Why, incomplete, pattern
from hostcheck_builtin.system import candidates, unit_words, units

MODE: Final = pattern(r"0*[0-7]{1,4}", re.ASCII)
PORT: Final = pattern(r"[0-9]{1,5}", re.ASCII)
OPEN: Final = "0666"
"""SocketMode= where it is not given: everybody may write."""
FOLDER: Final = "0755"


def stated(unit: str, texts: list[str]) -> dict[str, Json]:
    """State what systemd makes of the drop-ins and the unit file together."""
    found: dict[str, list[str]] = {"paths": [], "tcp": [], "vsock": [], "abstract": []}
    unknown: Hole | None = None
    for given in units.assigned(texts, "Socket", "ListenStream"):
        address = unit_words.expanded(given, unit)
        if "%" in address and "%%" not in given:
            unknown = Hole(why=Why.UNSUPPORTED, message=f"{unit}: an address has a specifier that only systemd knows")
            continue
        kind, place = _address(address)
        if place not in found[kind]:
            found[kind].append(place)
    return {
        **{kind: incomplete(places, unknown) for kind, places in found.items()},
        "mode": _mode(texts, "SocketMode", OPEN),
        "directory_mode": _mode(texts, "DirectoryMode", FOLDER),
        "user": _last(unit, texts, "SocketUser"),
        "group": _last(unit, texts, "SocketGroup"),
        "links": [unit_words.expanded(word, unit) for value in units.assigned(texts, "Socket", "Symlinks") for word in value.split()],
    }


def loads(made: dict[str, Json]) -> bool:
    """Say whether systemd takes a unit: it refuses one without an address, and links to a socket where there is not just one path (socket_verify())."""
    listens = any(made[kind] or hasattr(made[kind], "hole") for kind in ("paths", "tcp", "vsock", "abstract"))
    return listens and (not made["links"] or len(made["paths"]) == 1 or hasattr(made["paths"], "hole"))


def _address(address: str) -> tuple[str, str]:
    """Return the kind of an address and where it is: a port alone is one of all addresses of this host."""
    if address.startswith("/"):
        return "paths", candidates.plain(address)
    if address.startswith("@"):
        return "abstract", address
    if address.startswith("vsock"):
        return "vsock", address
    return "tcp", f"*:{address}" if PORT.fullmatch(address) else address


def _mode(texts: list[str], key: str, default: str) -> str:
    given = [value for text in texts for value in units.settings(text, "Socket", key) if MODE.fullmatch(value)]
    return f"{int(given[-1], 8):04o}" if given else default


def _last(unit: str, texts: list[str], key: str) -> str:
    given = [value for text in texts for value in units.settings(text, "Socket", key)]
    return unit_words.expanded(given[-1], unit) if given else ""


def engine(unit: str, service: str, paths: list[str], program: str) -> str:
    """Return the engine that a unit listens for, "unknown" where that is none: by its name, that of its service, the paths, or the program that it starts."""
    by_path = next((known for path in paths if (known := candidates.WELL_KNOWN.get(candidates.canonical(path)))), "")
    by_name = next((known for path in paths or [""] if (known := candidates.named(path, unit, service)) != "unknown"), "")
    return by_path or by_name or candidates.PROGRAMS.get(program, "unknown")
