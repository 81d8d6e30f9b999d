"""Real engines on TCP, real relays: what hostcheck says of each is what was started.

The expected findings are written by hand from the command lines below; what a daemon demands is told by no option of TLS, so that `--tls` alone passes.
"""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from real_engines.scans import Scan, Scanner
from real_engines.world import World

DOCKER = "/run/docker.sock"
RULES = (*(f"HC-API-{number}" for number in ("01", "02", "03", "08", "09", "10", "13", "15", "16")), "HC-CTD-02")
"""Those of this domain: others judge what a dockerd is told of TLS."""
PASSED = """
import os, socket, sys
address, port = sys.argv[1], int(sys.argv[2])
server = socket.create_server((address, port))
os.dup2(server.fileno(), 3)
os.set_inheritable(3, True)
os.environ |= {"LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid())}
os.execv(sys.argv[3], sys.argv[3:])
"""
"""Hands a listening socket to a program as systemd does (sd_listen_fds(3))."""
PROXY = """
import socket, time
server = socket.create_server(("127.0.0.1", 24002))
engine = socket.socket(socket.AF_UNIX)
engine.connect("/run/" + "docker" + "." + "sock")
time.sleep(1 << 20)
"""
"""Holds a connection, and its command line does not name the path."""


def listens(world: World, *ports: int) -> bool:
    rows = world.run("cat", "/proc/net/tcp", "/proc/net/tcp6")
    return all(f":{port:04X} " in rows for port in ports)


def certificates(place: Path) -> None:
    """Make a CA, and the certificate of a server."""
    place.mkdir()
    for argv in (
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -keyout ca-key.pem -out ca.pem -subj /CN=hostcheck-test",
        "req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout key.pem -out server.csr -subj /CN=localhost",
        "x509 -req -in server.csr -CA ca.pem -CAkey ca-key.pem -CAcreateserial -days 2 -out cert.pem",
    ):
        subprocess.run(["openssl", *argv.split()], check=True, capture_output=True, cwd=place)


NO_BRIDGE = ("--bridge=none", "--iptables=false", "--ip6tables=false")


def dockerd(world: World, name: str, *options: str, through: tuple[str, ...] = (), network: tuple[str, ...] = NO_BRIDGE) -> None:
    """Start one more dockerd, which has nothing in common with others but containerd."""
    own = world.base / name
    own.mkdir()
    (own / "daemon.json").write_text("{}")
    files = ("--config-file", f"{own}/daemon.json", "--data-root", f"{own}/data", "--exec-root", f"/run/{name}", "--pidfile", f"/run/{name}.pid")
    over = ("--containerd", "/run/containerd/containerd.sock")
    world.start(*through, "dockerd", *files, *network, *over, "--containerd-namespace", name, "--containerd-plugins-namespace", f"{name}-plugins", *options)


def tls(world: World) -> list[str]:
    place = world.base / "tls"
    if not place.exists():
        certificates(place)
    return [f"--tlscacert={place}/ca.pem", f"--tlscert={place}/cert.pem", f"--tlskey={place}/key.pem"]


def containerd(world: World, more: str = "") -> None:
    config = world.base / "containerd.toml"
    config.write_text(
        f'version = 2\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\nroot = "{world.base}/containerd"\nstate = "/run/containerd"\n'
        f'[grpc]\n  address = "/run/containerd/containerd.sock"\n{more}'
    )
    world.containerd = world.start("containerd", "--config", str(config))
    world.wait(lambda: world.reachable("/run/containerd/containerd.sock"))


def found(scanned: Scan, *, abroad: bool = False) -> dict[tuple[str, str], tuple[str, str]]:
    """Return result and severity of each finding of these rules, about this network namespace or about others, in which other tests may run engines."""
    return {
        (one["rule"], one["subject"]): (one["result"], one["severity"])
        for one in scanned.report["findings"]
        if one["rule"].startswith(RULES) and one["result"] not in ("notapplicable", "notselected") and (" in network " in one["subject"]) is abroad
    }


@pytest.fixture(scope="module")
def open_world() -> Iterator[World]:
    world = World()
    try:
        world.run("sh", "-ec", "ip link set lo up; ip addr add 10.9.9.9/32 dev lo")
        containerd(world, '  tcp_address = "127.0.0.1:24005"\n')
        dockerd(world, "plain", "-H", f"unix://{DOCKER}", "-H", "tcp://0.0.0.0:23750", "--metrics-addr", "0.0.0.0:24004")
        # Another one for the second address: dockerd waits 15 s for each that asks for no certificate.
        dockerd(world, "second", "-H", "unix:///run/second.sock", "-H", "tcp://10.9.9.9:23754")
        dockerd(world, "server", "-H", "unix:///run/server.sock", "-H", "tcp://127.0.0.1:23751", "--tls", "--tlsverify=false", *tls(world))
        dockerd(world, "unset", "-H", "unix:///run/unset.sock", "-H", "tcp://127.0.0.1:23753", "--tls", *tls(world))
        dockerd(world, "verify", "-H", "unix:///run/verify.sock", "-H", "tcp://0.0.0.0:23752", "--tlsverify", *tls(world))
        podman = ("podman", "--root", f"{world.base}/podman", "--runroot", "/run/podman-run", "--cgroup-manager=cgroupfs", "--events-backend=none")
        world.start(*podman, "system", "service", "--time=0", "tcp:127.0.0.1:24003")
        world.wait(lambda: listens(world, 23750, 23751, 23752, 23753, 23754, 24003, 24004, 24005) and world.reachable(DOCKER), 60)
        world.start("socat", "TCP-LISTEN:24000,fork,reuseaddr", f"UNIX-CONNECT:{DOCKER}")
        world.start("/usr/bin/python3", "-I", "-c", PASSED, "127.0.0.1", "24001", "/usr/lib/systemd/systemd-socket-proxyd", DOCKER)
        world.start("/usr/bin/python3", "-I", "-c", PROXY)
        world.start("socat", "UNIX-LISTEN:/run/relay.sock,fork,mode=666", f"UNIX-CONNECT:/var{DOCKER}")
        world.start("socat", "UNIX-LISTEN:/run/private.sock,fork,mode=600", f"UNIX-CONNECT:{DOCKER}")
        world.wait(lambda: listens(world, 24000, 24001, 24002) and world.reachable("/run/relay.sock") and world.reachable("/run/private.sock"))
        yield world
    finally:
        world.end()


@pytest.fixture(scope="module")
def as_root(open_world: World, scan: Scanner) -> Scan:
    return scan(open_world, "--profile", "level2")


def test_the_findings_are_what_was_started_and_no_other(as_root: Scan) -> None:
    assert found(as_root) == {
        ("HC-API-01", "[::]:23750"): ("fail", "critical"),
        ("HC-API-01", "10.9.9.9:23754"): ("fail", "critical"),
        ("HC-API-01", "[::]:23752"): ("pass", "critical"),
        ("HC-API-02", "[::]:23752"): ("fail", "medium"),
        ("HC-API-03", "127.0.0.1:23751"): ("fail", "high"),
        ("HC-API-03", "127.0.0.1:23753"): ("pass", "high"),
        ("HC-API-10", "[::]:24004"): ("fail", "medium"),
        ("HC-API-13", "127.0.0.1:24003"): ("fail", "high"),
        ("HC-CTD-02", "127.0.0.1:24005"): ("fail", "high"),
        ("HC-API-15", "0.0.0.0:24000"): ("fail", "critical"),
        ("HC-API-15", "127.0.0.1:24001"): ("fail", "high"),
        ("HC-API-15", "127.0.0.1:24002"): ("unknown", "high"),
        ("HC-API-15", "/run/relay.sock"): ("fail", "high"),
        ("HC-API-15", "/run/private.sock"): ("pass", "high"),
    }


def test_a_relay_still_serves_after_the_scan(open_world: World, as_root: Scan) -> None:
    assert open_world.run("curl", "-sS", "--max-time", "5", "http://127.0.0.1:24000/_ping") == "OK"
    assert open_world.run("curl", "-sS", "--max-time", "5", "http://127.0.0.1:24001/_ping") == "OK"


def test_who_has_no_certificate_is_refused_where_that_is_said(open_world: World, as_root: Scan) -> None:
    """An independent client agrees."""
    for port, answered in ((23751, True), (23752, False), (23753, False)):
        done = subprocess.run(
            open_world.inside("curl", "-ksS", "--max-time", "5", f"https://127.0.0.1:{port}/_ping"), capture_output=True, text=True, check=False
        )
        assert (done.stdout == "OK") is answered


@pytest.mark.parametrize("user", ["alice", "nobody"])
def test_seeing_less_never_looks_better(open_world: World, as_root: Scan, scan: Scanner, user: str) -> None:
    theirs = found(scan(open_world, "--profile", "level2", user=user))
    assert {key: result for key, (result, _) in theirs.items() if result == "pass" and found(as_root).get(key, ("",))[0] != "pass"} == {}
    for rule in ("HC-API-01", "HC-API-03", "HC-API-13", "HC-CTD-02", "HC-API-15"):
        assert {result for (mine, _), (result, _) in theirs.items() if mine == rule} & {"fail", "error", "unknown"}


def test_an_engine_in_a_network_of_its_own(empty: World, scan: Scanner) -> None:
    empty.run("ip", "link", "set", "lo", "up")
    containerd(empty)
    through = ("unshare", "--net", "sh", "-ec", 'ip link set lo up; exec "$@"', "sh")
    dockerd(empty, "away", "-H", f"unix://{DOCKER}", "-H", "tcp://127.0.0.1:23756", through=through)
    empty.wait(lambda: empty.reachable(DOCKER), 60)
    results = {(rule, subject.partition(" in network ")[0]): result for (rule, subject), result in found(scan(empty), abroad=True).items()}
    assert results["HC-API-03", "127.0.0.1:23756"] == ("fail", "high")


def test_a_twin_without_faults_is_not_accused(empty: World, scan: Scanner) -> None:
    empty.run("ip", "link", "set", "lo", "up")
    containerd(empty)
    dockerd(empty, "sound", "-H", f"unix://{DOCKER}", "-H", "tcp://127.0.0.1:23752", "--tlsverify", "--metrics-addr", "127.0.0.1:24004", *tls(empty))
    empty.wait(lambda: listens(empty, 23752, 24004) and empty.reachable(DOCKER), 60)
    assert found(scan(empty, "--profile", "level2")) == {
        ("HC-API-03", "127.0.0.1:23752"): ("pass", "high"),
        ("HC-API-10", "127.0.0.1:24004"): ("pass", "medium"),
    }


IMAGE = "mkdir -p {base}/image/etc {base}/image/tmp && for name in bin lib lib64 sbin; do ln -s usr/$name {base}/image/$name; done; tar -C {base}/image -c ."
WAITS = 'import socket, time; server = socket.create_server(("127.0.0.1", 24007)); time.sleep(1 << 20)'


def test_containers_that_the_socket_was_mounted_into(empty: World, scan: Scanner) -> None:
    """One has a network of its own, the other that of the host; neither holds a connection, and a third has no socket."""
    empty.run("ip", "link", "set", "lo", "up")
    containerd(empty)
    dockerd(empty, "sound", "-H", f"unix://{DOCKER}")
    empty.wait(lambda: empty.reachable(DOCKER), 60)
    engine = ("docker", "-H", f"unix://{DOCKER}")
    empty.run("sh", "-ec", f"({IMAGE.format(base=empty.base)}) | docker -H unix://{DOCKER} import - empty")
    run = (*engine, "run", "--rm", "--detach", "-v", "/usr:/usr:ro", "-v", "/etc/alternatives:/etc/alternatives:ro")
    given = ("-v", f"{DOCKER}:/var/run/docker.sock")
    names = [
        empty.run(*run, "--network", "none", *given, "empty", "socat", "TCP-LISTEN:24006,fork", "UNIX-CONNECT:/var/run/docker.sock"),
        empty.run(*run, "--network", "host", *given, "empty", "python3", "-I", "-c", WAITS),
        empty.run(*run, "--network", "host", "empty", "python3", "-I", "-c", WAITS.replace("24007", "24008")),
    ]
    try:
        empty.wait(lambda: listens(empty, 24007, 24008))
        scanned = scan(empty, "--profile", "level2")
        assert found(scanned) == {("HC-API-15", "127.0.0.1:24007"): ("unknown", "high")}
        away = {subject.partition(" in network ")[0]: result for (rule, subject), result in found(scanned, abroad=True).items() if rule == "HC-API-15"}
        assert away["0.0.0.0:24006"] == ("fail", "critical")
    finally:
        empty.run(*engine, "kill", *(name.strip() for name in names))


def test_a_port_of_a_container_that_dockerd_holds_itself_is_none_of_its_own(empty: World, scan: Scanner) -> None:
    """Without docker-proxy it does; who connects comes to the container, which must not be taken for an engine."""
    empty.run("ip", "link", "set", "lo", "up")
    containerd(empty)
    dockerd(empty, "sound", "-H", f"unix://{DOCKER}", network=("--userland-proxy=false",))
    empty.wait(lambda: empty.reachable(DOCKER), 60)
    engine = ("docker", "-H", f"unix://{DOCKER}")
    empty.run("sh", "-ec", f"({IMAGE.format(base=empty.base)}) | docker -H unix://{DOCKER} import - empty")
    run = (*engine, "run", "--rm", "--detach", "-p", "24011:80", "-v", "/usr:/usr:ro", "-v", "/etc/alternatives:/etc/alternatives:ro")
    name = empty.run(*run, "empty", "python3", "-I", "-m", "http.server", "80").strip()
    try:
        empty.wait(lambda: listens(empty, 24011))
        scanned = scan(empty, "--profile", "level2")
        listening = scanned.evidence["probes"]["listeners"]["facts"]["engines"]
        assert (listening["0.0.0.0:24011"]["engine"], "demand" in listening["0.0.0.0:24011"]) == ("docker", False)
        assert found(scanned) == {}
    finally:
        empty.run(*engine, "kill", name)


def test_an_engine_of_a_user_is_that_users(empty: World, scan: Scanner) -> None:
    """Nobody connects to what a user holds, so that it is not known what it demands; and a web server of alice's is none."""
    empty.run("ip", "link", "set", "lo", "up")
    podman = f"{empty.base}/home/alice/podman"
    empty.run("install", "-m", "0755", "/usr/bin/socat", podman)
    empty.start(podman, "TCP-LISTEN:24009,bind=127.0.0.1,fork", "PIPE", user="alice")
    empty.start("/usr/bin/python3", "-I", "-m", "http.server", "24010", user="alice")
    empty.wait(lambda: listens(empty, 24009, 24010), 30)
    assert found(scan(empty)) == {("HC-API-16", "127.0.0.1:24009 of alice"): ("error", "medium")}
