"""What the next boot adds to who can connect: judged as a socket of its own, and only for those who cannot connect now."""

from collections.abc import Iterator
from typing import Any

import pytest
from sockets.access import DENIED, DOCKER, GROUPS, LIMIT, acl, derive, facts, group, route, session, socket_unit, user, way, without

from hostcheck.model import Hole, incomplete

LATER = f"{DOCKER} after reboot"


def sockets(*now: Any, **more: Any) -> Any:
    return derive(facts(*now, **more))["sockets"]


def later(now: Any = None, unit: Any = None, **more: Any) -> Any:
    return sockets(*([] if now is None else [now]), units={"docker.socket": unit or socket_unit()}, **more)[LATER]


def test_what_is_the_same_then_adds_nobody() -> None:
    told = later(route())
    assert (told["everyone"], told["users"], told["granted"], told["reached_by"]) == (False, {}, {}, [])
    assert {name: told[name] for name in ("type", "listening", "permissions", "made_by", "unit", "group_for_engines")} == {
        **{"type": "planned", "listening": False, "permissions": "root:docker 0660"},
        **{"made_by": "docker.socket", "unit": "docker.socket", "group_for_engines": True},
    }


@pytest.mark.parametrize(
    ("now", "unit", "everyone", "granted"),
    [
        (route(), {"mode": "0666"}, True, set()),
        (route(mode="0600"), {"mode": "0666"}, True, {"ann", "bob", "svc"}),
        (route(mode="0600"), {}, False, {"ann", "bob", "svc"}),
        (route(mode="0666"), {"mode": "0666"}, False, set()),
        (route(mode="0666"), {}, False, set()),
        (route(mode="0666", gid=0), {}, False, {"ann", "bob", "svc"}),
        (route(mode="0660"), {"mode": "0600"}, False, set()),
        (route(mode="0660"), {"mode": "0606"}, True, set()),
        (route(listening=False), {"mode": "0606"}, True, set()),
        (route(mode="0660", gid=50), {"group": "staff"}, False, set()),
        (route(), {"user": "cat"}, False, {"cat"}),
        (route(), {"user": "1002", "group": "0"}, False, {"cat"}),
        (None, {"group": ""}, False, set()),
        (None, {"user": "bob", "group": "", "mode": "0660"}, False, {"ann", "bob", "svc"}),
        (None, {"paths": {DOCKER: way(DOCKER, "0700")}, "mode": "0666"}, False, set()),
        (None, {"paths": {DOCKER: way(DOCKER, "0750", gid="docker")}, "mode": "0666"}, False, {"ann", "bob", "svc"}),
    ],
)
def test_who_can_connect_then_and_cannot_now(now: Any, unit: dict[str, Any], everyone: bool, granted: set[str]) -> None:
    told = later(now, socket_unit(**unit))
    assert (told["everyone"], set(told["granted"])) == (everyone, granted)


def test_processes_of_today_are_gone_then() -> None:
    told = sockets(route(mode="0660", gid=0), processes=[session(1002, 999)], units={"docker.socket": socket_unit()})
    assert "cat" not in told[LATER]["users"] and set(told[LATER]["granted"]) == {"ann", "bob", "svc"}


@pytest.mark.parametrize("unit", [{"starts": False}, {"group": "nosuch"}, {"user": "nosuch"}, {"paths": {}}])
def test_a_unit_that_makes_no_socket_is_nothing_to_judge(unit: dict[str, Any]) -> None:
    assert LATER not in sockets(route(), units={"docker.socket": socket_unit(**unit)})


def test_a_service_of_another_user_is_no_engine_of_roots() -> None:
    assert later(None, socket_unit(runs_as="ann"))["scope"] == "rootless" and later(None, socket_unit(runs_as="0"))["scope"] == "rootful"


def test_dockerd_s_own_group_need_not_exist_and_another_must() -> None:
    service = without(socket_unit(kind="service", group="docker"), "x")
    told = sockets(units={"docker.service": service}, groups=[group("staff", 50)], users=[user("root", 0), user("ann", 1000)])[LATER]
    assert (told["gid"], told["unit"], told["made_by"], told["users"]) == (0, "", "docker.service", {})
    assert LATER not in sockets(units={"docker.service": {**service, "group": "nosuch"}})


def test_two_units_at_one_path_are_two() -> None:
    told = sockets(units={"a.socket": socket_unit(mode="0600"), "b.socket": socket_unit(mode="0666")})
    assert (told[LATER]["mode"], told[f"{LATER}, by b.socket"]["everyone"]) == ("0600", True)


def test_a_socket_of_a_user_s_that_stands_there_now_takes_nobody_away() -> None:
    squats = route(mode="0666", uid=1002, gid=1002, peer={"pid": 9, "uid": 1002, "gid": 1002, "exe": ""})
    assert later(squats, socket_unit(mode="0666"))["everyone"] is True


@pytest.mark.parametrize("now", [route(listening=DENIED), route(mode=DENIED), DENIED, {**route(), "parents": {**route()["parents"], "/run": DENIED}}])
def test_where_it_is_not_known_who_can_connect_now_it_is_not_known_who_is_new(now: Any) -> None:
    for mode, known in (("0660", False), ("0600", True)):
        made = facts(route(), units={"docker.socket": socket_unit(mode=mode)})
        made["sockets"]["sockets"][DOCKER] = now
        assert isinstance(derive(made)["sockets"][LATER], Hole) is not known


def test_where_other_sockets_may_be_there_now_it_is_not_known_who_is_new() -> None:
    made = facts(route(), units={"docker.socket": socket_unit()})
    made["sockets"]["sockets"] = incomplete({}, DENIED)
    assert isinstance(derive(made)["sockets"][LATER], Hole)


@pytest.mark.parametrize("fact", ["mode", "user", "group", "runs_as", "engine"])
def test_what_is_not_known_of_a_unit_leaves_its_socket_open(fact: str) -> None:
    assert isinstance(later(route(), socket_unit(**{fact: DENIED})), Hole)


@pytest.mark.parametrize(
    "units", [DENIED, {"docker.socket": DENIED}, {"docker.socket": socket_unit(starts=DENIED)}, {"docker.socket": socket_unit(paths=DENIED)}]
)
def test_units_that_are_not_known_leave_open_what_else_there_is(units: Any) -> None:
    told = sockets(route(), units=units)
    assert set(told) == {DOCKER} and isinstance(told.hole, Hole)


def test_a_group_of_which_it_is_not_known_who_exists_is_no_proof() -> None:
    told = later(None, socket_unit(group="far"), nss={"users": LIMIT, "groups": LIMIT, "memberships": LIMIT})
    assert isinstance(told, Hole)


def test_traits_of_a_group() -> None:
    people = [user("root", 0), user("ann", 1000, 100), user("bob", 1001, 100), user("cat", 1002)]
    groups = [*GROUPS, group("users", 100)]
    told = sockets(route(gid=100), users=people, groups=groups, units={"docker.socket": socket_unit(group="users")})
    for one in (told[DOCKER], told[LATER]):
        assert (one["group"], one["group_writes"], one["group_for_engines"], one["primary_members"]) == ("users", True, False, 2)
    assert sockets(route(mode="0600"))[DOCKER]["group_writes"] is False
    named = route(acl=acl(6, 4, 6, 0, ("user", 1002, "rw-")))
    assert sockets(named)[DOCKER]["group_writes"] is False


def test_of_how_many_a_group_is_the_primary_one_is_not_known_where_users_may_be_missing() -> None:
    far = {"users": LIMIT, "groups": LIMIT, "memberships": LIMIT}
    assert isinstance(sockets(route(gid=50), nss=far)[DOCKER]["primary_members"], Hole)
    people = [user("root", 0), user("ann", 1000, 50), user("bob", 1001, 50)]
    assert sockets(route(gid=50), users=people, nss=far)[DOCKER]["primary_members"] == 2


def test_an_abstract_socket_has_no_permissions_whatever_the_mode() -> None:
    unit = socket_unit(paths={}, abstract=["@docker"], mode="0600")
    told = sockets(units={"docker.socket": unit})["@docker after reboot"]
    assert (told["everyone"], told["permissions"], told["group_writes"]) == (True, "an abstract socket without permissions", False)
    there = {**route("@docker"), "network": "own", "uids": []}
    told = sockets(units={"docker.socket": unit}, abstract={"@docker": there})
    assert (told["@docker"]["everyone"], told["@docker after reboot"]["everyone"]) == (True, False)


def places(told: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to each fact and each collection of facts."""
    if path:
        yield path
    for key in told if isinstance(told, dict) else range(len(told)) if isinstance(told, list) else ():
        yield from places(told[key], (*path, key))


def hidden(told: Any, path: tuple[Any, ...]) -> Any:
    """Return facts without what is at a place."""
    if not path:
        return DENIED
    if isinstance(told, dict):
        return {**told, path[0]: hidden(told[path[0]], path[1:])}
    return [*told[: path[0]], hidden(told[path[0]], path[1:]), *told[path[0] + 1 :]]


@pytest.mark.parametrize("probe", ["socket-units", "sockets", "principals", "nss", "group-grants"])
def test_to_hide_a_fact_takes_nobody_away(probe: str) -> None:
    whole = facts(route(mode="0600"), units={"docker.socket": socket_unit(mode="0666")})
    assert (derive(whole)["sockets"][LATER]["everyone"], set(derive(whole)["sockets"][LATER]["granted"])) == (True, {"ann", "bob", "svc"})
    tried = 0
    for path in places(whole[probe]):
        told = derive({**whole, probe: hidden(whole[probe], path)})
        found = told if isinstance(told, Hole) else told["sockets"]
        one = found if isinstance(found, Hole) else found.get(LATER, getattr(found, "hole", None))
        if not isinstance(one, Hole):
            assert one is not None and (isinstance(one["everyone"], Hole) or one["everyone"] is True), path
            granted = one["granted"]
            assert isinstance(granted, Hole) or hasattr(granted, "hole") or {"ann", "bob", "svc"} <= set(granted), path
        tried += 1
    assert tried > 5
