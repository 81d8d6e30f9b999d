"""Real dockerds in every posture: what hostcheck says they were told is what they say themselves, and the findings are those written here by hand.

Each is started in a host of its own; the hardened twin fails none of these rules.
"""

import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from real_engines.rootless_world import RootlessWorld
from real_engines.scans import Scan, Scanner
from real_engines.test_containers import IMAGE
from real_engines.world import USERS

from hostcheck.testing.laws import worse

DOCKER = "/run/docker.sock"
ERINS = f"/run/user/{USERS['erin'][0]}/docker.sock"
OURS = ("", "*", DOCKER, ERINS)
SECRET = "hunter2"
RULES = ("HC-API-04", "HC-API-11", "HC-API-12", "HC-DKD-", "HC-SUB-11")
HARDENED = {
    **{"icc": False, "live-restore": True, "userland-proxy": False, "no-new-privileges": True, "log-driver": "local", "userns-remap": "dave"},
    "default-ulimits": {"nofile": {"Name": "nofile", "Hard": 4096, "Soft": 1024}},
}
WEAK = {
    **{"seccomp-profile": "unconfined", "experimental": True, "log-level": "debug", "cgroup-parent": "/hc", "iptables": False, "storage-driver": "vfs"},
    "insecure-registries": ["0.0.0.0/0", "reg.local:5000"],
    "registry-mirrors": ["http://mirror.local"],
}
OF_DEFAULTS = {"HC-API-12", "HC-DKD-01", "HC-DKD-06", "HC-DKD-07", "HC-DKD-09", "HC-DKD-10", "HC-DKD-11", "HC-DKD-12"}
"""What a dockerd without any setting of its own fails, by level 2."""


class DaemonWorld(RootlessWorld):
    """A host with one dockerd of root's, which reads /etc/docker/daemon.json; nothing starts another at boot."""

    def __init__(self, **zero: str) -> None:
        """Make the host."""
        super().__init__(**zero)
        (self.etc / "init.d/docker").unlink(missing_ok=True)
        (self.etc / "docker").mkdir(exist_ok=True)

    def configure(self, settings: object) -> None:
        (self.etc / "docker/daemon.json").write_text(settings if isinstance(settings, str) else json.dumps(settings))

    def start_dockerd(self, *flags: str, **environment: str) -> None:
        self.start_containerd()
        self.start_again(*flags, **environment)

    def start_again(self, *flags: str, **environment: str) -> None:
        named = [f"{name}={value}" for name, value in environment.items()]
        place = ("--data-root", f"{self.base}/docker", "--containerd", "/run/containerd/containerd.sock")
        self.dockerd = self.start("env", *named, "dockerd", *place, "-H", f"unix://{DOCKER}", *flags)
        self.wait(lambda: self.answers(DOCKER))

    def info(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.run("docker", "-H", f"unix://{DOCKER}", "info", "--format", "json"))
        return told


@pytest.fixture
def world() -> Iterator[DaemonWorld]:
    made = DaemonWorld()
    yield made
    made.end()


def judged(scanned: Scan) -> dict[str, set[str]]:
    """Return what the rules of this domain say of the daemons of this host, by result; of what does not apply, and of those of other tests, nothing."""
    found: dict[str, set[str]] = {}
    for (rule, subject), result in scanned.results().items():
        if rule.startswith(RULES) and subject in OURS and result not in ("notapplicable", "notselected"):
            found.setdefault(result, set()).add(rule)
    return found


def of_rule(scanned: Scan, rule: str) -> dict[str, Any]:
    """Return what a rule says of root's daemon."""
    (found,) = (one for one in scanned.report["findings"] if (one["rule"], one["subject"]) == (rule, DOCKER))
    return found


def look(scan: Scanner, world: DaemonWorld, *options: str) -> Scan:
    return scan(world, "--profile", "level2", *options)


def facts(scanned: Scan) -> dict[str, Any]:
    found: dict[str, Any] = scanned.evidence["probes"]["docker-daemons"]["facts"]["daemons"]
    return found


def test_a_hardened_daemon_fails_nothing(world: DaemonWorld, scan: Scanner) -> None:
    world.configure(HARDENED)
    world.start_dockerd()
    scanned = look(scan, world)
    assert judged(scanned).get("fail", set()) == {"HC-API-12"}  # a plugin that decides is for hosts that several people share
    assert set(judged(scanned)) == {"fail", "pass"}
    daemon = facts(scanned)[DOCKER]
    assert (daemon["file"]["refused"], daemon["file"]["settings"]["icc"], daemon["sockets"]) == ([], False, [DOCKER])
    assert daemon["given"] == ["containerd", "data-root", "hosts"]


def test_a_weak_daemon_fails_each(world: DaemonWorld, scan: Scanner) -> None:
    world.configure(WEAK)
    world.start_dockerd("--debug", "--tls=false", "-H", "tcp://127.0.0.1:2375")
    scanned = look(scan, world)
    more = {"HC-DKD-02", "HC-DKD-03", "HC-DKD-04", "HC-DKD-05", "HC-DKD-08", "HC-DKD-13", "HC-DKD-14", "HC-DKD-15", "HC-DKD-19"}
    assert judged(scanned)["fail"] == OF_DEFAULTS | more
    info = world.info()
    stated = scanned.evidence["probes"]["engines"]["facts"]["sockets"][DOCKER]["info"]
    assert stated["insecure_registries"] == info["RegistryConfig"]["InsecureRegistryCIDRs"]
    assert stated["insecure_hosts"] == ["reg.local:5000"]
    assert (stated["log_driver"], stated["debug"], stated["storage_driver"]) == (info["LoggingDriver"], info["Debug"], info["Driver"])
    assert [one.rstrip("/") for one in info["RegistryConfig"]["Mirrors"]] == stated["mirrors"]


def test_a_profile_that_a_user_swaps_takes_the_filter_from_containers(world: DaemonWorld, scan: Scanner) -> None:
    """It is read when dockerd starts; with an empty one the kernel filters nothing."""
    profile = world.base / "home/dave/seccomp.json"
    profile.write_text('{"defaultAction": "SCMP_ACT_ALLOW"}')
    world.configure({"seccomp-profile": str(profile)})
    world.start_dockerd("--bridge=none", "--iptables=false")
    world.run("sh", "-ec", f"({IMAGE.format(base=world.base)}) | docker -H unix://{DOCKER} import - empty")
    assert filters(world) == "2"
    world.run("chown", "dave", str(profile))
    world.run("sh", "-c", f"echo '{{}}' > {profile}", user="dave")
    assert filters(world) == "2"
    world.dockerd.send_signal(signal.SIGTERM)
    world.dockerd.wait(30)
    world.processes.remove(world.dockerd)
    world.start_again("--bridge=none", "--iptables=false")
    assert filters(world) == "0"
    assert [one for one in world.info()["SecurityOptions"] if "seccomp" in one] == [f"name=seccomp,profile={profile}"]
    scanned = look(scan, world)
    assert scanned.results()["HC-FIL-02", str(profile)] == "fail"
    assert scanned.results()["HC-DKD-13", DOCKER] == "notchecked"
    profile.unlink()
    profile.write_text("{}")
    profile.parent.chmod(0o755)
    world.run("chown", "root:root", str(profile), str(profile.parent))
    scanned = look(scan, world)
    assert scanned.results()["HC-DKD-13", DOCKER] == "fail"
    assert "is an empty profile" in of_rule(scanned, "HC-DKD-13")["because"]


def filters(world: DaemonWorld) -> str:
    """Return the mode of seccomp in a container (proc(5), status)."""
    volumes = [word for path in ("/usr", "/etc/alternatives") for word in ("-v", f"{path}:{path}:ro")]
    argv = ("docker", "-H", f"unix://{DOCKER}", "run", "--rm", "--network", "none", *volumes, "empty", "grep", "^Seccomp:", "/proc/self/status")
    return world.run(*argv).split()[-1]


def test_a_daemon_as_a_package_installs_it(world: DaemonWorld, scan: Scanner) -> None:
    world.start_dockerd()
    assert judged(look(scan, world))["fail"] == OF_DEFAULTS


def test_client_certificates_that_are_turned_off(world: DaemonWorld, scan: Scanner) -> None:
    """Fact 1: tls alone asks for them, and only tlsverify that is false does not."""
    folder = world.base / "tls"
    folder.mkdir()
    subject = ("-subj", "/CN=x", "-days", "2", "-nodes", "-newkey", "rsa:2048")
    world.run("openssl", "req", "-x509", *subject, "-keyout", f"{folder}/key.pem", "-out", f"{folder}/ca.pem")
    files = ("--tlscacert", f"{folder}/ca.pem", "--tlscert", f"{folder}/ca.pem", "--tlskey", f"{folder}/key.pem")
    world.start_dockerd("-H", "tcp://127.0.0.1:2376", "--tls", "--tlsverify=false", *files)
    scanned = look(scan, world)
    assert judged(scanned)["fail"] == OF_DEFAULTS | {"HC-API-04", "HC-DKD-15"}
    daemon = facts(scanned)[DOCKER]
    assert daemon["flags"]["tlskey"] == f"{folder}/key.pem"
    finding = of_rule(scanned, "HC-API-04")
    assert finding["severity"] == "high"  # on a loopback address it is every user of the host


@pytest.mark.parametrize("zero", [False, True])
def test_a_remapped_daemon_maps_or_does_not(scan: Scanner, zero: bool) -> None:
    """Fact 2: a range that begins at 0 is taken without a word, and root in a container is root."""
    world = DaemonWorld(subuid="dave", subgid="dave") if zero else DaemonWorld()
    try:
        world.start_dockerd("--userns-remap", "dave")
        found = look(scan, world)
    finally:
        world.end()
    assert found.results()["HC-SUB-11", DOCKER] == ("fail" if zero else "pass")
    assert ("HC-DKD-07", DOCKER) not in found.results() or found.results()["HC-DKD-07", DOCKER] == "pass"
    assert judged(found)["fail"] == OF_DEFAULTS - {"HC-DKD-07"} | ({"HC-SUB-11"} if zero else set())


AUTHZ = """
import json, socketserver, sys
from http.server import BaseHTTPRequestHandler
class Plugin(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def address_string(self): return "unix"
    def log_message(self, *args): pass
    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = json.dumps({"Implements": ["authz"]} if "Activate" in self.path else {"Allow": True}).encode()
        self.send_response(200); self.send_header("Content-Length", str(len(body))); self.end_headers(); self.wfile.write(body)
socketserver.ThreadingUnixStreamServer(sys.argv[1], Plugin).serve_forever()
"""


def test_a_daemon_with_an_authorization_plugin(world: DaemonWorld, scan: Scanner) -> None:
    world.start("/usr/bin/python3", "-I", "-c", AUTHZ, f"{world.base}/authz.sock")
    (world.etc / "docker/plugins").mkdir()
    (world.etc / "docker/plugins/own.spec").write_text(f"unix://{world.base}/authz.sock")
    world.start_dockerd("--authorization-plugin=own")
    scanned = look(scan, world)
    assert scanned.results()["HC-API-12", DOCKER] == "pass"
    assert judged(scanned)["fail"] == OF_DEFAULTS - {"HC-API-12"}


def test_a_file_that_was_changed_since(world: DaemonWorld, scan: Scanner) -> None:
    world.configure({"live-restore": True})
    world.start_dockerd()
    world.configure({"seccomp-profile": "unconfined"})
    scanned = look(scan, world)
    finding = of_rule(scanned, "HC-DKD-17")
    assert finding["result"] == "fail"
    assert "live-restore from true to false" in finding["because"] and "seccomp-profile from builtin to unconfined" in finding["because"]
    assert scanned.results()["HC-DKD-13", DOCKER] == "fail"
    world.configure({"hosts": ["unix:///run/docker.sock"]})
    finding = of_rule(look(scan, world), "HC-DKD-17")
    assert "hosts is set by a flag of dockerd and in /etc/docker/daemon.json" in finding["because"]


def test_a_rootless_daemon_is_its_users_alone(world: DaemonWorld, scan: Scanner) -> None:
    folder = Path(world.base, "home/erin/.config/docker")
    world.run("install", "-d", "-o", "erin", "-g", "erin", str(folder.parent), str(folder), user="root")
    (folder / "daemon.json").write_text(json.dumps({"seccomp-profile": "unconfined", "icc": True, "insecure-registries": ["reg.local:5000"]}))
    world.start_rootless_docker("erin", "host")
    scanned = look(scan, world)
    assert judged(scanned)["fail"] == {"HC-DKD-04", "HC-DKD-09", "HC-DKD-13"}
    found = scanned.evidence["probes"]["user-docker-daemons"]["facts"]["daemons"][str(USERS["erin"][0])]
    assert found[ERINS]["file"]["path"] == str(folder / "daemon.json")
    assert DOCKER not in facts(scanned)


def test_no_secret_comes_out(world: DaemonWorld, scan: Scanner) -> None:
    world.configure(
        {
            "proxies": {"http-proxy": f"http://u:{SECRET}@127.0.0.1:1"},
            "log-opts": {"labels": SECRET},
            "labels": [f"token={SECRET}"],
            "insecure-registries": [f"{SECRET}.local"],
        }
        | {"insecure-registries": []}
    )
    world.start_dockerd("--https-proxy", f"http://u:{SECRET}@127.0.0.1:1", HTTP_PROXY=f"http://u:{SECRET}@127.0.0.1:1")
    scanned = look(scan, world)
    assert SECRET not in json.dumps(scanned.evidence) + json.dumps(scanned.report) + scanned.errors
    assert facts(scanned)[DOCKER]["file"]["keys"] == ["http-proxy", "insecure-registries", "labels", "log-opts"]


def test_a_daemon_that_pauses_leaves_holes_where_only_it_tells(world: DaemonWorld, scan: Scanner) -> None:
    """What its files say is judged all the same, and nothing passes on what it does not tell any more."""
    world.configure({"seccomp-profile": "unconfined", "no-new-privileges": True})
    world.start_dockerd("--icc=false")
    before = look(scan, world)
    world.dockerd.send_signal(signal.SIGSTOP)
    try:
        after = look(scan, world)
    finally:
        world.dockerd.send_signal(signal.SIGCONT)
    results = after.results()
    assert results["HC-DKD-13", DOCKER] == "fail" and before.results()["HC-DKD-10", DOCKER] == "pass"
    assert (results["HC-DKD-01", DOCKER], results["HC-DKD-10", DOCKER], results["HC-DKD-17", DOCKER]) == ("pass", "error", "error")
    ours = [[one for one in scanned.report["findings"] if not one["subject"].startswith("dockerd of ")] for scanned in (before, after)]
    assert not list(worse(*ours))
    assert after.seconds < 15


PLUGIN = """
import http.server, json, os, socketserver
class Asked(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_POST(self):
        told = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
        refused = self.path.endswith("AuthZReq") and told["RequestUri"].endswith("/containers/create")
        says = {"Implements": ["authz"]} if self.path.endswith("Activate") else {"Allow": not refused, "Msg": "not here"}
        body = json.dumps(says).encode()
        self.send_response(200); self.send_header("Content-Length", str(len(body))); self.end_headers(); self.wfile.write(body)
    def address_string(self):
        return "dockerd"
os.makedirs("/run/docker/plugins", exist_ok=True)
class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    pass
Server("/run/docker/plugins/asks.sock", Asked).serve_forever()
"""


def test_what_an_authorization_plugin_refuses_is_not_certain(world: DaemonWorld, scan: Scanner) -> None:
    """Its policy is not read: whether whoever connects becomes root stays open until the site trusts it; who can connect fails as without it."""

    def told(*options: str) -> tuple[str | None, str | None]:
        results = scan(world, "--rule", "HC-ACC-20", "--rule", "HC-ACC-04", *options).results()
        return results.get(("HC-ACC-20", "every local user")), results.get(("HC-ACC-04", DOCKER))

    world.start("/usr/bin/python3", "-I", "-c", PLUGIN)
    world.wait(lambda: world.run("sh", "-c", "test -S /run/docker/plugins/asks.sock && echo there || true") != "")
    world.start_dockerd("--authorization-plugin=asks")
    world.run("chmod", "0666", DOCKER)
    asked = ("curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "--unix-socket", DOCKER, "-H", "Content-Type: application/json", "-d", '{"Image": "x"}')
    assert world.run(*asked, "http://d/containers/create", user="erin") == "403"
    assert world.info()["Plugins"]["Authorization"] == ["asks"]
    assert told() == ("error", "fail")
    assert told("--value", "trusted_authorization_plugins=asks") == ("pass", "fail")
    assert told("--value", "trusted_authorization_plugins=another") == ("error", "fail")
    world.dockerd.send_signal(signal.SIGTERM)
    world.dockerd.wait(30)
    world.processes.remove(world.dockerd)
    world.start_again("--bridge=none", "--iptables=false")
    world.run("chmod", "0666", DOCKER)
    assert world.run(*asked, "http://d/containers/create", user="erin") == "404"
    assert told() == ("fail", "fail")
