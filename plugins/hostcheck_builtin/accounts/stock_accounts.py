"""The four accounts that Red Hat's package setup ships with root's group: what is read of them says whether anybody can act as one.

Fedora, RHEL and what is made from them, and Alpine, have them in every /etc/passwd. They are locked, and nothing runs as them; a password, a crontab, a key
or a unit makes one an account like any other (decision 0004).
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from hostcheck.api import ABSENT, Hole, Host, Json, View, attempt, worst_hole
from hostcheck_builtin.system import account_files, units

SHIPPED: Final = {"sync": (5, "/sbin", "sync"), "shutdown": (6, "/sbin", "shutdown"), "halt": (7, "/sbin", "halt"), "operator": (11, "/root", "nologin")}
"""Uid, home and program of the shell, of setup 2.15 (Fedora) and 2.13 (RHEL 9); the group is 0."""
BIN: Final = ("/bin", "/sbin", "/usr/bin", "/usr/sbin")
CRONTABS: Final = ("/var/spool/cron", "/var/spool/cron/crontabs")
SYSTEM_CRONTABS: Final = ("/etc/crontab", "/etc/cron.d")
KEYS: Final = (".ssh/authorized_keys", ".ssh/authorized_keys2")
SIZE: Final = 1 << 20
OPTION: Final = re.compile(r'(?:[^\s,"]|"(?:[^"\\]|\\.)*")+')
NO_USE: Final = frozenset({"restrict", "no-port-forwarding"})
"""Options of a key (sshd(8)) with which an account that has no shell can do nothing: cloud-init gives them to root's keys."""


def stock_accounts(host: Host, users: dict[str, Json]) -> Json:
    """State of each of the four that stands in /etc/passwd as shipped what would let somebody act as it."""
    found = [name for name in SHIPPED if name in users and is_shipped(name, users[name])]
    if not found:
        return {}
    passwords, unit_users, lines = attempt(_passwords, host), attempt(_unit_users, host), attempt(_system_crontabs, host)
    return {name: _stated(host, users[name], passwords, unit_users, lines) for name in found}


def is_shipped(name: str, user: Mapping[str, Json] | View) -> bool:
    """Say whether an entry of /etc/passwd is one of the four as it was shipped."""
    uid, home, program = SHIPPED[name]
    folder, _, shell = user["shell"].rpartition("/")
    return (user["uid"], user["gid"], shell) == (uid, 0, program) and folder in BIN and user["home"] in (home, f"/usr{home}")


def _stated(host: Host, user: dict[str, Json], passwords: dict[str, bool] | Hole, unit_users: set[str] | Hole, lines: list[str] | Hole) -> Json:
    name, ids = user["name"], {user["name"], str(user["uid"])}
    own = attempt(_has_crontab, host, name)
    named = lines if isinstance(lines, Hole) else any(_runs_as(line) == name for line in lines)
    return {
        "password": passwords if isinstance(passwords, Hole) else passwords.get(name, False),
        "crontab": True if own is True or named is True else worst_hole(own, named) or False,
        "key": attempt(_has_key, host, user["home"]),
        "unit": unit_users if isinstance(unit_users, Hole) else not ids.isdisjoint(unit_users),
    }


def _passwords(host: Host) -> dict[str, bool]:
    """Return of each of the four whether any entry has a password that is not locked: ! and * never match one (shadow(5))."""
    found: dict[str, bool] = {}
    for path in ("/etc/passwd", "/etc/shadow"):
        for _, line in account_files.lines(account_files.text_of(host, path)):
            name, _, rest = line.partition(":")
            password = rest.partition(":")[0]
            if name in SHIPPED and not (password.startswith(("!", "*")) or (path == "/etc/passwd" and password == "x")):
                found[name] = True
    return found


def _unit_users(host: Host) -> set[str]:
    """Return the users whom units are given, whether anybody starts these or not."""
    folders = units.listed(host)
    found: set[str] = set()
    for name in units.services(folders):
        for text in units.texts(host, name, folders):
            found.update(value.strip("\"'") for value in units.settings(text, "Service", "User"))
    return found


def _has_crontab(host: Host, name: str) -> bool:
    return any(_exists(host, f"{folder}/{name}") for folder in CRONTABS)


def _exists(host: Host, path: str) -> bool:
    try:
        host.stat(path)
    except ABSENT:
        return False
    return True


def _system_crontabs(host: Host) -> list[str]:
    """Return the lines of the crontabs that name a user for each command."""
    found: list[str] = []
    for place in SYSTEM_CRONTABS:
        try:
            paths = [place] if host.stat(place).type == "file" else [f"{place}/{name}" for name in sorted(host.list_dir(place))]
        except ABSENT:
            continue
        for path in paths:
            found += [line for line in host.read_text(path, missing="", limit=SIZE).split("\n") if not line.lstrip().startswith("#")]
    return found


def _runs_as(line: str) -> str:
    """Return the user of a line of a system's crontab: the sixth field, or the second after a name such as @daily (crontab(5))."""
    fields = line.split()
    place = 1 if line.lstrip().startswith("@") else 5
    return fields[place] if len(fields) > place else ""


def _has_key(host: Host, home: str) -> bool:
    """Say whether a key lets anybody in who can do something without a shell: a session of sshd's forwards to a socket as the user it is for."""
    return any(_is_of_use(line) for name in KEYS for line in host.read_text(f"{home}/{name}", missing="", limit=SIZE).split("\n"))


def _is_of_use(line: str) -> bool:
    line = line.strip()
    return bool(line) and not line.startswith("#") and NO_USE.isdisjoint(_options(line))


def _options(line: str) -> Iterator[str]:
    """Yield the options before a key in lower case; of a line without any, the kind of the key."""
    place = 0
    while match := OPTION.match(line, place):
        yield match.group().lower()
        if line[match.end() : match.end() + 1] != ",":
            return
        place = match.end() + 1
