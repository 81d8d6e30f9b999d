"""Where shadow looks for subordinate ids, and by which numbers it hands out new ones: nsswitch.conf and login.defs.

The source is one, not a list as for other databases; and where its plugin cannot be loaded shadow falls back to the files without failing
(nss_init() in lib/nss.c of shadow).
"""

import re
from typing import Final

from hostcheck.api import Host, Json, attempt, map_known
from hostcheck_builtin.subids.subid_lines import HIDDEN, NUMBERED, c_number, excerpt
from hostcheck_builtin.system.bounds import LINKER_CACHE_BYTES as CACHE_SIZE
from hostcheck_builtin.system.presence import is_there

SETTINGS: Final = (
    *("SUB_UID_MIN", "SUB_UID_MAX", "SUB_UID_COUNT", "SUB_GID_MIN", "SUB_GID_MAX", "SUB_GID_COUNT"),
    *("UID_MIN", "UID_MAX", "GID_MIN", "GID_MAX"),
)
BLANKS: Final = " \t\n"
CACHE: Final = "/etc/ld.so.cache"
LIBRARIES: Final = ("/lib", "/usr/lib", "/lib64", "/usr/lib64")
"""Where dlopen(3) looks beside the cache (ld.so(8)); the directories of a multiarch system stand in the cache."""
NAME: Final = 50
"""Characters that shadow allows a plugin's name."""


def source(host: Host) -> Json:
    """State which source nsswitch.conf names for subordinate ids ("" for none), and whether shadow asks it or the files."""
    name, ends = named(host.read_text("/etc/nsswitch.conf", missing=""))
    if name == "files" or not ends or len(name) > NAME:
        return {"configured": name, "files": True}
    return {"configured": name, "files": map_known(attempt(_is_loadable, host, f"libsubid_{name}.so"), lambda found: not found)}


def named(text: str) -> tuple[str, bool]:
    """Return the source that nsswitch.conf names for subid, and whether anything follows it: shadow needs a blank or a newline."""
    stated = text.split("\n")
    for index, line in enumerate(stated):
        newline = index < len(stated) - 1
        rest = line[6:].lstrip(BLANKS)
        if len(line) + newline >= 8 and line[:6].lower() == "subid:" and rest:
            name, *more = re.split(r"[ \t]", rest)
            return name, newline or bool(more)
    return "", False


def _is_loadable(host: Host, library: str) -> bool:
    if any(is_there(host, f"{folder}/{library}") for folder in LIBRARIES):
        return True
    return b"\0%s\0" % library.encode("utf-8", "surrogateescape") in host.read_bytes(CACHE, missing=b"", limit=CACHE_SIZE)


def login_defs(host: Host) -> Json:
    """State the settings of login.defs that choose ids, as numbers; `malformed` are those that shadow takes for not set."""
    values: dict[str, Json] = {}
    malformed: dict[str, Json] = {}
    for name, value in settings(host.read_text("/etc/login.defs", missing="")).items():
        number = c_number(value.encode("utf-8", "surrogateescape"))
        if number is None:
            malformed[name] = excerpt(value) if NUMBERED.fullmatch(value) else HIDDEN
        else:
            values[name] = number
    return {"values": values, "malformed": malformed}


def settings(text: str) -> dict[str, str]:
    """Return those settings as they are written, the last of each (def_load() in lib/getdef.c of shadow)."""
    found: dict[str, str] = {}
    for line in text.split("\n"):
        name, _, rest = line.strip(BLANKS).replace("\t", " ").partition(" ")
        if name in SETTINGS and rest:
            found[name] = rest.lstrip(' "').partition('"')[0]
    return found
