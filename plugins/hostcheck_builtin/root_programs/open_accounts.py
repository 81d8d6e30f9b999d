"""Accounts with no password at all, and whether su(1) lets every local user become one: passwd(5), shadow(5), pam_unix(8).

Whether the field of the password is empty is stated, never what stands in it. An empty one in /etc/passwd counts whatever /etc/shadow says, and of a user
without a line there nothing is known to PAM.
"""

import re
from collections.abc import Iterator
from typing import Final

from hostcheck.api import Hole, Json, Why, attempt, both, incomplete, pattern, worst_hole
from hostcheck_builtin.root_programs import su_stack
from hostcheck_builtin.root_programs.root_files import RootFiles
from hostcheck_builtin.system import account_files, mountinfo
from hostcheck_builtin.system.bounds import LINES_WITHOUT_A_PASSWORD as STATED
from hostcheck_builtin.system.path_walk import WalkedPath

SHADOW: Final = "/etc/shadow"
EMPTY: Final = pattern(r"^([^:\n+#\0 \t-][^:\n\0]*)::", re.MULTILINE)
SHADOWED: Final = pattern(r"x|##.*")
"""What stands in /etc/passwd where PAM looks in /etc/shadow (_unix_getpwnam() and is_pwd_shadowed() of pam_unix)."""
BARRED: Final = frozenset({"nologin", "false"})
SU: Final = ("/usr/bin/su", "/bin/su")
S_ISUID: Final = 0o4000
ENDS: Final = slice(6, 8)
"""How long after its password ran out an account goes on, and when it ends."""


def stated(files: RootFiles) -> Json:
    """State by name each account without a password, and whether su asks for none."""
    shadow = attempt(account_files.text_of, files.host, SHADOW)
    passwd = attempt(account_files.text_of, files.host, "/etc/passwd")
    if isinstance(passwd, Hole):
        return passwd
    hole = shadow if isinstance(shadow, Hole) else None
    texts = passwd, "" if isinstance(shadow, Hole) else shadow
    names = list(dict.fromkeys(found[1] for text in texts for found in EMPTY.finditer(text)))
    if len(names) > STATED:
        hole = Hole(why=Why.LIMIT, message=f"more than {STATED} lines without a password")
    open_to_all = list(_empty(names[:STATED], *texts))
    su = both(_runs_as_root(files), attempt(su_stack.asks_nobody, files.host)) if open_to_all else False
    found: dict[str, Json] = {}
    for user, ends in open_to_all:
        lets_in = str(user["shell"]).rpartition("/")[2] not in BARRED
        found[str(user["name"])] = {"uid": user["uid"], "su": both(su, lets_in and not ends)}
    return incomplete(found, hole)


def _empty(names: list[str], passwd: str, shadow: str) -> Iterator[tuple[dict[str, Json], bool]]:
    """Yield each of these accounts whose password is empty, with whether there is a day on which the account ends."""
    users = account_files.users(passwd)[0]
    for name in names:
        user, password, hidden = users.get(name), _fields(passwd, name)[1:2], _fields(shadow, name)
        if user is None or not password:
            continue
        if password == [""]:
            yield user, False
        elif SHADOWED.fullmatch(password[0]) and hidden[1:2] == [""]:
            yield user, any(field.strip() for field in hidden[ENDS])


def _fields(text: str, name: str) -> list[str]:
    """Return the fields of the first line of a name, which is the one that counts."""
    at = 0 if text.startswith(f"{name}:") else text.find(f"\n{name}:") + 1
    return text[at:].partition("\n")[0].split(":") if at or text.startswith(f"{name}:") else []


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
