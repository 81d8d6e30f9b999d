"""The machines of one user: what runs, what each is given and who else connects; what is not known of one is never taken for nothing."""

from typing import Any

import pytest
from desktop.vm_facts import DENIED, SILENT, SOCKET, anns, derive, desktop, facts, machine, share, socket
from sockets.access import acl, session

from hostcheck.model import Hole, OpenArray, OpenObject, incomplete


@pytest.mark.parametrize(
    ("users", "processes", "state"),
    [
        (anns(), None, "configured"),
        (anns(SILENT), None, "configured"),
        (anns(socket()), None, "running"),
        (anns(socket(uid=1001)), None, "configured"),
        (anns(socket(uid=0)), None, "configured"),
        (anns(), {"1000": {"docker-desktop": {"/opt/docker-desktop/bin/com.docker.backend": {"root_owned": True}}}}, "running"),
        (anns(), {"1001": {"docker-desktop": {"/opt/docker-desktop/bin/com.docker.backend": {"root_owned": True}}}}, "configured"),
        (anns(), {"1000": {"podman-machine": {"/usr/libexec/podman/gvproxy": {"root_owned": True}}}}, "configured"),
        (anns(agent={"pid": 7, "running": True, "exe": "/usr/bin/limactl"}), None, "running"),
        (anns(agent={"pid": 7, "running": False}), None, "configured"),
        (anns(agent=DENIED), None, None),
        (anns(socket(peer=DENIED)), None, None),
        (anns(socket(peer=DENIED), agent={"pid": 7, "running": True, "exe": "/usr/bin/limactl"}), None, "running"),
        (anns(), incomplete({}, DENIED), None),
        (anns(), {"1000": DENIED}, None),
        (anns(socket()), DENIED, "running"),
    ],
)
def test_it_runs_where_its_user_runs_it(users: Any, processes: Any, state: str | None) -> None:
    told = desktop(facts(users, processes))["products"]["docker-desktop"]
    assert isinstance(told["state"], Hole) if state is None else told["state"] == state
    assert (told["machines"], told["evidence"]) == (["desktop-linux"], ["/home/ann/x"])


def test_a_program_without_a_machine_in_the_home_runs_one_elsewhere() -> None:
    lima = {"lima": {"/usr/bin/limactl": {"root_owned": True}}}
    told = desktop(facts({}, {"1000": lima}))
    assert told["products"] == {"lima": {"state": "running", "machines": [], "evidence": ["process /usr/bin/limactl"]}}
    assert list(desktop(facts(anns(product="colima", name="default"), {"1000": lima}))["products"]) == ["colima"]
    assert derive(facts({}, {"0": lima}))["desktops"] == {}


def test_what_the_machines_are_given() -> None:
    shares = {"/home/ann": share(), "/srv": share(False, "part"), "/home": DENIED}
    mine = {"uid": 1000, "login": "ann", "product": "docker-desktop", "machine": "desktop-linux", "set_in": ""}
    told = desktop(facts(anns(shares=shares)))
    assert told["shares"] == {
        "/home/ann in docker-desktop desktop-linux": {
            "path": "/home/ann",
            "writable": True,
            "holds": "home",
            "what": "a whole home",
            **mine,
            "access": "writable",
        },
        "/srv in docker-desktop desktop-linux": {"path": "/srv", "writable": False, "holds": "part", "what": "a part", **mine, "access": "read-only"},
        "/home in docker-desktop desktop-linux": DENIED,
    }
    assert told["writable"] == ["/home/ann (home) in docker-desktop desktop-linux"] and isinstance(told["writable"], OpenArray)
    told = desktop(facts(anns(shares=DENIED)))
    assert told["shares"] == {} and isinstance(told["shares"], OpenObject)


def test_no_share_hides_behind_the_name_of_another() -> None:
    told = {"1000": {"lima": {"a in lima b": machine(shares={"/p": share()}), "b": machine(shares={"/p in lima a": share(False)})}}}
    assert len(desktop(facts(told))["shares"]) == 2


@pytest.mark.parametrize(
    ("one", "everyone", "who"),
    [
        (socket(mode="0777", folder="0700"), False, {}),
        (socket(mode="0755", folder="0755"), False, {}),
        (socket(mode="0777", folder="0755"), True, {"bob": ["any user"], "cat": ["any user"]}),
        (socket(mode="0770", folder="0755", owner_gid=50), False, {"bob": ["group staff"]}),
        (socket(mode="0770", folder="0711", acl=acl(7, 0, 7, 0, ("user", 1002, "rwx"))), False, {"cat": ["ACL entry user:cat"]}),
        (socket(mode="0700", folder="0755", owner_uid=1001), False, {"bob": ["owner"]}),
        (SILENT, False, {}),
    ],
)
def test_who_else_can_connect(one: dict[str, Any], everyone: bool, who: dict[str, list[str]]) -> None:
    told = desktop(facts(anns(one)))
    found = told["sockets"][SOCKET]
    assert (found["everyone"], {name: list(person["why"]) for name, person in found["users_other_than_owner"].items()}) == (everyone, who)
    assert bool(told["open_to"]) is bool(who)


def test_whose_directory_holds_a_socket_is_told() -> None:
    """What closes a socket for good is the directory: the product makes the socket anew, with a mode of its own."""
    parents = {**socket()["parents"], "/home/ann/.docker/desktop": {**socket()["parents"]["/home/ann"], "mode": "0755"}}
    found = desktop(facts(anns({**socket(), "parents": parents})))["sockets"][SOCKET]
    assert (found["folder"], found["folder_mode"], found["mode"], found["owner"]) == ("/home/ann/.docker/desktop", "0755", "0755", "ann")
    found = desktop(facts(anns(socket())))["sockets"][SOCKET]
    assert (found["folder"], found["folder_mode"]) == ("", "")


def test_a_session_of_another_users_counts() -> None:
    told = desktop(facts(anns(socket(mode="0770", folder="0711", owner_gid=60)), sessions=[session(1002, 60)]))
    assert told["open_to"] == [f"{SOCKET} to cat (process 77 has group gid 60)"]


def test_a_socket_on_which_nobody_listens_is_open_to_nobody() -> None:
    stale = {**SILENT, "mode": "0777", "parents": socket(folder="0755")["parents"]}
    told = desktop(facts(anns(stale)))
    assert told["open_to"] == [] and told["sockets"][SOCKET]["everyone"] is True


BACKEND = {"1000": {"docker-desktop": {"/opt/docker-desktop/bin/com.docker.backend": {"root_owned": True}}}}


def test_what_docker_desktop_left_in_a_home_is_no_machine() -> None:
    """The package was removed, and ~/.docker/desktop with its settings is still there."""
    told = desktop(facts(anns(SILENT, shares={"/home/ann": share()}, exposes_tcp=True), installed={}))
    assert (told["products"], told["shares"], told["writable"], told["sockets"], told["ports"]) == ({}, {}, [], {}, {})
    assert not any(isinstance(told[part], OpenObject | OpenArray) for part in ("products", "shares", "writable", "sockets", "ports"))


@pytest.mark.parametrize(
    ("users", "processes", "installed"),
    [
        (anns(socket()), None, {}),
        (anns(), BACKEND, {}),
        (anns(), None, {"/opt/docker-desktop": {"product": "docker-desktop", "type": "dir", "root_owned": False}}),
        (anns(socket(peer=DENIED)), None, {"/Applications/Docker.app": {"product": "docker-desktop", "type": "dir", "root_owned": True}}),
        (anns(product="lima"), None, {}),
    ],
)
def test_what_runs_or_can_be_started_is_one(users: Any, processes: Any, installed: Any) -> None:
    assert len(desktop(facts(users, processes, installed=installed))["products"]) == 1


@pytest.mark.parametrize(
    ("users", "processes", "installed"),
    [
        (anns(), None, DENIED),
        (anns(), None, {"/opt/docker-desktop": DENIED}),
        (anns(socket(peer=DENIED)), None, {}),
        (anns(), incomplete({}, DENIED), {}),
        ({"1000": {"docker-desktop": incomplete({}, DENIED)}}, None, {}),
    ],
)
def test_what_may_be_a_machine_leaves_all_of_its_user_open(users: Any, processes: Any, installed: Any) -> None:
    told = desktop(facts(users, processes, installed=installed))
    assert told["products"] == {} and told["shares"] == {}
    assert all(isinstance(told[part], OpenObject | OpenArray) for part in ("products", "shares", "writable", "sockets", "ports"))
