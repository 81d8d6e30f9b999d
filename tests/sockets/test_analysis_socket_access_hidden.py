"""Hiding a fact from socket-access only ever makes holes of what it derives."""

from collections.abc import Iterator
from typing import Any

import pytest
from hiding import hide_each
from sockets.access import DENIED, DOCKER, GRANTS, GROUPS, LIMIT, USERS, acl, derive, facts, group, place, rootless, route, session, user

from hostcheck.model import incomplete
from hostcheck_builtin.sockets import ANALYSES


def rich() -> Iterator[dict[str, Any]]:
    shared = route("/srv/x/d.sock", "0606", 1002, 50, acl=acl(6, 4, 6, 6, ("user", 1000, "rw-"), ("group", 999, "rw-")))
    shared["parents"]["/srv/x"] = place("1775", 1001, 50)
    link = route(links={"/run/podman.sock": {"target": DOCKER, "uid": 0}})
    processes = [
        session(1002, 999),
        session(5001, 50),
        session(1000, 27, host=False),
        session(1001, dac_override=True, mapped_uids=[[0, 9]], mapped_gids=[[0, 9999]]),
    ]
    shadow = {"docker": {"name": "docker", "password": False, "administrators": ["cat"], "members": ["ann", "bob"]}}
    names = {
        "@/run/docker.sock": {"engine": "docker", "network": "own", "connections": {}},
        "@x": {"engine": "docker", "network": "other", "uids": [1000, 7777], "connections": {"1001": {"uid": 1001, "pid": 6}}},
    }
    homes = [rootless(), {**rootless("/run/user/1000/podman/podman.sock"), "mode": "0666"}]
    held = route(connections={"1002": {"uid": 1002, "pid": 5}})
    told = facts(held, shared, abstract=names, gshadow=shadow, processes=processes, homes=homes, grants=GRANTS)
    told["sockets"]["sockets"]["/run/podman.sock"] = link
    gone = {key: value for key, value in route("/run/x/gone.sock", "0755", type="absent", listening=False, expected=True).items() if key != "peer"}
    gone["parents"]["/run/x"] = place("1775", 1001, 50)
    told["sockets"]["sockets"]["/run/x/gone.sock"] = gone
    yield told
    nss = {
        "users": {"eve": user("eve", 5001, 999), "ann": user("ann", 1000)},
        "groups": {"team": {"name": "team", "gid": 50, "members": ["eve", "ann"]}},
        "memberships": {"cat": {"name": "cat", "gids": [1002, 50]}},
    }
    record = {
        "team": {"name": "team", "password": True, "administrators": [], "members": []},
        "staff": {"name": "staff", "password": True, "administrators": [], "members": []},
    }
    yield facts(
        route(mode="0666"),
        {**route("/srv/y.sock", gid=50), "peer": {"pid": 3, "uid": 1000, "gid": 1}},
        nss=nss,
        gshadow=record,
        processes=[session(5001, 50), session(6001)],
    )

    nss = {
        "users": incomplete({"eve": user("eve", 5001, 999)}, LIMIT),
        "groups": incomplete({}, LIMIT),
        "memberships": {"cat": {"name": "cat", "gids": [50]}, "bob": {"name": "bob", "gids": DENIED}},
    }
    folder = route("/srv/z/d.sock", "0666")
    folder["parents"]["/srv/z"] = place("0771", 0, 50)
    yield facts(
        route(),
        folder,
        route("/srv/r.sock", mode="0606"),
        nss=nss,
        grants={"pam_group": {**GRANTS["pam_group"], "services": incomplete({"su": DENIED, "login": True}, DENIED)}},
        gshadow=DENIED,
        processes=incomplete({"0": session(5001, 999), "1": session(7001, 50, host=DENIED)}, DENIED),
    )


def red_hat() -> dict[str, Any]:
    """Return a host with two of the accounts that are shipped with root's group, of which something runs as one."""
    shipped = {"operator": ("/root", "/sbin/nologin", 11), "halt": ("/sbin", "/sbin/halt", 7)}
    accounts = [{"name": name, "uid": uid, "gid": 0, "home": home, "shell": shell} for name, (home, shell, uid) in shipped.items()]
    told = facts(
        route(gid=0), route("/run/x.sock", gid=50), users=[*USERS, *accounts], groups=[*GROUPS, group("root", 0)], processes=[session(7), session(1000, 50)]
    )
    told["principals"]["stock_accounts"] = {name: dict.fromkeys(("password", "crontab", "key", "rule", "unit"), False) for name in shipped}
    return told


def test_an_account_as_which_nobody_acts_does_not_reach_what_roots_group_opens() -> None:
    told = derive(red_hat())
    assert set(told["sockets"][DOCKER]["users"]) == {"halt"} and told["engine_groups"]["root"]["primary_members"] == ["halt"]


def test_an_account_that_was_shipped_with_roots_group_is_told_from_one_that_was_given_it() -> None:
    told = red_hat()
    told["principals"]["users"]["ann"] = {**told["principals"]["users"]["ann"], "gid": 0}
    derived = derive(told)
    for reasons in (derived["sockets"][DOCKER]["reasons"], derived["engine_groups"]["root"]["reasons"]):
        kinds = {one["name"]: one["kind"] for words, one in reasons.items() if "primary group root" in words}
        assert kinds == {"halt": "shipped", "ann": "primary"}


@pytest.mark.laws
@pytest.mark.parametrize("told", [*rich(), red_hat()], ids=["files", "nss", "not root", "red hat"])
def test_hiding_any_fact_only_makes_holes(told: dict[str, Any]) -> None:
    (analysis,) = ANALYSES
    assert hide_each(analysis, told) > 250


def test_hiding_what_may_really_be_hidden_keeps_what_is_known() -> None:
    for told in rich():
        for hidden in ("nss", "user-sockets"):
            assert derive({**told, hidden: DENIED})["sockets"][DOCKER]["users"]
        for part_of in ("gshadow", "processes"):
            assert derive({**told, "principals": {**told["principals"], part_of: DENIED}})["sockets"][DOCKER]["users"]
