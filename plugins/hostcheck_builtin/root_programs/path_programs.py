"""Programs in the directories where root's are looked for by their names, whether or not something names them: who types a name runs what lies there.

Of those that the same users can change, in one directory and by the same modes, the first is told with how many there are. What a link of a
user's leads to is passed over where users may put one: who may is told of the directory.
"""

import re
from typing import Final

from hostcheck.api import ABSENT, Hole, LimitExceeded, Why, attempt, pattern
from hostcheck_builtin.root_programs.account_sources import SUDOERS
from hostcheck_builtin.root_programs.login_files import LOGIN, PATH
from hostcheck_builtin.root_programs.root_files import RootFiles, is_alone
from hostcheck_builtin.root_programs.uses import RootUse
from hostcheck_builtin.system import mounts_to_avoid, path_walk
from hostcheck_builtin.system.bounds import DIRECTORIES_ON_THE_SEARCH_PATH as FOLDERS
from hostcheck_builtin.system.bounds import NAMES_ON_THE_SEARCH_PATH as EACH
from hostcheck_builtin.system.fact_members import sure
from hostcheck_builtin.system.path_walk import WalkedPath
from hostcheck_builtin.system.quota import Quota

LOGIN_DEFS: Final = "/etc/login.defs"
SUPATH: Final = pattern(r"^[ \t]*(?:ENV_SUPATH|ENV_ROOTPATH)[ \t]+(?:PATH=)?(\S+)", re.MULTILINE)
"""What login(1) and su(1) set for root (login.defs(5)); what comes later there wins, and a profile may set another."""
SECURE: Final = pattern(r"^[ \t]*Defaults\b.*\bsecure_path[ \t]*\+?=[ \t]*\"?([^\"\s,]+)", re.MULTILINE)
"""Where sudo looks (sudoers(5)); who can put a program there is told by what is known of sudo."""
WHAT: Final = "names where root's programs are looked for"


def directories(files: RootFiles) -> None:
    """Take the directories in which root's shell looks for programs, and note those of sudo."""
    for folders in SUPATH.findall(files.text(LOGIN_DEFS))[-2:]:
        for folder in folders.split(":"):
            files.looks_in(folder, LOGIN._replace(place=LOGIN_DEFS, certain=False))
    for folder in files.distinct(PATH):
        files.looks_in(folder, LOGIN._replace(place=folder))
    for path in (SUDOERS[0], *(f"{SUDOERS[1]}/{name}" for name in files.names(SUDOERS[1]))):
        for folders in SECURE.findall(files.text(path)):
            for folder in folders.split(":"):
                if folder.startswith("/"):
                    files.searched.setdefault(folder, path)


def take(files: RootFiles) -> None:
    """Take the programs in all directories that were noted."""
    names, programs = (Quota(files.host, EACH, 2 * EACH) for _ in range(2))
    searched: dict[str, tuple[str, WalkedPath]] = {}
    for folder in files.searched:
        way = files.way(folder)
        files.group.lack(way)
        if not isinstance(way, Hole) and way.type == "dir" and not any(link.uid for _, link in way.links.values()):
            searched.setdefault(way.realpath, (folder, way))
    files.group.lack(Hole(why=Why.LIMIT, message=f"root's programs are looked for in more than {FOLDERS} directories") if len(searched) > FOLDERS else None)
    for folder, way in list(searched.values())[:FOLDERS]:
        files.group.lack(attempt(_folder, files, folder, way, names, programs))
    files.group.lack(*names.left(WHAT).values(), *programs.left(WHAT).values())


def _folder(files: RootFiles, folder: str, above: WalkedPath, names: Quota, programs: Quota) -> None:
    """Take the programs in a directory, by what it is called in PATH."""
    if mounts_to_avoid.below(above.realpath, sure(files.search.slow)):
        raise LimitExceeded(f"{folder}: programs on a file system that asks a server or a user's process are not looked at")
    try:
        found = files.host.privileged_programs(above.realpath, "writers", takes=names.takes, tells=programs.takes)
    except ABSENT:  # its owner has taken it away
        return
    alike: dict[object, list[str]] = {}
    for name in found:
        path = f"{folder}/{name}"
        to = files.way(path)
        if isinstance(to, Hole) or not (is_alone(to) or _is_of(above, to)):
            alike.setdefault(path if isinstance(to, Hole) else _rights(to), []).append(path)
    use = RootUse("command", "root, who calls it by its name", "runs", files.searched[folder], "command", certain=False)
    for first, *others in alike.values():
        files.take(first, use._replace(via=f"{len(others)} more in {folder} can be changed alike" if others else ""))


def _is_of(folder: WalkedPath, way: WalkedPath) -> bool:
    """Say whether a name is no program, or one of whose the directory is and of nobody else: what that user can do is told of the directory."""
    own = folder.end.uid and way.end.uid == folder.end.uid and not way.end.mode & path_walk.OTHERS_WRITE
    return way.type not in ("file", "dangling") or (bool(own) and way.links.keys() == folder.links.keys())


def _rights(way: WalkedPath) -> object:
    """Return what says who can change what is at a path, or put something else there."""
    return way.type, tuple(way.parents.items()), way.end.uid, way.end.gid, way.end.mode, way.end.acl
