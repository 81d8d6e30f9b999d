"""Whose the sockets of runtimes will be after their next restart, by facts that are written by hand."""

from pathlib import Path
from typing import Any

import pytest
from sockets import access
from sockets.access import DENIED, LIMIT, route

from hostcheck.facts_schema import load_facts_schema
from hostcheck.model import Hole, HoleError, Why, incomplete
from hostcheck.parting import part, unite
from hostcheck.schema import compile_schema
from hostcheck.view import View
from hostcheck_builtin.runtimes import analysis_runtime_sockets

SCHEMA = load_facts_schema(str(Path(analysis_runtime_sockets.__file__).parent / "analysis_runtime_sockets.facts.json"))
OBEYS = compile_schema(SCHEMA)
MAIN = "/etc/containerd/config.toml"
CONF = "/etc/buildkit/buildkitd.toml"
DAEMON = "/etc/docker/daemon.json"
PATH = "/run/containerd/containerd.sock"


def made(gid: Any = 999, *, uid: Any = 0, address: Any = PATH) -> dict[str, Any]:
    return {"address": address, "uid": uid, "gid": gid, "by": "[grpc]", "set_in": MAIN}


def containerd(sockets: Any, **more: Any) -> dict[str, Any]:
    return {MAIN: {"product": "containerd", "there": True, "templates": [], "sockets": sockets, **more}}


def buildkit(sockets: Any) -> dict[str, Any]:
    return {CONF: {"engine": "buildkit", "there": True, "sockets": sockets}}


def derive(runtimes: Any, **told: Any) -> Any:
    facts = {**access.facts(**told.pop("people", {})), "socket-access": {"sockets": {}}, **told}
    facts["runtimes"] = runtimes if isinstance(runtimes, Hole) else {"containerd": {}, "buildkit": {}, **runtimes}
    view = View({name: value if isinstance(value, Hole) else unite(*part(value), name) for name, value in facts.items()})
    try:
        derived = unite(*part(analysis_runtime_sockets.derive(view, {})), "runtime-sockets")
    except HoleError as error:
        return error.hole
    assert OBEYS(derived) is not False
    return derived if isinstance(derived, Hole) else derived["configurations"]


def one(socket: Any, **told: Any) -> Any:
    return derive({"containerd": containerd({"grpc": socket})}, **told)[MAIN]["sockets"]["grpc"]


def now(place: str = PATH, mode: str = "0660", uid: int = 0, gid: int = 999, **more: Any) -> Any:
    """Return what socket-access says of a socket of today."""
    path = route(place, mode, uid, gid, **{"engine": "containerd", **more})
    derived = access.derive(access.facts(path))
    return {"sockets": dict(derived["sockets"])}


def test_the_group_with_its_members() -> None:
    assert one(made()) == {
        **{"address": PATH, "by": "[grpc]", "uid": 0, "gid": 999, "set_in": MAIN, "permissions": "root:docker 0660", "obeys": True, "told_now": False},
        "reached_by": ["ann (group docker)", "bob (primary group docker)", "svc (group docker)"],
    }


@pytest.mark.parametrize(
    ("socket", "permissions", "reached_by"),
    [
        (made(0), "root:root 0660", []),
        (made(-1, uid=-1), "root:root 0660", []),
        (made(50), "root:staff 0660", []),
        (made(12345), "root:gid 12345 0660", []),
        (made(0, uid=1002), "cat:root 0660", ["cat (owner)"]),
        (made(0, uid=4321), "uid 4321:root 0660", ["uid 4321 (owner)"]),
        (made("docker"), "root:docker 0660", ["ann (group docker)", "bob (primary group docker)", "svc (group docker)"]),
    ],
)
def test_whose_it_is_then(socket: dict[str, Any], permissions: str, reached_by: list[str]) -> None:
    told = one(socket)
    assert (told["permissions"], told["reached_by"]) == (permissions, reached_by)


def test_what_takes_commands() -> None:
    sockets = derive({"containerd": containerd({name: made() for name in ("grpc", "ttrpc", "debug")})})[MAIN]["sockets"]
    assert {name: told["obeys"] for name, told in sockets.items()} == {"grpc": True, "ttrpc": True, "debug": False}


def test_a_process_that_has_the_group_has_it_then_too() -> None:
    assert "cat (process 77 has group docker)" in one(made(), people={"processes": [access.session(1002, 999)]})["reached_by"]


@pytest.mark.parametrize(
    ("same", "access"),
    [
        (True, now()),
        (False, now(mode="0600")),
        (False, now(gid=0)),
        (False, now(gid=50)),
        (False, now(uid=1002)),
        (False, now("/run/other.sock")),
        (False, now(listening=False)),
        (False, now(listening=DENIED)),
        (False, now(engine="docker")),
        (False, now(engine=DENIED)),
        (False, DENIED),
        (False, {"sockets": {PATH: DENIED}}),
        (False, {"sockets": {PATH: {**now()["sockets"][PATH], "granted": DENIED}}}),
        (False, {"sockets": {PATH: {**now()["sockets"][PATH], "granted": incomplete({}, LIMIT)}}}),
    ],
)
def test_what_is_told_of_the_socket_of_today_is_not_told_again(same: bool, access: Any) -> None:
    assert one(made(), **{"socket-access": access})["told_now"] is same


def test_a_group_without_members_is_told_though_the_socket_has_it_now() -> None:
    assert one(made(50), **{"socket-access": now(gid=50)})["told_now"] is False


def test_a_path_below_var_run_is_that_below_run() -> None:
    assert one(made(address=f"/var{PATH}"), **{"socket-access": now()})["told_now"] is True


def test_what_is_not_known_of_a_socket_stays_open_and_the_rest_does_not() -> None:
    told = one(made(Hole(why=Why.NONSENSE, message="gid of the wrong type")))
    assert told["gid"].why == told["permissions"].why == told["reached_by"].why == Why.NONSENSE and told["uid"] == 0
    told = one(made(address=DENIED), **{"socket-access": now()})
    assert (told["address"], told["told_now"], told["permissions"]) == (DENIED, False, "root:docker 0660")
    told = derive({"containerd": containerd(DENIED, there=LIMIT, templates=incomplete(["/t"], LIMIT))})[MAIN]
    assert (told["sockets"], told["there"], list(told["templates"]), told["templates"].hole) == (DENIED, LIMIT, ["/t"], LIMIT)
    told = derive({"containerd": incomplete(containerd(incomplete({}, DENIED)), LIMIT)})
    assert (told.hole, told[MAIN]["sockets"].hole) == (LIMIT, DENIED)
    assert derive({"containerd": {MAIN: DENIED}})[MAIN] == DENIED


def test_who_has_the_group_may_not_be_known() -> None:
    told = one(made(), people={"nss": {"users": LIMIT, "groups": LIMIT, "memberships": LIMIT}})
    assert told["gid"] == 999 and told["reached_by"].hole is not None


def test_a_group_that_does_not_exist_lets_buildkitd_make_no_socket() -> None:
    named = {"/run/b.sock": made("nobodys", address="/run/b.sock")}
    assert derive({"buildkit": buildkit(named)})[CONF]["sockets"] == {}
    told = derive({"buildkit": buildkit(named)}, people={"nss": {"users": {}, "groups": LIMIT, "memberships": {}}})[CONF]["sockets"]["/run/b.sock"]
    assert (told["gid"].why, told["uid"]) == (Why.LIMIT, 0)


def test_buildkit_and_not_the_one_in_dockerd() -> None:
    docker = {DAEMON: {"engine": "docker", "there": True, "sockets": {}}}
    found = derive({"buildkit": {**buildkit({"/run/b.sock": made(address="/run/b.sock")}), **docker}})
    assert list(found) == [CONF]
    assert (found[CONF]["product"], found[CONF]["there"], found[CONF]["sockets"]["/run/b.sock"]["permissions"]) == ("buildkit", True, "root:docker 0660")
    assert derive({"buildkit": {DAEMON: DENIED}}) == {}


def test_where_runtimes_or_users_are_not_known_nothing_is() -> None:
    assert derive({"containerd": DENIED}).hole == DENIED
    assert derive(LIMIT) == LIMIT
    assert derive({}, principals=DENIED) == DENIED
    assert derive({}, host={"scan": {"init_userns": False}}).why == Why.DENIED
