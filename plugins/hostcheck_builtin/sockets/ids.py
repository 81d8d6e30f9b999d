"""Which ids names have that units and commands say: of users and groups that are there at the next boot."""

import re
from typing import Final

from hostcheck.api import HoleError, pattern
from hostcheck_builtin.accounts.people import People

DOCKER: Final = "docker"
NUMBER: Final = pattern(r"[0-9]{1,10}", re.ASCII)


class NoSuchName(Exception):
    """A user or group that does not exist: then systemd and dockerd make no socket, and a command changes nothing."""


def uid(people: People, name: str) -> int:
    """Return the uid of a user that is told by name or number, root's for none."""
    if name in ("", "root") or name in people.roots:
        return 0
    if NUMBER.fullmatch(name):
        return int(name)
    keys = people.by_name.get(name)
    if keys:
        return people.persons[keys[0]].uid
    if people.unknown.users:
        raise HoleError(people.unknown.users)
    raise NoSuchName(name)


def gid(people: People, name: str, otherwise: int | None = None) -> int:
    """Return the gid of a group that is told by name or number, root's for none; for dockerd's own default, root's where there is no such group."""
    if name in ("", "root"):
        return 0
    if NUMBER.fullmatch(name):
        return int(name)
    found = people.gid_of(name)
    if found is None and people.unknown.names:
        raise HoleError(people.unknown.names)
    if found is None and (otherwise is None or name != DOCKER):
        raise NoSuchName(name)
    return otherwise or 0 if found is None else found
