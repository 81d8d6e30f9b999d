"""Edges of groups: groups and accounts that are root under another name; one fact away there is no path."""

from typing import Any

import pytest
from paths.path_facts import told


@pytest.mark.parametrize(
    ("added", "found"),
    [
        ((("principals", "users", "toor", {"name": "toor", "uid": 0, "home": "/root", "shell": "/bin/sh"}),), {"toor": [("certain", "own-password", ("is",))]}),
        ((("socket-access", "groups", "disk", {"members": {"bob": {"uid": 1001}}}),), {"bob": [("likely", "nothing", ("member-of", "opens"))]}),
        ((("socket-access", "groups", "shadow", {"gid": 42, "members": {"bob": {"uid": 1001}}}),), {"bob": [("likely", "nothing", ("member-of", "opens"))]}),
        ((("socket-access", "groups", "shadow", {"gid": 42, "members": {"every local user": {}}}),), {}),
        ((("socket-access", "groups", "disk", {"members": {"every local user": {}}}),), {"every local user": [("likely", "nothing", ("member-of", "opens"))]}),
        ((("socket-access", "groups", "audio", {"members": {"bob": {}}}),), {}),
    ],
)
def test_who_can_become_root(added: tuple[Any, ...], found: dict[str, Any]) -> None:
    assert told(*added) == found


@pytest.mark.parametrize(
    ("path", "more", "found"),
    [
        ("/opt/cat", {}, {"every local user": [("likely", "nothing", ("executes", "opens"))]}),
        ("/usr/bin/chage", {}, {}),
        ("/opt/cat", {"owner_gid": 60}, {}),
        ("/opt/cat", {"mode": "2750"}, {}),
    ],
)
def test_a_setgid_program_that_reads_any_file(path: str, more: dict[str, Any], found: dict[str, Any]) -> None:
    place = {"mode": "0755", "acl": []}
    file = {"realpath": path, "owner_uid": 0, "owner_gid": 42, "mode": "2755", "acl": [], "parents": {"/": place}, **more}
    assert told(("socket-access", "groups", "shadow", {"gid": 42, "members": {}}), ("group-grants", "setgid_files", path, file)) == found
