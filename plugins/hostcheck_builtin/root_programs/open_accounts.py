"""Accounts with an empty password, and what su(1) asks of whoever wants to become one, or anybody else: passwd(5), su(1), pam.conf(5)."""

from typing import Any, Final

from hostcheck.api import Hole, Json, Why, attempt, incomplete, worst_hole
from hostcheck_builtin.root_programs.root_files import RootFiles
from hostcheck_builtin.system import mountinfo, pam_service, passwords
from hostcheck_builtin.system.bounds import LINES_WITHOUT_A_PASSWORD as STATED
from hostcheck_builtin.system.passwords import EMPTY
from hostcheck_builtin.system.path_walk import WalkedPath

SU: Final = ("/usr/bin/su", "/bin/su")
SERVICES: Final = ("su", "su-l")
"""What su calls itself to PAM; the second with --login, where there is a file of that name (su(1) of util-linux)."""
S_ISUID: Final = 0o4000


def stated(files: RootFiles) -> Json:
    """State by name each account whose password is empty."""
    told: Any = attempt(passwords.stated, files.host)
    if isinstance(told, Hole):
        return told
    found = {name: {"uid": one["uid"], "enters": one["enters"]} for name, one in told.items() if one["password"] == EMPTY}
    more = Hole(why=Why.LIMIT, message=f"more than {STATED} accounts without a password") if len(found) > STATED else None
    return incomplete(dict(list(found.items())[:STATED]), worst_hole(getattr(told, "hole", None), more))


def su(files: RootFiles) -> dict[str, Json]:
    """State whether su runs as root for everybody, and what PAM asks there."""
    return {"runs": _runs_as_root(files), "services": pam_service.stacks(files.host, *SERVICES)}


def _runs_as_root(files: RootFiles) -> bool | Hole:
    """Say whether there is a su that everybody may run, and that runs as root: not where its file system is mounted nosuid (mount(8))."""
    ways = [files.way(path) for path in SU]
    table = attempt(mountinfo.mounts, files.host)
    sure: list[bool | Hole] = [way if isinstance(way, Hole) else _is_su(way, table) for way in ways]
    return True in sure or worst_hole(*sure) or False


def _is_su(way: WalkedPath, table: list[mountinfo.Mount] | Hole) -> bool | Hole:
    if way.type != "file" or way.end.uid or not (way.end.mode & S_ISUID and way.end.mode & 0o001):
        return False
    return table if isinstance(table, Hole) else "nosuid" not in mountinfo.mount_of(way.realpath, table).options.split(",")
