"""A directory that a user lives in is told from one that leads to an engine's socket, and where homes are not all known, so is that."""

from typing import Any

import pytest

from hostcheck.model import Hole, Why, incomplete
from hostcheck.view import View
from hostcheck_builtin.sockets import private_directories

DENIED = Hole(why=Why.DENIED, message="no")
USERS = {
    "root": {"name": "root", "uid": 0, "gid": 0, "home": "/root", "shell": "/bin/sh"},
    "bin": {"name": "bin", "uid": 2, "gid": 2, "home": "/bin", "shell": "/usr/sbin/nologin"},
    "daemon": {"name": "daemon", "uid": 1, "gid": 1, "home": "/usr/sbin", "shell": "/usr/sbin/nologin"},
    "ann": {"name": "ann", "uid": 1000, "gid": 1000, "home": "/srv/homes/a/", "shell": "/bin/sh"},
}


def personal(path: str, uid: int, users: Any = USERS) -> Any:
    return private_directories.of(View({"principals": {"users": users}})).personal(path, uid, ["ann"] if uid == 1000 else [])


@pytest.mark.parametrize(
    ("path", "uid", "expected"),
    [
        ("/srv/homes/a", 1000, True),
        ("/srv/homes/a/run", 1000, True),
        ("/srv/homes", 1000, False),
        ("/srv/homes/ab", 1000, False),
        ("/run/user/1000", 1000, True),
        ("/run/user", 1000, True),
        ("/mnt/ann/x", 1000, True),
        ("/run/docker", 1000, False),
        ("/root", 0, False),
        ("/run/user/0", 0, False),
        ("/usr/sbin/runc", 1000, False),
        ("/usr/sbin", 1, False),
        ("/bin", 2, False),
    ],
)
def test_whose_directory_it_is(path: str, uid: int, expected: bool) -> None:
    assert personal(path, uid) is expected


def test_where_homes_are_not_all_known_neither_is_that() -> None:
    users = incomplete(dict(USERS), DENIED)
    assert personal("/mnt/x", 1000, users) == DENIED
    assert personal("/srv/homes/a", 1000, users) is True and personal("/mnt/x", 0, users) is False
    assert personal("/mnt/x", 1000, {**USERS, "bob": {**USERS["ann"], "home": DENIED}}) == DENIED
