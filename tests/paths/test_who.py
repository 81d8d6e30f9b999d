"""From facts about access to edges: one for each user and way, and what is not known is an edge that may be there."""

import pytest
from paths.graphs import edge
from paths.path_facts import host, people, person

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


def test_of_several_places_that_somebody_owns_the_topmost_is_told() -> None:
    places = {"owner": "/srv/a/b/c", "owner of /srv/a": "/srv/a", "owner of /srv/a/b": "/srv/a/b"}
    ways = {words: {"kind": "owner", "place": place} for words, place in places.items()} | {"group x on /srv": {"kind": "member", "group": "x"}}
    told = {"everyone": False, "users": {"bob": {**person("owner"), "ways": ways}}}
    assert [because for _, _, because in found(told)] == ["bob can connect to s (owner of /srv/a)", "bob can connect to s (group x on /srv)"]


def test_what_is_not_known_may_be_there() -> None:
    unknown = [(OTHERS, Strength.POTENTIAL, "not known: connect to s (no: access denied)")]
    assert found(DENIED) == unknown
    assert found({"everyone": DENIED, "users": {}}) == found({"everyone": False, "users": DENIED}) == unknown
    assert found({"everyone": False, "users": incomplete({}, DENIED)}) == unknown and found({"everyone": True, "users": incomplete({}, DENIED)})[1:] == []
    assert found({"everyone": False, "users": {"bob": DENIED}}) == [("user:bob", Strength.POTENTIAL, unknown[0][2])]


def test_to_leave_a_group_closes_all_that_the_group_opens() -> None:
    keys = [one.changes[0].key for told in (people(bob="group x"), people(bob="owner")) for one in who.edges(View(told), "/a", CONNECT)]
    assert keys == ["member bob x", "way bob owner socket:s"]


def test_a_process_that_its_user_may_not_get_at_is_likely() -> None:
    sure = {
        words: who.edges(View(people(bob=words)), "/a", CONNECT)
        for words in ("process 9 has group x", "process 9 has group x, where its user may not get at it")
    }
    assert [(edge.strength, edge.pid) for edges in sure.values() for edge in edges] == [(Strength.CERTAIN, 9), (Strength.LIKELY, 9)]


def test_a_place_is_a_pointer() -> None:
    assert who.at("sockets", "/run/a~b") == "/sockets/~1run~1a~0b"


def test_whose_a_place_is_by_its_path() -> None:
    users = {name: {"name": name, "uid": uid, "home": home} for name, uid, home in (("root", 0, "/root"), ("ann", 1000, "/srv/ann/"), ("odd", 1001, "/"))}
    whose = who.owners(View({"principals": {"users": users}}))
    places = {"/run/user/1000/docker.sock": "ann", "/run/user/7": "uid 7", "/srv/ann/.docker/x": "ann", "containers of uid 1000": "ann"}
    assert {place: whose(place) for place in places} == places
    assert {whose(place) for place in ("/srv/annex/x", "/run/docker.sock", "/root/x", "uid 0", "/run/user/x")} == {""}
    assert who.owners(View({"principals": DENIED}))("/srv/ann/x") == ""


def test_what_is_not_known_of_a_users_place_leads_to_that_user_alone() -> None:
    members = View({"/run/user/1000/docker.sock": DENIED, "/run/x.sock": DENIED})
    told = list(who.inside(members, "/a", CONNECT, lambda *_: iter(()), lambda key: "ann" if "1000" in key else ""))
    assert [(one.origin, one.to, one.strength) for one in told] == [(OTHERS, "user:ann", Strength.POTENTIAL), (OTHERS, "socket:s", Strength.POTENTIAL)]


@pytest.mark.parametrize(
    ("key", "owner"), [("/tmp/x uid 1001", ""), ("uid 1001", "bob"), ("1234 of uid 1001", "bob"), ("/run/user/1001/x", "bob"), ("/home/bob/x", "bob")]
)
def test_the_name_of_a_file_does_not_say_whose_it_is(key: str, owner: str) -> None:
    assert who.owners(View(host()))(key) == owner


def test_what_some_users_hide_is_open_for_them_and_for_whom_they_let_in() -> None:
    facts = View(host())
    hidden = Hole(why=Why.LIMIT, message="much", owners=(1001, 7, 8))
    found = [who.unseen(CONNECT, hidden, "/a"), who.unseen(CONNECT, DENIED, "/a"), edge("user:ann", "socket:s")]
    told = list(who.behind(facts, found))
    assert [one.origin for one in told] == ["let-in:a user without an account", "let-in:bob", "user:bob", OTHERS, "user:ann"]
    assert {one.strength for one in told[:4]} == {Strength.POTENTIAL} and told[0].hole == hidden
    own = list(who.behind(facts, [who.unseen(edge(OTHERS, "user:bob"), Hole(why=Why.LIMIT, message="", owners=(1001,)), "/a")]))
    assert [one.origin for one in own] == ["let-in:bob"], "that bob may become bob is nothing"
