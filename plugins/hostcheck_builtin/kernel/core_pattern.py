"""What kernel.core_pattern hands dumps to, taken apart as the kernel does it: core(5), format_corename() of fs/coredump.c.

Since Linux 5.3 a command is split at spaces before its % are filled in, before that afterwards: its first word is the program in both. Where a % in that is
filled in, the process that dies decides what is run. In the path of a socket (since Linux 6.16) nothing is filled in, and spaces belong to it.
"""

import re
from typing import Final, NamedTuple

from hostcheck.api import pattern

KINDS: Final = {"|": "pipe", "@": "socket"}
"""How a pattern begins that is no name of a file."""
PIECE: Final = pattern(r"%(.?)|\s+|[^%\s]+", re.DOTALL)
FILLED: Final = "\0"
"""Stands in a path for what the kernel fills in."""
GLOB: Final = frozenset("*?[")


class CoreHandler(NamedTuple):
    """The program or the socket that gets dumps: as it is written, and its path with %% undone.

    `chosen` is the path with a NUL for each part that is filled in, "" where none is.
    """

    kind: str
    written: str
    path: str
    chosen: str = ""

    @property
    def chosen_in(self) -> tuple[str, str, bool]:
        """Return the directory in which the process chooses, the pattern for the names that it can choose there, and whether more of the path follows."""
        names = self.chosen.split("/")
        at = next(at for at, name in enumerate(names) if FILLED in name)
        wanted = "".join("*" if one == FILLED else f"[{one}]" if one in GLOB else one for one in names[at])
        return "/".join(names[:at]) or "/", wanted, at + 1 < len(names)


def handler(setting: str) -> CoreHandler | None:
    """Return what gets the dumps, None where they become files."""
    kind = KINDS.get(setting[:1])
    if kind == "pipe":
        return _program(setting[1:])
    path = setting[1:].removeprefix("@")
    return CoreHandler(kind, path, path) if kind else None


def _program(command: str) -> CoreHandler:
    """Return the first word; a % before a space, or at the end, is dropped together with that, and what a newer kernel may fill in counts as filled in."""
    written, path, chosen = "", "", ""
    for found in PIECE.finditer(command):
        piece, sign = found[0], found[1]
        if piece.isspace():
            if chosen:
                break
            continue
        written += piece
        if sign is None or sign == "%":
            path, chosen = path + (sign or piece), chosen + (sign or piece)
        elif sign.strip():
            path, chosen = path + piece, chosen + FILLED
    root = "" if path.startswith("/") else "/"
    return CoreHandler("pipe", written.strip(), f"{root}{path}", f"{root}{chosen}" if FILLED in chosen else "")
