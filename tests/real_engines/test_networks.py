"""Networks of a real docker: what is found of each container and network, and that whoever is said to be reached is reached."""

import json
import signal
import subprocess
from collections.abc import Iterator
from typing import Final

import pytest
from real_engines.container_ways import IMAGE, SECRET
from real_engines.network_ways import ALONE, NEIGHBOUR, OPEN, SERVE, Networked, fails, told
from real_engines.scans import Scanner

SOCKET: Final = "/run/docker.sock"
BRIDGES: Final = ("--ip6tables=false",)
"""Docker makes its bridge and rules in the network of the host within the host alone."""
CLOSED: Final = "com.docker.network.bridge.enable_icc=false"
SETTING: Final = "/proc/sys/net/bridge/bridge-nf-call-iptables"
EVERY_NETWORK: Final[dict[str, tuple[str, ...]]] = {
    "app": (),
    "inner": ("--internal",),
    "closed": ("--opt", CLOSED),
    "lan": ("--driver", "macvlan", "--opt", "parent=cable0", "--subnet", "10.9.0.0/24", "--ip-range", "10.9.0.128/25"),
}
CONTAINERS: Final[dict[str, tuple[tuple[str, ...], set[str]]]] = {
    "hardened": (("--network", "none"), set()),
    "on-its-own-network": (("--network", "app"), set()),
    "on-the-default-bridge": (("--network", "bridge"), {"HC-NTW-01"}),
    "beside-it": ((), {"HC-NTW-01"}),
    "joins-it": (("--network", "container:beside-it"), {"HC-NTW-01"}),
    "inside": (("--network", "inner"), set()),
    "apart": (("--network", "closed"), set()),
    "apart-too": (("--network", "closed"), set()),
    "on-the-lan": (("--network", "lan"), set()),
    "with-the-hosts": (("--network", "host"), set()),
    "served-everywhere": (("--network", "app", "-p", "8080:80"), set()),
    "served-here": (("--network", "app", "-p", "127.0.0.1:8081:80"), set()),
    "served-on-six": (("--network", "app", "-p", "[::]:8083:80"), set()),
    "low": (("--network", "app", "-p", "22:80"), {"HC-CTR-24"}),
    "low-here": (("--network", "app", "-p", "127.0.0.1:53:53/udp"), {"HC-CTR-24"}),
    "web": (("--network", "app", "-p", "80:80", "-p", "443:443"), set()),
    "all-that-it-names": (("--network", "app", "-P", "--expose", "80"), {"HC-CTR-25"}),
    "all-of-no-network": (("--network", "none", "-P", "--expose", "80"), set()),
}
"""Each container by its name: its options, and what is found on a server."""
NO_WAY_OUT: Final = {"hardened", "inside", "with-the-hosts", "all-of-no-network"}
"""Those that a CI runner may have; HC-CTR-09 is about the network of the host."""


class Dockers(Networked):
    """A host with docker, and containers that serve port 80."""

    def docker(self, *argv: str) -> str:
        return self.run("docker", "-H", f"unix://{SOCKET}", *argv)

    def begin(self, *flags: str) -> None:
        self.start_docker(*flags, networks=BRIDGES)
        self.run("sh", "-ec", f"({IMAGE.format(base=self.base)}) | docker -H unix://{SOCKET} import - empty")
        for name, options in EVERY_NETWORK.items():
            self.docker("network", "create", "--label", f"token={SECRET}", "--opt", f"com.vendor.token={SECRET}", *options, name)

    def serve(self, name: str, *options: str) -> None:
        port = "8098" if {"host", "container:beside-it"} & set(options) else "80"
        self.docker("run", "--detach", "--name", name, *self.given(), *options, "empty", *SERVE, port)

    def inside_of(self, name: str, *argv: str) -> str:
        """Run a command in a container as root and return what it printed, whatever comes of it."""
        enter = self.inside("docker", "-H", f"unix://{SOCKET}", "exec", "-u", "0", name, *argv)
        return subprocess.run(enter, check=False, capture_output=True, text=True, timeout=60, cwd="/").stdout.strip()

    def container_reaches(self, name: str, address: str, port: int = 80) -> bool:
        return self.inside_of(name, "python3", "/reaches.py", address, str(port)) == "HTTP"

    def address(self, name: str) -> str:
        return self.docker("inspect", "--format", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", name).strip()


@pytest.fixture(scope="module")
def world() -> Iterator[Dockers]:
    made = Dockers()
    try:
        made.begin()
        for name, (options, _) in CONTAINERS.items():
            made.serve(name, *options)
        made.wait(lambda: made.container_reaches("on-its-own-network", made.address("web")))
        yield made
    finally:
        made.end()


def test_who_reaches_whom(world: Dockers) -> None:
    """What the findings say is tried first: it does not depend on any scan."""
    assert world.container_reaches("on-the-default-bridge", world.address("beside-it"))
    assert world.container_reaches("joins-it", world.address("on-the-default-bridge"))
    assert not world.container_reaches("apart", world.address("apart-too"))
    assert not world.container_reaches("on-its-own-network", world.address("beside-it"))
    for name in CONTAINERS:
        assert world.container_reaches(name, NEIGHBOUR, OPEN) is (name not in NO_WAY_OUT or name == "with-the-hosts"), name
    assert world.container_reaches("inside", world.address("inside").rpartition(".")[0] + ".1", OPEN), "an internal network still leads to the host"
    assert [world.neighbour_reaches("10.9.0.1", port) for port in (8080, 22, 80, 8081, ALONE)] == [True, True, True, False, False]
    assert world.reaches("127.0.0.1", 8081) and world.reaches("::1", 8083)
    before = int(world.docker("version", "--format", "{{.Server.Version}}").partition(".")[0]) < 28
    assert world.neighbour_reaches("127.0.0.1", 8081) is before, "before Docker 28 a loopback address of -p keeps no neighbour out (moby#45610)"


def test_each_is_found_and_no_other(world: Dockers, scan: Scanner) -> None:
    found = scan(world, "--profile", "level2")
    assert fails(found) == {f"docker:{name}": rules for name, (_, rules) in CONTAINERS.items() if rules}
    assert SECRET not in json.dumps(found.evidence) and SECRET not in json.dumps(found.report)
    networks = found.evidence["probes"]["networks"]["facts"]["networks"]
    assert sorted(networks) == [f"docker:{name}" for name in ("app", "bridge", "closed", "host", "inner", "lan", "none")]
    assert {name: (one["driver"], one["internal"], one.get("icc"), one.get("parent")) for name, one in networks.items()} == {
        "docker:app": ("bridge", False, True, None),
        "docker:bridge": ("bridge", False, True, None),
        "docker:closed": ("bridge", False, False, None),
        "docker:host": ("host", False, None, None),
        "docker:inner": ("bridge", True, True, None),
        "docker:lan": ("macvlan", False, None, "cable0"),
        "docker:none": ("null", False, None, None),
    }
    assert found.results()[("HC-NTW-03", "")] == found.results()[("HC-NTW-04", "")] == "pass"
    assert "22->80/tcp" in told(found, "HC-CTR-24")


def test_a_ci_runner_lets_no_job_out(world: Dockers, scan: Scanner) -> None:
    found = scan(world, "--profile", "level2", "--role", "ci-runner", "--value", "networked_containers=web,low")
    out = {subject for subject, rules in fails(found).items() if "HC-CTR-31" in rules}
    assert out == {f"docker:{name}" for name in CONTAINERS if name not in NO_WAY_OUT | {"web", "low"}}


def test_icc_that_is_off_keeps_nobody_apart_where_the_kernel_shows_nothing(world: Dockers, scan: Scanner) -> None:
    interface = f"br-{json.loads(world.docker('network', 'inspect', 'closed'))[0]['Id'][:12]}"
    own = f"/sys/class/net/{interface}/bridge/nf_call_iptables"

    def apart() -> bool:
        return not world.container_reaches("apart", world.address("apart-too"))

    assert apart()
    world.run("sh", "-ec", f"echo 0 > {SETTING}; echo 1 > {own}")
    assert apart() and fails(scan(world)).get("") is None
    world.run("sh", "-ec", f"echo 0 > {own}")
    assert not apart()
    found = scan(world)
    assert fails(found)[""] == {"HC-NTW-04"} and f"docker:closed ({interface})" in told(found, "HC-NTW-04")
    for finding in found.report["findings"]:
        if (finding["rule"], finding["result"]) == ("HC-NTW-04", "fail"):
            for step in finding["fix"]:
                world.run("sh", "-ec", step.get("run", ":"))
    assert apart() and fails(scan(world)).get("") is None


def test_an_engine_that_stands_still_costs_what_it_would_have_told(world: Dockers, scan: Scanner) -> None:
    world.dockerd.send_signal(signal.SIGSTOP)
    try:
        found = scan(world, "--profile", "level2")
    finally:
        world.dockerd.send_signal(signal.SIGCONT)
    results = {one["result"] for one in found.report["findings"] if one["rule"] in {"HC-CTR-24", "HC-CTR-25", "HC-NTW-01", "HC-NTW-04", "HC-NTW-05"}}
    assert results == {"error"} and found.seconds < 15


def test_overlays_of_a_swarm(world: Dockers, scan: Scanner) -> None:
    world.docker("swarm", "init", "--advertise-addr", "10.9.0.1", "--listen-addr", "10.9.0.1:2377")
    world.docker("network", "create", "--driver", "overlay", "plain")
    world.docker("network", "create", "--driver", "overlay", "--opt", "encrypted", "sealed")
    results = scan(world, "--profile", "level2").results()
    judged = {subject: result for (rule, subject), result in results.items() if rule == "HC-NTW-05"}
    assert judged == {"docker:plain": "fail", "docker:sealed": "pass"}
    assert not {rule: result for (rule, subject), result in results.items() if rule.startswith("HC-CTR") and subject == "*" and result != "notapplicable"}
    assert results["HC-ACC-01", "/run/docker/swarm/control.sock"] == "pass", "who connects there starts services, so it is judged as an engine's"


@pytest.fixture(scope="module")
def without_proxy() -> Iterator[Dockers]:
    made = Dockers()
    try:
        made.begin("--userland-proxy=false")
        made.serve("hardened", "--network", "inner")
        made.serve("served-here", "--network", "app", "-p", "127.0.0.1:8081:80")
        yield made
    finally:
        made.end()


def ways(scan: Scanner, world: Dockers) -> dict[str, list[str]]:
    """Return by which interfaces others get to loopback addresses, as a scan says; they are a finding exactly where there are some."""
    found = scan(world, "--profile", "level2")
    analysed = told(found, "HC-NTW-03")
    assert found.results()[("HC-NTW-03", "")] == ("fail" if analysed else "pass")
    listed = analysed.removeprefix("route_localnet is on for ").partition(", so services")[0]
    return {one.partition(" (")[0]: one.partition(" (")[2].rstrip(")").split(", ") for one in listed.split("), ")} if listed else {}


def test_docker_without_proxies_lets_containers_in_that_make_packets(without_proxy: Dockers, scan: Scanner) -> None:
    world = without_proxy
    interface = f"br-{json.loads(world.docker('network', 'inspect', 'inner'))[0]['Id'][:12]}"
    assert world.run("cat", f"/proc/sys/net/ipv4/conf/{interface}/route_localnet").strip() == "1"
    world.wait(lambda: world.reaches("127.0.0.1", 8081))
    assert world.inside_of("hardened", "python3", "/raw.py", str(ALONE)) == ""
    assert ways(scan, world) == {}
    world.serve("sender", "--network", "inner", "--cap-add", "NET_RAW")
    assert world.inside_of("sender", "python3", "/raw.py", str(ALONE)) == "HTTP", "an internal network does not keep it out"
    assert ways(scan, world) == {interface: ["docker:sender"]}
    world.docker("rm", "--force", "sender")
    assert ways(scan, world) == {}


@pytest.mark.parametrize(("setting", "way"), [("cable0", "cable0"), ("all", "all")])
def test_a_neighbour_gets_in_where_the_kernel_lets_it(without_proxy: Dockers, scan: Scanner, setting: str, way: str) -> None:
    world = without_proxy
    assert not world.neighbour_reaches("127.0.0.1", ALONE)
    world.run("sh", "-ec", f"echo 1 > /proc/sys/net/ipv4/conf/{setting}/route_localnet")
    assert world.neighbour_reaches("127.0.0.1", ALONE)
    found = scan(world)
    assert fails(found)[""] == {"HC-NTW-03"} and list(ways(scan, world)) == [way]
    (failed,) = [one for one in found.report["findings"] if one["rule"] == "HC-NTW-03"]
    for step in failed["fix"]:
        world.run("sh", "-ec", step.get("run", ":"))
    assert not world.neighbour_reaches("127.0.0.1", ALONE) and ways(scan, world) == {}
