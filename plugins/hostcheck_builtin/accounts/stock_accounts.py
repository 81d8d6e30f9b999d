"""Accounts without a login shell that have a group of others: what is read of them says whether anybody can act as one.

Fedora, RHEL and what is made from them, and Alpine, ship four with root's group, and Alpine has adm in the group disk. They are locked, and nothing runs as
them; a password, a crontab, a key or a unit makes one an account like any other (decision 0004).
"""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from hostcheck.api import Hole, Host, Json, LimitExceeded, View, attempt, pattern, worst_hole
from hostcheck_builtin.accounts import named_in_rules
from hostcheck_builtin.accounts.service_users import service_users
from hostcheck_builtin.accounts.sshd_settings import keys_elsewhere
from hostcheck_builtin.system import account_files
from hostcheck_builtin.system.bounds import ACCOUNTS_WITHOUT_LOGIN as MANY
from hostcheck_builtin.system.bounds import CRONTAB_OR_KEYS_BYTES as SIZE
from hostcheck_builtin.system.presence import absent_as

SHIPPED: Final = {"sync": (5, "/sbin", "sync"), "shutdown": (6, "/sbin", "shutdown"), "halt": (7, "/sbin", "halt"), "operator": (11, "/root", "nologin")}
"""Uid, home and program of the shell, of setup 2.15 (Fedora) and 2.13 (RHEL 9); the group is 0."""
BIN: Final = ("/bin", "/sbin", "/usr/bin", "/usr/sbin")
ENDS_AT_ONCE: Final = account_files.BARRED | {"sync", "halt", "shutdown"}
"""Programs that give nobody a session, wherever they stand: with those that are shells for it, sync(1) and halt(8)."""
CRONTABS: Final = ("/var/spool/cron", "/var/spool/cron/crontabs")
AT_JOBS: Final = ("/var/spool/at", "/var/spool/cron/atjobs")
"""Red Hat's and Debian's; a job runs as who owns its file (atd(8))."""
SYSTEM_CRONTABS: Final = ("/etc/crontab", "/etc/cron.d")
LINGERING: Final = "/var/lib/systemd/linger"
"""A file for each user whose services start without a login (loginctl(1))."""
KEYS: Final = (".ssh/authorized_keys", ".ssh/authorized_keys2")
OPTION: Final = pattern(r'(?:[^\s,"]|"(?:[^"\\]|\\.)*")+')
NO_USE: Final = frozenset({"restrict", "no-port-forwarding"})
"""Options of a key (sshd(8)) with which an account that has no shell can do nothing: cloud-init gives them to root's keys."""


def stock_accounts(host: Host, users: dict[str, Json], groups: dict[str, Json]) -> Json:
    """State what would let somebody use each of the four accounts, where it is as shipped, and each other account of this kind."""
    found = [name for name in SHIPPED if name in users and is_shipped(name, users[name])]
    found += sorted(_members(users, groups).difference(found, SHIPPED))
    if not found:
        return {}
    if len(found) > MANY:
        raise LimitExceeded(f"/etc/group: more than {MANY} accounts without a login shell have groups of others")
    passwords, services, lines = (
        attempt(_passwords, host, frozenset(found)),
        attempt(service_users, host, _called(users, found)),
        attempt(_system_crontabs, host),
    )
    ways = Ways(passwords, services, lines, attempt(_at_users, host), attempt(keys_elsewhere, host), *named_in_rules.of(host))
    return {name: _stated(host, users[name], ways) for name in found}


def _members(users: dict[str, Json], groups: dict[str, Json]) -> set[str]:
    """Return the accounts without a login shell that /etc/group lists as members of another group than their own."""
    named = {(name, group["gid"]) for group in groups.values() for name in group["members"]}
    return {name for name, gid in named if name in users and users[name]["uid"] and users[name]["gid"] != gid and is_barred(users[name]["shell"])}


def is_barred(shell: str) -> bool:
    """Say whether a shell gives nobody a session."""
    return shell.rpartition("/")[2] in ENDS_AT_ONCE


def _called(users: dict[str, Json], names: list[str]) -> list[str]:
    """Return the names and the uids of accounts, as User= of a unit may write them."""
    return [*names, *(str(users[name]["uid"]) for name in names)]


def is_shipped(name: str, user: Mapping[str, Json] | View) -> bool:
    """Say whether an entry of /etc/passwd is one of the four as it was shipped."""
    uid, home, program = SHIPPED[name]
    folder, _, shell = user["shell"].rpartition("/")
    return (user["uid"], user["gid"], shell) == (uid, 0, program) and folder in BIN and user["home"] in (home, f"/usr{home}")


class Ways(NamedTuple):
    """What is read once for all of them."""

    passwords: dict[str, bool] | Hole
    services: set[str] | Hole
    lines: list[str] | Hole
    at_users: set[int] | Hole
    other_keys: list[str] | Hole
    rules: named_in_rules.NamedInRules
    more_rules: Hole | None


def _stated(host: Host, user: dict[str, Json], ways: Ways) -> Json:
    name, ids = user["name"], {user["name"], str(user["uid"])}
    elsewhere = [] if isinstance(ways.other_keys, Hole) else ways.other_keys
    keys = attempt(_has_key, host, [*(f"{user['home']}/{file}" for file in KEYS), *elsewhere])
    return {
        "password": ways.passwords if isinstance(ways.passwords, Hole) else ways.passwords.get(name, False),
        "crontab": _any(
            attempt(_exists, host, *(f"{folder}/{name}" for folder in CRONTABS)),
            ways.lines if isinstance(ways.lines, Hole) else any(_runs_as(line) == name for line in ways.lines),
            ways.at_users if isinstance(ways.at_users, Hole) else user["uid"] in ways.at_users,
        ),
        "key": _any(keys, ways.other_keys if isinstance(ways.other_keys, Hole) else False),
        "rule": not ways.rules.users.isdisjoint({name, f"#{user['uid']}"}) or ways.more_rules or False,
        "unit": _any(attempt(_exists, host, f"{LINGERING}/{name}"), ways.services if isinstance(ways.services, Hole) else not ids.isdisjoint(ways.services)),
    }


def _any(*found: bool | Hole) -> bool | Hole:
    return True if True in found else worst_hole(*found) or False


def _passwords(host: Host, names: frozenset[str]) -> dict[str, bool]:
    """Return of each of these accounts whether any entry has a password that is not locked: ! and * never match one (shadow(5))."""
    found: dict[str, bool] = {}
    for path in ("/etc/passwd", "/etc/shadow"):
        for _, line in account_files.lines(account_files.text_of(host, path)):
            name, _, rest = line.partition(":")
            password = rest.partition(":")[0]
            if name in names and not (password.startswith(("!", "*")) or (path == "/etc/passwd" and password == "x")):
                found[name] = True
    return found


def _exists(host: Host, *paths: str) -> bool:
    return any(_owner(host, path) is not None for path in paths)


def _owner(host: Host, path: str) -> int | None:
    """Return the owner of what stands at a path, None where nothing does."""
    return absent_as(None, lambda: host.stat(path).uid)


def _at_users(host: Host) -> set[int]:
    """Return the owners of what is in the spools of at."""
    found: set[int] = set()
    for folder in AT_JOBS:
        names = absent_as([], host.list_dir, folder)
        found.update(uid for name in names if (uid := _owner(host, f"{folder}/{name}")) is not None)
    return found


def _system_crontabs(host: Host) -> list[str]:
    """Return the lines of the crontabs that name a user for each command."""
    found: list[str] = []
    for place in SYSTEM_CRONTABS:
        for path in absent_as([], lambda at: [at] if host.stat(at).type == "file" else [f"{at}/{name}" for name in sorted(host.list_dir(at))], place):
            found += [line for line in host.read_text(path, missing="", limit=SIZE).split("\n") if not line.lstrip().startswith("#")]
    return found


def _runs_as(line: str) -> str:
    """Return the user of a line of a system's crontab: the sixth field, or the second after a name such as @daily (crontab(5))."""
    fields = line.split()
    place = 1 if line.lstrip().startswith("@") else 5
    return fields[place] if len(fields) > place else ""


def _has_key(host: Host, files: list[str]) -> bool:
    """Say whether a key lets anybody in who can do something without a shell: a session of sshd's forwards to a socket as the user it is for."""
    return any(_is_of_use(line) for path in files for line in host.read_text(path, missing="", limit=SIZE).split("\n"))


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
