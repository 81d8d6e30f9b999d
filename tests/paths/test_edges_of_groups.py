"""Edges of groups: groups and accounts that are root under another name; one fact away there is no path."""

from typing import Any

import pytest
from paths.path_facts import told


@pytest.mark.parametrize(
    ("added", "found"),
    [
        ((("principals", "users", "toor", {"name": "toor", "uid": 0, "home": "/root"}),), {"toor": [("certain", "own-password", ("is",))]}),
        ((("socket-access", "groups", "disk", {"members": {"bob": {"uid": 1001}}}),), {"bob": [("likely", "nothing", ("member-of", "opens"))]}),
        ((("socket-access", "groups", "shadow", {"members": {"bob": {"uid": 1001}}}),), {"bob": [("likely", "nothing", ("member-of", "opens"))]}),
        ((("socket-access", "groups", "shadow", {"members": {"every local user": {}}}),), {}),
        ((("socket-access", "groups", "disk", {"members": {"every local user": {}}}),), {"every local user": [("likely", "nothing", ("member-of", "opens"))]}),
        ((("socket-access", "groups", "audio", {"members": {"bob": {}}}),), {}),
    ],
)
def test_who_can_become_root(added: tuple[Any, ...], found: dict[str, Any]) -> None:
    assert told(*added) == found
