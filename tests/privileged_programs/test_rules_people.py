from typing import Any

import pytest
from privileged_programs.rights import GROUPS, facts

from hostcheck.model import Hole, Why
from hostcheck.parting import part, unite
from hostcheck.view import View
from hostcheck_builtin.accounts.dac import Ids
from hostcheck_builtin.accounts.gather import gather
from hostcheck_builtin.accounts.people import People, Session, Unknown
from hostcheck_builtin.privileged_programs.rules_people import SELF, Meant, Members, Targets, groups, here, meant, seeing, targets
from hostcheck_builtin.privileged_programs.rules_policy import Leaf, policy_of_sudo

DENIED = Hole(why=Why.DENIED, message="no")


def found(users: str, **principals: Any) -> Meant:
    told = facts(f"{users} ALL=ALL\n", principals=principals)
    view = View({name: unite(*part(value), name) for name, value in told.items()})
    return meant(Members(gather(view, lambda: [view["sudo"]["programs"]])), policy_of_sudo(view["sudo"]).rules[0].users)


def names(one: Meant) -> list[str]:
    return sorted(key for key, match in one.persons.items() if match.meant)


@pytest.mark.parametrize(
    ("users", "everybody", "persons"),
    [
        ("ann", False, ["ann"]),
        ("#1000, #1", False, ["ann"]),
        ("%wheel", False, ["bob"]),
        ("%#51, !dan", False, ["cat"]),
        ("!dan, %#51", False, ["cat", "dan"]),
        ("ALL, !ann", True, []),
        ("ann, ALL", True, []),
        ("ALL, !ALL", False, []),
        ("nobody", False, []),
        ("root", False, []),
        ("%none", False, []),
    ],
)
def test_whom_a_list_means(users: str, everybody: bool, persons: list[str]) -> None:
    one = found(users)
    assert (one.everybody.meant, names(one), one.hole) == (everybody, persons, None)


def test_who_is_taken_out_is_not_meant() -> None:
    assert found("ALL, !ann").of("ann").meant is False


@pytest.mark.parametrize("users", ["+net", "%:ad", "ann, +net"])
def test_lists_of_elsewhere_are_a_hole(users: str) -> None:
    one = found(users)
    assert one.hole and names(one) == (["ann"] if "ann" in users else [])


def test_nobody_is_certain_where_such_a_list_takes_out() -> None:
    one = found("ann, ALL, !+net")
    assert one.everybody.meant is None and one.hole
    assert found("!+net, ann").of("ann").meant is True


def test_a_group_of_which_not_all_are_known() -> None:
    one = found("%wheel", gshadow=DENIED)
    assert names(one) == ["bob"] and one.hole
    taken = found("ALL, !%wheel", gshadow=DENIED)
    assert (taken.of("bob").meant, taken.of("ann").meant, taken.everybody.meant) == (False, None, None)


def test_a_password_of_a_group_is_not_ones_own() -> None:
    gshadow = {"ops": {"administrators": ["eve"], "members": [], "password": True}}
    one = found("%ops", gshadow=gshadow)
    assert {key: match.certain for key, match in one.persons.items()} == {"ann": False, "bob": False, "cat": False, "dan": True, "eve": True}


def test_a_session_that_kept_the_group_counts() -> None:
    process = {
        **{"uids": [1000] * 4, "gids": [1000] * 4, "groups": [GROUPS["ops"][0]], "count": 1, "pids": [77], "dac_override": False, "dac_read_search": False},
        **{"powers": [], "host_mounts": True, "user_mounts": True, "host_paths": [], "containers": {}, "users": 1},
    }
    assert names(found("%ops", processes={"x": process})) == ["ann", "dan"]


@pytest.mark.parametrize(
    ("hosts", "hostname", "meant_here"),
    [
        (["ALL"], "h", True),
        (["h"], "h.example", True),
        (["H*"], "h1", True),
        (["other"], "h", False),
        (["ALL", "!h"], "h", False),
        (["!h", "ALL"], "h", True),
        (["h.example"], "h.example", True),
        (["h.example"], "h", None),
        (["x.example"], "h", False),
        (["10.0.0.0/8"], "h", None),
        (["10.0.0.0/8", "ALL"], "h", True),
        (["ALL", "+net"], "h", None),
        (["h"], DENIED, None),
        (["ALL"], DENIED, True),
    ],
)
def test_hosts(hosts: list[str], hostname: str | Hole, meant_here: bool | None) -> None:
    kinds = {"ALL": "all", "+": "netgroup", "1": "address"}
    leaves = []
    for host in hosts:
        name = host.removeprefix("!")
        leaves.append(Leaf(kinds.get(name, kinds.get(name[0], "host")), name, negated=host[0] == "!"))
    answer = here(tuple(leaves), hostname)
    assert (None if isinstance(answer, Hole) else answer) is meant_here


def as_whom(runas: str) -> tuple[Targets, list[str]]:
    view = View({name: unite(*part(value), name) for name, value in facts(f"ann ALL={runas} ALL\n").items()})
    (spec,) = policy_of_sudo(view["sudo"]).rules[0].specs
    users = (Leaf("user", "root", negated=False),) if spec.users is None else spec.users
    return targets(Members(gather(view, lambda: [])), users), groups(spec.groups)


@pytest.mark.parametrize(("runas", "what"), [("(+net)", "a netgroup"), ("(%:ad)", "a group of another directory service")])
def test_as_whom_elsewhere_says(runas: str, what: str) -> None:
    found, _ = as_whom(runas)
    assert found.hole and what in found.hole.message


@pytest.mark.parametrize(
    ("runas", "uids", "others", "with_groups"),
    [
        ("", {0: True}, False, []),
        ("(bob)", {1001: True}, False, []),
        ("(#0)", {0: True}, False, []),
        ("(ALL)", {}, True, []),
        ("(ALL, !root)", {0: False}, True, []),
        ("(%wheel)", {1001: True}, False, []),
        ("()", {SELF: True}, False, []),
        ("(:docker, ops, !ops)", {SELF: True}, False, ["docker"]),
        ("(bob:ALL)", {1001: True}, False, ["ALL"]),
        ("(nobody)", {}, False, []),
    ],
)
def test_as_whom(runas: str, uids: dict[int, bool], others: bool, with_groups: list[str]) -> None:
    found, named = as_whom(runas)
    assert (found.uids, found.any, found.hole, named) == (uids, others, None, with_groups)
    assert found.has(4711) is others and found.has(SELF) is (SELF in uids)


UNSURE = Hole(why=Why.LIMIT, message="its groups")
SUDO = {"/bin/sudo": {"realpath": "/usr/bin/sudo"}}


def session(uid: int, *places: str, everything: bool = False, unsure: Hole | None = None) -> Session:
    return Session(ids=Ids(uid=uid, may=frozenset({7})), reaches=True, host_paths=None if everything else places, unsure=unsure)


def host_people(*sessions: Session) -> People:
    return People(sessions=list(sessions), unknown=Unknown(users=DENIED, kept=UNSURE))


def uids(found: People) -> list[int]:
    return [one.ids.uid for one in found.sessions]


def test_a_session_counts_that_sees_a_program_where_it_really_is() -> None:
    whole = host_people(session(1, everything=True), session(2, "/usr"), session(3, "/bin"), session(4, "/srv"))
    assert uids(seeing(whole, [SUDO])) == [1, 2]  # type: ignore[list-item]
    assert uids(seeing(whole, [])) == [1]
    assert uids(whole) == [1, 2, 3, 4]


def test_groups_of_sessions_are_looked_up_anew() -> None:
    whole = host_people(session(1, "/usr"), session(2, "/srv"))
    assert len(whole.holding(7)) == 2 and len(seeing(whole, [SUDO]).holding(7)) == 1  # type: ignore[list-item]


def test_of_a_program_that_is_not_known_all_may_see_it() -> None:
    found = seeing(host_people(session(1, everything=True), session(2, "/srv"), session(3, "/usr")), [SUDO, DENIED])  # type: ignore[list-item]
    assert [one.reaches for one in found.sessions] == [True, DENIED, True] and found.unknown.reach == DENIED


def test_only_sessions_that_count_leave_groups_open() -> None:
    whole = host_people(session(1, "/srv", unsure=UNSURE), session(2, "/usr"))
    found = seeing(whole, [SUDO])  # type: ignore[list-item]
    assert (found.unknown.kept, found.unknown.users) == (None, DENIED)
