"""The user and group files as glibc reads them: passwd(5), group(5), gshadow(5) and nsswitch.conf(5).

A line counts here exactly where it counts for the C library (nss/nss_files of glibc), which takes `` +1`` for a number and ``1 `` for none;
the tests compare with it.
"""

import re
from collections.abc import Collection, Iterator
from functools import lru_cache
from typing import Any, Final

from hostcheck.api import Hole, Host, Json, Why, incomplete, pattern
from hostcheck_builtin.system.bounds import ACCOUNT_FILE_BYTES as SIZE
from hostcheck_builtin.system.bounds import MALFORMED_LINES_NAMED as NAMED
from hostcheck_builtin.system.presence import absent_as, is_there

NUMBER: Final = pattern(r"[ \t\n\v\f\r]*([+-]?)([0-9]+)")
BARRED: Final = frozenset({"nologin", "false"})
"""Shells that end a session at once (nologin(8), shells(5)), wherever they stand."""
SPACE: Final = " \t\n\v\f\r"
ULONG: Final = (1 << 64) - 1
CRYPT: Final = 13
"""The shortest that crypt(5) ever made; what is shorter locks the password (``!``, ``*``, ``x``)."""
DATABASES: Final = ("passwd", "group", "initgroups")
ENUMERATES: Final = frozenset({"files", "compat", "systemd", "altfiles", "extrausers", "db"})
"""Sources that list everything they know. The others answer for a name that nobody listed: sss, ldap, winbind, nis and whatever is not known here."""

SILENT: Final = frozenset({"sss", "ldap", "winbind", "nis", "nisplus", "hesiod", "oslogin", "cache_oslogin", "aad", "himmelblau", "vas4", "centrifydc"})
"""Usual names of the others."""
DATABASE: Final = pattern(r"\s*([^\s:]+)[\s:]+(.*)", re.ASCII)


def text_of(host: Host, path: str) -> str:
    """Return a file of accounts, "" where there is none."""
    return host.read_text(path, missing="", limit=SIZE)


def databases_of(host: Host) -> dict[str, list[str]]:
    """Return the sources of users and groups, none where there is no nsswitch.conf."""
    return absent_as({}, lambda: sources(host.read_text("/etc/nsswitch.conf")))


def sssd_is_set_up(host: Host) -> bool:
    """Say whether sssd has a domain to ask: Red Hat names sss in every nsswitch.conf, and without a configuration it knows nobody (sssd.conf(5))."""
    return is_there(host, "/etc/sssd/sssd.conf") or any(name.endswith(".conf") for name in absent_as([], host.list_dir, "/etc/sssd/conf.d"))


def number(text: str) -> int | None:
    """Return the uid or gid that the C library reads with strtoul(3), None where it reads none or one that does not fit 32 bits."""
    if len(text) < 10 and text.isascii() and text.isdigit():
        return int(text)
    match = NUMBER.fullmatch(text)
    if match is None:
        return None
    sign, digits = match.groups()
    digits = digits.lstrip("0")
    value = int(digits or "0") if len(digits) <= 20 else ULONG + 1
    if sign == "-" and value <= ULONG:
        value = -value % (ULONG + 1)
    return value if value <= 0xFFFFFFFF else None


def keep(members: dict[str, Json], name: str, entry: Json) -> None:
    """Put `entry` under its name, and a second one of that name under ``name#2``: the first counts for who asks by name, each for who asks by id."""
    key, count = name, 1
    while key in members:
        count += 1
        key = f"{name}#{count}"
    members[key] = entry


def lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield number and content of the lines that are entries; a NUL ends a line early, as it does in C."""
    cut = "\0" in text
    for index, line in enumerate(text.split("\n"), 1):
        line = (line.partition("\0")[0] if cut else line).lstrip(SPACE)
        if line and not line.startswith("#"):
            yield index, line


@lru_cache(maxsize=2)
def users(text: str) -> tuple[dict[str, Json], list[int], bool]:
    """Return the users, the numbers of the lines that are none, and whether a ``+`` line refers to another source (compat, nsswitch.conf(5)).

    Several ask for the same text, and must not change what they are given.
    """
    found: dict[str, Json] = {}
    malformed, compat = [], False
    for index, line in lines(text):
        if line[0] in "+-":
            compat = compat or line[0] == "+"
            continue
        name, _, uid, gid, _, home, shell = (line.split(":", 6) + [""] * 7)[:7]
        ids = number(uid), number(gid)
        if name and ids[0] is not None and ids[1] is not None:
            keep(found, name, {"name": name, "uid": ids[0], "gid": ids[1], "home": home, "shell": shell})
        else:
            malformed.append(index)
    return found, malformed, compat


@lru_cache(maxsize=2)
def groups(text: str) -> tuple[dict[str, Json], list[int], bool]:
    """Return the groups (of the password only whether there is one), the malformed lines, and whether a ``+`` line refers to another source."""
    found: dict[str, Json] = {}
    malformed, compat = [], False
    for index, line in lines(text):
        if line[0] in "+-":
            compat = compat or line[0] == "+"
            continue
        name, password, gid, members = (line.split(":", 3) + [""] * 4)[:4]
        value = number(gid)
        if name and value is not None:
            keep(found, name, {"name": name, "gid": value, "members": _listed(members), "password": opens(password)})
        else:
            malformed.append(index)
    return found, malformed, compat


@lru_cache(maxsize=2)
def commented_groups(text: str) -> dict[str, Json]:
    """Return the lines with a # before a group that has members, by number: initgroups(3) of glibc's files and musl's take a # for a letter of the name.

    Nobody finds such a group by name or in a list (nss/nss_files/files-initgroups.c skips no comment, nss_readline.c does); a login has it all the same.
    """
    found: dict[str, Json] = {}
    if "#" not in text:
        return found
    for index, line in enumerate(text.split("\n"), 1):
        fields = line.partition("\0")[0].split(":", 3)
        if fields[0].lstrip(SPACE).startswith("#") and len(fields) == 4:
            gid, members = number(fields[2]), _listed(fields[3])
            if gid is not None and members:
                found[f"line {index}"] = {"gid": gid, "members": members}
    return found


def shadow_groups(text: str) -> tuple[dict[str, Json], list[int]]:
    """Return administrators, members and whether there is a password of each group in gshadow, and the malformed lines."""
    found: dict[str, Json] = {}
    malformed = []
    for index, line in lines(text):
        fields = line.split(":")
        if len(fields) == 4 and fields[0]:
            keep(found, fields[0], {"name": fields[0], "password": opens(fields[1]), "administrators": _listed(fields[2]), "members": _listed(fields[3])})
        else:
            malformed.append(index)
    return found, malformed


def _listed(field: str) -> list[str]:
    return [name for part in field.split(",") if (name := part.lstrip(SPACE))]


def opens(password: str) -> bool:
    """Say whether the field of a password holds one that may be right: what is shorter than any, or begins with ! or *, locks it."""
    return len(password) >= CRYPT and password[0] not in "!*"


def sources(text: str, databases: Collection[str] = DATABASES) -> dict[str, list[str]]:
    """Return the sources of each database that nsswitch.conf names, without the actions in brackets; the last line for one counts.

    A blank ends a name as a colon does (nss/nss_database.c of glibc). Since 2.33 a # behind the sources is one that no library has, and what follows is
    asked as well: it counts where it is the name of a source.
    """
    found: dict[str, list[str]] = {}
    for line in text.split("\n"):
        match = DATABASE.match(line)
        if match and match.group(1) in databases:
            stated, _, after = match.group(2).partition("#")
            more = [name for name in _words(after) if name in ENUMERATES or name in SILENT]
            found[match.group(1)] = [*_words(stated), *more]
    return found


def _words(text: str) -> list[str]:
    return re.sub(r"\[[^\]]*\]?", " ", text).split()


def asks_files(databases: dict[str, list[str]]) -> bool:
    """Say whether a login may be given groups by /etc/group as source `files` reads it, and not as `compat` does."""
    return "files" in databases.get("initgroups", asked(databases, "group"))


def asked(databases: dict[str, list[str]], database: str) -> list[str]:
    """Return the sources that are asked for a database: the files where nsswitch.conf names none."""
    return databases.get(database, ["files"])


def told(numbers: list[int]) -> Json:
    """State malformed lines: how many, and the first of them."""
    return {"count": len(numbers), "lines": numbers[:NAMED]}


def opened(members: dict[str, Json], compat: bool, databases: dict[str, list[str]] | Hole, database: str) -> Any:
    """Return the members, incomplete where a ``+`` line brings in those of another source."""
    if not compat or (not isinstance(databases, Hole) and "compat" not in asked(databases, database)):
        return members
    return incomplete(members, Hole(why=Why.LIMIT, message=f"a + line in /etc/{database} brings in entries of another source"))
