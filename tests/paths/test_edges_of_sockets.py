"""Edges of sockets: who connects and who answers in its place; one fact away there is no path."""

from typing import Any

import pytest
from paths.path_facts import CONNECT, NOTHING, SURE, people, person, socket, told


@pytest.mark.parametrize(
    ("added", "found"),
    [
        ((socket(),), NOTHING),
        ((socket(**people(bob="group docker")),), {"bob": [(*SURE, CONNECT)]}),
        ((socket(**people(bob="group docker"), listening=False),), NOTHING),
        ((socket(everyone=True, users={"bob": person("any user")}),), {"every local user": [(*SURE, CONNECT)]}),
        ((socket(**people(bob="group x"), engine="libvirt"),), {"bob": [("likely", "nothing", CONNECT)]}),
        (
            ((*socket()[:2], "/run/containerd/containerd.sock.ttrpc", socket(**people(bob="group x"), engine="containerd")[3]),),
            {"bob": [("likely", "nothing", CONNECT)]},
        ),
        ((socket(**people(bob="group x"), scope="rootless", owner="ann"),), NOTHING),
        ((socket(replaceable_by=people(bob="owner of /run/docker")),), {"bob": [("likely", "nothing", ("replaces", "trusts"))]}),
    ],
)
def test_who_can_become_root(added: tuple[Any, ...], found: dict[str, Any]) -> None:
    assert told(*added) == found
