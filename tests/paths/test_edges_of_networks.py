"""Edges of networks: who reaches what listens on TCP; one fact away there is no path."""

from typing import Any

import pytest
from paths.path_facts import CONNECT, NOTHING, SURE, api, told

ANYBODY = ("every local user", "whoever reaches this host over the network")


@pytest.mark.parametrize(
    ("added", "found"),
    [
        ((api(),), {"every local user": [(*SURE, CONNECT)]}),
        ((api(tls="mutual"),), NOTHING),
        ((api(serves="other"),), NOTHING),
        ((api(reach="every address", plugins=["authz"]),), dict.fromkeys(ANYBODY, [("potential", "nothing", CONNECT)])),
    ],
)
def test_who_can_become_root(added: tuple[Any, ...], found: dict[str, Any]) -> None:
    assert told(*added) == found
