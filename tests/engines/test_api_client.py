"""What is asked of an engine, and every answer that is none: it costs its own endpoint, and is never taken for a value."""

from typing import Any

import pytest
from engines.engine_host import ANN, ANNS, DOCKER, HOST_NET, LIBPOD, ROOTS, body, docker, facts, owned, podman, process, said

from hostcheck.host import Nonsense
from hostcheck.host.answers import Peer
from hostcheck.model import Hole, Why
from hostcheck_builtin.engines import api_client

PODMAN = "/run/podman/podman.sock"


def test_an_endpoint_that_fails_costs_itself_alone() -> None:
    crashed = Nonsense("closed without an answer")
    answers = docker("docker-rootless-hostnet", 1000, **{"/version": crashed})
    one = facts("user-engines", **ANN, answers={ANNS: answers}, networks={700: HOST_NET})["sockets"][ANNS]
    assert isinstance(one["version"], Hole) and one["version"].why == Why.NONSENSE
    assert "name=rootless" in one["info"]["security_options"]
    assert (one["engine"], one["process"]["host_network"]) == ("docker", True)


def test_podman_is_asked_in_its_own_words() -> None:
    one = facts(peers={PODMAN: Peer(pid=7, uid=0, gid=0)}, processes=(process(7, name="podman", exe="/usr/bin/podman"),), answers={PODMAN: podman()})
    told = one["sockets"][PODMAN]
    assert (told["engine"], told["libpod"]["rootless"], told["libpod"]["uid_map"]) == ("podman", False, [])
    assert "info" not in told and "version" not in told
    path = "/run/user/1000/podman/podman.sock"
    anns = {"peers": {path: Peer(pid=700, uid=1000, gid=1000)}, "stats": {path: owned("socket"), "/run/user/1000/podman": owned("dir")}}
    anns["processes"] = (process(700, 1000, "podman", "/usr/bin/podman"),)
    theirs = facts("user-engines", **anns, answers={path: podman("podman-rootless", 1000)})["sockets"][path]
    assert (theirs["libpod"]["rootless"], theirs["libpod"]["uid_map"]) == (True, [[0, 1001, 1], [1, 165536, 65536]])
    assert theirs["libpod"]["cgroup_controllers"] == []


def test_podman_behind_dockers_name_says_who_it_is() -> None:
    podmans = {path: said(body(f"podman-rootless-{path[1:]}"), server=LIBPOD) for path in ("/info", "/version")}
    one = facts(**ROOTS, answers={DOCKER: {**podman(), **podmans}})["sockets"][DOCKER]
    assert (one["named"], one["engine"], one["libpod"]["version"]) == ("docker", "podman", "5.4.2")
    assert one["version"]["components"]["Podman Engine"] == "5.4.2"


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (said("{}", status=401), "denied"),
        (said('{"message":"authorization denied by plugin x"}', status=403), "denied"),
        (said("{}", status=404), "unsupported"),
        (said("", status=302), "nonsense"),
        (said("{}", status=500), "nonsense"),
        (said("<html>"), "nonsense"),
        (said("[]"), "nonsense"),
        (said("null"), "nonsense"),
        (said('{"a":NaN}'), "nonsense"),
        (said('{"a":' + "9" * 10_000 + "}"), "nonsense"),
        (said("[" * 200_000 + "]" * 200_000), "nonsense"),
        (said('{"SecurityOptions":["name=rootless"],"SecurityOptions":[]}'), "nonsense"),
        (said('{"Swarm":{"a":1,"a":2}}'), "nonsense"),
        (said(b'{"Name":"\xff"}'), "nonsense"),
        (said(b'\xef\xbb\xbf{"Name":"x"}'), "nonsense"),
        (said(b" " * (api_client.SIZE + 1)), "limit"),
        (said("{}", uid=1000), "nonsense"),
        (FileNotFoundError(2, "gone"), "nonsense"),
        (ConnectionRefusedError(111, "refused"), "nonsense"),
        (TimeoutError("slow"), "timeout"),
    ],
)
def test_what_is_no_answer_is_a_hole(answer: Any, why: str) -> None:
    one = facts(**ROOTS, answers={DOCKER: docker(**{"/info": answer})})["sockets"][DOCKER]
    assert isinstance(one["info"], Hole) and one["info"].why == why
    assert (one["engine"], one["version"]["version"]) == ("docker", "26.1.5+dfsg1")


@pytest.mark.parametrize("status", [200, 403, 500])
def test_who_answers_is_told_by_any_answer(status: int) -> None:
    one = facts(**ROOTS, answers={DOCKER: docker(**{"/_ping": said("", status=status)})})["sockets"][DOCKER]
    assert one["engine"] == "docker"


def test_who_does_not_say_who_it_is_may_be_podman() -> None:
    one = facts(**ROOTS, answers={DOCKER: docker(**{"/_ping": said("OK", server="nginx")})})["sockets"][DOCKER]
    assert isinstance(one["engine"], Hole) and isinstance(one["libpod"], Hole)
    assert one["info"]["root_dir"] == "/var/lib/docker"


def test_who_was_silent_once_is_asked_nothing_more() -> None:
    told = facts(**ROOTS, answers={DOCKER: {"/_ping": TimeoutError("too slow"), "/info": AssertionError("asked"), "/version": AssertionError("asked")}})
    one = told["sockets"][DOCKER]
    assert {one[name].why for name in ("engine", "info", "version")} == {Why.TIMEOUT}
