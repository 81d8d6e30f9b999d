"""Every product in every state, on every side of it, as whole hosts in memory: absent, installed, stopped and running; Linux, a Mac, and inside of WSL.

A machine of a cloud is none of them, whatever runs it, and one may run in the other: that says something of its user, and nothing of root's engine.
"""

from typing import Any

import pytest
from desktop.home_host import PRODUCTS
from desktop.test_analysis_desktop_vm_hosts import (
    DOCKERD,
    LIMA,
    LISTENS,
    REGISTRY,
    SHARED,
    TABLE,
    TCP,
    belongs,
    findings,
    host,
    owned,
    process,
    report,
    results,
    root_docker,
    server,
)
from fakes import macos

from hostcheck.derive import derive
from hostcheck.host import Host, attempt
from hostcheck.host.answers import Answer, Peer, Stat, TcpListener
from hostcheck.host.memory import MemoryHost
from hostcheck.parting import part

VMX = ("HC-VMX-01", "HC-VMX-02", "HC-VMX-03", "HC-VMX-04", "HC-VMX-06")
PROGRAM = {
    "docker-desktop": "/opt/docker-desktop/bin/com.docker.backend",
    "podman-machine": "/usr/libexec/podman/gvproxy",
    "colima": "/usr/bin/limactl",
    "lima": "/usr/bin/limactl",
    "rancher-desktop": "/opt/rancher-desktop/rancher-desktop",
}
"""What runs of each product that there is for Linux, but for that of Multipass, which is root's."""


def reads(name: str) -> set[str]:
    """Return the probes and analyses by whose facts an analysis is worked out, and itself."""
    return {name}.union(*map(reads, REGISTRY.analyses[name].reads if name in REGISTRY.analyses else ()))


ANALYSES = {name: one for name, one in REGISTRY.analyses.items() if name in reads("desktop-vm")}
PROBES = {name: one for name, one in REGISTRY.probes.items() if name in reads("desktop-vm")}


def told(made: Host) -> Any:
    """Return what the analysis says of a host."""
    evidence = {}
    for name, probe in PROBES.items():
        facts, holes = part(attempt(probe.collect, made))
        evidence[name] = {"version": probe.version, "facts": facts, "holes": holes}
    return derive({"probes": evidence}, PROBES, ANALYSES, {}).document["desktop-vm"]


def linux(product: str, state: str, **more: Any) -> MemoryHost:
    """Return a Linux desktop on which root has installed a product, and ann has a machine that runs or not."""
    _, files, socket, _ = PRODUCTS[product]
    there = {PROGRAM[product]: "", **(files if state in ("stopped", "running") else {}), **more.pop("files", {})}
    runs = (process(7, 1000, PROGRAM[product]),) if state == "running" else ()
    homes = belongs(1000, "/home/ann", *there, socket)
    homes |= {socket: owned("socket", 1000), "/run/user/1000": owned("dir", 1000, 0o700)} if socket.startswith("/run/") else {}
    stats = {path: stat for path, stat in homes.items() if state == "running" or (state == "stopped" and path != socket)}
    return host(
        there,
        stats={**stats, **more.pop("stats", {})},
        peers={**({socket: Peer(pid=7, uid=1000, gid=1000)} if state == "running" else {}), **more.pop("peers", {})},
        processes=(*runs, *more.pop("processes", ())),
        **more,
    )


@pytest.mark.laws
@pytest.mark.parametrize("state", ["installed", "stopped", "running"])
@pytest.mark.parametrize("product", PROGRAM)
def test_on_linux(product: str, state: str) -> None:
    made = linux(product, state)
    users = {name: one for name, one in told(made)["desktops"].items() if name != "this host"}
    if state == "installed":
        assert users == {}
    else:
        assert {name: one["state"] for name, one in users["ann"]["products"].items()} == {product: "running" if state == "running" else "configured"}
    assert report(made)["host"]["role"] == "workstation"
    found = findings(made)
    assert results(found, "HC-VMX-01").get("ann") == (None if state == "installed" else "pass")
    assert results(found, "HC-VMX-03") == ({"ann": "pass"} if state == "running" else {"": "notapplicable"})


MULTIPASSD = "/snap/multipass/1/bin/multipassd"
UNIT = "/etc/systemd/system/snap.multipass.multipassd.service"


@pytest.mark.parametrize("running", [True, False])
@pytest.mark.parametrize("enabled", [True, False])
def test_multipass_on_linux_is_roots_and_no_users(running: bool, enabled: bool) -> None:
    runs = (process(7, 0, MULTIPASSD),) if running else ()
    links = {"/etc/systemd/system/multi-user.target.wants/snap.multipass.multipassd.service": UNIT} if enabled else {}
    made = host({"/var/snap/multipass/common/data": "", MULTIPASSD: "", UNIT: ""}, processes=runs, links=links)
    desktops = told(made)["desktops"]
    assert report(made)["host"]["role"] == ("desktop-vm-host" if running or enabled else "workstation")
    assert list(desktops) == (["this host"] if running or enabled else [])
    products = desktops["this host"]["products"] if desktops else {}
    assert {name: one["state"] for name, one in products.items()} == ({"multipass": "running" if running else "installed"} if desktops else {})


@pytest.mark.parametrize("running", [True, False])
@pytest.mark.parametrize("product", [product for product in macos.FILES if product != "multipass"])
def test_on_a_mac_made_by_hand(product: str, running: bool) -> None:
    (machine,) = told(macos.mac(product, running=running))["desktops"]["uid 501"]["products"]
    assert machine == product
    found = findings(macos.mac(product, running=running))
    assert not [key for key, one in found.items() if one["result"] == "pass" and key[0].startswith(("HC-ACC", "HC-RTL", "HC-VMX"))]


def test_nobody_has_one_on_linux_and_on_a_mac() -> None:
    assert told(host())["desktops"] == {}
    assert {results(findings(host()), rule).get("") for rule in VMX} == {"notapplicable"}
    bare = MemoryHost({macos.MAC: "", "/Users/ann/.zshrc": ""}, stats={"/Users/ann": Stat(type="dir", uid=501, gid=20, mode=0o700)})
    assert "uid 501" not in told(bare)["desktops"]


WSL: dict[str, Any] = {"release": "5.15.153.1-microsoft-standard-WSL2", "files": {}}
PROXY = "/mnt/wsl/docker-desktop/shared-sockets/guest-services/docker.proxy.sock"
DRIVES = f"{SHARED}41 27 0:41 / /mnt/c rw - 9p C:\\134 rw\n42 27 0:42 / /mnt/wsl rw - tmpfs none rw\n"


def wsl(*, integrated: bool, engine: bool, mode: int = 0o660) -> MemoryHost:
    """Return a distribution inside of WSL2, in which Docker Desktop may have put the socket of its own, and which may have an engine of its own."""
    files, links, stats, peers, processes, answers = dict(WSL["files"]), {}, {}, {}, (), {}
    if engine:
        docker = root_docker()
        files, links, stats, peers, processes = {**files, **docker["files"]}, docker["links"], docker["stats"], docker["peers"], docker["processes"]
    if integrated:
        files |= {"/mnt/wsl/docker-desktop/docker-desktop-user-distro": ""}
        links |= {"/run/docker.sock": PROXY}
        stats |= {PROXY: Stat(type="socket", uid=0, gid=999, mode=mode)}
        peers |= {PROXY: Peer(pid=600, uid=0, gid=0)}
        info = b'{"OperatingSystem": "Docker Desktop", "SecurityOptions": ["name=seccomp,profile=unconfined"], "DockerRootDir": "/var/lib/docker"}'
        says = {"/_ping": b"OK", "/info": info, "/version": b'{"Version": "27.0.1"}'}
        answers = {PROXY: {path: Answer(status=200, body=body, pid=600, uid=0, server="Docker/27.0.1 (linux)") for path, body in says.items()}}
        processes = (*processes, process(600, 0, "/mnt/wsl/docker-desktop/docker-desktop-user-distro"))
    return host(files, release=WSL["release"], table=DRIVES, links=links, stats=stats, peers=peers, processes=processes, answers=answers)


@pytest.mark.parametrize("engine", [True, False])
def test_inside_of_wsl2_without_docker_desktop(engine: bool) -> None:
    made = wsl(integrated=False, engine=engine)
    assert (told(made)["guest"]["product"], report(made)["host"]["role"]) == ("wsl", "desktop-vm-guest")
    found = findings(made)
    assert results(found, "HC-VMX-02") == {"this guest": "fail"} and "/mnt/c (a root directory or a whole drive)" in found["HC-VMX-02", "this guest"]["because"]
    assert results(found, "HC-VMX-01") == {"": "notapplicable"}
    assert results(found, "HC-ACC-02") == {"/run/docker.sock" if engine else "": "pass" if engine else "notapplicable"}


@pytest.mark.parametrize(("mode", "result"), [(0o660, "pass"), (0o666, "fail")])
def test_inside_of_wsl2_docker_desktop_gives_a_socket_that_is_judged_as_roots(mode: int, result: str) -> None:
    made = wsl(integrated=True, engine=False, mode=mode)
    assert (told(made)["guest"]["product"], report(made)["host"]["role"]) == ("wsl", "desktop-vm-guest")
    found = findings(made)
    assert results(found, "HC-ACC-01") == {"/run/docker.sock": result}
    assert results(found, "HC-VMX-01") == {"": "notapplicable"}
    assert results(found, "HC-ACC-04") == {"/run/docker.sock": "fail"}  # rules about people hold in every role, and members of the group stay
    assert {one["result"] for key, one in found.items() if key[0].startswith("HC-RTL") and not one["manual"]} == {"notapplicable"}


API = "/run/user/1000/podman/podman-machine-default-api.sock"


@pytest.mark.parametrize("linked", [True, False])
def test_a_forwarded_socket_of_podmans_machine_is_its_users(linked: bool) -> None:
    name = "/home/ann/.config/containers/podman/machine/qemu/podman-machine-default.json"
    files = {name: '{"Name": "podman-machine-default", "HostUser": {"Rootful": true, "UID": 1000}, "Mounts": []}', "/usr/libexec/podman/gvproxy": ""}
    stats = {**belongs(1000, "/home/ann", name), API: owned("socket", 1000, 0o600), "/run/user/1000": owned("dir", 1000, 0o700)}
    stats["/run/user/1000/podman"] = owned("dir", 1000)
    made = host(
        files,
        stats=stats,
        peers={API: Peer(pid=7, uid=1000, gid=1000)},
        processes=(process(7, 1000, "/usr/libexec/podman/gvproxy"),),
        links={"/run/docker.sock": API} if linked else {},
    )
    (ann,) = told(made)["desktops"].values()
    assert (ann["products"]["podman-machine"]["state"], ann["rootful_engines"]) == ("running", [])
    assert ann["sockets"][API]["linked_from"] == (["/run/docker.sock by links of root"] if linked else [])
    found = findings(made)
    assert results(found, "HC-VMX-03") == {"ann": "pass"}
    assert "fail" not in {*results(found, "HC-ACC-04").values(), *results(found, "HC-VMX-01").values()}


CLOUDS: dict[str, tuple[str, dict[str, str]]] = {
    "EC2": ("6.1.0-28-cloud-amd64", {"sys_vendor": "Amazon EC2", "bios_vendor": "Amazon EC2", "product_name": "m7i.large"}),
    "EC2 of before Nitro": ("6.1.0-28-cloud-amd64", {"sys_vendor": "Xen", "product_name": "HVM domU"}),
    "GCE": ("6.1.0-28-cloud-amd64", {"sys_vendor": "Google", "bios_vendor": "Google", "product_name": "Google Compute Engine"}),
    "Azure": ("6.5.0-1025-azure", {"sys_vendor": "Microsoft Corporation", "product_name": "Virtual Machine"}),
    "Hetzner": ("6.1.0-28-amd64", {"sys_vendor": "Hetzner", "bios_vendor": "Hetzner", "product_name": "vServer"}),
    "KVM": ("6.1.0-28-amd64", {"sys_vendor": "QEMU", "bios_vendor": "SeaBIOS", "product_name": "Standard PC (Q35 + ICH9, 2009)"}),
    "Firecracker without DMI": ("6.1.102", {}),
}


def cloud(name: str, **more: Any) -> MemoryHost:
    """Return a server of a cloud with root's dockerd, and a directory that its hypervisor brings in."""
    release, firmware = CLOUDS[name]
    docker = root_docker()
    files = {f"/sys/class/dmi/id/{key}": f"{text}\n" for key, text in firmware.items()}
    files |= {"/etc/systemd/system/display-manager.service": None, "/dev/kvm": "", **docker["files"], **more.pop("files", {})}  # type: ignore[dict-item]
    return host(
        files,
        release=release,
        table=SHARED,
        stats={**docker["stats"], **more.pop("stats", {})},
        peers={**docker["peers"], **more.pop("peers", {})},
        processes=(DOCKERD, *more.pop("processes", ())),
        links=docker["links"],
    )


@pytest.mark.parametrize("name", CLOUDS)
def test_a_plain_cloud_vm_is_not_a_desktop_vm(name: str) -> None:
    made = cloud(name)
    said = told(made)
    assert (said["guest"]["product"], said["desktops"], report(made)["host"]["role"]) == ("none", {}, "server")
    assert said["guest"]["firmware"] == sorted(set(CLOUDS[name][1].values()))
    found = findings(made)
    assert results(found, "HC-ACC-04") == {"/run/docker.sock": "fail"}
    assert {rule: results(found, rule) for rule in VMX} == dict.fromkeys(VMX, {"": "notapplicable"})


@pytest.mark.laws
@pytest.mark.parametrize("name", CLOUDS)
@pytest.mark.parametrize("product", ["lima", "podman-machine"])
def test_a_desktops_machine_inside_of_a_cloud_vm_is_its_users_and_relaxes_nothing(name: str, product: str) -> None:
    _, files, socket, _ = PRODUCTS[product]
    stats = {**belongs(1000, "/home/ann", *files, socket), "/run/user/1000": owned("dir", 1000, 0o700), socket: owned("socket", 1000)}
    more: dict[str, Any] = {"stats": stats, "files": {**files, PROGRAM[product]: ""}, "peers": {socket: Peer(pid=7, uid=1000, gid=1000)}}
    made = cloud(name, **more, processes=(process(7, 1000, PROGRAM[product]),))
    assert report(made)["host"]["role"] == "server"
    said = told(made)
    assert (said["guest"]["product"], list(said["desktops"])) == ("none", ["ann"])
    before, after = findings(cloud(name)), findings(made)
    assert results(after, "HC-ACC-04") == results(before, "HC-ACC-04") == {"/run/docker.sock": "fail"}
    changed = {key for key in before.keys() & after.keys() if before[key]["result"] != after[key]["result"]}
    assert {subject for _, subject in changed} <= {"", "ann"} and all(before[key]["result"] == "notapplicable" for key in changed)


def test_a_machine_inside_of_a_guest_is_its_users_and_the_guest_is_one_as_well() -> None:
    _, files, socket, _ = PRODUCTS["lima"]
    there = {**files, **WSL["files"]}
    made = host(
        there,
        release=WSL["release"],
        table=DRIVES,
        stats=belongs(1000, "/home/ann", *files, socket),
        peers={socket: Peer(pid=7, uid=1000, gid=1000)},
    )
    said = told(made)
    assert (said["guest"]["product"], sorted(said["desktops"])) == ("wsl", ["ann", "this guest"])
    assert results(findings(made), "HC-VMX-02") == {"ann": "pass", "this guest": "fail"}


@pytest.mark.laws
@pytest.mark.parametrize("product", PRODUCTS)
def test_every_products_files_in_a_home_relax_nothing_of_roots(product: str) -> None:
    _, files, socket, _ = PRODUCTS[product]
    moved = {path.replace("/home/ann", "/home/bob"): text.replace("/home/ann", "/home/bob") for path, text in files.items()}
    route = socket.replace("/home/ann", "/home/bob").replace("/run/user/1000", "/run/user/1001")
    stats = {**belongs(1001, "/home/bob", *moved, route), "/run/user/1001": owned("dir", 1001, 0o700), route: owned("socket", 1001)}
    stats = {path: stat for path, stat in stats.items() if path.startswith("/home/bob") or route.startswith("/run/user")}
    before, after = findings(server()), findings(server(files=moved, stats=stats, peers={route: Peer(pid=76, uid=1001, gid=1001)}))
    changed = {key for key in before.keys() | after.keys() if before.get(key, {}).get("result") != after.get(key, {}).get("result")}
    assert {subject for _, subject in changed} <= {"bob", "containers of uid 1001", ""} | {
        one for _, one in changed if one.startswith(("/home/bob/", "/run/user/1001/"))
    }
    assert all(before[key]["result"] == "notapplicable" for key in changed if key[1] == "")
    assert ("HC-VMX-01", "bob") in after or report(server())["host"]["role"] not in ("workstation", "ci-runner", "desktop-vm-host")


@pytest.mark.parametrize(
    ("address", "uid", "guest", "result"),
    [
        ("00000000", 0, True, {"0.0.0.0:2375": "fail"}),
        ("026AA8C0", 0, True, {"192.168.106.2:2375": "fail"}),
        ("0100007F", 0, True, {"127.0.0.1:2375": "pass"}),
        ("00000000", 1000, True, {"0.0.0.0:2375": "fail"}),
        ("00000000", 0, False, {"": "notapplicable"}),
        ("", 0, True, {"": "notapplicable"}),
    ],
)
def test_what_a_guest_offers_to_the_network(address: str, uid: int, guest: bool, result: dict[str, str]) -> None:
    row = LISTENS.replace("0100007F", address).replace("  1000 ", f"{uid:6} ") if address else ""
    made = host({"/proc/net/tcp": TCP + row, **(GUEST if guest else {})}, table=LIMA if guest else TABLE)
    assert results(findings(made), "HC-VMX-06") == result


GUEST = {"/proc/sys/kernel/hostname": "colima\n"}


@pytest.mark.parametrize(
    ("port", "exe", "result"),
    [
        (2375, "/usr/bin/python3", "fail"),
        (2377, "/usr/bin/dockerd", "fail"),
        (8080, "/usr/bin/podman", "fail"),
        (1234, "/usr/local/bin/buildkitd", "fail"),
        (8080, "/usr/bin/python3", "notapplicable"),
        (8080, None, "error"),
    ],
)
def test_what_a_guest_offers_is_told_with_the_process(port: int, exe: str | None, result: str) -> None:
    row = LISTENS.replace("0100007F:0947", f"00000000:{port:04X}")
    held = () if exe is None else (TcpListener(address="0.0.0.0", port=port, pid=77, inode=4711),)
    made = host({"/proc/net/tcp": TCP + row, **GUEST}, table=LIMA, processes=() if exe is None else (process(77, 1000, exe),), tcp_listeners=held)
    found = findings(made)
    assert results(found, "HC-VMX-06") == {"" if result == "notapplicable" else f"0.0.0.0:{port}": result}
    if result == "fail":
        assert found["HC-VMX-06", f"0.0.0.0:{port}"]["because"].startswith(f"process 77 of uid 1000 ({exe}) listens on 0.0.0.0:{port}, ")
    assert results(found, "HC-VMX-04") == results(findings(host(GUEST, table=LIMA)), "HC-VMX-04")


def test_where_nobody_is_found_who_listens_it_fails_as_well() -> None:
    made = host({"/proc/net/tcp": TCP + LISTENS.replace("0100007F", "00000000"), **GUEST}, table=LIMA, tcp_listeners=())
    found = findings(made)["HC-VMX-06", "0.0.0.0:2375"]
    assert found["result"] == "fail" and found["because"].startswith("a socket of uid 1000 listens on 0.0.0.0:2375, ")
