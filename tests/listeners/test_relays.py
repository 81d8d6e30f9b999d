"""Programs of root's that have an engine's socket and listen: which count, and how it shows."""

from typing import Any

import pytest
from listeners.listener_host import CONTAINER, DENIED, DOCKER, FAR, HEAD, MOUNTS, UNIX_HEAD, bound, connection, facts, process, row, tcp

from hostcheck.host.answers import Stat
from hostcheck.model import Hole, OpenObject, Why

SOCKET = Stat(type="socket", uid=0, gid=0, mode=0o666)
SOCAT = "/usr/bin/socat"
PROXYD = "/usr/lib/systemd/systemd-socket-proxyd"
PYTHON = "/usr/bin/python3"


def relays(*argv: str, exe: str = SOCAT, sockets: Any = None, inodes: tuple[int, ...] = (30,), **more: Any) -> Any:
    one = process(20, exe, **more.pop("process", {}))
    return facts({one: ((exe, *argv), inodes), **more.pop("others", {})}, [tcp(30, 24000)] if sockets is None else sockets, **more)["relays"]


def test_socat_on_tcp() -> None:
    assert relays("TCP-LISTEN:24000,fork", f"UNIX-CONNECT:{DOCKER}") == {
        "tcp": {
            "0.0.0.0:24000": {
                "address": "0.0.0.0",
                "port": 24000,
                "network": 0,
                "process": {"pid": 20, "exe": SOCAT},
                "given": {DOCKER: ["argv"]},
                "hands_on": True,
                "tls": "none",
            }
        },
        "paths": {},
    }


@pytest.mark.parametrize(
    "word",
    [
        DOCKER,
        f"/var{DOCKER}",
        f"unix://{DOCKER}",
        f"unix:///var{DOCKER}",
        f"UNIX-CONNECT:{DOCKER},retry=3",
        f"--socket={DOCKER}",
        f"UNIX-CONNECT:/{DOCKER}",
        "UNIX-CONNECT:/var//run//docker.sock",
        "/run/containerd/containerd.sock",
    ],
)
def test_a_path_in_a_command_line(word: str) -> None:
    assert list(relays(word)["tcp"]) == ["0.0.0.0:24000"]


@pytest.mark.parametrize("word", [f"/srv{DOCKER}", f"{DOCKER}.old", f"{DOCKER}/x", f"x{DOCKER}", "docker.sock", ""])
def test_another_path_in_a_command_line(word: str) -> None:
    assert relays(word) == {"tcp": {}, "paths": {}}


def test_where_no_engine_listens_there_is_no_relay() -> None:
    files = {"/proc/net/unix": UNIX_HEAD, "/proc/20/cmdline": DENIED}
    found = relays(DOCKER, files=files)
    assert found == {"tcp": {}, "paths": {}} and not isinstance(found["tcp"], OpenObject)
    assert isinstance(relays(DOCKER, files={"/proc/net/unix": DENIED})["tcp"], OpenObject)


def test_the_first_word_is_the_programs_own_name() -> None:
    assert relays(exe=PYTHON, others={process(21, PYTHON): ((DOCKER,), (31,))})["tcp"] == {}


@pytest.mark.parametrize(
    ("exe", "word", "hands_on", "tls"),
    [
        (SOCAT, "TCP4-L:24000", True, "none"),
        (SOCAT, "tcp6-listen:24000", True, "none"),
        (SOCAT, "OPENSSL-LISTEN:24000,verify=0", True, None),
        (PROXYD, "", True, "none"),
        (PYTHON, "TCP-LISTEN:24000", None, None),
        ("/usr/sbin/haproxy", "", None, None),
    ],
)
def test_what_is_certain_of_a_program(exe: str, word: str, hands_on: bool | None, tls: str | None) -> None:
    (one,) = relays(word, DOCKER, exe=exe)["tcp"].values()
    assert (None if isinstance(one["hands_on"], Hole) else one["hands_on"], None if isinstance(one["tls"], Hole) else one["tls"]) == (hands_on, tls)


def test_a_connection_that_it_holds() -> None:
    found = relays(exe=PYTHON, inodes=(30, 41), unix_sockets=[connection(40, 41)])["tcp"]
    assert found["0.0.0.0:24000"]["given"] == {DOCKER: ["connection"]}
    assert relays(exe=PYTHON, inodes=(30, 41), unix_sockets=[connection(40, 41, "/run/other.sock")])["tcp"] == {}
    assert relays(exe=PYTHON, inodes=(30,), unix_sockets=[connection(40, 41)])["tcp"] == {}


@pytest.mark.parametrize(
    "change",
    [
        {"process": {"uid": 1000}},
        {"exe": "/usr/bin/containerd-shim-runc-v2"},
        {"exe": "/usr/bin/docker-proxy"},
        {"exe": "/usr/bin/conmon"},
        {"exe": "/usr/bin/dockerd"},
        {"sockets": [tcp(30, 24000, uid=1000)]},
        {"sockets": ()},
    ],
)
def test_who_is_none(change: dict[str, Any]) -> None:
    found = relays(DOCKER, **change)
    assert found == {"tcp": {}, "paths": {}} and not isinstance(found["tcp"], OpenObject)


def test_another_path_that_it_listens_on() -> None:
    found = relays(DOCKER, sockets=(), inodes=(50,), unix_sockets=[bound(50, "/run/relay.sock")], stats={"/run/relay.sock": SOCKET})
    one = found["paths"]["/run/relay.sock"]
    assert (found["tcp"], one["mode"], one["owner_uid"], one["given"], list(one["parents"])) == ({}, "0666", 0, {DOCKER: ["argv"]}, ["/", "/run"])


def test_an_engines_own_paths_and_those_of_others_are_left_out() -> None:
    own = [bound(50, "/run/containerd/containerd.sock"), bound(51, "/run/anns.sock", uid=1000)]
    assert relays(DOCKER, sockets=(), inodes=(50, 51), unix_sockets=own)["paths"] == {}


def test_a_path_that_is_not_there_is_a_hole() -> None:
    (one,) = relays(DOCKER, sockets=(), inodes=(50,), unix_sockets=[bound(50, "/run/relay.sock")])["paths"].values()
    assert isinstance(one, Hole) and one.why is Why.NONSENSE


INSIDE = {"process": {"host": False, "mounts": "mnt:[9]"}, "exe": "/usr/local/sbin/haproxy", "files": {"/proc/20/mountinfo": CONTAINER}}


def test_a_container_that_the_socket_was_mounted_into() -> None:
    assert relays(**INSIDE)["tcp"]["0.0.0.0:24000"]["given"] == {DOCKER: ["mount"]}
    for text in (CONTAINER.replace("/docker.sock ", "/other.sock "), CONTAINER.replace("0:25", "0:26"), MOUNTS):
        assert relays(**{**INSIDE, "files": {"/proc/20/mountinfo": text}}) == {"tcp": {}, "paths": {}}


def test_where_process_1_cannot_be_compared_with_another_mount_namespace_counts() -> None:
    unknown = {**INSIDE, "process": {"host": None, "mounts": "mnt:[9]"}}
    assert relays(**unknown)["tcp"]["0.0.0.0:24000"]["given"] == {DOCKER: ["mount"]}
    assert relays(**{**unknown, "process": {"host": None, "mounts": "mnt:[1]"}}) == {"tcp": {}, "paths": {}}
    assert isinstance(relays(**{**unknown, "process": {"host": None, "mounts": ""}})["tcp"], OpenObject)


def test_a_container_with_a_network_of_its_own() -> None:
    files = {"/proc/20/mountinfo": CONTAINER, "/proc/20/net/tcp": HEAD + row(30, 2375), "/proc/20/net/tcp6": HEAD, "/proc/20/net/unix": ""}
    unix = {"/proc/20/net/unix": Stat(type="file", uid=0, gid=0, mode=0o444, ino=FAR)}
    there = {**INSIDE, "process": {**INSIDE["process"], "network": FAR}, "files": files, "stats": unix, "sockets": ()}
    ((name, one),) = relays(**there)["tcp"].items()
    assert (name, one["network"], one["given"]) == (f"0.0.0.0:2375 in network {FAR}", FAR, {DOCKER: ["mount"]})


@pytest.mark.parametrize(
    "change",
    [
        {"files": {"/proc/20/cmdline": DENIED}},
        {"files": {"/proc/20/fd": DENIED}, "links": {}, "inodes": ()},
        {"unix_sockets": DENIED},
        {"files": {"/proc/self/mountinfo": DENIED}},
        {**INSIDE, "files": {"/proc/20/mountinfo": DENIED}},
    ],
)
def test_where_something_is_hidden_the_lists_are_open(change: dict[str, Any]) -> None:
    found = relays(DOCKER, **change)
    assert isinstance(found["tcp"], OpenObject) and isinstance(found["paths"], OpenObject)


def test_who_has_ended_is_passed_over() -> None:
    found = relays(DOCKER, files={"/proc/20/cmdline": None})
    assert found == {"tcp": {}, "paths": {}} and not isinstance(found["tcp"], OpenObject)


SYSTEMD = process(1, "/usr/lib/systemd/systemd")
WEB = {"/etc/systemd/system/web.socket": "[Socket]\nListenStream=24000\n", "/etc/systemd/system/web.service": "[Service]\nExecStart=/usr/sbin/web\n"}


def idle(socket: str, service: str, name: str = "api.service", inodes: tuple[int, ...] = (30,), **more: Any) -> Any:
    files = {"/etc/systemd/system/api.socket": f"[Socket]\nListenStream=24000\n{socket}", f"/etc/systemd/system/{name}": f"[Service]\n{service}\n"}
    return facts({SYSTEMD: (("init",), inodes), **more.pop("others", {})}, [tcp(30, 24000)], files=files, **more)["relays"]["tcp"]


@pytest.mark.parametrize(
    ("socket", "service", "name", "exe"),
    [
        ("", f"ExecStart={PROXYD} {DOCKER}", "api.service", PROXYD),
        ("Accept=yes\n", f"ExecStart=-{SOCAT} STDIO 'UNIX-CONNECT:{DOCKER}'", "api@.service", SOCAT),
        ("Service=relay.service\n", f"ExecStart={PROXYD} /var{DOCKER}", "relay.service", PROXYD),
    ],
)
def test_a_relay_that_systemd_starts_for_who_connects(socket: str, service: str, name: str, exe: str) -> None:
    (one,) = idle(socket, service, name).values()
    assert (one["process"], one["given"], one["hands_on"], one["tls"]) == ({"pid": 1, "exe": exe}, {DOCKER: ["unit"]}, True, "none")


def test_what_a_program_does_that_systemd_would_start_is_not_known() -> None:
    (one,) = idle("", f"ExecStart=/usr/sbin/web --upstream {DOCKER}").values()
    assert isinstance(one["hands_on"], Hole) and isinstance(one["tls"], Hole)


def test_an_engine_that_systemd_would_start_is_no_relay() -> None:
    assert idle("", "ExecStart=/usr/bin/dockerd -H fd:// --containerd=/run/containerd/containerd.sock") == {}


def test_once_it_runs_the_program_is_stated_and_not_systemd() -> None:
    (one,) = idle("", f"ExecStart={PROXYD} {DOCKER}", others={process(20, PROXYD): ((PROXYD, DOCKER), (30,))}).values()
    assert one["process"] == {"pid": 20, "exe": PROXYD}


def test_what_systemd_does_not_hold_or_starts_without_an_engine_is_no_relay() -> None:
    assert idle("", f"ExecStart={PROXYD} {DOCKER}", inodes=(31,)) == {}
    assert facts({SYSTEMD: (("init",), (30,))}, [tcp(30, 24000)], files=WEB)["relays"]["tcp"] == {}


def test_a_unit_that_cannot_be_read_leaves_open_whether_there_is_a_relay() -> None:
    found = facts({SYSTEMD: (("init",), (30,))}, [tcp(30, 24000)], files={**WEB, "/etc/systemd/system/web.service": DENIED})["relays"]["tcp"]
    assert isinstance(found, OpenObject)
