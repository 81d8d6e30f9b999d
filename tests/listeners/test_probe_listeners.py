"""Listeners of root's engines, on hosts in memory: every port, what a client meets there, and what users do beside them."""

from dataclasses import replace
from typing import Any

import pytest
from listeners.listener_host import (
    CONTAINER,
    DENIED,
    DOCKER,
    FAR,
    HEAD,
    MUTUAL,
    PLAIN,
    SCHEMA,
    SERVER,
    UNIX_HEAD,
    bound,
    connection,
    dockerd,
    facts,
    host,
    process,
    row,
    tcp,
)

from hostcheck.host import LimitExceeded, Nonsense, Unsupported
from hostcheck.host.answers import Demand, Stat, VsockListener
from hostcheck.model import Hole, OpenObject, Why
from hostcheck.schema import check
from hostcheck.testing import ProbeContract
from hostcheck_builtin.listeners import PROBES

LOCAL = {("127.0.0.1", 23750): PLAIN}
TOLD = ("-H", "tcp://0.0.0.0:23750")
SOCKET = Stat(type="socket", uid=0, gid=0, mode=0o666)


def test_the_schema_is_in_the_dialect() -> None:
    check(SCHEMA, "probe_listeners.facts.json")


def test_a_host_without_engines_says_so() -> None:
    assert facts() == {"engines": {}, "users": {}, "vsock": {}, "relays": {"tcp": {}, "paths": {}}}


def test_any_port_of_an_engine_counts_and_what_it_demands_is_proved() -> None:
    assert facts(dockerd(*TOLD), [tcp(5, 23750)], demands=LOCAL)["engines"] == {
        "0.0.0.0:23750": {
            "engine": "docker",
            "address": "0.0.0.0",
            "port": 23750,
            "network": 0,
            "process": {"pid": 9, "exe": "/usr/bin/dockerd"},
            "told": {"addresses": {"0.0.0.0:23750": "--host"}, "tls_options": [], "activated": False},
            "demand": {"tls": "none", "speaks": "http", "status": 200, "answers_as": "docker"},
        }
    }


def test_tables_tell_the_same_where_the_kernel_gives_no_list() -> None:
    tables = {"/proc/net/tcp": HEAD + row(5, 23750) + row(6, 22) + row(7, 9, uid=5), "/proc/net/tcp6": HEAD}
    assert facts(dockerd(*TOLD), Unsupported("no tcp_diag"), files=tables, demands=LOCAL) == facts(dockerd(*TOLD), [tcp(5, 23750)], demands=LOCAL)


@pytest.mark.parametrize(
    ("address", "asked", "answer", "tls"),
    [
        ("0.0.0.0", "127.0.0.1", SERVER, "server"),
        ("0.0.0.0", "127.0.0.1", MUTUAL, "mutual"),
        ("127.0.0.53", "127.0.0.53", PLAIN, "none"),
        ("::", "::1", PLAIN, "none"),
        ("::1", "::1", MUTUAL, "mutual"),
        ("::ffff:127.0.0.1", "127.0.0.1", PLAIN, "none"),
    ],
)
def test_a_loopback_address_is_connected_to(address: str, asked: str, answer: Demand, tls: str) -> None:
    (one,) = facts(dockerd(), [tcp(5, 2376, address)], demands={(asked, 2376): answer})["engines"].values()
    assert one["demand"]["tls"] == tls


@pytest.mark.parametrize("address", ["192.0.2.7", "2001:db8::1", "::ffff:192.0.2.7", "fe80::1"])
def test_no_other_address_is(address: str) -> None:
    (one,) = facts(dockerd(), [tcp(5, 2376, address)], demands={(address, 2376): MUTUAL})["engines"].values()
    assert one["demand"].why is Why.LIMIT


@pytest.mark.parametrize("answer", [TimeoutError("slow"), Nonsense("no HTTP"), DENIED, LimitExceeded("again")])
def test_who_does_not_answer_is_a_hole(answer: Exception) -> None:
    (one,) = facts(dockerd(*TOLD), [tcp(5, 23750)], demands={("127.0.0.1", 23750): answer})["engines"].values()
    assert isinstance(one["demand"], Hole) and one["told"]["addresses"] == {"0.0.0.0:23750": "--host"}


def test_nobody_is_connected_to_where_a_user_listens_on_the_same_port() -> None:
    told = facts(dockerd(), [tcp(5, 2376, "::"), tcp(6, 2376, "127.0.0.1", uid=1000)], demands={("::1", 2376): MUTUAL})["engines"]
    assert list(told) == ["[::]:2376"] and isinstance(told["[::]:2376"]["demand"], Hole)


class Leaving(type(host())):  # type: ignore[misc]
    """A host whose dockerd lets go of its sockets once it was asked who holds them."""

    asked = 0

    def holders(self, inodes: Any, pids: Any) -> list[int]:
        self.__dict__["asked"] = self.asked + 1
        found: list[int] = super().holders(inodes, pids)
        return found if self.asked == 1 else []


def test_what_is_answered_once_the_engine_has_let_go_is_not_believed() -> None:
    made = host(dockerd(), [tcp(5, 2376)], demands={("127.0.0.1", 2376): MUTUAL})
    made.__class__ = Leaving
    told: Any = PROBES[0].collect(made)
    assert isinstance(told["engines"]["0.0.0.0:2376"]["demand"], Hole)


def test_silent_engines_keep_the_scanner_waiting_three_times_at_most() -> None:
    ports = range(1000, 1010)
    options = [word for port in ports for word in ("-H", f"tcp://0.0.0.0:{port}")]
    told = facts(
        dockerd(*options, inodes=tuple(ports)), [tcp(port, port) for port in ports], demands={("127.0.0.1", port): TimeoutError("slow") for port in ports}
    )
    whys = [one["demand"].why for one in told["engines"].values()]
    assert whys == [Why.TIMEOUT] * 3 + [Why.LIMIT] * 7


@pytest.mark.parametrize(
    "running",
    [
        dockerd(uid=1000),
        dockerd(exe="/usr/bin/nginx"),
        {process(9, ""): (("dockerd",), (5,))},
        dockerd(host=False, mounts="mnt:[9]"),
    ],
)
def test_who_is_no_engine_of_roots_is_passed_over(running: Any) -> None:
    files = {"/proc/9/mountinfo": CONTAINER.replace("docker.sock", "other")}
    told = facts(running, [tcp(5, 2375)], files=files, demands={("127.0.0.1", 2375): PLAIN})
    assert told["engines"] == {} and not isinstance(told["engines"], OpenObject)


def test_a_program_of_roots_that_others_can_replace_is_asked_like_any() -> None:
    anns = {"/usr/local/bin": Stat(type="dir", uid=0, gid=50, mode=0o2775), "/usr/local/bin/dockerd": Stat(type="file", uid=1000, gid=1000, mode=0o755)}
    told = facts(dockerd(exe="/usr/local/bin/dockerd"), [tcp(5, 2375)], stats=anns, demands={("127.0.0.1", 2375): PLAIN})
    assert [one["demand"]["tls"] for one in told["engines"].values()] == ["none"]


def test_a_program_that_was_replaced_while_it_runs_is_the_same_engine() -> None:
    assert list(facts(dockerd(exe="/usr/bin/dockerd (deleted)"), [tcp(5, 2375)], demands={("127.0.0.1", 2375): PLAIN})["engines"]) == ["0.0.0.0:2375"]


@pytest.mark.parametrize(
    ("exe", "engine"), [("/usr/bin/kubelet", "kubelet"), ("/snap/lxd/1/lxd", "lxd"), ("/usr/bin/k3s", "k3s"), ("/usr/bin/incusd", "incus")]
)
def test_engines_that_ask_for_other_proofs_are_not_connected_to(engine: str, exe: str) -> None:
    (one,) = facts(dockerd(exe=exe), [tcp(5, 8443)], demands={("127.0.0.1", 8443): PLAIN})["engines"].values()
    assert one["engine"] == engine and "demand" not in one


ASKED = {("127.0.0.1", 2375): PLAIN}


def test_a_port_that_dockerd_was_not_told_may_be_a_containers_and_is_not_connected_to() -> None:
    (one,) = facts(dockerd("-H", "unix:///run/docker.sock"), [tcp(5, 2375)], demands=ASKED)["engines"].values()
    assert "demand" not in one and one["told"] == {"addresses": {}, "tls_options": [], "activated": False}


@pytest.mark.parametrize(
    ("options", "files"),
    [
        (("-H", "unix://"), {"/etc/docker/daemon.json": '{"hosts": ["tcp://0.0.0.0:2375"]}'}),
        (("--config-file=/etc/other.json",), {"/etc/other.json": '{"hosts": ["tcp://0.0.0.0"]}'}),
    ],
)
def test_what_dockerds_configuration_tells(options: tuple[str, ...], files: dict[str, str]) -> None:
    (one,) = facts(dockerd(*options), [tcp(5, 2375)], files=files, demands=ASKED)["engines"].values()
    assert one["demand"]["tls"] == "none"


def test_a_configuration_that_cannot_be_read_leaves_open_what_it_was_told() -> None:
    (one,) = facts(dockerd("-H", "unix://"), [tcp(5, 2375)], files={"/etc/docker/daemon.json": DENIED}, demands=ASKED)["engines"].values()
    assert isinstance(one["demand"], Hole) and isinstance(one["told"]["addresses"], OpenObject) and isinstance(one["told"]["activated"], Hole)


def test_a_socket_that_systemd_passed_on() -> None:
    systemd = process(1, "/usr/lib/systemd/systemd")
    for inodes, connected in (((5,), True), ((), False)):
        (one,) = facts({**dockerd("-H", "fd://"), systemd: (("init",), inodes)}, [tcp(5, 2375)], demands=ASKED)["engines"].values()
        assert ("demand" in one) is connected and one["told"]["activated"] is True
    (one,) = facts(dockerd("-H", "fd://"), [tcp(5, 2375)], files={"/proc/1/fd": DENIED}, demands=ASKED)["engines"].values()
    assert "demand" not in one or isinstance(one["demand"], Hole)


def away(**more: Any) -> Any:
    unix = Stat(type="file", uid=0, gid=0, mode=0o444, ino=FAR)
    tables = {"/proc/9/net/tcp": HEAD + row(5, 2375), "/proc/9/net/tcp6": HEAD, "/proc/9/net/unix": ""}
    return host(dockerd(network=FAR), [tcp(6, 22)], files=tables, stats={"/proc/9/net/unix": unix}, **more)


def test_another_network_namespace_is_looked_into_and_nobody_connected_to_there() -> None:
    told: Any = PROBES[0].collect(away(demands={("127.0.0.1", 2375): MUTUAL}))
    ((name, one),) = told["engines"].items()
    assert (name, one["network"]) == (f"0.0.0.0:2375 in network {FAR}", FAR) and isinstance(one["demand"], Hole)


@pytest.mark.parametrize(
    "change",
    [
        {"sockets": DENIED},
        {"processes": DENIED},
        {"processes": [process(9, "/usr/bin/dockerd", network=None)]},
        {"processes": [process(9, "/usr/bin/dockerd"), replace(process(10, ""), lost=True)]},
        {"stats": {"/proc/1/net/unix": Stat(type="file", uid=0, gid=0, mode=0o444, ino=8)}},
        {"files": {"/proc/9/fd": DENIED}, "links": {}},
    ],
)
def test_where_something_is_hidden_the_list_is_open(change: dict[str, Any]) -> None:
    if "files" in change:
        made = host({process(9, "/usr/bin/dockerd"): (("dockerd",), ())}, [tcp(5, 2375)], **change)
    else:
        made = host(dockerd(), change.pop("sockets", [tcp(5, 2375)]), demands={("127.0.0.1", 2375): PLAIN}, **change)
    told: Any = PROBES[0].collect(made)
    assert isinstance(told["engines"], OpenObject | Hole)
    assert isinstance(told["relays"]["tcp"], OpenObject) or "files" in change


def test_ten_thousand_listeners_of_a_user_change_nothing() -> None:
    crowd = [tcp(100 + number, 1024 + number, uid=1000) for number in range(10_000)]
    alone = facts(dockerd(), [tcp(5, 80)], demands={("127.0.0.1", 80): PLAIN})
    assert facts(dockerd(), [*crowd, tcp(5, 80)], demands={("127.0.0.1", 80): PLAIN}) == alone


def test_vsock_of_engines_and_of_those_who_are_not_known() -> None:
    sockets = [VsockListener(cid=3, port=port, inode=port) for port in (5, 6, 7)]
    running = {**dockerd(), process(10, "/usr/bin/nc"): (("nc",), (6,))}
    told = facts(running, vsock_listeners=sockets)["vsock"]
    assert list(told) == ["3:5", "3:7"] and told["3:5"]["process"]["exe"] == "/usr/bin/dockerd" and isinstance(told["3:7"]["process"], Hole)


SOCAT = {process(20, "/usr/bin/socat"): (("socat", "TCP-LISTEN:80,fork", f"UNIX-CONNECT:{DOCKER}"), (30,))}
CASES = {
    "plain": host(dockerd(*TOLD), [tcp(5, 23750)], demands=LOCAL),
    "mutual": host(dockerd(), [tcp(5, 2376)], demands={("127.0.0.1", 2376): MUTUAL}),
    "tables": host(
        dockerd(),
        Unsupported("no tcp_diag"),
        files={"/proc/net/tcp": HEAD + row(5, 2376), "/proc/net/tcp6": HEAD, "/proc/net/unix": UNIX_HEAD},
        demands={("127.0.0.1", 2376): MUTUAL},
    ),
    "away": away(),
    "relays": host(
        {**SOCAT, process(21, "/usr/bin/python3"): (("python3",), (31, 41))},
        [tcp(30, 80), tcp(31, 81, "127.0.0.1")],
        unix_sockets=[connection(40, 41), bound(50, "/run/x.sock")],
        stats={"/run/x.sock": SOCKET},
    ),
    "nothing": host(),
}


class TestListeners(ProbeContract):
    (probe,) = PROBES
    hosts = CASES
