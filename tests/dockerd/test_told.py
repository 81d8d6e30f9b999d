"""What dockerd is told by its command and daemon.json: each form was put to dockerd 26 itself (`dockerd --validate`, and what it says of TLS)."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck.api import attempt
from hostcheck.host import Nonsense
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole
from hostcheck_builtin.dockerd import told
from hostcheck_builtin.dockerd.told import ToldDaemon

OWN = "/run/docker.sock"
DEFAULT = "/etc/docker/daemon.json"


def read(*words: str, config: Any = None, path: str = DEFAULT) -> ToldDaemon:
    return told.told(MemoryHost({} if config is None else {path: config}), ["/usr/bin/dockerd", *words])


def stated(*words: str, config: Any = None) -> Any:
    found = read(*words, config=config)
    return {
        **{"paths": attempt(found.listens, "unix"), "tcp": attempt(found.listens, "tcp"), "tls": attempt(found.tls)},
        **{"group": attempt(found.value, "group"), "clashes": attempt(found.clashes)},
    }


CASES: list[tuple[tuple[str, ...], str | None, dict[str, Any]]] = [
    ((), None, {"paths": [OWN], "tcp": [], "tls": "none", "group": "docker", "clashes": []}),
    (("-H", "fd://"), None, {"paths": [], "tcp": []}),
    (("-Hfd://", "--host=unix:///srv/d.sock", "-H=tcp://0.0.0.0:2375"), None, {"paths": ["/srv/d.sock"], "tcp": ["0.0.0.0:2375"]}),
    (("--host", "unix:///var/run/docker.sock"), None, {"paths": [OWN]}),
    (("-H", "unix://"), None, {"paths": [OWN]}),
    (("-H", "unix://srv/d.sock", "-H", "unix://@abstract"), None, {"paths": [], "tcp": []}),
    (("-DH", "unix:///srv/d.sock", "-lDEBUG", "-DG=users", "-b", "-Hx"), None, {"paths": ["/srv/d.sock"], "tcp": [], "group": "users"}),
    (("--group", "--host"), None, {"paths": [OWN], "group": "--host"}),
    (("-H=0.0.0.0:2376", "-H", ":2375"), None, {"paths": [], "tcp": ["0.0.0.0:2376", "localhost:2375"]}),
    (("-H", "tcp://", "-H", "tcp://10.0.0.1", "-H", "tcp://[::1]:1", "-H", "a:2"), None, {"tcp": ["localhost:2375", "10.0.0.1:2375", "[::1]:1", "a:2"]}),
    (("-H", "tcp://u:pw@10.0.0.1:5"), None, {"tcp": ["10.0.0.1:5"]}),
    (("-H", ""), None, {"paths": [OWN], "tcp": []}),
    (("-H", "", "--tls"), None, {"paths": [], "tcp": ["localhost:2376"]}),
    (("--tlsverify=1",), None, {"tls": "client certificates", "tcp": ["localhost:2376"], "paths": []}),
    (("--tlsverify=1", "-H", "fd://"), None, {"tcp": [], "paths": []}),
    (("-G", "users"), None, {"group": "users"}),
    (("--group=users",), None, {"group": "users"}),
    ((), '{"group": "users"}', {"group": "users", "paths": [OWN]}),
    ((), '{"group": null}', {"group": "docker"}),
    (("-G", "a"), '{"group": "users"}', {"clashes": ["group"]}),
    (("-G", "a"), '{"group": null}', {"clashes": ["group"]}),
    (("-D",), '{"debug": true}', {"clashes": ["debug"]}),
    (("--label", "a=b"), '{"labels": ["c=d"]}', {"clashes": ["labels"]}),
    (("--http-proxy", "a"), '{"proxies": {"http-proxy": "b"}}', {"clashes": ["http-proxy"]}),
    (("--containerd-plugins-namespace", "a"), '{"containerd-plugins-namespace": "b"}', {"clashes": ["containerd-plugins-namespace"]}),
    (("--add-runtime", "a=/b"), '{"runtimes": {"c": {"path": "/d"}}}', {"clashes": []}),
    (("-H", "fd://"), '{"host": ["tcp://:1"]}', {"clashes": [], "paths": [], "tcp": []}),
    ((), '{"hosts": ["unix:///x.sock", "tcp://:2375", " unix:///y\\n"]}', {"paths": ["/x.sock", "/y"], "tcp": ["localhost:2375"]}),
    ((), '{"hosts": []}', {"paths": [OWN], "tcp": []}),
    (("-H", "fd://"), '{"hosts": []}', {"clashes": ["hosts"]}),
    (("--tls",), None, {"tls": "client certificates"}),
    (("--tls", "--tlsverify=false"), None, {"tls": "server"}),
    (("--tlsverify=false",), None, {"tls": "server"}),
    (("--tls=false",), '{"tlsverify": false}', {"tls": "server"}),
    (("--tls=false",), None, {"tls": "none"}),
    (("--tlsverify",), None, {"tls": "client certificates"}),
    ((), '{"tls": true, "tlsverify": false}', {"tls": "server"}),
    ((), '{"tls": false, "tlsverify": true}', {"tls": "client certificates"}),
    (("-D", "--data-root", "/srv", "--containerd=/run/c"), None, {"paths": [OWN]}),
]


@pytest.mark.parametrize(("words", "config", "facts"), CASES)
def test_what_is_told(words: tuple[str, ...], config: str | None, facts: dict[str, Any]) -> None:
    found = stated(*words, config=config)
    assert {key: found[key] for key in facts} == facts


REFUSED = [
    '{"hosts": 5}',
    '{"hosts": [5]}',
    '{"hosts": ["/srv/a.sock"]}',
    '{"hosts": ["unix:///srv/a://b"]}',
    '{"hosts": ["tcp://1.2.3.4:2375/x"]}',
    '{"hosts": ["TCP://1.2.3.4:2375"]}',
]


@pytest.mark.parametrize("config", REFUSED)
def test_hosts_with_which_dockerd_does_not_start_tell_nothing(config: str) -> None:
    found = stated(config=config)
    assert isinstance(found["paths"], Hole) and isinstance(found["tcp"], Hole) and found["group"] == "docker"


@pytest.mark.parametrize("words", [("-H",), ("-H", "fd://", "x"), ("--debug", "false"), ("-D", "-")])
def test_a_command_with_which_dockerd_does_not_start(words: tuple[str, ...]) -> None:
    with pytest.raises(Nonsense):
        read(*words)


@pytest.mark.parametrize("words", [("-H", "/srv/x"), ("--icc=maybe", "--icc"), ("--tls=",)])
def test_a_value_with_which_dockerd_does_not_start(words: tuple[str, ...]) -> None:
    found = read(*words)
    assert isinstance(attempt(found.listens, "unix"), Hole) or isinstance(attempt(found.said, "icc"), Hole)


@pytest.mark.parametrize(
    ("words", "config", "expected"),
    [
        (("--nri-opts", "enable=true,plugin-path=/foo"), None, {"enable": True, "plugin-path": "/foo"}),
        (("--nri-opts=enable", "--nri-opts=socket-path=/s"), None, {"enable": True, "socket-path": "/s"}),
        (("--nri-opts=enable=0",), None, {"enable": False}),
        ((), '{"nri-opts": {"Enable": true}}', {"enable": True}),
        ((), None, {}),
    ],
)
def test_what_is_told_of_nri(words: tuple[str, ...], config: str | None, expected: dict[str, Any]) -> None:
    """By nri_opts_test.go of moby, as dockerd 26 has none."""
    assert read(*words, config=config).members("nri-opts") == expected


@pytest.mark.parametrize("option", ["foo=bar", "enable=maybe", '"enable=true"'])
def test_what_no_dockerd_takes_of_nri(option: str) -> None:
    assert isinstance(attempt(read("--nri-opts", option).members, "nri-opts"), Hole)


def test_a_flag_of_a_newer_dockerd_leaves_open_what_nothing_else_says() -> None:
    found = stated("--brand-new", "-G", "a", config='{"hosts": ["unix:///x"]}')
    assert found["group"] == "a" and isinstance(found["tls"], Hole) and found["paths"] == ["/x"]


def test_another_configuration_file() -> None:
    assert read("--config-file", "/srv/d.json", config='{"group": "users"}', path="/srv/d.json").value("group") == "users"
    assert read("--config-file=/y", "--config-file=/srv/d.json", config='{"group": "users"}', path="/srv/d.json").value("group") == "users"


@pytest.mark.parametrize("path", ["/srv/d.json", "d.json"])
def test_a_configuration_file_that_is_named_and_not_there_or_depends_on_where_dockerd_starts(path: str) -> None:
    found = read(f"--config-file={path}", "-G", "a", config='{"group": "users"}')
    assert found.value("group") == "a" and isinstance(attempt(found.value, "hosts"), Hole)


@pytest.mark.parametrize("config", ["{", PermissionError(13, "no"), "[]"])
def test_a_configuration_that_cannot_be_read_leaves_all_open(config: Any) -> None:
    assert all(isinstance(one, Hole) for one in stated(config=config).values())


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("unix:///srv/a.sock", "/srv/a.sock"),
        (" unix:///srv/a.sock\n", "/srv/a.sock"),
        ("unix://", OWN),
        ("unix://a.sock", None),
        ("a.sock", None),
        ("", OWN),
        ("fd://", None),
    ],
)
def test_the_sockets_that_a_file_names(address: str, path: str | None) -> None:
    assert told.sockets(MemoryHost({"/x": json.dumps({"hosts": [address]})}), "/x") == ({path: "docker"} if path else {})


def test_a_file_that_is_not_there_or_names_no_hosts_names_no_socket() -> None:
    assert told.sockets(MemoryHost(), "/x") == told.sockets(MemoryHost({"/x": '{"icc": false}'}), "/x") == {}


@given(
    st.lists(st.text("unix:/. a", max_size=12))
    | st.recursive(st.none() | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(st.just("hosts"), inner), max_leaves=8)
)
def test_whatever_hosts_are_named_only_absolute_paths_are_found(hosts: Any) -> None:
    found = attempt(told.sockets, MemoryHost({"/x": json.dumps({"hosts": hosts})}), "/x")
    assert isinstance(found, Hole) or all(path.startswith("/") for path in found)
