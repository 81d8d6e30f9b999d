"""File systems in files that root mounts by /etc/fstab with the setuid bit in force: whoever writes such a file becomes root by a program in it.

mount(8): user, users, owner and group let others than root mount, and stand for noexec, nosuid and nodev, which a later option takes back. Other file
systems are mounted at boot unless noauto says otherwise.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from hostcheck.api import LimitExceeded, pattern
from hostcheck_builtin.root_programs.root_files import RootFiles
from hostcheck_builtin.root_programs.uses import RootUse
from hostcheck_builtin.system.bounds import FSTAB_LINES as LINES

FSTAB: Final = "/etc/fstab"
MOUNT: Final = ("/usr/bin/mount", "/bin/mount")
SIGNS: Final = ("exec", "suid", "dev")
FOR_OTHERS: Final = frozenset(("user", "users", "owner", "group"))
FOR_OWNER: Final = frozenset(("owner", "group"))
"""These let the owner of a device mount, or its group."""
ESCAPE: Final = pattern(r"\\(040|011|012|134)")
"""How a blank, a tab, a newline and a backslash are written (getmntent(3))."""
NO_IMAGES: Final = ("/dev/", "/proc/", "/sys/", "//")
"""Devices, and directories of servers (mount.cifs(8))."""


class TableEntry(NamedTuple):
    """A line: what is mounted, and whether programs and devices in it count, whether users may mount it, and whether a boot does."""

    line: int
    source: str
    gives_rights: bool
    for_users: bool
    at_boot: bool


def take(files: RootFiles) -> None:
    """Take the files that are mounted so."""
    for one in entries(files.text(FSTAB)):
        if one.gives_rights and (one.for_users or one.at_boot) and not one.source.startswith(NO_IMAGES):
            when = "mount" if one.for_users else "boot"
            files.take(one.source, RootUse("mount", "mount", "mounts", f"{FSTAB}:{one.line}", when, certain=files.has_one(MOUNT)))


def entries(text: str) -> Iterator[TableEntry]:
    """Yield the lines whose source is a path, but for binds of directories."""
    for number, line in enumerate(text.split("\n"), 1):
        words = [ESCAPE.sub(lambda found: chr(int(found[1], 8)), word) for word in line.split()]
        if number > LINES:
            raise LimitExceeded(f"{FSTAB}: more than {LINES} lines")
        if len(words) >= 3 and words[0].startswith("/") and words[2] != "swap":
            options = words[3].split(",") if len(words) > 3 else []
            if {"bind", "rbind"}.isdisjoint(options):
                yield _entry(number, words[0], options)


def _entry(number: int, source: str, options: list[str]) -> TableEntry:
    force = dict.fromkeys(SIGNS, True)
    users = False
    for option in options:
        if option in FOR_OTHERS:
            force, users = dict.fromkeys(SIGNS, False), users or option not in FOR_OWNER
        elif option == "nouser":
            force, users = dict.fromkeys(SIGNS, True), False
        elif option.removeprefix("no") in SIGNS:
            force[option.removeprefix("no")] = not option.startswith("no")
    return TableEntry(number, source, (force["exec"] and force["suid"]) or force["dev"], users, "noauto" not in options)
