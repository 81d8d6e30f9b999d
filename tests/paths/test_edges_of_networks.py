"""Edges of networks: who reaches what listens on TCP; one fact away there is no path."""

from typing import Any

import pytest
from paths.path_facts import CONNECT, NOTHING, SURE, api, derived, host, told

from hostcheck.model import Hole, Why

PERHAPS = ("likely", "nothing", ("connects", "controls"))
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


def export(**more: Any) -> tuple[str, str, str, Any]:
    return (
        "listeners",
        "exports",
        "/srv to *",
        {"path": "/srv", "client": "*", "place": "/etc/exports:1", "any_port": False, "executed": False, "runs": True, **more},
    )


def test_root_of_another_host_writes_as_root() -> None:
    assert told(export()) == told(export(client="10.0.0.0/8", any_port=True)) == {ANYBODY[1]: [PERHAPS]}
    assert told(export(any_port=True)) == dict.fromkeys(ANYBODY, [PERHAPS])
    assert told(export(any_port=True, executed=True))["every local user"] == [("certain", "nothing", ("connects", "controls"))]
    later = derived(host(export(any_port=True, executed=True, runs=False)))["paths"]
    assert [[step["waits"] for step in path["steps"]] for path in later] == [["reboot", "nothing"]] * 2
    assert told(export(executed=True)) == {ANYBODY[1]: [PERHAPS]}


def test_exports_that_are_not_known_or_not_there() -> None:
    facts = host()
    assert derived({**facts, "listeners": {}})["paths"] == []
    hole = Hole(why=Why.DENIED, message="no")
    assert "over NFS" in derived({**facts, "listeners": {"exports": hole}})["paths"].hole.message
