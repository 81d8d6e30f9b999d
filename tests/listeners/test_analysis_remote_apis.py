"""What each listener serves, to whom, and what it demands, from facts written by hand; and no finding gets better by what is hidden."""

from typing import Any

import pytest
from engines import engine_host
from listeners.listener_host import DOCKER, MUTUAL, PLAIN, bound, connection, dockerd, host, process, tcp
from listeners.remote_facts import DENIED, HTTP, HTTPS, SCHEMA, demand, derive, facts, listener, on_path, on_tcp, peers
from listeners.remote_facts import dockerd as says

from hostcheck import registry
from hostcheck.host import Host
from hostcheck.host.answers import Demand, Stat
from hostcheck.model import Hole, OpenObject, incomplete
from hostcheck.schema import check
from hostcheck.testing import AnalysisContract, FindingsContract
from hostcheck.testing.contract import require_obeyed
from hostcheck.testing.shipped import shipped_schemas
from hostcheck_builtin.listeners import ANALYSES

REGISTRY = registry.load()


def apis(engines: Any = None, **more: Any) -> Any:
    return derive(facts(engines, **more))["apis"]


def test_the_schema_is_in_the_dialect() -> None:
    check(SCHEMA, "analysis_remote_apis.facts.json")


def test_a_plain_api() -> None:
    told = {"addresses": {"0.0.0.0:2375": "-H"}, "tls_options": ["--tlsverify"], "activated": False}
    stated = apis({"0.0.0.0:2375": listener(demand=demand(), told=told)}, sockets={DOCKER: says(plugins=["opa"])})
    assert stated == {
        "0.0.0.0:2375": {
            "engine": "docker",
            "port": 2375,
            "exe": "/usr/bin/dockerd",
            "pid": 9,
            "reach": "every address",
            "network": "own",
            "serves": "api",
            "tls": "none",
            "told": "it was told by -H and --tlsverify",
            "plugins": ["opa"],
        }
    }


@pytest.mark.parametrize(
    ("one", "serves", "tls"),
    [
        (listener(demand=demand("mutual")), "api", "mutual"),
        (listener(demand=demand("server")), "api", "server"),
        (listener(demand=demand(answers_as="")), "other", "none"),
        (listener(port=2377, demand=demand("server", "http/2", "")), "swarm", "server"),
        (listener(engine="podman", demand=demand(answers_as="podman")), "api", "none"),
        (listener(engine="containerd", demand=demand(answers_as="")), "other", "none"),
        (listener(engine="containerd", demand=demand("none", "http/2", "")), "api", "none"),
        (listener(engine="buildkit", demand=demand("server", "http/2", "")), "api", "server"),
    ],
)
def test_what_was_proved_counts(one: dict[str, Any], serves: str, tls: str) -> None:
    (stated,) = apis({"x": one}, sockets={DOCKER: says(HTTP.format(f"0.0.0.0:{one['port']}"))}).values()
    assert (stated["serves"], stated["tls"]) == (serves, tls)


@pytest.mark.parametrize("engine", ["kubelet", "lxd", "incus", "k3s", "cri-dockerd"])
def test_engines_that_ask_for_other_proofs_are_not_judged(engine: str) -> None:
    assert apis({"x": listener(engine=engine)}) == {}


@pytest.mark.parametrize(
    ("warning", "pid", "tls"),
    [
        (HTTP.format("10.0.0.1:2375"), 9, "none"),
        (HTTPS.format("10.0.0.1:2375"), 9, "server"),
        (HTTP.format("10.0.0.1:2375"), 8, None),
        (HTTP.format("10.0.0.1:2376"), 9, None),
        ("nothing of this", 9, None),
    ],
)
def test_where_nobody_can_connect_dockerds_own_warning_counts(warning: str, pid: int, tls: str | None) -> None:
    stated = derive({**facts({"x": listener("10.0.0.1", demand=DENIED, pid=9)}, sockets={DOCKER: says(warning)}), "sockets": peers({DOCKER: pid})})["apis"]["x"]
    assert (None if isinstance(stated["tls"], Hole) else stated["tls"]) == tls
    assert stated["serves"] == "api" if tls else isinstance(stated["serves"], Hole)


def test_a_warning_of_a_socket_that_systemd_holds_is_of_any_dockerd() -> None:
    told = {
        **facts({"x": listener("10.0.0.1", demand=DENIED)}, sockets={DOCKER: says(HTTP.format("10.0.0.1:2375"))}),
        "sockets": peers({DOCKER: 1}, activated=True),
    }
    assert derive(told)["apis"]["x"]["tls"] == "none"


def test_only_roots_dockerd_is_believed() -> None:
    stated = apis({"x": listener("10.0.0.1", demand=DENIED)}, sockets={"/run/user/1000/docker.sock": {**says(HTTP.format("10.0.0.1:2375")), "uid": 1000}})
    assert isinstance(stated["x"]["tls"], Hole) and list(stated) == ["x"]


@pytest.mark.parametrize("engines", [{}, DENIED, incomplete({}, DENIED)])
def test_what_dockerd_says_is_told_where_who_listens_is_not_seen(engines: Any) -> None:
    told = facts(sockets={DOCKER: says(HTTP.format("[::]:2375"), HTTPS.format("localhost:2376"))})
    told["listeners"]["engines"] = engines
    stated = derive(told)["apis"]
    assert {name: (one["reach"], one["serves"], one["tls"]) for name, one in stated.items()} == {
        "[::]:2375": ("every address", "api", "none"),
        "localhost:2376": ("loopback", "api", "server"),
    }
    assert isinstance(stated, OpenObject) is (engines != {} or isinstance(engines, OpenObject))


@pytest.mark.parametrize(
    ("option", "port", "serves"),
    [
        ("-H", 2375, "api"),
        ("--host", 2375, "api"),
        ("--metrics-addr", 9323, "other"),
        ("", 7946, "swarm"),
        ("", 2377, "swarm"),
        ("-H", 2377, "api"),
        ("", 2375, None),
    ],
)
def test_what_it_serves_by_its_command_line_where_that_is_not_proved(option: str, port: int, serves: str | None) -> None:
    told = {"addresses": {f"10.0.0.1:{port}": option} if option else {}, "tls_options": [], "activated": False}
    stated = apis({"x": listener("10.0.0.1", port, demand=DENIED, told=told)})["x"]
    assert (None if isinstance(stated["serves"], Hole) else stated["serves"]) == serves
    assert isinstance(stated["tls"], Hole)


@pytest.mark.parametrize(
    ("sockets", "serves"),
    [({DOCKER: says()}, "container"), ({DOCKER: says(HTTP.format("0.0.0.0:2375"))}, "api"), ({}, None), ({DOCKER: {**says(), "info": DENIED}}, None)],
)
def test_a_port_that_dockerd_was_not_told_is_a_containers_where_it_does_not_warn_of_it(sockets: Any, serves: str | None) -> None:
    stated = apis({"x": listener()}, sockets=sockets)["x"]
    assert (None if isinstance(stated["serves"], Hole) else stated["serves"]) == serves


@pytest.mark.parametrize("activated", [True, False])
def test_a_dockerd_at_a_socket_of_systemds_and_a_socket_where_nobody_listens(activated: bool) -> None:
    nobody = {"named": "podman", "owner_uid": 0, "listening": False, "activated": False}
    told = facts({"x": listener()}, sockets={DOCKER: says(), "/run/podman/podman.sock": nobody})
    seen = peers({DOCKER: 1 if activated else 9}, activated=activated)
    gone = {key: value for key, value in peers({"/run/podman/podman.sock": 1})["sockets"]["/run/podman/podman.sock"].items() if key != "peer"}
    seen["sockets"]["/run/podman/podman.sock"] = gone
    assert derive({**told, "sockets": seen})["apis"]["x"]["serves"] == "container"


def test_of_another_dockerd_its_silence_says_nothing() -> None:
    told = facts({"x": listener()}, sockets={DOCKER: says()})
    assert isinstance(derive({**told, "sockets": peers({DOCKER: 8})})["apis"]["x"]["serves"], Hole)


def test_two_dockerds_that_say_different_things_of_plugins() -> None:
    stated = apis({"x": listener(demand=demand())}, sockets={DOCKER: says(plugins=["a"]), "/run/b.sock": says()})
    assert isinstance(stated["x"]["plugins"], Hole)


def test_a_listener_in_another_network_is_told_as_such() -> None:
    stated = apis({"x": listener("127.0.0.1", network=4026532208, demand=DENIED)})["x"]
    assert (stated["reach"], stated["network"]) == ("loopback", "other")


DOCUMENTS = {
    "plain": facts({"0.0.0.0:2375": listener(demand=demand())}, sockets={DOCKER: says(HTTP.format("0.0.0.0:2375"))}),
    "mutual": facts({"0.0.0.0:2376": listener(port=2376, demand=demand("mutual"))}, sockets={DOCKER: says()}),
    "relays": facts(tcp={"0.0.0.0:24000": on_tcp()}, paths={"/run/relay.sock": on_path(mode="0666"), "/run/private.sock": on_path("/run/private.sock")}),
    "nothing": facts(),
}


LISTENS = dockerd("-H", "tcp://0.0.0.0:2375")
SOCAT = {process(20, "/usr/bin/socat"): (("socat", "TCP-LISTEN:80,fork", f"UNIX-CONNECT:{DOCKER}"), (30,))}
PROXY = {process(21, "/usr/bin/python3"): (("python3",), (31, 41))}
SOCKET = Stat(type="socket", uid=0, gid=0, mode=0o666)


def whole(answer: Demand, running: Any = None, sockets: Any = (), **more: Any) -> dict[str, Host]:
    """Return hosts for two probes: what the others tell is not known."""
    made = host(running or LISTENS, [tcp(5, 2375), *sockets], demands={("127.0.0.1", 2375): answer}, **more)
    return {"listeners": made, "host": engine_host.host()}


class TestFindings(FindingsContract):
    path = REGISTRY.benchmarks[0]
    profile = "level2"
    hosts = {
        "plain": whole(PLAIN),
        "mutual": whole(MUTUAL),
        "metrics": whole(Demand(tls="none", speaks="http", status=404), dockerd("--metrics-addr", "0.0.0.0:2375")),
        "relays": whole(
            MUTUAL,
            {**LISTENS, **SOCAT, **PROXY},
            [tcp(30, 80), tcp(31, 81, "127.0.0.1")],
            unix_sockets=[connection(40, 41), bound(50, "/run/x.sock")],
            stats={"/run/x.sock": SOCKET},
        ),
    }


class TestRemoteApis(AnalysisContract):
    (analysis,) = ANALYSES
    documents = DOCUMENTS

    def test_it_is_given_what_probes_state(self, document: Any) -> None:
        """Of accounts only what is read is given."""
        for name in ("engines", "host", "listeners", "socket-access", "sockets", "user-clients"):
            require_obeyed(document[name], shipped_schemas()[name], name)
