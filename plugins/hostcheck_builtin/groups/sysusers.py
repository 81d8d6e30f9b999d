"""Which users systemd-sysusers puts into which groups, at boot and when packages are installed: sysusers.d(5).

A line `m` adds a user to a group, and makes both where they are not there; a line `u` may name a primary group, which counts for a user that is made.
"""

import re
import shlex
from collections.abc import Iterator
from typing import Final

from hostcheck.api import Host, Json, Nonsense, incomplete, pattern, worst_hole
from hostcheck_builtin.system.bounds import SYSUSERS_BYTES as SIZE
from hostcheck_builtin.system.bounds import SYSUSERS_FILES as NAMES
from hostcheck_builtin.system.drop_in_files import drop_in_files
from hostcheck_builtin.system.presence import each_told

FOLDERS: Final = ("/etc/sysusers.d", "/run/sysusers.d", "/usr/local/lib/sysusers.d", "/usr/lib/sysusers.d", "/lib/sysusers.d")
"""Of two files with one name that in the earlier directory counts; an empty one masks."""
KINDS: Final = pattern(r"[mu]!?\s", re.ASCII)


def memberships(host: Host) -> Json:
    """State each line that gives a user a group, by file and number; incomplete where a file or a directory could not be read."""
    paths, hole = drop_in_files(host, FOLDERS, NAMES)
    each, unread = each_told(lambda path: dict(_lines(path, host.read_text(path, missing="", limit=SIZE))), paths)
    return incomplete({key: line for lines in each.values() for key, line in lines.items()}, worst_hole(hole, unread))


def _lines(path: str, text: str) -> Iterator[tuple[str, Json]]:
    for number, line in enumerate(text.split("\n"), 1):
        words = _words(f"{path}:{number}", line)
        if len(words) < 3:
            continue
        kind = words[0].rstrip("!")
        group = words[2] if kind == "m" else words[2].partition(":")[2]
        if kind in ("m", "u") and group:
            yield f"{path}:{number}", {"user": words[1], "group": group}


def _words(at: str, line: str) -> list[str]:
    """Return the first words of a line that names users, nothing of others."""
    whole = line.strip()
    if not KINDS.match(whole):
        return []
    try:
        return shlex.split(whole, comments=False)[:3]
    except ValueError as error:
        raise Nonsense(f"{at}: quotes or escapes that do not end") from error
