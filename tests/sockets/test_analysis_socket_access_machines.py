"""Sockets of virtual machines among those of engines: by the place where a product keeps them, and by who made the link to one."""

from typing import Any

import pytest
from laws import breaches
from sockets.access import DENIED, DOCKER, derive, facts, place, route

from hostcheck.model import Hole, incomplete
from hostcheck.testing.analyses import hide as changed
from hostcheck.testing.analyses import leaves

SOCKET = "/home/ann/.docker/desktop/docker.sock"
PEER = {"pid": 9, "uid": 1000, "gid": 1000, "exe": "/x"}


def linked(*, maker: int = 0, owner: int = 1000, folder: Any = None, target: str = SOCKET, **more: Any) -> dict[str, Any]:
    """Return /run/docker.sock as the probe states it where it is a link into a home."""
    told = route(target, "0755", owner, owner, **{"peer": {**PEER, "uid": owner}, **more})
    told["parents"] |= {"/run": folder or place(), "/var": place(), "/home/ann": place("0700", 1000, 1000)}
    told["links"] = {DOCKER: {"target": target, "uid": maker}, "/var/run": {"target": "/run", "uid": 0}}
    return told


def machine(told: dict[str, Any]) -> Any:
    given = facts()
    given["sockets"]["sockets"] = {DOCKER: told}
    found = derive(given)["sockets"][DOCKER]
    return found if isinstance(found, Hole) else found["machine"]


def test_a_link_that_root_made_leads_into_a_users_machine() -> None:
    assert machine(linked()) == "docker-desktop"


@pytest.mark.parametrize(
    "told",
    [
        linked(maker=1000),
        linked(folder=place("0777")),
        linked(folder=place("0755", 1000)),
        linked(folder=place(acl=[{"tag": "user", "id": 1000, "perms": "rwx"}])),
        linked(owner=0),
        linked(target="/home/ann/docker.sock"),
        linked(peer={**PEER, "uid": 0}),
        route(),
        route(SOCKET, "0755", 1000, 1000, peer=PEER),
    ],
)
def test_whatever_else_stands_there_leads_into_none(told: dict[str, Any]) -> None:
    assert machine(told) == "none"


def test_not_to_know_who_listens_or_who_made_a_link_is_not_to_know_where_it_leads() -> None:
    assert isinstance(machine(linked(peer=DENIED)), Hole)
    assert isinstance(machine({**linked(), "links": incomplete({}, DENIED)}), Hole)
    assert isinstance(machine({**linked(), "parents": incomplete({path: one for path, one in linked()["parents"].items() if path != "/run"}, DENIED)}), Hole)


def test_hiding_any_fact_only_makes_holes() -> None:
    given = facts(homes=[route(SOCKET, "0755", 1000, 1000, peer=PEER, runtime_dir="/home/ann/.docker/desktop")])
    given["sockets"]["sockets"] = {DOCKER: linked()}
    before = derive(given)
    assert (before["sockets"][DOCKER]["machine"], before["user_sockets"][SOCKET]["machine"]) == ("docker-desktop", "docker-desktop")
    for at in (at for at in leaves(given) if at[0] in ("sockets", "user-sockets")):
        for how in ("hidden", "opened", "shortened"):
            broken = [one for one in breaches(before, derive(changed(given, at, how))) if "/machine" in one]
            assert not broken, f"{how} {at}: {broken[:5]}"
