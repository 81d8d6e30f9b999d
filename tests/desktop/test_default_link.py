"""Where the default socket of docker leads, from facts written by hand and on whole hosts in memory."""

from typing import Any

import pytest
from clients.client_home import CONFIG, meta
from desktop.test_analysis_desktop_vm_hosts import DESKTOP, belongs, desktop, findings, host, owned, process, results, server
from desktop.vm_facts import DENIED, DOCKER, SOCKET, derive, facts, socket
from laws import breaches

from hostcheck.host.answers import Peer
from hostcheck.model import Hole, OpenArray, OpenObject, incomplete
from hostcheck.testing.analyses import hide as changed
from hostcheck.testing.analyses import leaves

LINK = {"links": {DOCKER: {"target": SOCKET, "uid": 0}}}
GONE = {key: value for key, value in socket("/home/ann/x.sock", uid=0, listening=False).items() if key != "peer"} | {
    "type": "dangling",
    "links": {DOCKER: {"target": "/home/ann/x.sock", "uid": 0}},
}
GOOD = {"target": SOCKET, "product": "docker-desktop", "listening": True, "listener": "ann", "owner": "ann", "served_by_owner": True, "elsewhere": []}
GOOD |= {"root_only": True, "listener_who": "ann (uid 1000)", "owner_who": "ann (uid 1000)"}


def home(context: str = "default", path: str = "", **variables: Any) -> dict[str, Any]:
    contexts = {context: {"scheme": "unix", "path": path}} if path else {}
    told = {"/home/ann/.bashrc": variables} if variables else {}
    return {"1000": {"/home/ann": {"context": context, "contexts": contexts, "variables": told, "enabled": []}}}


def links(one: dict[str, Any], clients: Any = None, **more: Any) -> Any:
    return derive(facts(sockets={DOCKER: one}, clients=home() if clients is None else clients, **more))["default_links"]


def test_a_link_that_leads_to_whom_its_owner_talks_to() -> None:
    assert links(socket(**LINK)) == {DOCKER: GOOD}
    assert links(socket(**LINK), home("desktop-linux", SOCKET)) == {DOCKER: GOOD}
    assert links(socket(**LINK), home(docker_host={"scheme": "unix", "path": DOCKER})) == {DOCKER: GOOD}


def test_a_socket_that_stands_there_itself_is_no_link() -> None:
    assert links(socket(DOCKER, uid=0)) == {}
    assert links(socket(DOCKER, uid=0, links={"/var/run": {"target": "/run", "uid": 0}})) == {}
    assert derive(facts())["default_links"] == {}


def test_another_name_of_the_same_home_is_the_same_place() -> None:
    moved = socket("/var/home/ann/.docker/desktop/docker.sock", links=LINK["links"])
    assert links(moved, home("desktop-linux", SOCKET))[DOCKER]["elsewhere"] == []


def test_where_nobody_listens() -> None:
    silent = {key: value for key, value in socket(**LINK, listening=False).items() if key != "peer"}
    wanted = {key: value for key, value in GOOD.items() if key != "served_by_owner"} | {"listening": False, "listener": "nobody", "listener_who": "nobody"}
    assert links(silent) == {DOCKER: wanted}
    assert links(GONE) == {
        DOCKER: {"target": "/home/ann/x.sock", "product": "none", "listening": False, "listener": "nobody", "listener_who": "nobody", "root_only": True}
    }


def test_who_else_listens_is_told() -> None:
    told = links(socket(**LINK, peer={"pid": 9, "uid": 1001, "gid": 1001, "exe": "/x"}))[DOCKER]
    assert (told["listener"], told["served_by_owner"]) == ("bob", False)


def test_where_the_owners_command_goes_instead() -> None:
    colima = "/home/ann/.colima/default/docker.sock"
    assert links(socket(**LINK), home("colima", colima))[DOCKER]["elsewhere"] == [f"unix://{colima}"]
    assert links(socket(**LINK), home(docker_host={"scheme": "ssh", "host": "another host"}))[DOCKER]["elsewhere"] == ["ssh to another host"]
    others = home("colima", colima)
    assert links(socket(**LINK), {**home(), "1001": others["1000"]})[DOCKER]["elsewhere"] == []
    unsure = links(socket(**LINK), home(docker_host=DENIED))[DOCKER]["elsewhere"]
    assert isinstance(unsure, OpenArray) and unsure == []


def test_a_link_to_an_engine_of_roots_asks_nobody() -> None:
    told = links(socket("/run/podman/podman.sock", uid=0, **LINK), {})[DOCKER]
    assert (told["owner"], told["elsewhere"]) == ("root", []) and not isinstance(told["elsewhere"], OpenArray)


def test_what_is_not_known_of_the_sockets_is_not_known_here() -> None:
    assert isinstance(derive(facts(sockets=DENIED))["default_links"], Hole)
    opened = derive(facts(sockets=incomplete({}, DENIED)))["default_links"]
    assert isinstance(opened, OpenObject) and opened == {}
    assert isinstance(links(DENIED)[DOCKER], Hole)  # type: ignore[arg-type]


@pytest.mark.parametrize("one", [socket(**LINK), GONE], ids=["link", "dangling"])
def test_hiding_any_of_it_only_makes_holes(one: dict[str, Any]) -> None:
    given = facts(sockets={DOCKER: one}, clients=home("colima", "/home/ann/.colima/default/docker.sock", docker_context="colima"))
    before = derive(given)
    for at in leaves(given):
        if at[0] in ("sockets", "user-clients"):
            for how in ("hidden", "opened", "shortened"):
                broken = list(breaches(before, derive(changed(given, at, how))))
                assert not broken, f"{how} {at}: {broken[:5]}"


COLIMA = {CONFIG: '{"currentContext": "colima"}', meta("colima"): '{"Endpoints": {"docker": {"Host": "unix:///home/ann/.colima/default/docker.sock"}}}'}
LINKED = {"links": {DOCKER: DESKTOP}}


def test_on_a_desktops_host_the_link_is_judged() -> None:
    assert results(findings(desktop(**LINKED)), "HC-VMX-05") == {DOCKER: "pass"}
    assert results(findings(desktop()), "HC-VMX-05") == {"": "notapplicable"}
    dangling = findings(desktop(running=False, **LINKED))
    assert results(dangling, "HC-VMX-05") == {DOCKER: "fail"}
    assert "where nobody listens" in dangling["HC-VMX-05", DOCKER]["because"]
    stale = findings(desktop(running=False, stats={DESKTOP: owned("socket", 1000)}, **LINKED))
    assert results(stale, "HC-VMX-05") == {DOCKER: "fail"}


UNREAD: dict[str, dict[str, Any]] = {
    "a file that a profile has read": {"/home/ann/.bashrc": 'for rc in ~/.bashrc.d/*; do . "$rc"; done\n', "/home/ann/.bashrc.d/docker": ""},
    "a file of pam_env": {"/home/ann/.pam_environment": ""},
    "a file of the user's systemd": {"/home/ann/.config/systemd/user.conf": ""},
    "another shell": {"/etc/passwd": "root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/home/ann:/usr/bin/fish\n"},
    "a moved home": {"/home/ann/.profile": "export HOME=/x\n"},
}


@pytest.mark.parametrize("how", UNREAD)
def test_what_is_not_read_and_may_lead_her_elsewhere_is_no_pass(how: str) -> None:
    assert results(findings(desktop(files=UNREAD[how], **LINKED)), "HC-VMX-05") == {DOCKER: "notchecked"}


def test_a_link_away_from_the_context_of_its_owner_fails() -> None:
    found = findings(desktop(files=COLIMA, stats=belongs(1000, "/home/ann", *COLIMA, DESKTOP), **LINKED))
    assert results(found, "HC-VMX-05") == {DOCKER: "fail"}
    assert "unix:///home/ann/.colima/default/docker.sock" in found["HC-VMX-05", DOCKER]["because"]


def test_what_another_user_chose_does_not_count() -> None:
    bobs = {path.replace("/ann/", "/bob/"): text for path, text in COLIMA.items()}
    found = findings(desktop(files=bobs, stats=belongs(1001, "/home/bob", *bobs), **LINKED))
    assert results(found, "HC-VMX-05") == {DOCKER: "pass"}


def test_what_another_user_serves_at_the_place_of_a_machine_fails() -> None:
    squat = desktop(running=False, peers={DESKTOP: Peer(pid=9, uid=1001, gid=1001)}, processes=(process(9, 1001, "/usr/bin/python3"),), **LINKED)
    found = findings(squat)
    assert results(found, "HC-VMX-05") == {DOCKER: "fail"}
    assert "belongs to ann (uid 1000) and where bob (uid 1001) listens" in found["HC-VMX-05", DOCKER]["because"]


def test_on_any_other_host_it_does_not_apply() -> None:
    assert results(findings(server()), "HC-VMX-05") == {"": "notapplicable"}
    assert results(findings(host(links={DOCKER: "/nowhere"})), "HC-VMX-05") == {"": "notapplicable"}
