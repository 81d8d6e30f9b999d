"""Which groups open an engine, who has them, and who has any group at all."""

from sockets.access import DENIED, DOCKER, GROUPS, derive, facts, group, place, route, session

from hostcheck.model import Hole, OpenArray, OpenObject, Why, incomplete


def test_groups_of_engines() -> None:
    podman = route("/run/podman/podman.sock", gid=50)
    podman["parents"]["/run/podman"] = place("0700")
    derived = derive(
        facts(
            route(),
            route("/srv/b.sock"),
            podman,
            route("/srv/c.sock", "0640", gid=50),
            route("/srv/d.sock", uid=1000, gid=50, peer={"pid": 9, "uid": 1000, "gid": 5}),
        )
    )
    assert set(derived["engine_groups"]["docker"].pop("reasons")) == {"ann (group docker)", "bob (primary group docker)", "svc (group docker)"}
    assert derived["engine_groups"] == {
        "docker": {
            "gid": 999,
            "for_engines": True,
            "primary_members": ["bob"],
            "members": ["ann", "bob", "svc"],
            "auto_grants": {},
            "granted": [],
            "grants": {},
            "stale_processes": {},
            "stale_pids": {},
            "sockets": [DOCKER, "/srv/b.sock"],
        }
    }


def test_groups_have_their_members_by_any_way() -> None:
    derived = derive(facts(processes=[session(1002, 999)]))
    reasons = derived["groups"]["docker"].pop("reasons")
    assert {words: one["kind"] for words, one in reasons.items()} == {
        "ann (group docker)": "member",
        "bob (primary group docker)": "primary",
        "cat (process 77 has group docker)": "process",
        "svc (group docker)": "member",
    }
    assert derived["groups"]["docker"] == {
        "name": "docker",
        "gid": 999,
        "members": {
            "ann": {"uid": 1000, "name": "ann"},
            "bob": {"uid": 1001, "name": "bob"},
            "cat": {"uid": 1002, "name": "cat"},
            "svc": {"uid": 998, "name": "svc"},
        },
        "processes": {"77 of cat": {"pid": 77, "name": "cat", "uid": 1002, "member": False, "container": {"engine": "", "id": ""}}},
        "judged": [],
    }
    assert derived["groups"]["staff"]["members"] == {}


def test_a_group_is_judged_where_an_engine_listens_for_it() -> None:
    """What a group gives beside the engine, as disk and sudo do, is nothing that a socket tells."""
    waits = route("/run/containerd/containerd.sock", engine="containerd", listening=False)
    machines = route("/run/libvirt/libvirt-sock", gid=50, engine="libvirt")
    given = [*GROUPS, group("libvirt", 50), group("lxd", 51)]
    told = derive(facts(route(), waits, machines, groups=given))["groups"]
    assert {name: told[name]["judged"] for name in ("docker", "libvirt", "lxd")} == {"docker": [DOCKER], "libvirt": [], "lxd": []}
    staff = next(one for one in GROUPS if one["name"] == "staff")
    assert derive(facts(route(gid=staff["gid"])))["groups"]["staff"]["judged"] == []


def test_where_there_may_be_more_sockets_a_group_may_be_judged_there() -> None:
    for sockets in (DENIED, incomplete({}, DENIED)):
        told = derive({**facts(), "sockets": {**facts()["sockets"], "sockets": sockets}})["groups"]
        assert isinstance(told["docker"]["judged"], OpenArray) and not isinstance(told["staff"]["judged"], OpenArray)


def test_a_group_of_another_gid_in_the_name_service_is_another() -> None:
    nss = {
        "users": {},
        "groups": {"docker": {"name": "docker", "gid": 77, "members": ["cat"]}, "ldap": {"name": "ldap", "gid": 78, "members": []}},
        "memberships": {},
    }
    derived = derive(facts(nss=nss))
    assert {key: (one["name"], one["gid"]) for key, one in derived["groups"].items() if one["gid"] in (77, 78, 999)} == {
        "docker": ("docker", 999), "docker (gid 77)": ("docker", 77), "ldap": ("ldap", 78)
    }  # fmt: skip


def test_groups_that_a_user_hides_leave_open_that_user_alone() -> None:
    """What else has no account to it leaves each group open."""
    hidden = Hole(why=Why.LIMIT, message="processes of uid 1002 have too many groups to be read", owners=(1002,))
    theirs = derive(facts(route(), processes=[{**session(1002), "gids": hidden, "groups": hidden}]))
    for collection in ("engine_groups", "groups"):
        assert isinstance(theirs[collection], OpenObject) and theirs[collection].hole.owners == (1002,)
    assert "cat" not in theirs["groups"]["docker"]["members"] and not isinstance(theirs["groups"]["docker"]["members"], OpenObject)
    assert not isinstance(theirs["engine_groups"]["docker"]["stale_processes"], OpenObject)
    other = derive(facts(route(), processes=[{**session(1002), "gids": DENIED, "groups": DENIED}]))
    assert not isinstance(other["groups"], OpenObject) and isinstance(other["groups"]["docker"]["members"]["cat"], Hole)
    assert isinstance(other["engine_groups"]["docker"]["stale_processes"], OpenObject)
