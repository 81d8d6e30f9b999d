"""As whom services run: User= of systemd's units (systemd.exec(5)), and the users whom OpenRC's scripts and xinetd's files name.

A template that runs as the user whom its instance names is told by its instances: those that are enabled, have drop-ins, or are named in another unit.
"""

import re
from collections.abc import Collection
from typing import Final

from hostcheck.api import Host, LimitExceeded, pattern
from hostcheck_builtin.system import units
from hostcheck_builtin.system.bounds import SERVICE_FILE_BYTES as SIZE
from hostcheck_builtin.system.presence import absent_as, is_file

SCRIPTS: Final = ("/etc/init.d", "/etc/conf.d", "/etc/xinetd.d")
INETD: Final = "/etc/inetd.conf"
NAMED: Final = pattern(r"""(?:\b\w*user\s*\+?=\s*|--(?:user|chuid)[= ]\s*|\s-[uc]\s+)["']?(?:\$\{\w+:?[-=])?["']?([\w.-]+)""", re.IGNORECASE | re.ASCII)
"""command_user= of a script, a variable called after a user in its settings, user of xinetd.conf(5), and the options of start-stop-daemon(8)."""
WANTS: Final = (".wants", ".requires", ".upholds")
OF_LOGINS: Final = "user@.service"
"""The one template of systemd's own that runs as its instance: for who logs in or lingers, which is told elsewhere (user@.service(5))."""
UNITS: Final = (".automount", ".mount", ".path", ".service", ".socket", ".target", ".timer")
INSTANCE: Final = pattern(r"[\w:.\\-]+@[\w:.\\-]+\.service", re.ASCII)
"""An instance that a unit names, as Unit= of systemd.timer(5), Wants= and OnFailure= do."""


def service_users(host: Host, names: Collection[str]) -> set[str]:
    """Return the users whom services are given, whether anybody starts these or not.

    Raises LimitExceeded where a template may run as one of `names`, which are those that matter, and none of its instances is found.
    """
    return _unit_users(host, names) | _script_users(host)


def _unit_users(host: Host, names: Collection[str]) -> set[str]:
    folders = units.listed(host)
    given = {name: _given(host, name, folders) for name in dict.fromkeys([*units.services(folders), *_enabled(host, folders)])}
    by_instance = {name for name, users in given.items() if "@." in name and name != OF_LOGINS and any(_may_be(user, names) for user in users)}
    if by_instance:
        given |= {name: _given(host, name, folders) for name in _named(host, folders)}
    for name in sorted(by_instance):
        if not any(other.startswith(name.partition(".")[0]) and other != name for other in given):
            raise LimitExceeded(f"{name} runs as the user whom its instance names, and who starts which was not looked for")
    return {_expanded(name, user) for name, users in given.items() for user in users}


def _may_be(user: str, names: Collection[str]) -> bool:
    """Say whether a user with specifiers in it may become one of `names`: that of systemd's capsule@.service, c-%i, becomes none that does not begin so."""
    form = ".*".join(re.escape(part) for part in re.split("%.", user))
    return "%" in user and any(re.fullmatch(form, name) for name in names)


def _given(host: Host, name: str, folders: units.Folders) -> list[str]:
    """Return the values of User= of a service, or of the template of an instance."""
    return [value.strip("\"'") for text in units.texts(host, name, folders) for value in units.settings(text, "Service", "User")]


def _named(host: Host, folders: units.Folders) -> set[str]:
    """Return the instances that the files of other units name."""
    names = sorted({name for found in folders.values() for name in found if name.endswith(UNITS)})
    return {one for name in names for text in units.texts(host, name, folders) for one in INSTANCE.findall(text)}


def _enabled(host: Host, folders: units.Folders) -> list[str]:
    """Return the instances that some unit wants: links of systemctl enable."""
    found: set[str] = set()
    for folder, names in folders.items():
        for name in names:
            if name.endswith(WANTS):
                found.update(one for one in absent_as([], host.list_dir, f"{folder}/{name}") if "@" in one and one.endswith(".service"))
    return sorted(found)


def _expanded(unit: str, user: str) -> str:
    """Return a user with the specifiers of its unit put in (systemd.unit(5)); a template has no instance."""
    prefix, _, instance = unit.removesuffix(".service").partition("@")
    for letters, value in (("iI", instance), ("pPN", prefix), ("jJ", prefix.rpartition("-")[2])):
        for letter in letters:
            user = user.replace(f"%{letter}", value)
    return user


def _script_users(host: Host) -> set[str]:
    found: set[str] = set()
    for folder in SCRIPTS:
        for name in sorted(absent_as([], host.list_dir, folder)):
            for line in _lines(host, f"{folder}/{name}"):
                found.update(NAMED.findall(line))
    found.update(re.split("[.:]", fields[4])[0] for line in _lines(host, INETD) if len(fields := line.split()) > 5)
    return found


def _lines(host: Host, path: str) -> list[str]:
    if not is_file(host, path):
        return []
    return [line for line in host.read_text(path, missing="", limit=SIZE).split("\n") if not line.lstrip().startswith("#")]
