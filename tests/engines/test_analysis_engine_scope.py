"""Whose engine, and what it means for each user, from facts written by hand."""

import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from laws import breaches

from hostcheck import registry
from hostcheck.benchmark import load, resolve
from hostcheck.evaluate import Facts, judge_rule
from hostcheck.model import Hole, HoleError, OpenArray, OpenObject, Why, incomplete, part, unite
from hostcheck.schema import check, compile_schema
from hostcheck.testing.analyses import hide as changed
from hostcheck.testing.analyses import leaves
from hostcheck.view import View
from hostcheck_builtin.engines import analysis_engine_scope

SCHEMA = json.loads((Path(analysis_engine_scope.__file__).parent / "analysis_engine_scope.facts.json").read_text(encoding="utf-8"))
OBEYS = compile_schema(SCHEMA)
DENIED = Hole(why=Why.DENIED, message="Permission denied")
DOCKER = "/run/docker.sock"
ANNS = "/run/user/1000/docker.sock"
WHOLE = [[0, 0, 4294967295]]
MAPPED = [[0, 1000, 1], [1, 100000, 65536]]


KIT = {"exe": "/usr/bin/rootlesskit", "network_driver": "slirp4netns", "port_driver": "builtin", "host_loopback_disabled": True}
UNIT = {"manager": "user", "name": "docker.service", "user": ""}


def process(uid_map: Any = WHOLE, exe: str = "/usr/bin/dockerd", network: bool = True, **more: Any) -> dict[str, Any]:
    return {"exe": exe, "uid_map": uid_map, "host_network": network, "unit": UNIT, **({"rootlesskit": KIT} if uid_map == MAPPED else {}), **more}


def info(*options: str, root: str = "/var/lib/docker", cgroups: str = "systemd", memory: bool = True, pids: bool = True) -> dict[str, Any]:
    told = {"security_options": ["name=seccomp,profile=builtin", *options], "root_dir": root, "cgroup_driver": cgroups}
    return {**told, "memory_limit": memory, "pids_limit": pids}


def docker(*options: str, uid: int = 0, owner: int | None = None, root: str = "/var/lib/docker", **more: Any) -> dict[str, Any]:
    told = {"named": "docker", "engine": "docker", "listening": True, "activated": False, "served": True, "uid": uid}
    told |= {"owner_uid": uid if owner is None else owner, "process": process(WHOLE if uid == 0 else MAPPED, network=uid == 0)}
    return {**told, "info": info(*options, root=root), **more}


def podman(rootless: bool, uid: int = 0) -> dict[str, Any]:
    told = docker(uid=uid, named="podman", engine="podman", libpod={"rootless": rootless, "cgroup_controllers": ["cpu", "memory", "pids"]})
    del told["info"]
    return told


def grpc(named: str, uid: int = 0, **more: Any) -> dict[str, Any]:
    told = docker(uid=uid, named=named)
    del told["engine"], told["info"]
    return {**told, **more}


IDLE = {"named": "docker", "owner_uid": 0, "listening": True, "activated": True, "served": False, "uid": 0}
NOBODY = {"named": "docker", "owner_uid": 0, "listening": False, "activated": False}


def user(name: str, uid: int) -> dict[str, Any]:
    return {"name": name, "uid": uid, "gid": uid, "home": f"/home/{name}", "shell": "/bin/sh"}


def sysctl(value: int | None) -> dict[str, Any]:
    return {"present": False} if value is None else {"present": True, "value": value, "raw": str(value)}


def kernel(most: int | None = 1000, clone: int | None = None, confined: int | None = None, mode: str = "v2", **delegated: list[str]) -> dict[str, Any]:
    names = ("user.max_user_namespaces", "kernel.unprivileged_userns_clone", "kernel.apparmor_restrict_unprivileged_userns")
    given = {"1000": ["cpu", "memory", "pids"], **{uid.lstrip("_"): names for uid, names in delegated.items()}}
    values = dict(zip(names, map(sysctl, (most, clone, confined)), strict=True))
    return {"sysctl": values, "cgroup": {"mode": mode, "delegated": given}}


def reach(*uids: int, scope: str = "rootful", listening: bool = True, engine: str = "docker") -> dict[str, Any]:
    return {"engine": engine, "scope": scope, "listening": listening, "users": {f"u{uid}": {"uid": uid} for uid in uids}}


def home(context: str = "default", variables: Any = None, contexts: Any = None, enabled: Any = ()) -> dict[str, Any]:
    return {"context": context, "contexts": contexts or {}, "variables": variables or {}, "enabled": list(enabled)}


def clients(everybody: Any = None, enabled: Any = (), lingering: Any = (), **homes: Any) -> dict[str, Any]:
    """Return what user-clients states of ann and bob."""
    users = {str(uid): {f"/home/{name}": homes.get(name, home())} for name, uid in (("ann", 1000), ("bob", 1001))}
    return {"users": users, "everybody": everybody or {}, "enabled": list(enabled), "lingering": list(lingering)}


def facts(
    sockets: dict[str, Any] | None = None,
    users: dict[str, Any] | None = None,
    programs: Any = None,
    processes: Any = None,
    pidfiles: Any = None,
    reached: Any = None,
    **more: Any,
) -> dict[str, Any]:
    listed = {one["name"]: one for one in (user("ann", 1000), user("bob", 1001))}
    return {
        "engines": {"sockets": sockets or {}, "processes": processes or {}, "pidfiles": pidfiles or {}, "installed": {}, "configured": {}},
        "user-engines": {"sockets": users or {}, "programs": programs or {}},
        "socket-access": {"sockets": {} if reached is None else reached},
        "principals": {"users": listed, "groups": {}, "gshadow": {}, "processes": {}},
        "nss": {"users": listed, "groups": {}, "memberships": {}},
        "kernel": kernel(),
        "host": {"scan": {"init_userns": True}},
        "user-clients": clients(),
        **more,
    }


def derive(told: dict[str, Any]) -> Any:
    """Derive as `evaluate` does, from facts that went through evidence."""
    view = View({name: value if isinstance(value, Hole) else unite(*part(value), name) for name, value in told.items()})
    try:
        derived = unite(*part(analysis_engine_scope.derive(view, {})), "engine-scope")
    except HoleError as error:
        return error.hole
    assert OBEYS(derived) is not False, derived
    return derived


UNSUPPORTED = Hole(why=Why.UNSUPPORTED, message="not there")


def test_of_two_reasons_not_to_know_the_graver_is_told() -> None:
    """Root's docker may be seen by its process alone: to be refused the processes must not look like a gap of the scanner's."""
    silent = {DOCKER: docker(engine=UNSUPPORTED)}
    program = {"/usr/bin/dockerd": {"engine": "docker", "root_owned": True}}
    assert derive(facts(silent, processes=program))["rootful_docker"] == ["/usr/bin/dockerd"]
    for hidden in (DENIED, incomplete({"/usr/bin/containerd": {"engine": "containerd", "root_owned": True}}, DENIED)):
        assert derive(facts(silent, processes=hidden))["rootful_docker"].hole.why == Why.DENIED
    sockets = incomplete({DOCKER: reach(1000)}, UNSUPPORTED)
    assert derive(facts(reached=sockets))["users"]["ann"]["rootful_sockets"] == [DOCKER]
    told = derive(facts(reached=incomplete({DOCKER: DENIED, "/run/x.sock": reach(1000)}, UNSUPPORTED)))["users"]
    assert told["ann"]["rootful_sockets"].hole.why == Why.DENIED


def test_the_schema_is_in_the_dialect() -> None:
    check(SCHEMA, "analysis_engine_scope.facts.json")


def test_edge_case_82_in_a_user_namespace_no_id_is_the_hosts() -> None:
    """Root is 65534 there and its uid_map is not the host's, so that an engine of root's looks like one of nobody's that runs rootless."""
    overflow = [[0, 4294967295, 4294967295]]
    told = facts({DOCKER: docker(uid=65534, process=process(overflow))}, {ANNS: docker("name=rootless", uid=1000)}, host={"scan": {"init_userns": False}})
    state = derive(told)
    assert isinstance(state, Hole) and state.why is Why.DENIED
    for rule in ("HC-RTL-01", "HC-RTL-02"):
        found = judge_rule(
            resolve(load(registry.load().benchmarks[0], shipped=True), rule, {}), Facts(document={"engine-scope": state, "host-role": {"role": "workstation"}})
        )
        assert [one["result"] for one in found] == ["error"]


def test_nobody_has_an_engine() -> None:
    assert derive(facts()) == {"sockets": {}, "user_sockets": {}, "rootful_docker": [], "users": {}, "rootless_users": {}, "rootless_names": []}


@pytest.mark.parametrize(
    ("socket", "scope", "root"),
    [
        (docker(), "rootful", 0),
        (docker("name=rootless"), "rootful", 0),
        (docker("name=userns", root="/var/lib/docker/165536.165536"), "remapped", 165536),
        (docker("name=userns", root="/var/lib/docker/0.165536"), "rootful", 0),
        (docker("name=userns", root="/var/lib/docker/165536.0"), "rootful", 0),
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


@pytest.mark.parametrize("socket", [IDLE, NOBODY])
def test_where_no_engine_runs_nothing_is_said_of_one(socket: Any) -> None:
    told = derive(facts({DOCKER: socket}))
    assert told["sockets"][DOCKER] == {"engine": "docker", "running": False}
    assert told["rootful_docker"] == []


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


def test_docker_runs_as_root_by_any_sign() -> None:
    program = {"/usr/bin/dockerd": {"engine": "docker", "root_owned": True}, "/usr/bin/containerd": {"engine": "containerd", "root_owned": True}}
    pid = {"/run/docker.pid": {"engine": "docker", "running": True}, "/x.pid": {"engine": "docker", "running": False}}
    told = derive(facts({DOCKER: docker("name=userns", root="/x/1.1"), ANNS: docker(uid=1000)}, processes=program, pidfiles=pid))
    assert told["rootful_docker"] == [DOCKER, "/usr/bin/dockerd", "/run/docker.pid"]
    hidden = derive(facts({DOCKER: docker(engine=DENIED)}, processes=incomplete(program, DENIED)))["rootful_docker"]
    assert isinstance(hidden, OpenArray) and hidden == ["/usr/bin/dockerd"]


def test_a_user_with_an_engine_of_their_own() -> None:
    told = derive(facts(users={ANNS: docker("name=rootless", uid=1000)}, programs={"1000": {"/usr/bin/dockerd": {"engine": "docker", "root_owned": True}}}))
    assert told["users"] == {
        "ann": {
            "uid": 1000,
            "rootless": {"docker": [ANNS, "/usr/bin/dockerd"]},
            "rootful_sockets": [],
            "rootful_docker": [],
            "userns_usable": True,
            "limits_enforced": True,
            "limits_lack": [],
            "client": {"unix:///var/run/docker.sock": {"by": ["default"], "leads_to": "nothing that listens"}},
            "talks_to": ["nothing that listens at unix:///var/run/docker.sock"],
            "starts": [],
            "lingers": False,
        }
    }
    assert told["rootless_users"] == {"ann": {"uid": 1000, "engines": ["docker"]}}
    socket = told["user_sockets"][ANNS]
    assert (socket["host_network"], socket["host_loopback_disabled"], socket["network_driver"], socket["port_driver"], socket["unit"]) == (
        *(False, True, "slirp4netns", "builtin", UNIT),
    )


def test_how_an_engine_was_started_is_not_known_where_nothing_shows_it() -> None:
    """By hand under unshare(1), or by a process that has ended."""
    by_hand = {key: value for key, value in process(MAPPED).items() if key != "rootlesskit"}
    ended = {key: value for key, value in docker("name=rootless", uid=1000).items() if key != "process"}
    told = derive(facts(users={"/h": docker("name=rootless", uid=1000, process=by_hand), "/e": ended}))["user_sockets"]
    assert {key for key, value in told["/h"].items() if isinstance(value, Hole)} == {"host_loopback_disabled", "network_driver", "port_driver"}
    assert {key for key, value in told["/e"].items() if isinstance(value, Hole)} == set(analysis_engine_scope.STARTED)


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


def test_a_user_who_has_both_is_told_both() -> None:
    told = derive(facts({DOCKER: docker()}, {ANNS: docker("name=rootless", uid=1000)}, reached={DOCKER: reach(1000, 1001)}))["users"]
    assert (told["ann"]["rootless"], told["ann"]["rootful_sockets"], told["ann"]["rootful_docker"]) == ({"docker": [ANNS]}, [DOCKER], [DOCKER])
    assert (told["bob"]["rootless"], told["bob"]["rootful_sockets"]) == ({}, [DOCKER])


@pytest.mark.parametrize("reached", [reach(1000, scope="rootless"), reach(1000, listening=False), reach(1000, engine="libvirt"), reach()])
def test_who_reaches_no_engine_of_roots_is_no_subject(reached: Any) -> None:
    assert derive(facts(reached={DOCKER: reached}))["users"] == {}


def test_podman_without_a_socket_shows_by_its_processes() -> None:
    program = {"/usr/bin/conmon": {"engine": "podman", "root_owned": True}, "/usr/bin/rootlesskit": {"engine": "rootlesskit", "root_owned": True}}
    told = derive(facts(programs={"1001": program, "1000": {"/usr/bin/rootlesskit": program["/usr/bin/rootlesskit"]}}))
    assert {name: one["rootless"] for name, one in told["users"].items()} == {"bob": {"podman": ["/usr/bin/conmon"]}}


def test_what_a_user_plants_says_something_of_that_user_alone() -> None:
    """Bob's socket claims to be root's, remapped, another's; his process is called dockerd."""
    sound = facts({DOCKER: docker()}, {ANNS: docker("name=rootless", uid=1000)}, reached={DOCKER: reach(1000)})
    before = derive(sound)
    path = "/run/user/1001/docker.sock"
    for planted in (
        docker(uid=1001),
        docker("name=userns", uid=1001, root="/x/9.9"),
        docker("name=rootless", uid=1001),
        docker(uid=1001, info=DENIED),
        docker("name=rootless", uid=1001, owner=1001, process=process(WHOLE)),
    ):
        told = deepcopy(sound)
        told["user-engines"] = {
            "sockets": {ANNS: sound["user-engines"]["sockets"][ANNS], path: planted},
            "programs": {"1001": {"/home/bob/dockerd": {"engine": "docker", "root_owned": False}}},
        }
        after = derive(told)
        for name in ("sockets", "rootful_docker"):
            assert after[name] == before[name]
        assert (after["user_sockets"][ANNS], after["users"]["ann"]) == (before["user_sockets"][ANNS], before["users"]["ann"])
        assert set(after["users"]) == {"ann", "bob"} and not isinstance(after["users"], OpenObject)


def test_what_was_refused_is_not_hidden_behind_what_cannot_be_answered() -> None:
    silent = docker(uid=1000, engine=Hole(why=Why.UNSUPPORTED, message="answered 404"))
    for change in ({"reached": DENIED}, {"reached": incomplete({}, DENIED)}):
        told = derive(facts(users={ANNS: silent}, **change))["users"]["ann"]
        assert isinstance(told, Hole) and told.why is Why.DENIED
    told = derive(facts(users={ANNS: silent}, programs={"1000": DENIED}))["users"]["ann"]
    assert isinstance(told, Hole) and told.why is Why.DENIED


def test_a_user_whose_engine_cannot_be_asked_is_not_known_and_nobody_else() -> None:
    told = derive(facts(users={ANNS: docker("name=rootless", uid=1000), "/run/user/1001/docker.sock": docker(uid=1001, info=DENIED)}))
    assert told["users"]["ann"]["rootless"] == {"docker": [ANNS]}
    assert isinstance(told["users"]["bob"], Hole)
    assert isinstance(told["rootless_users"]["bob"], Hole) and told["rootless_users"]["ann"] == {"uid": 1000, "engines": ["docker"]}
    assert not isinstance(told["rootless_users"], OpenObject) and told["rootless_names"] == ["ann"]
    assert isinstance(told["rootless_names"], OpenArray)


def test_who_may_reach_roots_engine_beside_those_known_leaves_open_no_list_of_who_has_their_own() -> None:
    told = derive(facts(users={ANNS: docker("name=rootless", uid=1000)}, reached=incomplete({}, DENIED)))
    assert isinstance(told["users"], OpenObject) and not isinstance(told["rootless_users"], OpenObject)
    told = derive(facts(users=incomplete({ANNS: docker("name=rootless", uid=1000)}, DENIED), reached={DOCKER: reach(1001)}))["rootless_users"]
    assert isinstance(told, OpenObject) and set(told) == {"ann"}  # what is not known of bob is not known of anybody else either
    silent = docker(uid=1001, info=DENIED)
    told = derive(facts(users={"/run/user/1001/docker.sock": silent}, reached={DOCKER: reach(1001)}))["rootless_users"]
    assert not isinstance(told, OpenObject) and set(told) == {"bob"} and isinstance(told["bob"], Hole)


BENCHMARK = load(registry.load().benchmarks[0], shipped=True)
APPROVES = resolve(BENCHMARK, "HC-RTL-04", {"rootless_users": ["ann"]})
OPEN = {"userns": {"supported": True, "unprivileged": "yes", "closed_by": []}}
SILENT = {"/run/user/1001/docker.sock": docker(uid=1001, info=DENIED)}


@pytest.mark.parametrize(
    ("users", "result"),
    [
        (SILENT, "fail"),
        ({ANNS: docker("name=rootless", uid=1000), **SILENT}, "notapplicable"),
        ({ANNS: docker(uid=1000, info=DENIED)}, "error"),
        (incomplete({"/n": {**NOBODY, "owner_uid": 1002}}, DENIED), "error"),
        (incomplete({ANNS: docker("name=rootless", uid=1000)}, DENIED), "notapplicable"),
    ],
)
def test_a_user_who_does_not_answer_decides_nothing_about_the_host(users: Any, result: str) -> None:
    told = {"engine-scope": derive(facts(users=users)), "host-role": {"role": "server"}, "kernel": {**kernel(), **OPEN}, "subid-coverage": {"holders": {}}}
    assert [one["result"] for one in judge_rule(APPROVES, Facts(document=told))] == [result]


def test_where_nobody_is_approved_an_open_list_of_users_decides_nothing_either() -> None:
    nobody = resolve(BENCHMARK, "HC-RTL-04", {})
    stated = derive(facts(users=incomplete(SILENT, DENIED)))
    told = {"engine-scope": stated, "host-role": {"role": "server"}, "kernel": {**kernel(), **OPEN}, "subid-coverage": {"holders": {}}}
    assert [one["result"] for one in judge_rule(nobody, Facts(document=told))] == ["fail"]


@pytest.mark.parametrize(
    ("change", "usable"),
    [
        (kernel(), True),
        (kernel(most=0), False),
        (kernel(most=None), False),
        (kernel(clone=0), False),
        (kernel(clone=1), True),
        (kernel(confined=0), True),
        (kernel(confined=1), True),
    ],
)
def test_who_may_make_user_namespaces(change: Any, usable: bool) -> None:
    one = derive(facts(users={ANNS: docker("name=rootless", uid=1000)}, kernel=change))["users"]["ann"]
    assert one["userns_usable"] is usable


def test_whether_apparmor_lets_an_engine_through_is_not_known_while_none_is_seen_in_a_namespace() -> None:
    conmon = {"1000": {"/usr/bin/conmon": {"engine": "podman", "root_owned": True}}}
    one = derive(facts(programs=conmon, kernel=kernel(confined=1)))["users"]["ann"]
    assert isinstance(one["userns_usable"], Hole) and one["userns_usable"].why == Why.UNSUPPORTED


GIVEN = "the controller {} is not given to the user"


@pytest.mark.parametrize(
    ("change", "says", "lacking"),
    [
        (kernel(), info("name=rootless"), []),
        (kernel(), info("name=rootless", cgroups="none"), ["docker says: CgroupDriver none"]),
        (kernel(), info("name=rootless", memory=False, pids=False), ["docker says: no MemoryLimit", "docker says: no PidsLimit"]),
        (kernel(mode="v1"), info("name=rootless"), ["the control groups are v1"]),
        (kernel(mode="hybrid"), info("name=rootless"), ["the control groups are hybrid"]),
        (kernel(_1000=["cpu", "memory"]), info("name=rootless"), [GIVEN.format("pids")]),
        (kernel(_1000=[]), info("name=rootless"), [GIVEN.format("memory"), GIVEN.format("pids")]),
    ],
)
def test_limits_hold_where_the_kernel_gave_the_user_what_they_need(change: Any, says: Any, lacking: list[str]) -> None:
    one = derive(facts(users={ANNS: docker("name=rootless", uid=1000, info=says)}, kernel=change))["users"]["ann"]
    assert (one["limits_enforced"], one["limits_lack"]) == (not lacking, lacking)


def test_podman_says_which_controllers_it_lacks() -> None:
    theirs = podman(True, uid=1000)
    theirs["libpod"]["cgroup_controllers"] = ["cpu", "pids"]
    one = derive(facts(users={"/run/user/1000/podman/podman.sock": theirs}))["users"]["ann"]
    assert (one["limits_enforced"], one["limits_lack"]) == (False, ["podman says: no controller memory"])


def test_what_an_engine_does_not_tell_of_its_limits_is_not_taken_for_enforced() -> None:
    untold = {**info("name=rootless"), "pids_limit": DENIED}
    one = derive(facts(users={ANNS: docker("name=rootless", uid=1000, info=untold)}))["users"]["ann"]
    assert isinstance(one["limits_enforced"], Hole) and isinstance(one["limits_lack"], OpenArray)
    one = derive(facts(users={ANNS: docker("name=rootless", uid=1000, info=untold)}, kernel=kernel(mode="v1")))["users"]["ann"]
    assert one["limits_enforced"] is False and one["limits_lack"] == ["the control groups are v1"]


def test_a_user_without_a_manager_has_no_limits() -> None:
    told = derive(facts(users={"/x": docker("name=rootless", uid=1001)}))["users"]["bob"]
    assert told["limits_enforced"] is False


def rich() -> Iterator[dict[str, Any]]:
    program = {"/usr/bin/dockerd": {"engine": "docker", "root_owned": True}, "/usr/bin/containerd": {"engine": "containerd", "root_owned": True}}
    conmon = {"/usr/bin/conmon": {"engine": "podman", "root_owned": True}, "/usr/bin/rootlesskit": {"engine": "rootlesskit", "root_owned": True}}
    yield facts(
        {
            DOCKER: docker("name=userns", root="/var/lib/docker/165536.165536"),
            "/run/podman/podman.sock": podman(False),
            "/c": grpc("containerd"),
            "/i": IDLE,
            "/n": NOBODY,
        },
        {
            ANNS: docker("name=rootless", uid=1000, info=info("name=rootless", cgroups="none")),
            "/run/user/1000/podman/podman.sock": podman(True, uid=1000),
            "/b": grpc("containerd", uid=1001),
            "/f": docker("name=rootless", uid=1001, process=process(WHOLE)),
            "/p": docker(uid=1001),
            "/i": {**IDLE, "owner_uid": 1001},
            "/n": {**NOBODY, "owner_uid": 1002},
        },
        programs={"1001": conmon, "1003": {"/usr/bin/rootlesskit": conmon["/usr/bin/rootlesskit"]}},
        processes=program,
        pidfiles={"/run/docker.pid": {"engine": "docker", "running": True}},
        reached={DOCKER: reach(1000, 1004), "/x": reach(1001, scope="rootless"), "/y": reach(1001, listening=False), "/z": reach(1001, engine="libvirt")},
    )
    yield facts(
        {DOCKER: docker(info=DENIED)},
        incomplete({ANNS: docker("name=rootless", uid=1000)}, DENIED),
        programs=incomplete({"1001": incomplete(conmon, DENIED)}, DENIED),
        processes=incomplete(program, DENIED),
        reached={DOCKER: {**reach(1000), "users": incomplete({"u1": {"uid": 1001}}, DENIED)}},
        kernel=kernel(confined=1, mode="v1"),
    )


@pytest.mark.parametrize("told", list(rich()), ids=["root", "not root"])
def test_hiding_any_fact_only_makes_holes(told: dict[str, Any]) -> None:
    before = derive(told)
    files = {("principals", "users"), ("principals", "groups")}
    for at in leaves(told):
        for how in ("hidden", "opened", "shortened")[: 2 if at in files else 3]:  # a file was read whole, or not at all
            broken = list(breaches(before, derive(changed(told, at, how))))
            assert not broken, f"{how} {at}: {broken[:5]}"
