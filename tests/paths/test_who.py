"""From facts about access to edges: one for each user and way, and what is not known is an edge that may be there."""

from paths.graphs import edge
from paths.path_facts import people, person

from hostcheck.model import Hole, Why, incomplete
from hostcheck.view import View
from hostcheck_builtin.paths import who
from hostcheck_builtin.paths.graph import EVERYONE, OTHERS, Strength

DENIED = Hole(why=Why.DENIED, message="no")
CONNECT = edge(OTHERS, "socket:s", "connect to s")


def found(told: object) -> list[tuple[str, Strength, str]]:
    shown = told if isinstance(told, Hole) else View(told)  # type: ignore[arg-type]
    return [(one.origin, one.strength, one.because) for one in who.edges(shown, "/a", CONNECT)]


def test_each_user_and_way_is_an_edge_and_what_every_user_can_is_one() -> None:
    told = {"everyone": True, "users": {"bob": person("group x", "any user", "any user on /run")}}
    assert found(told) == [(EVERYONE, Strength.CERTAIN, "every local user can connect to s"), ("user:bob", Strength.CERTAIN, "bob can connect to s (group x)")]


def test_what_is_not_known_may_be_there() -> None:
    unknown = [(OTHERS, Strength.POTENTIAL, "not known: connect to s (denied: no)")]
    assert found(DENIED) == unknown
    assert found({"everyone": DENIED, "users": {}}) == found({"everyone": False, "users": DENIED}) == unknown
    assert found({"everyone": False, "users": incomplete({}, DENIED)}) == unknown and found({"everyone": True, "users": incomplete({}, DENIED)})[1:] == []
    assert found({"everyone": False, "users": {"bob": DENIED}}) == [("user:bob", Strength.POTENTIAL, unknown[0][2])]


def test_to_leave_a_group_closes_all_that_the_group_opens() -> None:
    keys = [one.changes[0].key for told in (people(bob="group x"), people(bob="owner")) for one in who.edges(View(told), "/a", CONNECT)]
    assert keys == ["member bob x", "way bob owner socket:s"]


def test_a_place_is_a_pointer() -> None:
    assert who.at("sockets", "/run/a~b") == "/sockets/~1run~1a~0b"
