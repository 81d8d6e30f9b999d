"""What commands that run after a boot add to who can connect: each owner, group and entry that a socket may have then counts."""

from typing import Any

import pytest
from sockets.access import DENIED, DOCKER, derive, facts, route, socket_unit, way

from hostcheck.model import Hole, incomplete

LATER = f"{DOCKER} after reboot"
OPENED = {"mode": "0666"}


def change(program: str = "chmod", path: str = DOCKER, **more: Any) -> dict[str, Any]:
    told = {"place": "/etc/x.conf", "by": "the unit x.service", "program": program, "path": path, "mode": "0000", "user": "", "group": "", "acl": []}
    return {**told, **more}


def later(*told: Any, now: Any = None, unit: Any = None, hole: Any = None) -> Any:
    each = {str(number): one for number, one in enumerate(told)}
    made = facts(now or route(mode="0600"), units={"docker.socket": unit or socket_unit(mode="0600", group="root")}, changes={DOCKER: incomplete(each, hole)})
    return derive(made)["sockets"][LATER]


def entry(tag: str, name: str, perms: str = "rw-") -> dict[str, str]:
    return {"tag": tag, "name": name, "perms": perms}


@pytest.mark.parametrize(
    ("changes", "everyone", "granted", "permissions"),
    [
        ([], False, set(), "root:root 0600"),
        ([change(mode="0666")], True, set(), "root:root 0666"),
        ([change(mode="0660")], False, set(), "root:root 0660"),
        ([change(mode="0060"), change("chgrp", group="docker")], False, {"ann", "bob", "svc"}, "root:docker 0660"),
        ([change(mode="0060"), change("chgrp", group="docker"), change("chgrp", group="root")], False, {"ann", "bob", "svc"}, "root:docker 0660"),
        ([change("chgrp", group="docker")], False, set(), "root:docker 0600"),
        ([change("chgrp", group="root")], False, set(), "root:root 0600"),
        ([change("chown", user="cat", group="staff")], False, {"cat"}, "cat:staff 0600"),
        ([change("chown", user="1002")], False, {"cat"}, "cat:root 0600"),
        ([change("chown", user="nosuch"), change("chgrp", group="nosuch")], False, set(), "root:root 0600"),
        ([change("setfacl", acl=[entry("user", "cat")])], False, {"cat"}, "root:root 0660, ACL user:cat:rw-"),
        ([change("setfacl", acl=[entry("user", "cat", "r--"), entry("user", "nosuch")])], False, set(), "root:root 0640, ACL user:cat:r--"),
        ([change("setfacl", acl=[entry("group", "docker")])], False, {"ann", "bob", "svc"}, "root:root 0660, ACL group:docker:rw-"),
        ([change(path="/run/other.sock", mode="0666")], False, set(), "root:root 0600"),
    ],
)
def test_what_changes_add(changes: list[Any], everyone: bool, granted: set[str], permissions: str) -> None:
    told = later(*changes)
    assert (told["everyone"], set(told["granted"]), told["permissions"]) == (everyone, granted, permissions)


def test_a_directory_above_it_may_be_opened_too() -> None:
    shut = socket_unit(mode="0666", paths={DOCKER: way(DOCKER, "0700")})
    folder = DOCKER.rpartition("/")[0]
    assert later(unit=shut)["everyone"] is False
    assert later(change(path=folder, mode="0711"), unit=shut)["everyone"] is True
    assert set(later(change("chgrp", path=folder, group="docker", mode="0010"), unit=shut)["granted"]) == {"ann", "bob", "svc"}


def test_the_file_that_does_it_is_named_and_the_socket_unit_only_where_it_is_to_blame() -> None:
    told = later(change(mode="0666"))
    assert (told["unit"], told["made_by"]) == ("", "docker.socket, and then chmod in /etc/x.conf (run by the unit x.service)")
    assert [one["place"] for one in told["changes"].values()] == ["/etc/x.conf"]
    assert later(change("chgrp", group="users", mode="0060"), unit=socket_unit(mode="0666"))["unit"] == "docker.socket"
    plain = later(change(mode="0600"))
    assert (plain["unit"], plain["made_by"], dict(plain["changes"])) == ("docker.socket", "docker.socket", {})


def test_who_can_connect_now_by_the_same_command_is_not_told_again() -> None:
    assert later(change(mode="0666"), now=route(mode="0666"))["everyone"] is False
    assert dict(later(change(mode="0660"), now=route(mode="0660", gid=999), unit=socket_unit(mode="0600"))["granted"]) == {}


@pytest.mark.parametrize("changes", [[DENIED], [change(mode=DENIED)]])
def test_a_change_that_is_not_known_leaves_the_socket_open(changes: list[Any]) -> None:
    assert isinstance(later(*changes), Hole)


def test_where_there_may_be_other_changes_the_socket_is_not_known() -> None:
    assert isinstance(later(hole=DENIED), Hole) and isinstance(later(change(mode="0666"), hole=DENIED), Hole)
    made = facts(route(mode="0600"), units={"docker.socket": socket_unit(mode="0600")})
    made["root-programs"] = DENIED
    assert isinstance(derive(made)["sockets"][LATER], Hole)


def test_a_socket_of_containerd_s_is_judged_where_something_changes_it() -> None:
    path = "/run/containerd/containerd.sock"
    unit = socket_unit(path, kind="service", engine="containerd", service="containerd.service", group="root")
    for told, everyone in (({}, None), ({"1": change(path=path, mode="0666")}, True)):
        found = derive(facts(route(mode="0600"), units={"containerd.service": unit}, changes={path: told}))["sockets"]
        assert (found[f"{path} after reboot"]["everyone"] if everyone else f"{path} after reboot" not in found) is True


def test_too_many_states_are_not_worked_out() -> None:
    groups = [change("chgrp", group=str(number)) for number in range(1, 99)]
    assert isinstance(later(*groups), Hole)
