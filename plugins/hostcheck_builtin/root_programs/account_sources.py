"""Files of accounts, and what says who is asked for a password: passwd(5), group(5), shadow(5), gshadow(5), sudoers(5), doas.conf(5), sshd_config(5).

A line in one of the first four is enough for an account of uid 0, or for a group that is root's equal. sudo and doas pass over files that are not root's or
that others may write: only what sudo takes all the same is certain, a file that root's own group may write, as every ACL that lets somebody write makes it.
"""

from typing import Final

from hostcheck.api import Hole
from hostcheck_builtin.root_programs.root_files import RootFiles
from hostcheck_builtin.root_programs.uses import RootUse
from hostcheck_builtin.system.path_walk import WalkedPath

ACCOUNTS: Final = ("/etc/passwd", "/etc/group", "/etc/shadow", "/etc/gshadow")
SUDOERS: Final = ("/etc/sudoers", "/etc/sudoers.d")
DOAS: Final = ("/etc/doas.conf", "/usr/local/etc/doas.conf")
SSHD: Final = ("/etc/ssh/sshd_config", "/etc/ssh/sshd_config.d")


def take(files: RootFiles) -> None:
    """Take the files of accounts, and those of sudo, doas and sshd."""
    use = RootUse("accounts", "every login", "reads", "", "session")
    for path in ACCOUNTS:
        files.take(path, use._replace(place=path))
    sudo = use._replace(by="sudo", certain=False)
    files.take(SUDOERS[0], sudo._replace(place=SUDOERS[0], certain=_is_taken(files.way(SUDOERS[0]))))
    files.take(SUDOERS[1], sudo._replace(place=SUDOERS[1], how="all"))
    names = [] if files.is_shut(SUDOERS[1]) else files.names(SUDOERS[1])
    for path in [f"{SUDOERS[1]}/{name}" for name in names if "." not in name and not name.endswith("~")]:
        files.take(path, sudo._replace(place=path, certain=_is_taken(files.way(path))))
    for path in DOAS:
        files.take(path, use._replace(by="doas", place=path, certain=False))
    sshd = RootUse("accounts", "sshd", "reads", SSHD[0], "unit", certain=False)
    files.take(SSHD[0], sshd)
    if not files.is_shut(SSHD[1]):
        files.folder(SSHD[1], sshd._replace(place=SSHD[1], how="all"), sshd, lambda name: name.endswith(".conf"))


def _is_taken(way: WalkedPath | Hole) -> bool | Hole:
    """Say whether sudo takes a file for rules (sudo_secure_open() of lib/util/secure_path.c)."""
    if isinstance(way, Hole):
        return way
    return way.type == "file" and way.end.uid == 0 and not way.end.mode & 0o002 and not (way.end.mode & 0o020 and way.end.gid)
