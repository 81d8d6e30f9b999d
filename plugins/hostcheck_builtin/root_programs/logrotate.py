"""What logrotate runs as root, and where it makes and renames files as root in directories that a user can put others in the place of: logrotate(8).

logrotate passes over a file that is not root's or that others may write, and over logs in a directory that everybody or a group but root's may write. It
follows no link in place of a log; but who can rename the directory may put a link in its place between two of its steps (CVE-2011-1548): that is likely.
"""

from typing import Final

from hostcheck.api import Hole, LimitExceeded, attempt, both
from hostcheck_builtin.root_programs import known_places, logrotate_lines
from hostcheck_builtin.root_programs.logrotate_lines import Rotated
from hostcheck_builtin.root_programs.root_files import RootFiles
from hostcheck_builtin.root_programs.uses import RootUse
from hostcheck_builtin.system.bounds import PATTERNS_OF_LOGS
from hostcheck_builtin.system.path_walk import OTHERS_WRITE, roots_alone

FILES: Final = ("/etc/logrotate.conf", "/usr/etc/logrotate.conf")
FOLDERS: Final = ("/etc/logrotate.d", "/usr/etc/logrotate.d")
"""openSUSE has its own below /usr/etc."""
TABOO: Final = (
    "~",
    ",v",
    ".bak",
    ".cfsaved",
    ".disabled",
    ".swp",
    ".rhn-cfg-tmp-",
    *(f".{by}{what}" for by in ("dpkg-", "ucf-", "rpm") for what in ("bak", "del", "dist", "new", "old", "tmp", "orig", "save")),
)
"""How names end that are passed over (logrotate(8), tabooext)."""
PROGRAMS: Final = ("/usr/sbin/logrotate", "/usr/bin/logrotate")
ROOTS: Final = ("", "root", "0")


def take(files: RootFiles) -> None:
    """Take what the scripts name, and the directories of logs."""
    inner = [f"{folder}/{name}" for folder in files.distinct(FOLDERS) for name in files.names(folder) if not name.endswith(TABOO)]
    user, patterns = "", 0
    for path in (*FILES, *inner):
        way = files.way(path)
        if isinstance(way, Hole) or way.type != "file":
            files.group.lack(way)
            continue
        found = logrotate_lines.read(files.text(path), user)
        user = found.user if path in FILES else user
        if not (found.scripts or found.rotated):
            continue
        obeyed = way.end.uid == 0 and not way.end.mode & OTHERS_WRITE
        use = RootUse("cron", "logrotate", "runs", path, "timer", refused=not obeyed).only_if(both(files.has_one(PROGRAMS), obeyed))
        for line, text in found.scripts:
            files.shell(text, use._replace(place=f"{path}:{line}"))
        for one in found.rotated:
            patterns += len(one.patterns)
            if patterns > PATTERNS_OF_LOGS:
                raise LimitExceeded(f"more than {PATTERNS_OF_LOGS} patterns for logs")
            if use.certain is not False:
                files.group.lack(attempt(_rotated, files, one, use._replace(how="rotates", place=f"{path}:{one.line}", certain=False)))


def _rotated(files: RootFiles, one: Rotated, use: RootUse) -> None:
    """Take the directories of logs that are rotated as root, and that are in one which is not root's alone."""
    above = [pattern.rpartition("/")[0] for pattern in one.patterns if pattern.startswith("/")] if one.user in ROOTS else []
    for folder in files.distinct(path for place in dict.fromkeys(above) for path in known_places.expanded(files, place)):
        way = files.way(folder)
        files.group.lack(way)
        if isinstance(way, Hole) or way.type != "dir" or all(map(roots_alone, way.parents.values())):
            continue
        if one.user or not (way.end.mode & 0o002 or (way.end.mode & 0o020 and way.end.gid)):
            files.take(folder, use)
