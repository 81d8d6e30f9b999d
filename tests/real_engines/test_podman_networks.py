"""The same of root's podman, whose netavark makes its bridges: what is found of each, and that whoever is said to be reached is reached."""

import json
import subprocess
from collections.abc import Iterator
from typing import Final

import pytest
from real_engines.container_ways import IMAGE, SECRET
from real_engines.network_ways import ALONE, NEIGHBOUR, OPEN, SERVE, Networked, fails, told
from real_engines.scans import Scanner

PODMAN: Final = "/run/podman/podman.sock"
BY_IPTABLES: Final = '[network]\nfirewall_driver = "iptables"\n'
"""For machines without nft."""
NETWORKS: Final[dict[str, tuple[str, ...]]] = {
    "ours": ("--opt", "isolate=true"),
    "quiet": (),
    "inner": ("--internal",),
    "lan": ("--driver", "macvlan", "--opt", "parent=cable0", "--subnet", "10.9.0.0/24", "--ip-range", "10.9.0.128/25"),
}
CONTAINERS: Final[dict[str, tuple[tuple[str, ...], set[str]]]] = {
    "hardened": (("--network", "none"), set()),
    "on-podmans-own": (("--network", "podman"), set()),
    "inside": (("--network", "inner"), set()),
    "on-the-lan": (("--network", "lan"), set()),
    "served-everywhere": (("--network", "ours", "-p", "8080:80"), set()),
    "served-here": (("--network", "ours", "-p", "127.0.0.1:8081:80"), set()),
    "low": (("--network", "ours", "-p", "22:80"), {"HC-CTR-24"}),
    "low-range": (("--network", "ours", "-p", "127.0.0.1:1023-1024:80-81"), {"HC-CTR-24"}),
    "web": (("--network", "ours", "-p", "80:80"), set()),
    "all-that-it-names": (("--network", "ours", "-P", "--expose", "80"), {"HC-CTR-25"}),
    "sender": (("--network", "ours", "--cap-add", "NET_RAW"), set()),
    "sender-elsewhere": (("--network", "quiet", "--cap-add", "NET_RAW"), set()),
}
NO_WAY_OUT: Final = {"hardened", "inside"}


class Podmans(Networked):
    """A host with root's podman, which serves its API."""

    def podman(self, *argv: str) -> str:
        return self.run("env", "PODMAN_IGNORE_CGROUPSV1_WARNING=1", "podman", "--url", f"unix://{PODMAN}", "--remote", *argv)

    def inside_of(self, name: str, *argv: str) -> str:
        """Run a command in the network of a container, as root with its capabilities, without podman: an exec leaves a monitor for five minutes."""
        pid = self.podman("inspect", "--format", "{{.State.Pid}}", name).strip()
        bounding = "+net_raw" if "sender" in name else ""
        drop = ["setpriv", f"--bounding-set=-all{',' + bounding if bounding else ''}", f"--inh-caps=-all{',' + bounding if bounding else ''}", "--no-new-privs"]
        enter = self.inside("nsenter", "--net", "--target", pid, "--", *drop, *argv)
        return subprocess.run(enter, check=False, capture_output=True, text=True, timeout=60, cwd="/").stdout.strip()

    def container_reaches(self, name: str, address: str, port: int = 80) -> bool:
        return self.inside_of(name, "python3", str(self.base / "reaches.py"), address, str(port)) == "HTTP"

    def stop(self) -> None:
        """End the containers, whose monitors are nobody's children."""
        self.podman("rm", "--all", "--force", "--time", "0")


@pytest.fixture(scope="module")
def podmans() -> Iterator[Podmans]:
    made = Podmans()
    try:
        (made.etc / "containers").mkdir(exist_ok=True)
        (made.etc / "containers/containers.conf").write_text(BY_IPTABLES)
        made.start_podman("root")
        made.run("sh", "-ec", f"({IMAGE.format(base=made.base)}) > {made.base}/image.tar")
        made.podman("import", f"{made.base}/image.tar", "local/empty")
        for name, options in NETWORKS.items():
            made.podman("network", "create", "--disable-dns", "--label", f"token={SECRET}", *options, name)
        for name, (options, _) in CONTAINERS.items():
            sysctl = () if "none" in options else ("--sysctl", "net.ipv4.ip_unprivileged_port_start=0")
            made.podman("create", "--name", name, *made.given(), *sysctl, *options, "local/empty", *SERVE, "80" if sysctl else "8000")
            made.podman("start", name)
        made.wait(lambda: made.neighbour_reaches("10.9.0.1", 8080))
        yield made
    finally:
        made.stop()
        made.end()


def test_who_reaches_whom(podmans: Podmans) -> None:
    for name in CONTAINERS:
        assert podmans.container_reaches(name, NEIGHBOUR, OPEN) is (name not in NO_WAY_OUT), name
    assert [podmans.neighbour_reaches("10.9.0.1", port) for port in (8080, 22, 80, 8081, ALONE)] == [True, True, True, False, False]
    assert podmans.reaches("127.0.0.1", 8081) and podmans.reaches("127.0.0.1", 1023)
    assert podmans.neighbour_reaches("127.0.0.1", 8081), "a loopback address of -p keeps no neighbour out"
    told = {name: podmans.inside_of(name, "python3", str(podmans.base / "raw.py"), str(ALONE)) for name in ("sender", "sender-elsewhere", "web")}
    assert told == {"sender": "HTTP", "sender-elsewhere": "", "web": ""}


def test_each_is_found_and_no_other(podmans: Podmans, scan: Scanner) -> None:
    found = scan(podmans, "--profile", "level2")
    wanted: dict[str, set[str]] = {f"podman:{name}": rules for name, (_, rules) in CONTAINERS.items() if rules}
    assert fails(found) == {**wanted, "": {"HC-NTW-03"}}
    assert SECRET not in json.dumps(found.evidence) and SECRET not in json.dumps(found.report)
    networks = found.evidence["probes"]["networks"]["facts"]["networks"]
    assert {name: (one["driver"], one["internal"], one.get("isolate"), one.get("parent")) for name, one in networks.items()} == {
        "podman:inner": ("bridge", True, "no", None),
        "podman:lan": ("macvlan", False, None, "cable0"),
        "podman:ours": ("bridge", False, "yes", None),
        "podman:podman": ("bridge", False, "no", None),
        "podman:quiet": ("bridge", False, "no", None),
    }
    ours = networks["podman:ours"]["interface"]
    assert f"route_localnet is on for {ours} (podman:sender), so" in told(found, "HC-NTW-03"), "other containers cannot send such packets"


def test_a_ci_runner_lets_no_job_out(podmans: Podmans, scan: Scanner) -> None:
    found = scan(podmans, "--profile", "level2", "--role", "ci-runner")
    out = {subject for subject, rules in fails(found).items() if "HC-CTR-31" in rules}
    assert out == {f"podman:{name}" for name in CONTAINERS if name not in NO_WAY_OUT}


def test_what_is_to_be_done_helps(podmans: Podmans, scan: Scanner) -> None:
    podmans.podman("rm", "--force", "--time", "0", "sender")
    assert "" not in fails(scan(podmans, "--profile", "level2"))
