"""Whose engine, and what it means for each user, from facts written by hand."""

from collections.abc import Iterator
from typing import Any

import pytest
from engines.scope_facts import (
    ANNS,
    DENIED,
    DOCKER,
    IDLE,
    MAPPED,
    NOBODY,
    SCHEMA,
    UNIT,
    WHOLE,
    derive,
    docker,
    facts,
    grpc,
    info,
    kernel,
    podman,
    process,
    reach,
)
from laws import breaches

from hostcheck import registry
from hostcheck.benchmark import load, resolve
from hostcheck.evaluate import Facts, judge_rule
from hostcheck.model import Hole, OpenArray, Why, incomplete
from hostcheck.schema import check
from hostcheck.testing.analyses import hide as changed
from hostcheck.testing.analyses import leaves
from hostcheck_builtin.engines import analysis_engine_scope

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
    assert derive(facts()) == {"sockets": {}, "user_sockets": {}, "rootful_docker": [], "users": {}, "rootless_users": {}}


@pytest.mark.parametrize("socket", [IDLE, NOBODY])
def test_where_no_engine_runs_nothing_is_said_of_one(socket: Any) -> None:
    told = derive(facts({DOCKER: socket}))
    assert told["sockets"][DOCKER] == {"engine": "docker", "running": False}
    assert told["rootful_docker"] == []


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
            "who": "ann (uid 1000)",
            "login": "ann",
            "rootless": {"docker": [ANNS, "/usr/bin/dockerd"]},
            "rootful_sockets": [],
            "rootful_access": {},
            "memberships": {},
            "rootful_docker": [],
            "rootful_units": {},
            "userns_usable": True,
            "userns_closed_by": {},
            "controllers": ["cpu", "memory", "pids"],
            "limits_enforced": True,
            "limits_lack": [],
            "limits_causes": [],
            "client": {"unix:///var/run/docker.sock": {"by": ["default"], "leads_to": "nothing that listens"}},
            "talks_to": ["nothing that listens at unix:///var/run/docker.sock"],
            "starts": [],
            "lingers": False,
        }
    }
    assert told["rootless_users"] == {"ann": {"uid": 1000, "engines": ["docker"]}}
    socket = told["user_sockets"][ANNS]
    assert (socket["host_network"], socket["host_loopback_disabled"], socket["network_driver"], socket["port_driver"], socket["unit"]) == (
        *(False, True, "slirp4netns", "builtin", {**UNIT, "for_owner": False}),
    )


def test_how_an_engine_was_started_is_not_known_where_nothing_shows_it() -> None:
    """By hand under unshare(1), or by a process that has ended."""
    by_hand = {key: value for key, value in process(MAPPED).items() if key != "rootlesskit"}
    ended = {key: value for key, value in docker("name=rootless", uid=1000).items() if key != "process"}
    told = derive(facts(users={"/h": docker("name=rootless", uid=1000, process=by_hand), "/e": ended}))["user_sockets"]
    assert {key for key, value in told["/h"].items() if isinstance(value, Hole)} == {"host_loopback_disabled", "network_driver", "port_driver"}
    assert {key for key, value in told["/e"].items() if isinstance(value, Hole)} == set(analysis_engine_scope.STARTED)  # whose they are is known


BENCHMARK = load(registry.load().benchmarks[0], shipped=True)
OPEN = {"userns": {"supported": True, "unprivileged": "yes", "closed_by": []}}


@pytest.mark.parametrize(("approved", "result"), [([], "fail"), (["ann"], "notapplicable"), (["nobody-is-called-so"], "notapplicable")])
def test_the_value_of_the_site_alone_decides_about_the_host(approved: list[str], result: str) -> None:
    """Who runs an engine, or has a range, is what users do."""
    rule = resolve(BENCHMARK, "HC-RTL-04", {"rootless_users": approved})
    assert rule.reads == {"host-role", "kernel"}
    told = {"host-role": {"role": "server"}, "kernel": {**kernel(), **OPEN}}
    assert [one["result"] for one in judge_rule(rule, Facts(document=told))] == [result]


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
        reached={DOCKER: {**reach(1000), "users": incomplete({"u1": {"uid": 1001, "why": [], "ways": {}, "via": []}}, DENIED)}},
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


@pytest.mark.parametrize(
    ("unit", "wanted"),
    [
        ({"manager": "system", "name": "docker-ann.service", "user": "ann"}, True),
        ({"manager": "system", "name": "docker-ann.service", "user": "1000"}, True),
        ({"manager": "system", "name": "rl@ann.service", "user": "%i"}, True),
        ({"manager": "system", "name": "rl@bob.service", "user": "%i"}, False),
        ({"manager": "system", "name": "postgresql.service", "user": "postgres"}, False),
        ({"manager": "system", "name": "cron.service", "user": ""}, False),
        ({"manager": "user", "name": "docker.service", "user": ""}, False),
    ],
)
def test_a_unit_of_the_system_is_told_from_one_that_runs_as_somebody_else(unit: Any, wanted: bool) -> None:
    told = derive(facts(users={ANNS: docker("name=rootless", uid=1000, process=process(MAPPED, unit=unit))}))["user_sockets"][ANNS]
    assert told["unit"] == {**unit, "for_owner": wanted}
    nameless = docker("name=rootless", uid=1009, process=process(MAPPED, unit={**unit, "user": ""}))
    assert derive(facts(users={ANNS: nameless}))["user_sockets"][ANNS]["unit"]["for_owner"] is False
