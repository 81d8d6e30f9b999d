"""Lines of tmpfiles.d(5) that make files and directories, or change their owners, modes and ACLs.

Of two files with one name that in the earlier directory counts, of two lines of one kind for one path the first. A boot reads them (systemd-tmpfiles(8));
what /run has of them is gone then.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from hostcheck.api import Hole, Host, attempt, pattern
from hostcheck_builtin.system import bounds, candidates, permission_changes
from hostcheck_builtin.system.drop_in_files import drop_in_files
from hostcheck_builtin.system.permission_changes import PermissionChange

FOLDERS: Final = ("/etc/tmpfiles.d", "/usr/local/lib/tmpfiles.d", "/usr/lib/tmpfiles.d", "/lib/tmpfiles.d")
RUN: Final = "/run"
KINDS: Final = pattern(r"[dDvqQefFzZmaA][!+=~^$-]*\s", re.ASCII)
MODE: Final = pattern(r"[~:]*([0-7]{1,5})", re.ASCII)
NEW: Final = ":"
"""Before a mode or an owner that only what is made then gets."""
MAKE: Final = "dDvqQ"
OF_FILES: Final = "fF"
OF_DIRECTORIES: Final = f"{MAKE}e"
LISTS: Final = "aA"
"""Lines that give an access control list."""
BELOW: Final = "ZA"
"""Lines that change what is in a directory too."""


class Made(NamedTuple):
    """What a file or directory will be: owner and group by name or number, None for what a line leaves as it is."""

    user: str | None
    group: str | None
    mode: str | None

    def over(self, other: "Made") -> "Made":
        """Return the same, with what `other` has where nothing is said."""
        return Made(*(theirs if own is None else own for own, theirs in zip(self, other, strict=True)))


class TmpfilesLine(NamedTuple):
    """A line: its file and number, its kind, the path, which may be a pattern, and the words for mode, owner, group and argument."""

    place: str
    kind: str
    path: str
    mode: str
    user: str
    group: str
    argument: str

    @property
    def made(self) -> Made:
        """Return what something will be that the line makes."""
        return Made(_owner(self.user), _owner(self.group), _mode(self.mode))

    @property
    def change(self) -> PermissionChange:
        """Return what the line changes of what is there."""
        named = permission_changes.read(["setfacl", "-m", self.argument, self.path]) if self.kind in LISTS else None
        user, group, mode = ("-" if word.startswith(NEW) else word for word in (self.user, self.group, self.mode))
        told = named or PermissionChange((self.path,), mode=int(_mode(mode) or "0", 8), user=_owner(user) or "", group=_owner(group) or "")
        return told._replace(deep=self.kind in BELOW)


def lines(host: Host) -> Iterator[TmpfilesLine | Hole]:
    """Yield the lines that count, or why there may be others."""
    paths, hole = drop_in_files(host, FOLDERS, bounds.TMPFILES_FILES)
    if hole is not None:
        yield hole
    seen = set[tuple[str, str]]()
    for path in paths:
        text = attempt(host.read_text, path, missing="", limit=bounds.TMPFILES_BYTES)
        if isinstance(text, Hole):
            yield text
            continue
        for line in _of_file(path, text):
            if (line.path, line.kind) not in seen:
                seen.add((line.path, line.kind))
                yield line


def _of_file(file: str, text: str) -> Iterator[TmpfilesLine]:
    for number, line in enumerate(map(str.strip, text.split("\n")), 1):
        if KINDS.match(line):
            kind, path, mode, user, group, _, argument = ([word.strip("\"'") for word in line.split(None, 6)[:7]] + ["-"] * 5)[:7]
            if path.startswith(("/", "%t/")):
                place = candidates.canonical(path.replace("%t", RUN)).rstrip("/")
                yield TmpfilesLine(f"{file}:{number}", kind[0], place, mode, user, group, argument)


def _owner(word: str) -> str | None:
    return None if word == "-" else word.lstrip(NEW)


def _mode(word: str) -> str | None:
    found = MODE.fullmatch(word)
    return f"{int(found[1], 8) & 0o7777:04o}" if found else None
