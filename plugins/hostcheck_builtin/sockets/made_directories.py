"""The directories that lead to a socket after the next boot: those of /run are made anew, by systemd-tmpfiles, else by systemd with DirectoryMode=.

tmpfiles.d(5): of two files with one name that in the earlier directory counts, of two lines for one path the first. Other lines than those that
make or change a directory decide nothing, since they come before there is a socket. /run itself is new and root's.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from hostcheck.api import Hole, Host, Json, Stat, Why, attempt, pattern, worst_hole
from hostcheck_builtin.system import bounds, candidates, mounts_to_avoid, path_walk, permission_changes
from hostcheck_builtin.system.drop_in_files import drop_in_files
from hostcheck_builtin.system.mount_views import above
from hostcheck_builtin.system.path_walk import LstatCache
from hostcheck_builtin.system.permission_changes import PermissionChange

FOLDERS: Final = ("/etc/tmpfiles.d", "/usr/local/lib/tmpfiles.d", "/usr/lib/tmpfiles.d", "/lib/tmpfiles.d")
RUN: Final = "/run"
KINDS: Final = pattern(r"[dDvqQzZmaA][!+=~^$-]*\s", re.ASCII)
MODE: Final = pattern(r"[~:]*([0-7]{1,5})", re.ASCII)
MAKE: Final = "dDvqQ"
LISTS: Final = "aA"
"""Lines that give an access control list."""
BELOW: Final = "ZA"
"""Lines that change what is in a directory too."""


class Made(NamedTuple):
    """A directory as it will be: owner and group by name or number, None for what a line leaves as it is."""

    user: str | None
    group: str | None
    mode: str | None

    def over(self, other: "Made") -> "Made":
        """Return the same, with what `other` has where nothing is said."""
        return Made(*(theirs if own is None else own for own, theirs in zip(self, other, strict=True)))


NEW: Final = Made("root", "root", "0755")


class Directories:
    """What systemd-tmpfiles makes and changes, and the hole where there may be more of it."""

    def __init__(self, host: Host) -> None:
        """Read the lines of tmpfiles.d that are about directories."""
        self.host, self.lstats, self.slow = host, LstatCache(), attempt(mounts_to_avoid.slow_mounts, host)
        self.made: dict[str, Made] = {}
        self.changed: dict[tuple[str, str], Made] = {}
        paths, self.hole = drop_in_files(host, FOLDERS, bounds.TMPFILES_FILES)
        for path in paths:
            text = attempt(host.read_text, path, missing="", limit=bounds.TMPFILES_BYTES)
            if isinstance(text, Hole):
                self.hole = worst_hole(self.hole, text)
                continue
            for _, kind, place, one, _ in _lines(text):
                if kind in MAKE:
                    self.made.setdefault(place, one)
                else:
                    self.changed.setdefault((place, kind), one)

    def way(self, path: str, mode: str) -> dict[str, Json]:
        """State the real path of a socket and the directories that will lead to it; those that are not there are made with `mode`."""
        new = path.startswith(f"{RUN}/")
        walked = path_walk.walk(self.host, "/" if new else path, self.lstats, avoid=mounts_to_avoid.refusing(self.slow, roots_too=False))
        real = path if new else walked.realpath
        there = {"/": walked.end} if new else walked.parents
        return {"realpath": real, "parents": {place: self._folder(place, there.get(place), mode) for place in above(real)}}

    def _folder(self, place: str, found: Stat | None, mode: str) -> Json:
        if self.hole is not None:
            return self.hole
        first = Made("root", "root", "0755" if place == RUN else mode)
        now = first if found is None else Made(str(found.uid), str(found.gid), path_walk.mode(found))
        made = self.made[place].over(NEW) if place in self.made else now
        there = found is not None or place == RUN or place in self.made  # a line that changes what is there comes before systemd makes the rest
        one, changes = made, [change for change in self.changed if there and permission_changes.means(change[0], place, deep=change[1] in BELOW)]
        if any(kind in LISTS for _, kind in changes):
            return Hole(why=Why.UNSUPPORTED, message=f"{place}: a line of tmpfiles.d gives it an access control list, and whom that lets in is not known")
        for change in changes:
            one = self.changed[change].over(one)
        return {**one._asdict(), "acl": [] if found is None else path_walk.acl(found)}


def changes(host: Host) -> Iterator[tuple[str, PermissionChange] | Hole]:
    """Yield, with its file and line, what each line changes of what is there when systemd-tmpfiles is run once more, or why there may be others."""
    paths, hole = drop_in_files(host, FOLDERS, bounds.TMPFILES_FILES)
    texts = {path: attempt(host.read_text, path, missing="", limit=bounds.TMPFILES_BYTES) for path in paths}
    yield from (text for text in (hole, *texts.values()) if isinstance(text, Hole))
    for path, text in texts.items():
        for number, kind, place, one, argument in () if isinstance(text, Hole) else _lines(text):
            named = permission_changes.read(["setfacl", "-m", argument, place]) if kind in LISTS else None
            change = named or PermissionChange((place,), mode=int(one.mode or "0", 8), user=one.user or "", group=one.group or "")
            yield f"{path}:{number}", change._replace(deep=kind in BELOW)


def _lines(text: str) -> Iterator[tuple[int, str, str, Made, str]]:
    """Yield number, kind, path, what is said of it and the argument of each line that makes or changes a directory."""
    for number, line in enumerate(map(str.strip, text.split("\n")), 1):
        if KINDS.match(line):
            kind, path, *more = [word.strip("\"'") for word in line.split(None, 6)[:7]] + ["-"] * 5
            if path.startswith(("/", "%t/")):
                place = candidates.canonical(path.replace("%t", RUN)).rstrip("/")
                yield number, kind[0], place, Made(_owner(more[1]), _owner(more[2]), _mode(more[0])), more[4]


def _owner(word: str) -> str | None:
    return None if word == "-" else word.lstrip(":")


def _mode(word: str) -> str | None:
    found = MODE.fullmatch(word)
    return f"{int(found[1], 8) & 0o7777:04o}" if found else None
