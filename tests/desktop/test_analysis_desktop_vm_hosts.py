"""Whole hosts in memory, from probes to findings: desktops, guests, clouds, and a user who would like one to be taken for another."""

import argparse
import json
from functools import cache
from typing import Any

import pytest
from fakes import macos

from hostcheck import collect, invoke, registry
from hostcheck.cli import judging
from hostcheck.facts_schema import facts_schema_digest
from hostcheck.host.answers import Peer, Process, Stat, TcpListener
from hostcheck.host.memory import MemoryHost
from hostcheck.testing import FindingsContract

REGISTRY = registry.load()
TABLE = "22 1 0:21 / /proc rw - proc proc rw\n27 1 254:0 / / rw - ext4 /dev/vda rw\n"
PASSWD = "root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\nbob:x:1001:1001::/home/bob:/bin/sh\n"
GROUP = "root:x:0:\ndocker:x:999:ann\nann:x:1000:\nbob:x:1001:\n"
TCP = "  sl  local_address rem_address   st\n"
SYSTEMD = Process(pid=1, ppid=0, name="systemd", uids=(0,) * 4, gids=(0,) * 4, groups=(), cap_effective=0, exe="/usr/lib/systemd/systemd", host_mounts=True)
DOCKERD = Process(pid=500, ppid=1, name="dockerd", uids=(0,) * 4, gids=(0,) * 4, groups=(), cap_effective=0, exe="/usr/bin/dockerd", host_mounts=True)
DESKTOP = "/home/ann/.docker/desktop/docker.sock"
SETTINGS = {"/home/ann/.docker/desktop/settings-store.json": json.dumps({"FilesharingDirectories": ["/home/ann"], "ExposeDockerAPIOnTCP2375": True})}
QUIET = {"/home/ann/.docker/desktop/settings-store.json": json.dumps({"FilesharingDirectories": ["/home/ann/src"]})}
LISTENS = "   0: 0100007F:0947 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4711 1 00 100 0 0 10 0\n"
UNIX = "Num\n0000000000000000: 00000002 00000000 00010000 0001 01    42 /run/docker.sock\n"
ACC_AND_RTL = ("HC-ACC", "HC-RTL")


def process(pid: int, uid: int, exe: str) -> Process:
    name = exe.rpartition("/")[2][:15]
    return Process(pid=pid, ppid=1, name=name, uids=(uid,) * 4, gids=(uid,) * 4, groups=(), cap_effective=0, exe=exe, host_mounts=True)


def owned(kind: str, uid: int, mode: int = 0o755) -> Stat:
    return Stat(type=kind, uid=uid, gid=uid, mode=mode)


def belongs(uid: int, home: str, *paths: str, mode: int = 0o755) -> dict[str, Stat]:
    """Return everything below a home as the user's."""
    found: dict[str, Stat] = {home: owned("dir", uid, 0o700)}
    for path in (path for path in paths if path.startswith(f"{home}/")):
        found[path] = owned("socket" if path.endswith(".sock") else "file", uid, mode)
        while (path := path.rpartition("/")[0]) != home:
            found[path] = owned("dir", uid)
    return found


def host(
    files: dict[str, Any] | None = None,
    *,
    release: str = "6.12.9-amd64",
    table: str = TABLE,
    processes: tuple[Process, ...] = (),
    stats: dict[str, Stat] | None = None,
    **more: Any,
) -> MemoryHost:
    usual = {
        "/etc/passwd": PASSWD,
        "/etc/group": GROUP,
        "/etc/gshadow": "",
        "/etc/nsswitch.conf": "passwd: files\ngroup: files\n",
        "/proc/self/status": "Name:\tx\nUid:\t0\t0\t0\t0\nCapEff:\t000001ffffffffff\nNoNewPrivs:\t0\n",
        "/proc/self/mountinfo": table,
        "/proc/1/mountinfo": table,
        "/proc/1/cgroup": "0::/init.scope\n",
        "/proc/sys/kernel/osrelease": f"{release}\n",
        "/proc/sys/kernel/version": "#1\n",
        "/proc/sys/kernel/hostname": "vm\n",
        "/proc/cmdline": "quiet\n",
        "/proc/net/unix": "Num\n",
        "/proc/net/tcp": TCP,
        "/proc/net/tcp6": TCP,
        "/sys/kernel/x": "",
        "/usr/bin/dockerd": "",
        "/usr/lib/systemd/systemd": "",
        "/etc/systemd/system/display-manager.service": "",
    }
    links = {"/proc/self/ns/user": "user:[4026531837]", "/proc/self/ns/pid": "pid:[4026531836]", "/var/run": "/run", "/proc/1/fd/0": "/dev/null"}
    homes = {"/home/ann": owned("dir", 1000, 0o700), "/home/bob": owned("dir", 1001, 0o700)}
    return MemoryHost(
        {path: text for path, text in {**usual, **(files or {})}.items() if text is not None},
        links={**links, **more.pop("links", {})},
        stats={**homes, **(stats or {})},
        processes=(SYSTEMD, *processes),
        users=(),
        groups=(),
        **more,
    )


@cache
def unchanging() -> dict[str, Any]:
    """Return what evidence says of hostcheck itself, which is the same in every scan."""
    return {"plugins": registry.describe(REGISTRY), "schemas": {name: facts_schema_digest(probe.facts_schema) for name, probe in REGISTRY.probes.items()}}


@cache
def benchmarks() -> list[Any]:
    return judging.installed_benchmarks(REGISTRY)


def report(made: MemoryHost, role: str = "") -> dict[str, Any]:
    """Judge a host of memory at level 2, through evidence as a scan does."""
    stated = {name: json.loads(invoke.run(probe, made)) for name, probe in sorted(REGISTRY.probes.items())}
    target = {"kind": "local", "name": "vm"}
    evidence = collect.assemble(stated, unchanging(), REGISTRY, target=target, clock="2026-01-01T00:00:00Z", euid=0, capabilities="")
    args = argparse.Namespace(benchmark=(), profile="level2", role=role, value=[], fail_on="low", format=())
    return judging.judge(evidence, benchmarks(), args, REGISTRY)


def findings(made: MemoryHost, role: str = "") -> dict[tuple[str, str], Any]:
    return {(one["rule"], one["subject"]): one for one in report(made, role)["findings"]}


def results(found: dict[tuple[str, str], Any], rule: str) -> dict[str, str]:
    return {subject: one["result"] for (name, subject), one in found.items() if name == rule}


def desktop(*, running: bool = True, mode: int = 0o755, settings: Any = None, **more: Any) -> MemoryHost:
    """Return a Linux desktop whose root installed Docker Desktop and enabled it for everybody, and whose ann uses it."""
    program = {"/opt/docker-desktop/bin/com.docker.backend": "", "/usr/lib/systemd/user/docker-desktop.service": ""}
    files = {**program, **(QUIET if settings is None else settings), **more.pop("files", {})}
    backend = (process(700, 1000, "/opt/docker-desktop/bin/com.docker.backend"),) if running else ()
    return host(
        files,
        stats={**belongs(1000, "/home/ann", *files, DESKTOP, mode=mode), **more.pop("stats", {})},
        peers={**({DESKTOP: Peer(pid=700, uid=1000, gid=1000)} if running else {}), **more.pop("peers", {})},
        processes=(*backend, *more.pop("processes", ())),
        links={"/etc/systemd/user/default.target.wants/docker-desktop.service": "/usr/lib/systemd/user/docker-desktop.service", **more.pop("links", {})},
        **more,
    )


def root_docker() -> dict[str, Any]:
    route = Stat(type="socket", uid=0, gid=999, mode=0o660)
    return {
        "peers": {"/run/docker.sock": Peer(pid=500, uid=0, gid=0)},
        "stats": {"/run/docker.sock": route},
        "processes": (DOCKERD,),
        "links": {"/proc/500/fd/3": "socket:[42]"},
        "files": {"/proc/net/unix": UNIX},
    }


@pytest.mark.parametrize("running", [True, False])
@pytest.mark.parametrize("linked", [True, False])
def test_on_a_desktops_host_no_rule_speaks_of_a_rootful_engine(running: bool, linked: bool) -> None:
    made = desktop(running=running, links={"/run/docker.sock": DESKTOP} if linked else {})
    told = report(made)
    assert told["host"]["role"] == "desktop-vm-host", told["host"]
    found = {(one["rule"], one["subject"]): one for one in told["findings"]}
    judged = {key: one for key, one in found.items() if key[0].startswith(ACC_AND_RTL) and not one["manual"]}
    failed = {key for key, one in judged.items() if one["result"] == "fail"}
    assert failed == {("HC-ACC-17", "docker")}, "ann is in group docker, which is root as soon as somebody starts an engine; that is about her, in any role"
    assert {one["result"] for key, one in judged.items() if key not in failed} <= {"pass", "notapplicable"}
    for rule in ("HC-ACC-02", "HC-ACC-03", "HC-RTL-01", "HC-RTL-02"):
        assert "virtual machine" in found[rule, ""]["because"], rule
    assert results(found, "HC-VMX-01") == {"ann": "pass", "this host": "pass"}
    assert results(found, "HC-VMX-02") == {"ann": "pass"}
    assert results(found, "HC-VMX-03") == ({"ann": "pass"} if running else {"": "notapplicable"})
    assert results(found, "HC-VMX-04") == {"ann": "pass", "this host": "pass"}


def test_what_a_desktops_user_may_have_set_wrong() -> None:
    made = desktop(settings=SETTINGS, mode=0o777, stats={"/home/ann": owned("dir", 1000)}, files={"/proc/net/tcp": TCP + LISTENS})
    found = findings(made)
    for rule in ("HC-VMX-02", "HC-VMX-03", "HC-VMX-04"):
        assert results(found, rule)["ann"] == "fail", rule
    assert "/home/ann (a whole home) in docker-desktop desktop-linux" in found["HC-VMX-02", "ann"]["because"]
    assert f"{DESKTOP} (mode 0777, owner ann) is open to every local user" in found["HC-VMX-03", "ann"]["because"]
    assert "127.0.0.1:2375" in found["HC-VMX-04", "ann"]["because"]
    assert results(found, "HC-VMX-01") == {"ann": "pass", "this host": "pass"}


def test_an_engine_of_roots_beside_it_is_told_and_nothing_is_relaxed() -> None:
    found = findings(desktop(**root_docker()))
    assert results(found, "HC-VMX-01") == {"ann": "fail"}
    assert "/run/docker.sock" in found["HC-VMX-01", "ann"]["because"]
    assert results(found, "HC-ACC-04") == {"/run/docker.sock": "fail"}
    assert results(findings(desktop(**root_docker()), "desktop-vm-host"), "HC-VMX-01") == {"ann": "fail", "this host": "fail"}


def test_a_link_to_a_machine_that_root_did_not_make_is_judged_as_before() -> None:
    links, bobs = {"/run/docker.sock": "/home/bob/.docker/desktop/docker.sock"}, "/home/bob/.docker/desktop/docker.sock"
    stats = {**belongs(1001, "/home/bob", bobs), "/run": owned("dir", 0, 0o777), "/run/docker.sock": owned("link", 1001)}
    made = desktop(links=links, stats=stats, peers={bobs: Peer(pid=9, uid=1001, gid=1001)}, processes=(process(9, 1001, "/usr/bin/python3"),))
    told = report(made)
    assert told["host"]["role"] == "workstation"
    found = {(one["rule"], one["subject"]): one for one in told["findings"]}
    assert results(found, "HC-ACC-07") == {"/run/docker.sock": "fail"}


FORGED: dict[str, dict[str, Any]] = {
    "a directory of Lima's": {"files": {"/home/bob/.lima/x/lima.yaml": "mounts: []\n"}},
    "a directory of Docker Desktop's": {"files": {"/home/bob/.docker/desktop/settings-store.json": "{}"}},
    "a process called after it": {"processes": (process(77, 1001, "/home/bob/com.docker.backend"),), "files": {"/home/bob/com.docker.backend": ""}},
    "root's program as a process": {"processes": (process(77, 1001, "/usr/bin/limactl"),), "files": {"/usr/bin/limactl": ""}},
    "a directory below /opt": {"files": {"/opt/docker-desktop/x": ""}, "stats": {"/opt/docker-desktop": owned("dir", 1001)}},
    "an /opt that he may write to": {"files": {"/opt/docker-desktop/x": ""}, "stats": {"/opt": Stat(type="dir", uid=0, gid=1001, mode=0o775)}},
    "a guest's marker": {"files": {"/etc/podman-machine": "qemu"}, "stats": {"/etc/podman-machine": owned("file", 1001)}},
    "a socket in his home": {
        "peers": {"/home/bob/.docker/desktop/docker.sock": Peer(pid=78, uid=1001, gid=1001)},
        "files": {"/home/bob/.docker/desktop/settings-store.json": "{}"},
        "stats": belongs(1001, "/home/bob", "/home/bob/.docker/desktop/docker.sock"),
    },
    "a link in his home": {"links": {"/home/bob/.lima": "/root"}, "stats": {"/home/bob/.lima": owned("link", 1001)}},
    "a listener on the port": {"files": {"/proc/net/tcp": TCP + LISTENS.replace(" 1000 ", " 1001 ")}},
    "a mount of his": {"table": f"{TABLE}40 27 0:40 / /home/bob/m rw - fuse.sshfs :/Users rw,user_id=1001\n"},
}


@cache
def before() -> dict[tuple[str, str], Any]:
    return findings(server())


def server(**forged: Any) -> MemoryHost:
    """Return a host with root's dockerd, which ann reaches, and whatever bob has made of his own."""
    docker = root_docker()
    files = {"/home/bob/.profile": "", **docker["files"], **forged.get("files", {})}
    mine = {path: stat for path, stat in belongs(1001, "/home/bob", *files).items()}
    return host(
        files,
        table=forged.get("table", TABLE),
        stats={**docker["stats"], **mine, **forged.get("stats", {})},
        peers={**docker["peers"], **forged.get("peers", {})},
        processes=(*docker["processes"], process(700, 1000, "/bin/sh"), process(76, 1001, "/bin/sh"), *forged.get("processes", ())),
        links={**docker["links"], **forged.get("links", {})},
    )


@pytest.mark.parametrize("forged", FORGED)
def test_what_a_user_forges_changes_nothing_but_what_is_his(forged: str) -> None:
    known, after = before(), findings(server(**FORGED[forged]))
    assert known["HC-ACC-04", "/run/docker.sock"]["result"] == "fail"
    changed = {key: one for key, one in after.items() if key not in known or known[key]["result"] != one["result"]}
    gone = {key for key in known if key not in after and known[key]["result"] != "notapplicable"}
    assert not gone
    assert all(subject in ("bob", "uid 1001", "containers of uid 1001") or subject.startswith("/home/bob/") for _, subject in changed), changed.keys()


SHARED = f"{TABLE}40 27 0:40 / /Users rw - virtiofs mount0 rw\n"
LIMA = f"{SHARED}43 27 0:43 / /mnt/lima-cidata ro - iso9660 /dev/vdb ro\n"
"""What is mounted in a guest of Lima, which brings in its instructions by a disk."""
WSL = f"{SHARED}44 27 0:44 / /mnt/wsl rw - tmpfs none rw\n"
READY = {"/etc/systemd/system/default.target.requires/ready.service": "/etc/systemd/system/ready.service"}
GUESTS: list[tuple[str, dict[str, Any]]] = [
    ("wsl", {"release": "5.15.153.1-microsoft-standard-WSL2", "table": WSL}),
    ("orbstack", {"release": "6.11.10-orbstack-00280-g9a0ff4"}),
    ("docker-desktop", {"release": "6.10.14-linuxkit"}),
    ("podman-machine", {"files": {"/etc/podman-machine": "applehv", "/etc/systemd/system/ready.service": ""}, "links": READY}),
    ("lima", {"table": LIMA}),
    ("colima", {"table": LIMA, "files": {"/proc/sys/kernel/hostname": "colima\n"}}),
    ("rancher-desktop", {"table": LIMA, "files": {"/proc/sys/kernel/hostname": "lima-rancher-desktop\n"}}),
]


@pytest.mark.parametrize(("product", "signs"), GUESTS, ids=[product for product, _ in GUESTS])
def test_inside_a_guest_rootless_rules_do_not_apply_and_the_shares_are_judged(product: str, signs: dict[str, Any]) -> None:
    docker = root_docker()
    more = {kind: {**docker[kind], **signs.get(kind, {})} for kind in ("files", "links")}
    told = report(host(**{"table": SHARED, **docker, **signs, **more}))
    assert told["host"]["role"] == "desktop-vm-guest"
    found = {(one["rule"], one["subject"]): one for one in told["findings"]}
    rootless = {key: one for key, one in found.items() if key[0].startswith("HC-RTL") and not one["manual"]}
    assert len(rootless) == 10 and {one["result"] for one in rootless.values()} == {"notapplicable"}
    assert all("This host is a desktop-vm-guest" in one["because"] for one in rootless.values())
    assert results(found, "HC-VMX-02") == {"this guest": "fail"}
    assert results(found, "HC-VMX-01") == {"": "notapplicable"}


def test_a_guest_that_is_given_nothing_passes() -> None:
    assert results(findings(host(release="6.10.14-linuxkit")), "HC-VMX-02") == {"this guest": "pass"}


def test_a_guest_of_multipass_is_given_no_other_role() -> None:
    made = host({"/etc/pollinate/add-user-agent": "multipass/version/1.14.0\n"}, table=SHARED)
    told = report(made)
    assert told["host"]["role"] == "workstation"
    found = {(one["rule"], one["subject"]): one for one in told["findings"]}
    assert results(found, "HC-VMX-02") == {"this guest": "fail"}


@pytest.mark.parametrize("product", sorted(macos.FILES))
def test_a_mac_made_by_hand_tells_what_its_user_shares_and_passes_nothing(product: str) -> None:
    found = findings(macos.mac(product, running=True))
    assert not [key for key, one in found.items() if one["result"] == "pass" and key[0].startswith((*ACC_AND_RTL, "HC-VMX"))]
    shares = results(found, "HC-VMX-02")
    assert shares.pop("*") == "notchecked"
    assert shares == ({} if product == "multipass" else {"uid 501": "notchecked" if product == "orbstack" else "fail"})


def whole(made: MemoryHost) -> dict[str, MemoryHost]:
    return dict.fromkeys(REGISTRY.probes, made)


def faulty() -> MemoryHost:
    docker = root_docker()
    opened = {**docker["stats"], "/home/ann": owned("dir", 1000)}
    return desktop(settings=SETTINGS, mode=0o777, **{**docker, "stats": opened, "files": {**docker["files"], "/proc/net/tcp": TCP + LISTENS}})


def offering() -> MemoryHost:
    """Return a guest in which root's dockerd, ann's podman and a web server listen for the network."""
    rows = "".join(LISTENS.replace("0100007F:0947", f"00000000:{port}").replace("4711", inode) for port, inode in (("0947", "1"), ("1F90", "2"), ("20FB", "3")))
    people = (DOCKERD, process(700, 1000, "/usr/bin/podman"), process(701, 1000, "/usr/bin/nginx"))
    held = [TcpListener(address="0.0.0.0", port=port, pid=pid, inode=inode) for port, pid, inode in ((2375, 500, 1), (8080, 700, 2), (8443, 701, 3))]
    return host({"/proc/net/tcp": TCP + rows}, table=LIMA, processes=people, tcp_listeners=held)


@pytest.mark.laws
class TestLaws(FindingsContract):
    path = REGISTRY.benchmarks[0]
    profile = "level2"
    hosts = {
        "desktop": whole(desktop(links={"/run/docker.sock": DESKTOP})),
        "faults": whole(faulty()),
        "guest": whole(offering()),
        "cloud": whole(host(table=SHARED, **root_docker())),
    }
