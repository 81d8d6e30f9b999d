"""As whom services run: User= of systemd's units (systemd.exec(5)), and the users whom OpenRC's scripts name (openrc-run(8))."""

import re
from typing import Final

from hostcheck.api import ABSENT, Host, pattern
from hostcheck_builtin.system import units

SCRIPTS: Final = ("/etc/init.d", "/etc/conf.d")
SIZE: Final = 1 << 20
NAMED: Final = pattern(r"""(?:\b\w*user=|--(?:user|chuid)[= ]\s*|\s-[uc]\s+)["']?(?:\$\{\w+:?[-=])?["']?([\w.-]+)""", re.IGNORECASE | re.ASCII)
"""command_user= of a script, a variable called after a user in its settings, and the options of start-stop-daemon(8)."""
WANTS: Final = (".wants", ".requires", ".upholds")


def service_users(host: Host) -> set[str]:
    """Return the users whom services are given, whether anybody starts these or not."""
    return _unit_users(host) | _script_users(host)


def _unit_users(host: Host) -> set[str]:
    folders = units.listed(host)
    found: set[str] = set()
    for name in [*units.services(folders), *_enabled(host, folders)]:
        for text in units.texts(host, name, folders):
            found.update(_expanded(name, value.strip("\"'")) for value in units.settings(text, "Service", "User"))
    return found


def _enabled(host: Host, folders: units.Folders) -> list[str]:
    """Return the instances that some unit wants: links of systemctl enable."""
    found: set[str] = set()
    for folder, names in folders.items():
        for name in names:
            if name.endswith(WANTS):
                found.update(one for one in _names(host, f"{folder}/{name}") if "@" in one and one.endswith(".service"))
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
        for name in sorted(_names(host, folder)):
            for line in _lines(host, f"{folder}/{name}"):
                found.update(NAMED.findall(line))
    return found


def _lines(host: Host, path: str) -> list[str]:
    try:
        if host.stat(path).type != "file":
            return []
    except ABSENT:
        return []
    return [line for line in host.read_text(path, missing="", limit=SIZE).split("\n") if not line.lstrip().startswith("#")]


def _names(host: Host, folder: str) -> list[str]:
    try:
        return host.list_dir(folder)
    except ABSENT:
        return []
