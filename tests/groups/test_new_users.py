"""Which groups adduser and useradd give every new user; every expectation was seen on adduser 3.152 and useradd 4.17.4."""

from typing import Any

import pytest

from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole
from hostcheck_builtin.groups import new_users

ADDUSER, USERADD, DEFS = "/etc/adduser.conf", "/etc/default/useradd", "/etc/login.defs"
DENIED = PermissionError(13, "Permission denied")


def given(files: dict[str, Any]) -> Any:
    return new_users.new_users(MemoryHost(files))


@pytest.mark.parametrize(
    ("text", "groups", "on_request"),
    [
        ("", ["users"], []),
        ("ADD_EXTRA_GROUPS=1\nEXTRA_GROUPS=docker\n", ["users", "docker"], []),
        ('add_extra_groups = yes # so\n extra_groups="docker audio"\n', ["users", "docker", "audio"], []),
        ("ADD_EXTRA_GROUPS=no\nEXTRA_GROUPS=docker\n", ["users", "docker"], []),
        ("ADD_EXTRA_GROUPS=0 \nEXTRA_GROUPS=docker\n", ["users", "docker"], []),
        ("ADD_EXTRA_GROUPS=1\nADD_EXTRA_GROUPS=0\nEXTRA_GROUPS=docker\n", ["users"], ["docker"]),
        ("ADD_EXTRA_GROUPS=\nEXTRA_GROUPS=docker\n", ["users"], ["docker"]),
        ("#ADD_EXTRA_GROUPS=1\nEXTRA_GROUPS=docker\n", ["users"], ["docker"]),
        ("ADD_EXTRA_GROUPS=1\nEXTRA_GROUPS=docker;audio\n", ["users", "docker"], []),
        ("ADD_EXTRA_GROUPS=1\nEXTRA_GROUPS=docker,audio\n", ["users", "docker,audio"], []),
        ("USERS_GROUP=docker\n", ["docker"], []),
        ("USERS_GID=999\n", ["999"], []),
    ],
)
def test_what_adduser_gives(text: str, groups: list[str], on_request: list[str]) -> None:
    assert given({ADDUSER: text}) == {ADDUSER: {"groups": groups, "on_request": on_request}}


@pytest.mark.parametrize(
    ("text", "defs", "groups", "on_request"),
    [
        ("GROUPS=docker\n", "", ["docker"], []),
        ("GROUPS=docker,999\nGROUPS=audio\n", "", ["audio"], []),
        ("# GROUPS=docker\n GROUPS=docker\nGROUPS =docker\n", "", [], []),
        ("GROUP=docker\n", "USERGROUPS_ENAB yes\n", [], ["docker"]),
        ("GROUP=docker\n", "USERGROUPS_ENAB\tno\n", ["docker"], []),
        ("GROUP=docker\n", 'USERGROUPS_ENAB "YES"\n', [], ["docker"]),
        ("GROUP=docker\n", "#USERGROUPS_ENAB yes\n", ["docker"], []),
        ("", "USERGROUPS_ENAB no\n", [], []),
    ],
)
def test_what_useradd_gives(text: str, defs: str, groups: list[str], on_request: list[str]) -> None:
    assert given({USERADD: text, DEFS: defs}) == {USERADD: {"groups": groups, "on_request": on_request}}


def test_what_gives_new_users_groups_may_not_be_known() -> None:
    told = given({ADDUSER: DENIED, USERADD: DENIED})
    assert set(told) == {ADDUSER, USERADD} and all(isinstance(one, Hole) for one in told.values())
    assert isinstance(given({USERADD: "GROUP=docker\n", DEFS: DENIED})[USERADD], Hole)
    assert given({USERADD: "GROUPS=docker\n", DEFS: DENIED}) == {USERADD: {"groups": ["docker"], "on_request": []}}
