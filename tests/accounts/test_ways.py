"""The ways to a group are told by what an administrator can change: only what stands in the files of the host is for gpasswd and usermod."""

from collections.abc import ItemsView
from typing import Any

import pytest

from hostcheck.model import Hole, Why
from hostcheck.view import View
from hostcheck_builtin.accounts.people import People, Person
from hostcheck_builtin.accounts.ways import Way, capability, entry, is_unowned, memberships, only_by_entries, reason, several

DENIED = Hole(why=Why.DENIED, message="no")
ENTRY = {"kind": "acl", "entry": "u:7000"}
ANN = Person(key="ann", name="ann", uid=1000, login_capable=True)


def people(way: str, *entries: str) -> People:
    found = People(names={5: "docker", 100: "users"}, group_names={"docker": ("docker", 5), "dkr": ("dkr", 5), "docker#2": ("docker", 5)})
    found.add(ANN)
    found.join(5, "ann", way)
    for one in entries:
        found.stands(5, "ann", one)
    return found


@pytest.mark.parametrize(
    ("way", "entries", "kind", "words", "group"),
    [
        ("group", ("docker",), "member", "group docker", "docker"),
        ("group", ("dkr",), "member", "group dkr, same gid as docker", "dkr"),
        ("group", ("docker#2",), "elsewhere", "group docker#2, same gid as docker", "docker"),
        ("group", (), "elsewhere", "group docker of the name service", "docker"),
        ("primary group", ("",), "primary", "primary group docker", "docker"),
        ("primary group", (), "primary elsewhere", "primary group docker", "docker"),
        ("gshadow member", (), "gshadow", "member of group docker in /etc/gshadow", "docker"),
        ("group administrator", (), "administrator", "administrator of group docker", "docker"),
        ("unit x.service", (), "place", "group docker from unit x.service", "docker"),
        ("pam_group at su, /etc/security/group.conf:7", (), "place", "group docker from pam_group at su, /etc/security/group.conf:7", "docker"),
    ],
)
def test_each_way_names_what_can_be_changed(way: str, entries: tuple[str, ...], kind: str, words: str, group: str) -> None:
    (one,) = memberships(people(way, *entries), ANN, 5)
    assert (one.kind, one.words, one.group) == (kind, words, group)


def test_a_line_behind_a_sign_is_a_way_beside_the_line_that_gpasswd_finds() -> None:
    found = people("group", "docker")
    found.commented[5]["ann"] = ["line 3"]
    member, commented = memberships(found, ANN, 5)
    assert (member.kind, commented.kind) == ("member", "elsewhere")
    assert commented.words == "group docker from line 3 of /etc/group, which the # before it does not disable"
    assert commented.place == "line 3 of /etc/group: delete this line, because the # before it does not disable it"


def test_a_primary_group_of_a_second_line_of_one_name_is_not_usermods() -> None:
    second = Person(key="ann#2", name="ann", uid=1007, login_capable=True)
    found = people("group", "docker")
    found.add(second)
    found.join(5, "ann#2", "primary group")
    found.stands(5, "ann#2", "")
    assert [one.kind for one in memberships(found, second, 5)] == ["primary elsewhere"]


def test_a_reason_states_where_its_place_is_roots_alone_and_which_group_to_take_instead() -> None:
    (one,) = memberships(people("primary group", ""), ANN, 5)
    named = {"name": "ann", "uid": 1000, "called": "", "inside": ""}
    assert reason(people("primary group", ""), ANN, one, {}) == {"kind": "primary", **named, "group": "docker", "new_group": "users"}
    (unit,) = memberships(people("unit x.service"), ANN, 5)
    assert reason(people("unit x.service"), ANN, unit, {"unit x.service": True})["root_only"] is True
    found = people("setgid file /opt/ask")
    (program,) = memberships(found, ANN, 5)
    assert "root_only" not in reason(found, ANN, program, {})
    found.programs["/opt/ask"] = False
    assert reason(found, ANN, program, {})["root_only"] is False


@pytest.mark.parametrize(
    ("key", "name", "called"),
    [
        ("ann", "ann", ""),
        ("uid 1000", "lena", " called lena"),
        ("uid 1000#2", "mara", " called mara"),
        ("uid 1000", "uid 1000", ""),
        ("uid 1000", DENIED, DENIED),
        ("uid 99", "uid 99", ""),  # an entry of /etc/passwd with such a name
    ],
)
def test_who_is_known_to_the_name_service_alone_has_the_name_in_sentences(key: str, name: Any, called: Any) -> None:
    way = Way(kind="process", words="")
    assert reason(People(), Person(key=key, name=name, uid=1000, login_capable=True), way, {})["called"] == called


class Counted(dict[int, str]):
    """Groups that count how often somebody goes through them."""

    gone_through = 0

    def items(self) -> ItemsView[int, str]:
        """Return the groups, and count it."""
        self.gone_through += 1
        return super().items()


@pytest.mark.parametrize("twice", [False, True])
def test_of_many_users_with_a_primary_group_each_gets_another_without_a_search(twice: bool) -> None:
    """To look through all groups for each of 10,000 took a minute; two groups of one name change nothing."""
    names = Counted({gid: f"u{gid}" for gid in range(100)})
    if twice:
        names[100] = "u99"
    found, way = People(names=names), Way(kind="primary", words="", group="g", gid=200)
    told = [reason(found, Person(key=f"u{uid}", name=f"u{uid}", uid=uid, login_capable=True), way, {})["new_group"] for uid in range(1, 100)]
    assert (told[0], len(set(told)), names.gone_through) == ("u1", 99, 1)


@pytest.mark.parametrize(("label", "told"), [("carol", "u:carol"), ("uid 7", "u:7"), ("1000", "u:7"), ("Carol,x", "u:7"), ("-x", "u:7")])
def test_an_entry_is_named_only_where_the_name_is_plain(label: str, told: str) -> None:
    assert entry("u", label, 7) == told


def test_a_capability_has_its_usual_name() -> None:
    assert (capability("dac_override"), capability("cap_chown")) == ("capability cap_dac_override", "capability cap_chown")


@pytest.mark.parametrize(
    ("key", "name", "ways", "is_one"),
    [
        ("uid 7000", "uid 7000", [ENTRY, ENTRY], True),
        ("uid 7000", DENIED, [ENTRY], True),
        ("uid 7000", "ldap-ann", [ENTRY], False),
        ("uid 7000", "uid 7000", [ENTRY, {"kind": "owner"}], False),
        ("uid 7000", "uid 7000", [{"kind": "acl", "entry": "g:7000"}], False),
        ("uid 7000", "uid 7000", [], False),
        ("ann", "ann", [{"kind": "acl", "entry": "u:ann"}], False),
    ],
)
def test_an_id_in_entries_of_acls_alone_is_nobodys(key: str, name: str | Hole, ways: list[dict[str, str]], is_one: bool) -> None:
    told = View({"ways": {str(number): way for number, way in enumerate(ways)}})["ways"]
    assert is_unowned(key, name, by_entries=only_by_entries(told)) is is_one


def test_a_way_has_fields_beside_its_words() -> None:
    assert Way(kind="member", words="group docker", group="docker", gid=7).fields() == {"kind": "member", "group": "docker"}
    assert Way(kind="process", words="x", pid=9, out_of_reach=True).fields() == {"kind": "process", "pid": 9, "out_of_reach": True}


def test_the_first_of_many_ids_are_named() -> None:
    assert several(["uid 1", "uid 2"]) == "uid 1, uid 2" and several([f"uid {uid}" for uid in range(5)]) == "uid 0, uid 1, uid 2 and 2 more"
