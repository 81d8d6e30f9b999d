"""The directories that lead to a socket after the next boot: those of /run are made anew, by systemd-tmpfiles, else by systemd with DirectoryMode=.

Other lines of tmpfiles.d(5) than those that make or change a directory decide nothing, since they come before there is a socket. /run itself is new and
root's.
"""

from typing import Final

from hostcheck.api import Hole, Host, Json, Stat, Why, attempt, worst_hole
from hostcheck_builtin.system import mounts_to_avoid, path_walk, permission_changes, tmpfiles_lines
from hostcheck_builtin.system.mount_views import above
from hostcheck_builtin.system.path_walk import LstatCache
from hostcheck_builtin.system.tmpfiles_lines import BELOW, LISTS, MAKE, OF_FILES, RUN, Made

NEW: Final = Made("root", "root", "0755")


class Directories:
    """What systemd-tmpfiles makes and changes, and the hole where there may be more of it."""

    def __init__(self, host: Host) -> None:
        """Read the lines of tmpfiles.d that are about directories."""
        self.host, self.lstats, self.slow = host, LstatCache(), attempt(mounts_to_avoid.slow_mounts, host)
        self.made: dict[str, Made] = {}
        self.changed: dict[tuple[str, str], Made] = {}
        self.hole: Hole | None = None
        for line in tmpfiles_lines.lines(host):
            if isinstance(line, Hole):
                self.hole = worst_hole(self.hole, line)
            elif line.kind in MAKE:
                self.made.setdefault(line.path, line.made)
            elif line.kind not in OF_FILES:
                self.changed[line.path, line.kind] = line.made

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
