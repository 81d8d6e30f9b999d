"""Whose ids root's dockerd gives to its containers: everybody's whose range begins where it says that root is."""

from typing import Any

import pytest
from subids.coverage import DENIED, USERS, derive, facts, user

from hostcheck.model import Hole, OpenArray, OpenObject, Why


def remapped(root: str = "/var/lib/docker/100000.100000", *options: str, **more: Any) -> dict[str, Any]:
    info = {"security_options": list(options or ("name=userns",)), "root_dir": root}
    return {"named": "docker", "engine": "docker", "listening": True, "served": True, "uid": 0, "owner_uid": 0, "info": info, **more}


DOCKREMAP = {**USERS, "dockremap": {**user("dockremap", 990), "shell": "/bin/false"}}
BARRED = {"root_is_uid": 100000, "socket": "/d", "sockets": ["/d"], "login_capable": False, "rootless": []}


def barred(owner: str, first: int = 100000) -> dict[str, Any]:
    return {**BARRED, "owner": owner, "line_key": f"{owner}:{first}", "root_is_uid": first}


def remaps(subuid: str = "dockremap:100000:65536\nann:300000:65536\n", socket: Any = None, **more: Any) -> Any:
    return derive(facts(subuid, **{"users": DOCKREMAP, "sockets": {"/d": socket or remapped()}, **more}))["remap_users"]


@pytest.mark.parametrize(
    "socket",
    [
        remapped("/var/lib/docker", "name=seccomp"),
        remapped(uid=1000),
        remapped(engine="podman"),
        remapped(named="containerd"),
        remapped(served=False),
        remapped(listening=False),
    ],
)
def test_only_a_docker_of_roots_that_remaps_has_a_user_for_it(socket: Any) -> None:
    assert remaps(socket=socket) == {}


def test_whose_ids_docker_remaps_to() -> None:
    assert remaps() == {"dockremap": barred("dockremap")}
    assert remaps(socket=remapped("/var/lib/docker/300000.300000")) == {"ann": {**barred("ann", 300000), "login_capable": True}}
    rootless = {"ann": {"uid": 1000, "engines": ["docker"]}}
    assert remaps("1000:100000:9\n", rootless=rootless) == {"1000": {**barred("1000"), "login_capable": True, "rootless": ["docker"]}}
    assert remaps("gone:100000:9\n") == {"gone": barred("gone")}


def test_everybody_whose_range_begins_there_counts() -> None:
    assert set(remaps("dockremap:100000:65536\nann:100000:1\n")) == {"dockremap", "ann"}
    assert set(remaps("dockremap:100000:65536\nann:50000:65536\n")) == {"dockremap"}  # that these overlap is told of the ranges
    assert set(remaps("dockremap:100000:65536\nann:0303240:1\n")) == {"dockremap", "ann"}  # shadow takes it for octal


def test_where_no_range_begins_there_it_is_not_known_whose_it_is() -> None:
    told = remaps("dockremap:200000:65536\n")
    assert set(told) == {"uid 100000"} and told["uid 100000"].why is Why.NONSENSE
    told = remaps("dockremap:200000:65536\n", files=False)
    assert told["uid 100000"].why is Why.LIMIT and isinstance(told, OpenObject)


def test_what_is_not_known_of_a_remapping_docker_is_never_taken_for_good() -> None:
    assert isinstance(derive({**facts(), "engines": DENIED})["remap_users"], Hole)
    told = remaps(socket={**remapped(), "info": DENIED})
    assert isinstance(told, OpenObject) and told == {}
    assert isinstance(remaps(nss=DENIED)["dockremap"]["login_capable"], Hole)
    assert isinstance(remaps(rootless=DENIED)["dockremap"]["rootless"], Hole)
    assert isinstance(remaps(rootless={"ann": DENIED})["dockremap"]["rootless"], OpenArray)
    assert remaps("ann:100000:1\n", nss=DENIED)["ann"]["login_capable"] is True
    listed = {"users": {"dockremap": {**DOCKREMAP["dockremap"], "shell": "/bin/bash"}}, "groups": {}}
    assert remaps(nss=listed)["dockremap"]["login_capable"] is True
