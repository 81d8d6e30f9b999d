"""Containers of root's engines, on hosts in memory: which are stated under which name, and what an engine that fails costs."""

import json
from dataclasses import replace
from typing import Any

import pytest
from containers.container_host import DOCKERS, NO_LIST, PODMAN, PODMANS, SECRET, answers, bind, facts, ident, inspected
from engines.engine_host import ANN, ANNS, BOOTED, DOCKER, HEAD, LIBPOD, ROOTS, ROW, UNIT, host, process, said

from hostcheck.host.answers import Answer, Peer
from hostcheck.model import Hole, OpenObject, Why
from hostcheck.testing.probes import denials, stated
from hostcheck_builtin.containers import inspection, probe_containers
from hostcheck_builtin.system import bounds

OTHER = "/run/docker/docker.sock"
INSPECT = inspection.INSPECT["docker"].format(ident(1))


def names(**kwargs: Any) -> list[str]:
    return list(stated(probe_containers.collect, host(**kwargs))["containers"])


def hole(told: Any) -> Hole:
    assert isinstance(told, OpenObject), told
    return told.hole


def test_nothing_runs() -> None:
    told = stated(probe_containers.collect, host())
    assert told == {"containers": {}} and not isinstance(told["containers"], OpenObject)


def test_each_container_has_the_name_that_its_engine_tells_when_it_is_asked() -> None:
    told = facts(inspected(1, "web"), inspected(2, "renamed meanwhile"))["containers"]
    assert list(told) == ["docker:renamed meanwhile", "docker:web"]
    assert {key: told["docker:web"][key] for key in ("id", "engine", "socket", "name", "image", "state")} == {
        "id": ident(1),
        "engine": "docker",
        "socket": DOCKER,
        "name": "web",
        "image": "app",
        "state": "running",
    }
    assert not isinstance(told, OpenObject)


def test_one_engine_at_two_sockets_has_its_containers_once() -> None:
    peers = {path: Peer(pid=7, uid=0, gid=0) for path in (DOCKER, OTHER)}
    given = answers(inspected(1), inspected(2, "db"))
    told = stated(probe_containers.collect, host(peers=peers, processes=(process(7),), answers=dict.fromkeys(peers, given)))["containers"]
    assert {name: one["socket"] for name, one in told.items()} == {"docker:db": DOCKER, "docker:web": DOCKER}


def test_two_engines_may_have_the_same_name() -> None:
    peers = {path: Peer(pid=7, uid=0, gid=0) for path in (DOCKER, OTHER)}
    given = {DOCKER: answers(inspected(1)), OTHER: answers(inspected(2))}
    assert names(peers=peers, processes=(process(7),), answers=given) == ["docker:web (010101010101)", "docker:web (020202020202)"]


def test_podman_is_asked_in_its_own_words() -> None:
    one = inspected(1, "db", engine="podman", PidMode="private", UTSMode="private", UsernsMode="private", IDMappings={"UidMap": ["0:100000:65536"]})
    told = stated(probe_containers.collect, host(**PODMANS, answers={PODMAN: answers(one, engine="podman")}))["containers"]
    assert list(told) == ["podman:db"]
    assert told["podman:db"]["namespaces"] == {"pid": "private", "net": "private", "ipc": "private", "uts": "private", "user": "private", "cgroup": "private"}
    assert told["podman:db"]["masked_paths"].why is Why.UNSUPPORTED


def test_what_may_hold_a_password_is_not_stated() -> None:
    assert SECRET in json.dumps(inspected())
    options = {"Type": "volume", "Name": "v", "Source": "/v", "Destination": "/v", "Driver": "local", "RW": True, "Mode": SECRET, "Options": [SECRET]}
    told = facts(inspected(Mounts=[options], SecurityOpt=[f"seccomp={SECRET}"]), volumes=[{"Name": "v", "Options": {"o": SECRET}, "Labels": {"a": SECRET}}])
    assert SECRET not in repr(told)


def test_another_container_is_called_by_its_name() -> None:
    told = facts(inspected(1, NetworkMode=f"container:{ident(2)}", PidMode=f"container:{'f' * 64}"), inspected(2, "db"))["containers"]
    assert (told["docker:web"]["namespaces"]["net"], told["docker:web"]["namespaces"]["pid"]) == ("container:db", f"container:{'f' * 12}")


def test_what_a_volume_shows_of_the_host() -> None:
    def volume(name: str, driver: str = "local") -> dict[str, Any]:
        return {"Type": "volume", "Name": name, "Source": f"/var/lib/docker/volumes/{name}/_data", "Destination": f"/{name}", "Driver": driver, "RW": True}

    known = {
        "sly": {"type": "none", "o": "bind", "device": "/etc"},
        "own": None,
        "far": {"type": "nfs", "device": ":/x"},
        "odd": {"type": "overlay", "device": "/x"},
    }
    mounts = [volume(name) for name in (*known, "unlisted")] + [volume("plugged", "vendor")]
    listed = [{"Name": name, "Options": options} for name, options in known.items()]
    told = facts(inspected(Mounts=mounts), volumes=listed, files={"/etc/x": ""})["containers"]["docker:web"]["mounts"]
    assert {place: one.get("real", "none") if not isinstance(one.get("real"), Hole) else "hole" for place, one in told.items()} == {
        "/sly": "/etc",
        "/own": "none",
        "/far": "none",
        "/odd": "hole",
        "/unlisted": "hole",
        "/plugged": "none",
    }
    late = facts(inspected(Mounts=mounts[:1]), more={inspection.VOLUMES: TimeoutError("late")})["containers"]["docker:web"]["mounts"]["/sly"]["real"]
    assert isinstance(late, Hole) and late.why is Why.TIMEOUT


def test_a_container_that_has_gone_is_left_out() -> None:
    gone = {inspection.INSPECT["docker"].format(ident(number)): said('{"message":"No such container"}', status=404) for number in (2, 3)}
    told = facts(inspected(1), inspected(2, "a"), inspected(3, "b"), more=gone)["containers"]
    assert list(told) == ["docker:web"] and not isinstance(told, OpenObject)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (said("{}", status=403), "denied"),
        (said("{}", status=500), "nonsense"),
        (said("<html>"), "nonsense"),
        (said("[]"), "nonsense"),
        (said("[" * 200_000), "nonsense"),
        (said('{"Id":"x"}'), "nonsense"),
        (said(json.dumps(inspected(2))), "nonsense"),
        (said('{"Id":1,"Id":2}'), "nonsense"),
        (said(json.dumps(inspected(1)), uid=1000), "nonsense"),
        (TimeoutError("no answer in time"), "timeout"),
    ],
)
def test_a_container_that_is_not_told_of_is_a_hole_and_costs_no_other(answer: Answer | Exception, why: str) -> None:
    told = facts(inspected(1), inspected(2, "db"), more={INSPECT: answer})["containers"]
    assert list(told) == ["docker:db", "docker:web"]
    assert told["docker:web"].why == why and told["docker:db"]["privileged"] is False


@pytest.mark.parametrize(("answer", "why"), NO_LIST)
def test_where_there_is_no_list_there_may_be_containers(answer: Answer | Exception, why: str) -> None:
    told = facts(inspected(1), more={inspection.LIST: answer})["containers"]
    assert told == {} and hole(told).why == why


@pytest.mark.parametrize("other", [None, 1, "x", {}, {"Id": None}, {"Id": "../info"}, {"Id": ident(1).upper() + "G"}, {"Id": ident(1) + "\n"}])
def test_only_what_is_an_id_is_asked_for(other: Any) -> None:
    told = facts(inspected(1), more={inspection.LIST: said(json.dumps([{"Id": ident(1)}, other, {"Id": ident(1)}]))})["containers"]
    assert list(told) == ["docker:web"] and hole(told).why is Why.NONSENSE


@pytest.mark.parametrize("listed", [None, [], "/web", [1], ["/a/b"], ["/" + "x" * 300]])
def test_what_has_no_name_is_called_by_its_id(listed: Any) -> None:
    told = facts(inspected(1), more={inspection.LIST: said(json.dumps([{"Id": ident(1), "Names": listed}])), INSPECT: said("[]")})["containers"]
    assert list(told) == ["docker:010101010101"] and isinstance(told["docker:010101010101"], Hole)


def test_more_containers_than_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "CONTAINERS_OF_AN_ENGINE", 2)
    told = facts(*(inspected(number, f"c{number}") for number in range(1, 5)))["containers"]
    assert list(told) == ["docker:c1", "docker:c2"]
    assert hole(told) == Hole(why=Why.LIMIT, message=f"{DOCKER}: has 4 containers, of which 2 are looked at")


def test_who_is_slow_is_asked_no_longer_than_the_patience_lasts(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(inspection.time, "monotonic", lambda: now.__setitem__(0, now[0] + 0.6) or now[0])
    told = facts(*(inspected(number, f"c{number}") for number in range(1, 9)))["containers"]
    assert sum(isinstance(one, dict) for one in told.values()) == 5
    assert {one.why for one in told.values() if isinstance(one, Hole)} == {Why.TIMEOUT}


def test_what_a_user_serves_says_nothing_of_roots_engine() -> None:
    planted = {"peers": {DOCKER: Peer(pid=700, uid=1000, gid=1000)}, "processes": (process(700, 1000),)}
    assert names(**planted, answers={DOCKER: {path: replace(one, uid=1000) for path, one in answers(inspected()).items()}}) == []
    assert names(**ANN, answers={ANNS: answers(inspected())}) == []


def test_an_engine_that_systemd_would_have_to_start_is_not_asked() -> None:
    booted = {"files": UNIT, "unix": HEAD + ROW, "stats": BOOTED, "links": {"/proc/1/fd/3": "socket:[42]"}, "peers": {DOCKER: Peer(pid=1, uid=0, gid=0)}}
    told = stated(probe_containers.collect, host(**booted, processes=(process(1, name="systemd", exe="/usr/lib/systemd/systemd"),), answers={}))
    assert told == {"containers": {}} and not isinstance(told["containers"], OpenObject)


def test_an_engine_that_systemd_started_is_asked() -> None:
    links = {"/proc/1/fd/3": "socket:[42]", "/proc/7/fd/9": "socket:[42]"}
    booted = {"files": UNIT, "unix": HEAD + ROW, "stats": BOOTED, "links": links, "peers": {DOCKER: Peer(pid=1, uid=0, gid=0)}}
    running = (process(1, name="systemd", exe="/usr/lib/systemd/systemd"), process(7))
    assert names(**booted, processes=running, answers={DOCKER: answers(inspected())}) == ["docker:web"]


CASES: dict[str, dict[str, Any]] = {
    "docker": {
        **ROOTS,
        "links": {**DOCKERS["links"], "/var/run": "/run"},
        "answers": {DOCKER: answers(inspected(1, Mounts=[bind("/var/run/docker.sock"), bind("/etc", "/y")]), inspected(2, "db", Privileged=True))},
    },
    "podman": {**PODMANS, "answers": {PODMAN: answers(inspected(1, engine="podman"), engine="podman")}},
    "podman as docker": {
        **ROOTS,
        "answers": {DOCKER: {path: replace(one, server=LIBPOD) for path, one in answers(inspected(engine="podman"), engine="podman").items()}},
    },
}


@pytest.mark.laws
@pytest.mark.parametrize("name", sorted(CASES))
def test_denying_any_answer_only_makes_holes(name: str) -> None:
    assert list(denials(probe_containers.collect, host(**CASES[name]))) == []
