"""Whose engine serves a socket, by who listens and what the engine says; whatever is not told leaves a hole."""

from typing import Any

import pytest
from engines.scope_facts import ANNS, DENIED, DOCKER, WHOLE, derive, docker, facts, grpc, podman, process, reach
from hypothesis import given
from hypothesis import strategies as st

from hostcheck.model import Hole, HoleError, OpenObject, Why
from hostcheck.view import View
from hostcheck_builtin.engines import scopes


@pytest.mark.parametrize(
    ("socket", "scope", "root"),
    [
        (docker(), "rootful", 0),
        (docker("name=rootless"), "rootful", 0),
        (docker("name=userns", root="/var/lib/docker/165536.165536"), "remapped", 165536),
        (docker("name=userns", root="/var/lib/docker/0.165536"), "rootful", 0),
        (docker("name=userns", root="/var/lib/docker/165536.0"), "remapped", 165536),
        (docker("name=userns", root="/var/lib/docker"), None, None),
        (docker(root="/var/lib/docker/165536.165536"), "rootful", 0),
        (docker(root="/var/lib/docker/0.0"), "rootful", 0),
        (podman(False), "rootful", 0),
        (podman(True), "rootful", 0),
        (grpc("containerd"), "rootful", 0),
        (docker("name=rootless", uid=1000), "rootless", 1000),
        (docker(uid=1000), "rootful", 0),
        (docker("name=userns", uid=1000, root="/x/165536.165536"), "rootful", 0),
        (podman(True, uid=1000), "rootless", 1000),
        (podman(False, uid=1000), "rootful", 0),
        (grpc("containerd", uid=1000), "rootless", 1000),
        (grpc("containerd", uid=1000, process=process(WHOLE)), None, None),
        (docker(info=DENIED), None, None),
        (docker(uid=1000, info=DENIED), None, None),
        (docker(engine=DENIED), None, None),
    ],
)
def test_whose_engine_it_is(socket: Any, scope: Any, root: Any) -> None:
    for where, told in (("sockets", facts({DOCKER: socket})), ("user_sockets", facts(None, {DOCKER: socket}))):
        one = derive(told)[where][DOCKER]
        assert one["running"] is True
        if scope is None:
            assert all(isinstance(one[key], Hole) for key in ("scope", "root_is_uid", "known_by"))
        else:
            assert (one["scope"], one["root_is_uid"]) == (scope, root)
            assert one["known_by"][0] == f"uid {socket['uid']} listens"


def test_who_answers_is_believed_before_the_path() -> None:
    told = derive(facts({DOCKER: docker(engine="podman", libpod={"rootless": False})}))
    assert told["sockets"][DOCKER]["engine"] == "podman"
    assert told["rootful_docker"] == []


def test_docker_behind_a_podman_sock_costs_the_facts_of_that_socket_alone() -> None:
    """A user may put any program behind any name; /info is asked for at a docker.sock only."""
    path, odd = "/run/user/1000/podman/podman.sock", docker(uid=1000, named="podman", libpod=DENIED)
    del odd["info"]
    told = derive(facts({DOCKER: docker(), "/run/podman/podman.sock": {**odd, "uid": 0, "owner_uid": 0}}, {path: odd}, reached={DOCKER: reach(1001)}))
    assert told["user_sockets"][path]["scope"].why is told["sockets"]["/run/podman/podman.sock"]["scope"].why is Why.NONSENSE
    assert (told["sockets"][DOCKER]["scope"], told["users"]["bob"]["rootful_sockets"]) == ("rootful", [DOCKER])
    assert isinstance(told["users"]["ann"], Hole) and not isinstance(told["users"], OpenObject)


def test_who_says_rootless_from_outside_of_any_namespace_is_elsewhere_and_no_engine_of_the_users() -> None:
    """As over a socket that Lima's ssh forwards out of a virtual machine, in which docker is rootless."""
    forwarded = docker("name=rootless", uid=1000, process=process(WHOLE, exe="/usr/bin/ssh"))
    told = derive(facts(users={ANNS: forwarded, "/p": {**podman(True, uid=1000), "process": process(WHOLE, exe="/usr/libexec/podman/gvproxy")}}))
    assert {path: one["scope"] for path, one in told["user_sockets"].items()} == {ANNS: "elsewhere", "/p": "elsewhere"}
    assert (told["users"], told["rootless_users"]) == ({}, {})
    hidden = derive(facts(users={ANNS: {**forwarded, "process": DENIED}}))
    assert isinstance(hidden["user_sockets"][ANNS]["scope"], Hole) and isinstance(hidden["users"]["ann"], Hole)
    ended = {key: value for key, value in forwarded.items() if key != "process"}
    assert derive(facts(users={ANNS: ended}))["user_sockets"][ANNS]["scope"] == "rootless"


@given(st.text("/.0169\n\u0661x", max_size=30), st.integers(0, 9999999999), st.integers(0, 9999999999))
def test_a_range_is_what_the_data_directory_ends_with_or_there_is_none(place: str, uid: int, gid: int) -> None:
    assert scopes.remapped_to(View({"root_dir": f"{place}/{uid}.{gid}"})) == (uid, gid)
    try:
        first, second = scopes.remapped_to(View({"root_dir": place}))
    except HoleError:
        return
    last = place.rpartition("/")[2]
    assert "/" in place and last.isascii() and [int(one) for one in last.split(".")] == [first, second]
