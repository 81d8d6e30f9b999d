"""Which users of the host a container may act as beside root, and where that leads: each fact alone, and what is not known."""

from typing import Any

import pytest
from containers.escape_facts import DENIED, DOCKER, account, container, judged, mount, processes, scopes, seen, socket

from hostcheck.model import Hole, OpenArray, OpenObject, incomplete

OPEN = {
    **socket(DOCKER),
    **{"owner_uid": 0, "owner_gid": 999, "mode": "0660", "acl": [], "links": {}},
    "parents": {path: {"uid": 0, "gid": 0, "mode": mode, "acl": []} for path, mode in (("/", "0755"), ("/run", "0700"))},
}
BOB = [1001, 1]
FREE = [100000, 65536]


def remapped(uids: Any = (FREE,), gids: Any = (FREE,), **more: Any) -> dict[str, Any]:
    """Return the facts of a dockerd that maps ids, in whose container these are mapped."""
    first = {"all_ids": False, "mapped": {"uids": list(uids), "gids": list(gids)}}
    return {"engine-scope": scopes("remapped"), **sockets(), **processes(seen(namespaces={"user": "private"}, first=first)), **more}


def sockets(**more: Any) -> dict[str, Any]:
    return {"sockets": {"sockets": {DOCKER: {**OPEN, **more}}}}


def becomes(*real: Any, facts: dict[str, Any], **given: Any) -> Any:
    return judged(container(mounts={f"/{at}": mount(path) for at, path in enumerate(real)}, **given), **facts)["becomes"]


@pytest.mark.parametrize(
    ("real", "uids", "found"),
    [
        ("/home/bob", (BOB, FREE), {"bob": {"uid": 1001, "path": "/home/bob", "what": "the home of bob"}}),
        ("/home", (FREE, BOB), {"bob": {"uid": 1001, "path": "/home", "what": "the home of bob"}}),
        ("/", (BOB,), {"bob": {"uid": 1001, "path": "/", "what": "the home of bob"}}),
        ("/home/bob/.ssh", (BOB,), {"bob": {"uid": 1001, "path": "/home/bob/.ssh", "what": "SSH keys of bob"}}),
        ("/home", ([1000, 2],), {name: {"uid": uid, "path": "/home", "what": f"the home of {name}"} for name, uid in (("ann", 1000), ("bob", 1001))}),
        ("/home/bob/project", (BOB,), {}),
        ("/home/bob", (FREE,), {}),
        ("/srv", (BOB,), {}),
    ],
)
def test_a_mapped_uid_leads_to_the_user_whose_home_is_mounted(real: str, uids: Any, found: dict[str, Any]) -> None:
    assert becomes(real, facts=remapped(uids)) == found
    assert judged(container(mounts={"/x": mount(real, writable=False)}), **remapped(uids))["becomes"] == {}


def test_root_of_the_host_is_any_user_and_what_makes_root_anyway_is_left_out() -> None:
    assert set(becomes("/home/bob", facts={})) == {"bob"}
    assert becomes("/home", facts={}) == {} and set(becomes("/home", "/home/ann", facts={})) == {"ann"}


def test_of_many_users_some_are_told() -> None:
    users = {"users": {f"u{uid}": account(uid, f"/home/u{uid}") for uid in range(1000, 1100)}}
    found = becomes("/home", facts=remapped(([1000, 100],), principals=users))
    assert len(found) == 20 and isinstance(found, OpenObject)
    assert set(becomes("/home", facts=remapped(([1050, 3],), principals=users))) == {"u1050", "u1051", "u1052"}


def test_root_and_accounts_without_a_home_of_their_own_are_none() -> None:
    users = {"users": {"root": account(0, "/home/root"), "daemon": account(1, "/"), "sys": account(3, "/dev")}}
    assert becomes("/", "/dev", "/home", facts=remapped(([0, 65536],), principals=users)) == {}


@pytest.mark.parametrize(
    ("ids", "mode", "found"),
    [
        ({}, "0660", []),
        ({}, "0666", [DOCKER]),
        ({"gids": [FREE, [999, 1]]}, "0660", [DOCKER]),
        ({"gids": [[999, 1]]}, "0600", []),
        ({"uids": [BOB]}, "0660", []),
    ],
)
@pytest.mark.parametrize("real", [DOCKER, "/run"])
def test_a_mapped_id_connects_where_the_socket_lets_it(ids: dict[str, Any], mode: str, found: list[str], real: str) -> None:
    searched = {**OPEN["parents"], "/run": {**OPEN["parents"]["/run"], "mode": "0755"}}
    facts = remapped(**ids, **sockets(mode=mode, parents=searched if real == "/run" else OPEN["parents"]))
    assert judged(container(mounts={"/x": mount(real)}), **facts)["connects"] == found


def test_a_directory_of_the_mount_may_keep_it_out_and_one_above_does_not() -> None:
    facts = remapped(**sockets(mode="0666"))
    assert judged(container(mounts={"/x": mount("/run")}), **facts)["connects"] == []
    assert judged(container(mounts={"/x": mount(DOCKER)}), **facts)["connects"] == [DOCKER]


def test_an_owner_or_a_named_user_among_the_ids_connects() -> None:
    rights = [{"tag": "user", "id": 1001, "perms": "rw-"}, {"tag": "mask", "id": -1, "perms": "rw-"}, {"tag": "group_obj", "id": -1, "perms": "---"}]
    for more in ({"owner_uid": 1001, "mode": "0600"}, {"acl": rights}):
        assert judged(container(mounts={"/x": mount(DOCKER)}), **remapped((BOB,), **sockets(**more)))["connects"] == [DOCKER]
        assert judged(container(mounts={"/x": mount(DOCKER)}), **remapped(**sockets(**more)))["connects"] == []


def test_who_is_root_has_another_way_and_a_user_s_engine_none_of_these() -> None:
    assert judged(container(mounts={"/x": mount(DOCKER)}), **sockets(mode="0666"))["connects"] == []


def test_what_is_not_known_is_open() -> None:
    at = container(mounts={"/x": mount("/home/bob"), "/s": mount(DOCKER)})
    for facts in (remapped(uids=[DENIED]), {**remapped(), "engine-scope": scopes(DENIED)}, remapped(**{"container-processes": {"containers": {}}})):
        found = judged(at, **facts)
        assert isinstance(found["becomes"], Hole) and isinstance(found["connects"], Hole)
    assert isinstance(judged(at, **remapped((BOB,), principals={"users": DENIED}))["becomes"], OpenObject)
    assert isinstance(judged(container(mounts=DENIED), **remapped())["becomes"], Hole)
    some = judged(container(mounts=incomplete({"/x": mount("/home/bob"), "/y": mount(DENIED)}, DENIED)), **remapped((BOB,)))
    assert set(some["becomes"]) == {"bob"} and isinstance(some["becomes"], OpenObject) and isinstance(some["connects"], OpenArray)
    assert isinstance(judged(at, **remapped(**sockets(mode=DENIED)))["connects"], OpenArray)


def test_one_that_does_not_run_maps_nothing() -> None:
    found = judged(container(state="exited", mounts={"/x": mount("/home/bob")}), **{**remapped(), "container-processes": {"containers": {}}})
    assert (found["becomes"], found["connects"]) == ({}, [])
