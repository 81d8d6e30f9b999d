"""Whose virtual machine, whether it runs, and what it means, from facts written by hand."""

from copy import deepcopy
from typing import Any

import pytest
from desktop.vm_facts import DENIED, DOCKER, SCHEMA, SILENT, SOCKET, anns, derive, desktop, facts, machine, share, socket
from laws import breaches
from sockets.access import user

from hostcheck.model import Hole, OpenObject, incomplete
from hostcheck.schema import check
from hostcheck.testing.analyses import hide as changed
from hostcheck.testing.analyses import leaves
from hostcheck.view import View
from hostcheck_builtin.desktop import analysis_desktop_vm
from hostcheck_builtin.system import tcp_listeners


def engine(uid: int = 0, running: bool = True, kind: str = "docker") -> dict[str, Any]:
    return {"named": kind, "listening": running, "activated": False, "owner_uid": uid, **({"served": True, "uid": uid} if running else {})}


def test_the_schema_is_in_the_dialect() -> None:
    check(SCHEMA, "analysis_desktop_vm.facts.json")


def test_nobody_has_one() -> None:
    assert derive(facts()) == {"guest": {"product": "none", "firmware": ["QEMU"], "listeners": {}}, "desktops": {}, "default_links": {}}


def test_a_link_of_the_system_says_who_made_it() -> None:
    linked: dict[str, Any] = {DOCKER: socket(links={DOCKER: {"target": SOCKET, "uid": 0}})}
    linked |= {"/run/other.sock": {"realpath": "/run/other.sock", "links": {}}, SOCKET: {"realpath": SOCKET, "links": {}}}
    told = desktop(facts(anns(socket()), sockets=linked))["sockets"][SOCKET]
    assert told["linked_from"] == [f"{DOCKER} by links of root"]
    linked[DOCKER]["links"][DOCKER]["uid"] = 1001
    assert desktop(facts(anns(socket()), sockets=linked))["sockets"][SOCKET]["linked_from"] == [f"{DOCKER} by links of bob"]


IN_GUEST = {"access": "writable", "uid": 0, "login": "", "product": "", "machine": "", "set_in": ""}


def listener(uid: int, port: int = 2375, *, address: str = "127.0.0.1", pid: int = 9, exe: str = "/usr/bin/dockerd") -> dict[str, Any]:
    return {f"{address}:{port}": {"address": address, "port": port, "uid": uid, "inode": 1, "process": {"pid": pid, "uid": uid, "exe": exe}}}


def test_where_an_engine_is_offered_over_tcp() -> None:
    assert desktop(facts(anns(), listeners=listener(1000)))["ports"] == {
        "127.0.0.1:2375": {"address": "127.0.0.1", "port": 2375, "by": "process 9 of uid 1000 (/usr/bin/dockerd)", "set_in": "", "login": ""}
    }
    assert desktop(facts(anns(), listeners=listener(1001)))["ports"] == {}
    assert desktop(facts(anns(exposes_tcp=True)))["ports"] == {
        "localhost:2375 by its settings": {"address": "localhost", "port": 2375, "by": "", "set_in": "", "login": "ann"}
    }
    settings = ["/home/ann/.docker/desktop", "/home/ann/.docker/desktop/settings-store.json"]
    told = desktop(facts({"1000": {"docker-desktop": {"desktop-linux": {**machine(exposes_tcp=True), "evidence": settings}}}}))["ports"]
    assert told["localhost:2375 by its settings"]["set_in"] == settings[1]
    assert desktop(facts(anns(exposes_tcp=False)))["ports"] == {}
    assert isinstance(desktop(facts(anns(exposes_tcp=DENIED)))["ports"], OpenObject)
    assert isinstance(desktop(facts(anns(), listeners=incomplete({}, DENIED)))["ports"], OpenObject)


@pytest.mark.parametrize(
    ("engines", "docker", "told", "units"),
    [
        ({DOCKER: engine()}, [], [DOCKER], {"docker.service": "docker.socket"}),
        ({DOCKER: engine(running=False)}, [], [], {}),
        ({DOCKER: engine(uid=1000)}, [], [], {}),
        ({"/run/libvirt/libvirt-sock": engine(kind="libvirt")}, [], [], {}),
        (
            *({"/run/podman/podman.sock": engine(kind="podman")}, ["/usr/bin/dockerd"], ["/run/podman/podman.sock", "/usr/bin/dockerd"]),
            {"docker.service": "docker.socket", "podman.service": "podman.socket"},
        ),
        ({}, ["/usr/bin/dockerd"], ["/usr/bin/dockerd"], {"docker.service": "docker.socket"}),
    ],
)
def test_what_runs_as_root_beside_it(engines: Any, docker: Any, told: list[str], units: dict[str, str]) -> None:
    found = desktop(facts(anns(), engines=engines, docker=docker))
    assert (found["rootful_engines"], {service: one["socket"] for service, one in found["rootful_units"].items()}) == (told, units)


def test_the_host_is_a_subject_by_its_role_alone() -> None:
    installed = {
        "/opt/docker-desktop": {"product": "docker-desktop", "type": "dir", "root_owned": True},
        "/opt/rancher-desktop": {"product": "rancher-desktop", "type": "dir", "root_owned": False},
        "/var/snap/multipass": {"product": "multipass", "type": "dir", "root_owned": True},
    }
    processes = {"0": {"multipass": {"/snap/multipass/1/bin/multipassd": {"root_owned": True}}}}
    told = derive(
        facts({}, processes, role="desktop-vm-host", installed=installed, listeners={**listener(0), **listener(1001, 2376)}, engines={DOCKER: engine()})
    )
    found = told["desktops"]["this host"]
    assert {product: one["state"] for product, one in found["products"].items()} == {"docker-desktop": "installed", "multipass": "running"}
    assert (list(found["ports"]), found["rootful_engines"], found["kind"]) == (["127.0.0.1:2375"], [DOCKER], "host")
    assert derive(facts({}, processes, role="workstation", installed=installed))["desktops"] == {}


@pytest.mark.parametrize(
    ("change", "product"),
    [
        ({"guest": "wsl"}, "wsl"),
        ({"guest": "docker-desktop"}, "docker-desktop"),
        ({"guest": "orbstack"}, "orbstack"),
        ({"guest": "podman-machine"}, "podman-machine"),
        ({"guest": "lima"}, "lima"),
        ({"guest": "lima", "hostname": "colima"}, "colima"),
        ({"guest": "lima", "hostname": "colima-work"}, "colima"),
        ({"guest": "lima", "hostname": "lima-rancher-desktop"}, "rancher-desktop"),
        ({"hostname": "colima"}, "none"),
        ({"markers": {"/etc/pollinate/add-user-agent": {"product": "multipass", "root_owned": True, "text": "multipass/version/1"}}}, "multipass"),
        ({"markers": {"/etc/pollinate/add-user-agent": {"product": "multipass", "root_owned": False, "text": "multipass/version/1"}}}, "none"),
    ],
)
def test_what_this_is_a_guest_of(change: dict[str, Any], product: str) -> None:
    mounts = {"/Users": {"fstype": "virtiofs", "source": "m", "writable": True, "holds": "homes"}}
    told = derive(facts(mounts=mounts, **change))
    assert told["guest"]["product"] == product
    assert ("this guest" in told["desktops"]) is (product != "none")
    if product != "none":
        found = told["desktops"]["this guest"]
        assert (found["kind"], found["shares"], found["writable"]) == (
            "guest",
            {"/Users": {"path": "/Users", "writable": True, "holds": "homes", "what": "the directory of several homes", **IN_GUEST}},
            ["/Users (homes)"],
        )


@pytest.mark.parametrize(
    ("address", "scope"),
    [
        ("127.0.0.1", "loopback"),
        ("127.8.9.1", "loopback"),
        ("::1", "loopback"),
        ("::ffff:127.0.0.1", "loopback"),
        ("0.0.0.0", "any"),
        ("::", "any"),
        ("::ffff:0.0.0.0", "any"),
        ("192.168.106.2", "address"),
        ("12.7.0.0", "address"),
        ("fe80::1", "address"),
    ],
)
def test_what_a_guest_offers_over_tcp_is_told_with_who_reaches_it(address: str, scope: str) -> None:
    told = derive(facts(guest="lima", hostname="colima", listeners=listener(1000, address=address, pid=7)))["guest"]["listeners"]
    held_by = "process 7 of uid 1000 (/usr/bin/dockerd)"
    assert told == {
        f"{address}:2375": {"address": address, "port": 2375, "uid": 1000, "held_by": held_by, "engine": "docker", "scope": scope}
    } and not isinstance(told, OpenObject)
    assert derive(facts(listeners=listener(1000, address=address)))["guest"]["listeners"] == {}


@pytest.mark.parametrize(
    ("port", "exe", "told"),
    [
        *((port, "/usr/bin/python3", True) for port in tcp_listeners.REGISTERED),
        *((port, "/usr/bin/python3", False) for port in tcp_listeners.USUAL),
        *((port, "", False) for port in tcp_listeners.USUAL),
        (1234, "/usr/local/bin/buildkitd", True),
        (4243, "/usr/bin/dockerd (deleted)", True),
        (8080, "/home/ann/bin/podman", True),
        (8443, "/snap/lxd/1/bin/lxd", True),
        (8443, "/usr/libexec/incus/incusd", True),
        (10010, "/usr/local/bin/k3s", True),
        (10010, "/usr/bin/crio", True),
        (8080, "/usr/bin/podman-remote", False),
        (8080, "/usr/bin/rootlesskit", False),
        (8080, "podman", False),
        (8080, "/podman/nginx", False),
    ],
)
def test_on_a_port_that_is_no_engines_alone_only_an_engine_counts(port: int, exe: str, told: bool) -> None:
    found = derive(facts(guest="lima", listeners=listener(0, port, address="0.0.0.0", exe=exe)))["guest"]["listeners"]
    assert list(found) == ([f"0.0.0.0:{port}"] if told else []) and not isinstance(found, OpenObject)
    assert desktop(facts(anns(), listeners=listener(1000, port, exe=exe)))["ports"].keys() == ({f"127.0.0.1:{port}"} if port in (2375, 2376) else set())


def test_what_systemd_holds_may_be_an_engines() -> None:
    listeners = {**listener(0, 8080, exe="/usr/lib/systemd/systemd"), **listener(0, 2375, exe="/usr/lib/systemd/systemd")}
    found = derive(facts(guest="lima", listeners=listeners))["guest"]["listeners"]
    assert isinstance(found["127.0.0.1:8080"], Hole) and found["127.0.0.1:2375"]["held_by"] == "process 9 of uid 0 (/usr/lib/systemd/systemd)"


def test_where_it_is_not_known_who_listens_docker_is_and_another_engine_may_be() -> None:
    unnamed = {**listener(0, 2375), **listener(0, 8080)}
    for one in unnamed.values():
        one["process"] = DENIED
    found = derive(facts(guest="lima", listeners=unnamed))["guest"]["listeners"]
    assert isinstance(found["127.0.0.1:2375"]["held_by"], Hole) and found["127.0.0.1:2375"]["scope"] == "loopback"
    assert isinstance(found["127.0.0.1:8080"], Hole)


@pytest.mark.parametrize("change", [{"listeners": DENIED}, {"listeners": incomplete({}, DENIED)}, {"guest": DENIED}, {"guest": "lima", "listeners": DENIED}])
def test_where_it_is_not_known_what_a_guest_offers_the_list_is_open(change: dict[str, Any]) -> None:
    told = derive(facts(**{"guest": "lima", **change}))["guest"]["listeners"]
    assert told == {} and isinstance(told, OpenObject)


def test_a_machine_of_a_cloud_is_no_guest_of_a_desktop() -> None:
    mounts = {"/srv": {"fstype": "virtiofs", "source": "m", "writable": True, "holds": "root"}}
    for role in ("server", "workstation", "cluster-node", "ci-runner"):
        assert derive(facts(mounts=mounts, role=role))["desktops"] == {}
    assert list(derive(facts(mounts=mounts, role="desktop-vm-guest"))["desktops"]) == ["this guest"]


def test_what_one_user_plants_changes_nothing_for_another() -> None:
    before = derive(facts({"1001": anns(socket())["1000"]}, engines={DOCKER: engine()}))["desktops"]
    planted = {"1000": {"lima": DENIED, "docker-desktop": {"desktop-linux": machine(shares={"/": share(holds="root")})}}, "1001": anns(socket())["1000"]}
    after = derive(facts(planted, {"1000": DENIED}, engines={DOCKER: engine()}, listeners=listener(1000)))["desktops"]
    assert after["bob"] == before["bob"] and not isinstance(after, OpenObject)
    assert set(after) - set(before) == {"ann"}
    assert isinstance(derive(facts({"1000": DENIED}))["desktops"]["ann"], Hole)
    assert isinstance(derive(facts({}, {"1000": DENIED}))["desktops"]["ann"], Hole)


def test_without_a_name_a_user_is_a_number() -> None:
    assert list(derive(facts({"5001": anns()["1000"]}))["desktops"]) == ["uid 5001"]
    told = facts({"1000": anns()["1000"]})
    told["principals"]["users"] = incomplete({}, DENIED)
    told["nss"]["users"] = {}
    assert derive(told)["desktops"] == {} and isinstance(derive(told)["desktops"], OpenObject)


@pytest.mark.laws
def test_hiding_any_fact_only_makes_holes() -> None:
    linked = {DOCKER: socket(links={DOCKER: {"target": SOCKET, "uid": 0}})}
    lima = {"default": machine(agent={"pid": 7, "running": True, "exe": "/usr/bin/limactl"}, shares={"/home/ann": share()}), "b": machine()}
    rich = facts(
        {"1000": {"docker-desktop": {"desktop-linux": machine(socket(mode="0777", folder="0755"), SILENT | {"realpath": "/home/ann/b.sock"})}, "lima": lima}},
        {
            "1000": {"docker-desktop": {"/x/com.docker.backend": {"root_owned": True}}, "orbstack": {"/x/OrbStack": {"root_owned": True}}},
            "0": {"multipass": {"/x/multipassd": {"root_owned": True}}},
        },
        role="desktop-vm-host",
        installed={
            "/opt/docker-desktop": {"product": "docker-desktop", "type": "dir", "root_owned": True},
            "/var/snap/multipass": {"product": "multipass", "type": "dir", "root_owned": True},
        },
        listeners={**listener(1000), **listener(0, 2376)},
        engines={DOCKER: engine()},
        docker=[DOCKER, "/usr/bin/dockerd"],
        sockets=linked,
    )
    inside = facts(
        role="desktop-vm-guest",
        guest="lima",
        hostname="colima",
        mounts={"/Users": {"fstype": "virtiofs", "source": "m", "writable": True, "holds": "homes"}},
        markers={"/etc/podman-machine": {"product": "podman-machine", "root_owned": True, "text": "qemu"}},
        listeners={**listener(0), **listener(1000, 2376), **listener(0, 8080), **listener(0, 8443, exe="/usr/bin/nginx")},
    )
    files = {("principals", "users"), ("principals", "groups"), ("nss", "users")}
    for told in (rich, inside, facts(), facts(anns(socket()), {"1000": {"lima": {"/x/limactl": {"root_owned": True}}}})):
        before = derive(told)
        for at in leaves(told):
            for how in ("hidden", "opened", "shortened")[: 2 if at in files else 3]:
                broken = list(breaches(before, derive(changed(deepcopy(told), at, how))))
                assert not broken, f"{how} {at}: {broken[:5]}"


def test_many_users_have_each_their_own_machine_link_and_port() -> None:
    count = 400
    uids = range(10000, 10000 + count)
    places = {uid: f"/home/u{uid}/docker.sock" for uid in uids}
    told = facts(
        {str(uid): {"docker-desktop": {"x": machine(socket(place, uid=uid))}} for uid, place in places.items()},
        sockets={f"/run/{uid}.sock": socket(place, links={f"/run/{uid}.sock": {"target": place, "uid": 0}}) for uid, place in places.items()},
        listeners={f"127.0.0.{uid}:2375": {"address": "127.0.0.1", "port": 2375, "uid": uid, "process": {"pid": 7, "uid": uid, "exe": "/x"}} for uid in uids},
        people=[user("root", 0), *(user(f"u{uid}", uid) for uid in uids)],
    )
    view = View(told)
    stated: Any = analysis_desktop_vm.derive(view, {})
    last = stated["desktops"][f"u{uids[-1]}"]
    assert last["sockets"][places[uids[-1]]]["linked_from"] == [f"/run/{uids[-1]}.sock by links of root"]
    assert (set(last["ports"]), len(stated["desktops"])) == ({f"127.0.0.{uids[-1]}:2375"}, count)
