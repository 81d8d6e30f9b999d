"""Which known program a file is by its content: a copy under another name has the size and the digest of the program that it was made from.

Only what nobody but root can change is compared with: else a user could make a program of somebody else's look like a shell.
"""

import hashlib
from typing import Final

from hostcheck.api import ABSENT, Hole, HoleError, Host, Why, attempt
from hostcheck_builtin.privileged_programs.setuid_kinds import is_known
from hostcheck_builtin.system import ownership, path_walk, quota
from hostcheck_builtin.system.bounds import COMPARED_PROGRAM_BYTES as LARGEST
from hostcheck_builtin.system.bounds import SETUID_PROGRAMS_READ_OF_A_USER as EACH
from hostcheck_builtin.system.path_walk import LstatCache, WalkedPath
from hostcheck_builtin.system.program_names import PATH

SMALLEST: Final = 4096
"""No shell and no program of an engine has fewer bytes; an empty file is alike to each other one."""
NOBODY: Final = (1 << 32) - 1
"""Whose a name is that anybody may have made (chown(2))."""


class Known:
    """The shells, interpreters and clients of engines on a host by size, looked for once somebody asks, and what was compared so far."""

    def __init__(self, host: Host) -> None:
        """Look at nothing yet."""
        self.host = host
        self.by_size: dict[int, list[str]] | None = None
        self.unread: Hole | None = None
        self.digests: dict[str, str | None] = {}
        self.read: quota.Quota | None = None

    def same_as(self, way: WalkedPath) -> str | Hole | None:
        """Return the path of the known program that a file has the content of, or None; it is no copy of what it is by its own path."""
        if self.by_size is None:
            self.by_size = self._sizes()
        alike = self.by_size.get(way.end.size, [])
        if way.realpath in alike:
            return None
        if not alike:
            return self.unread
        if self.read is None:
            self.read = quota.Quota(self.host, EACH, 2 * EACH)
        whose = _whose(way)
        if not self.read.takes(whose):
            message = f"{way.realpath}: uid {whose} has more than {EACH} programs with the size of a known shell or engine"
            raise HoleError(Hole(why=Why.LIMIT, message=message, owners=() if whose == NOBODY else (whose,)))
        mine = self._digest(way.realpath)
        return next((path for path in alike if mine is not None and self._digest(path) == mine), self.unread)

    def _sizes(self) -> dict[int, list[str]]:
        sizes: dict[int, list[str]] = {}
        lstats: LstatCache = {}
        for folder in PATH:
            try:
                names = attempt(self.host.list_dir, folder)
            except ABSENT:
                continue
            if isinstance(names, Hole):
                self.unread = self.unread or names
                continue
            for name in filter(is_known, names):
                one = attempt(ownership.ownership, self.host, f"{folder}/{name}", lstats, follow=True)
                if isinstance(one, Hole):
                    self.unread = self.unread or one
                elif one.type == "file" and one.end.size >= SMALLEST and one.root_owned and one.place not in sizes.get(one.end.size, ()):
                    sizes.setdefault(one.end.size, []).append(one.place)
        return sizes

    def _digest(self, path: str) -> str | None:
        """Return the digest of a program; None for a script, of which a copy has no rights from its file (execve(2))."""
        if path not in self.digests:
            content = self.host.read_bytes(path, limit=LARGEST, follow=False, parsed=False)
            self.digests[path] = None if content.startswith(b"#!") else hashlib.sha256(content).hexdigest()
        return self.digests[path]


def _whose(way: WalkedPath) -> int:
    """Return who may have made the name of a file: its owner, but for a file with other names who may write to the directory."""
    folder = way.parents.get(way.realpath.rpartition("/")[0] or "/", way.end)
    if way.end.links == 1:
        return way.end.uid
    return NOBODY if folder.mode & path_walk.OTHERS_WRITE else folder.uid
