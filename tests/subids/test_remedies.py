"""How ranges are taken away, and who is offered what."""

from collections.abc import Iterator
from typing import Any

import pytest
from subids.coverage import DENIED, LDAP, USERS, derive, facts, user

from hostcheck.model import Hole, incomplete
from hostcheck_builtin.subids.remedies import Accounts


def ranges(*args: Any, **more: Any) -> Any:
    return derive(facts(*args, **more))["ranges"]


def first(member: Any) -> Any:
    return member.get("spare", {}).get("first")


@pytest.mark.parametrize(
    ("line", "way", "text"),
    [
        ("ann:0:1", "usermod", "ann:0:1"),
        ("1000:0:1", "line", "1000:0:1"),
        ("gone:0:1", "line", "gone:0:1"),
        ("a.*[b$(x):0:1", "line", "a.*[b$(x):0:1"),
        ("ann:0:0", "line", "ann:0:0"),
        ("ann:0x10:1", "line", "ann:0x10:1"),
        ("a\\b:0:1", "editor", None),
        ("ann:4294967290:65536", "line", "ann:4294967290:65536"),
        ("ann:" + "0" * 90 + ":1", "editor", None),
        ("g" * 90 + ":0:1", "editor", None),
    ],
)
def test_how_a_line_is_taken_away(line: str, way: str, text: str | None) -> None:
    """With usermod a rest stays of what reaches beyond 32 bits, and a line that is written with the uid stays whole (4.17.4, ran)."""
    found = next(iter(ranges(line + "\n").values()))
    assert (found["remove_by"], found.get("text")) == (way, text)


def test_nobody_writes_by_a_command_where_others_can_put_another_file() -> None:
    told = facts("gone:0:1\nann:0:1\n")
    told["subids"]["files"]["/etc/subuid"]["root_owned"] = False
    found = derive(told)["ranges"]
    assert (found["subuid:gone:0"]["remove_by"], found["subuid:ann:0"]["remove_by"]) == ("editor", "usermod")


def test_where_shadow_asks_somebody_else_usermod_changes_no_file() -> None:
    assert ranges("ann:0:1\n", files=False)["subuid:ann:0"]["remove_by"] == "line"


def test_whose_account_it_is() -> None:
    found = ranges("ann:1:1\n1001:2:1\ngone:3:1\n4242:4:1\n")
    assert [one.get("account") for one in found.values()] == ["ann", "bob", None, None]


class Counted(dict[str, Any]):
    """Accounts that count how often somebody goes through them."""

    gone_through = 0

    def __iter__(self) -> Iterator[str]:
        """Go through them, and count it."""
        self.gone_through += 1
        return super().__iter__()


def test_many_owners_by_number_are_looked_up_and_not_searched_for() -> None:
    users = Counted({f"u{uid}": user(f"u{uid}", uid) for uid in range(1000, 1100)})
    accounts = Accounts({"principals": {"users": users}})
    assert [accounts.named(str(uid)) for uid in range(1099, 1200)] == ["u1099", *[None] * 100]
    assert users.gone_through == 1


def test_of_accounts_with_one_uid_the_first_counts() -> None:
    assert Accounts(facts()).named("1001") == "bob"


def test_who_has_too_few_without_a_range_is_offered_another() -> None:
    found = ranges("ann:0:65536\nbob:1000:1\nbob:200000:65536\n", "ann:100000:65536\nbob:200000:65536\n")
    assert {key: first(one) for key, one in found.items()} == {
        "subuid:ann:0": 265536,
        "subuid:bob:1000": None,
        "subuid:bob:200000": None,
        "subgid:ann:100000": None,
        "subgid:bob:200000": None,
    }


def test_whether_another_range_is_offered() -> None:
    found = ranges("ann:0:65536\nbob:200000:65536\ngone:1:1\n", "ann:100000:65536\n")
    assert [found[f"subuid:{key}"]["offered"] for key in ("ann:0", "bob:200000", "gone:1")] == [True, False, False]
    assert isinstance(ranges("ann:0:1\n", rootless=DENIED)["subuid:ann:0"]["offered"], Hole)


def engine(name: str, unit: str, uid: int = 1000) -> dict[str, Any]:
    return {"engine": name, "running": True, "owner_uid": uid, "unit": {"manager": "user", "name": unit, "user": ""}}


@pytest.mark.parametrize(
    ("engines", "socket", "docker"),
    [
        (["podman"], engine("podman", "podman.service"), "none"),
        (["docker"], engine("docker", "docker.service"), "unit"),
        (["docker"], engine("docker", "mine.service"), "other"),
        (["docker"], engine("docker", "docker.service", 1001), "other"),
        (["docker"], {"engine": "docker", "running": False}, "other"),
    ],
)
def test_how_the_docker_of_an_owner_was_started(engines: list[str], socket: dict[str, Any], docker: str) -> None:
    told = derive(facts("1000:0:1\n", rootless={"ann": {"uid": 1000, "engines": engines}}, user_sockets={"/run/user/1000/docker.sock": socket}))
    assert (told["ranges"]["subuid:1000:0"]["docker"], told["holders"]["1000"]["docker"]) == (docker, docker)


def test_what_may_run_is_not_known() -> None:
    found = ranges("ann:0:1\n", rootless=incomplete({}, DENIED), lingering=DENIED)["subuid:ann:0"]
    assert isinstance(found["docker"], Hole) and isinstance(found["lingers"], Hole)
    hidden = {**engine("docker", ""), "unit": DENIED}
    found = ranges("ann:0:1\n", rootless={"ann": {"uid": 1000, "engines": ["docker"]}}, user_sockets={"/x": hidden})
    assert isinstance(found["subuid:ann:0"]["docker"], Hole)
    assert ranges("ann:0:1\n", lingering=["ann"])["subuid:ann:0"]["lingers"] is True


def test_two_are_never_offered_the_same() -> None:
    told = derive(facts("bob:0:1\nann:0:1\ngone:0:1\n", rootless={"daemon": {"uid": 1, "engines": ["podman"]}}))
    assert [first(one) for one in told["ranges"].values()] == [165536, 100000, None]
    assert {name: first(one) for name, one in told["users"].items()} == {"ann": 100000, "bob": 165536, "daemon": 231072, "gone": None}


def test_accounts_and_groups_are_in_nobodys_way() -> None:
    users = {**USERS, "ldap": user("ldap", 100_001)}
    assert first(ranges("ann:0:1\n", users=users)["subuid:ann:0"]) == 100_002


@pytest.mark.parametrize("what", ["nss", "login_defs", "rootless", "subgid", "open"])
def test_where_anything_is_not_known_nobody_is_offered_any(what: str) -> None:
    listed = {"users": incomplete(USERS, LDAP), "groups": {}}
    told = facts("ann:0:1\n", nss={"nss": DENIED, "open": listed}.get(what), rootless=DENIED if what == "rootless" else None)
    if what == "login_defs":
        told["subids"]["login_defs"] = DENIED
    if what == "subgid":
        told["subids"]["files"]["/etc/subgid"]["lines"] = DENIED
    found = derive(told)
    assert isinstance(found["ranges"]["subuid:ann:0"]["spare"], Hole)


def test_how_all_lines_of_an_owner_are_taken_away() -> None:
    held = derive(facts("ann:100000:9\nbob:200000:9\nbob:0x10:1\ngone:5:1\n1000:7:1\na\\b:9:1\n", "bob:5:1\n"))["holders"]
    assert {name: one["remove_by"] for name, one in held.items()} == {"ann": "usermod", "bob": "line", "gone": "line", "1000": "line", "a\\b": "editor"}
    assert (held["1000"]["account"], held["bob"]["subuid_line"], held["bob"]["subgid_line"]) == ("ann", "bob:200000", "bob:5")
    assert "subgid_line" not in held["ann"]


def test_who_has_lines_where_shadow_asks_somebody_else() -> None:
    assert derive(facts("ann:1:1\n"))["beside"] == {}
    found = derive(facts("ann:1:1\na\\b:2:1\n", "ann:1:1\n", files=False))["beside"]
    assert found["ann"] == {"owner": "ann", "subuid": True, "subgid": True, "remove_by": "line"}
    assert found["a\\b"] == {"owner": "a\\b", "subuid": True, "subgid": False, "remove_by": "editor"}
    assert isinstance(derive(facts("ann:1:1\n", files=DENIED))["beside"], Hole)
