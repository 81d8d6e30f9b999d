"""Containers of users' engines, on hosts in memory: each tells of its user alone, and what a user hides or piles up costs no other."""

import json
from typing import Any

import pytest
from containers.container_host import SECRET, bind, ident, inspected
from containers.user_container_host import BOB, BOBS, BOTH, anns, at_many, facts, theirs
from engines.engine_host import ANN, ANNS, ROOTS, host, owned, process, said

from hostcheck.host.answers import Answer, Peer
from hostcheck.model import Hole, OpenObject, Why
from hostcheck.testing.probes import denials
from hostcheck_builtin.containers import inspection, probe_user_containers
from hostcheck_builtin.system import bounds

INSPECT = inspection.INSPECT["docker"].format(ident(1))


def hole(told: Any) -> Hole:
    assert isinstance(told, OpenObject), told
    return told.hole


def test_nobody_runs_an_engine() -> None:
    assert facts() == {} and not isinstance(facts(), OpenObject)


def test_two_users_each_with_the_containers_of_their_own() -> None:
    told = facts(**BOTH, answers={ANNS: theirs(1000, inspected(1)), BOBS: theirs(1001, inspected(1, "db", engine="podman"), engine="podman")})
    assert {uid: list(one["containers"]) for uid, one in told.items()} == {"1000": ["docker:web"], "1001": ["podman:db"]}
    assert (told["1000"]["home"], told["1001"]["home"]) == ("/home/ann", "/home/bob")
    assert told["1000"]["containers"]["docker:web"]["socket"] == ANNS
    assert not any(isinstance(one["containers"], OpenObject) for one in told.values()) and not isinstance(told, OpenObject)


def test_what_may_hold_a_password_is_not_stated() -> None:
    assert SECRET not in repr(anns(inspected()))


def test_where_a_mount_leads_is_looked_for_on_the_host() -> None:
    told = facts(
        **{**ANN, "stats": {**ANN["stats"], "/home/ann/.ssh": owned("dir", 1000), "/home/ann/link": owned("link", 1000)}},
        links={"/home/ann/link": "/home/ann/.ssh"},
        answers={ANNS: theirs(1000, inspected(Mounts=[bind("/home/ann/.ssh", "/a"), bind("/home/ann/link", "/b")]))},
    )["1000"]["containers"]["docker:web"]["mounts"]
    assert told["/a"]["real"] == told["/b"]["real"] == "/home/ann/.ssh"


def test_roots_engines_are_not_asked() -> None:
    assert facts(**ROOTS, answers={}) == {}
    root = {
        "peers": {"/run/user/0/docker.sock": Peer(pid=7, uid=0, gid=0)},
        "stats": {"/run/user/0": owned("dir", 0), "/run/user/0/docker.sock": owned("socket", 0)},
    }
    assert facts(**root, processes=(process(7),), answers={}) == {}
    served = {**ANN, "peers": {ANNS: Peer(pid=7, uid=0, gid=0)}, "processes": (process(7),)}
    assert facts(**served, answers={}) == {}


def test_whoever_listens_has_the_containers() -> None:
    """Not who owns the file: the kernel tells who called listen(2)."""
    served = {**ANN, "peers": {ANNS: Peer(pid=800, uid=1001, gid=1001)}, "processes": BOB["processes"]}
    assert list(facts(**served, answers={ANNS: theirs(1001, inspected())})) == ["1001"]
    assert list(facts(**served, answers={ANNS: {inspection.LIST: TimeoutError("late")}})) == ["1001"]


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (said("{}", 1000, status=401), "denied"),
        (said("{}", 1000), "nonsense"),
        (said("[" * 200_000, 1000), "nonsense"),
        (said("[]", 1000, server=""), "nonsense"),
        (said("[]", 1001), "nonsense"),
        (said("[]", 0), "nonsense"),
        (TimeoutError("no answer in time"), "timeout"),
    ],
)
def test_an_engine_that_lists_nothing_costs_no_other_user(answer: Answer | Exception, why: str) -> None:
    told = facts(**BOTH, answers={ANNS: {inspection.LIST: answer}, BOBS: theirs(1001, inspected(engine="podman"), engine="podman")})
    assert isinstance(told["1000"], Hole) and told["1000"].why == why
    assert list(told["1001"]["containers"]) == ["podman:web"] and not isinstance(told["1001"]["containers"], OpenObject)
    assert not isinstance(told, OpenObject)


@pytest.mark.parametrize("answer", [said("[]", 1000), said(json.dumps(inspected(2)), 1000), said(json.dumps(inspected(1)), 0), TimeoutError("late")])
def test_a_container_that_lies_is_a_hole(answer: Answer | Exception) -> None:
    told = anns(inspected(1), inspected(2, "db"), **{INSPECT: answer})["containers"]
    assert isinstance(told["docker:web"], Hole) and told["docker:db"]["privileged"] is False


@pytest.mark.parametrize("name", ["-rf", "a b", "x\ny", "é", "x" * 300])
def test_a_name_that_no_engine_gives_is_not_repeated(name: str) -> None:
    told = anns(inspected(1, name))["containers"]
    assert list(told) == ["docker:010101010101"] and isinstance(told["docker:010101010101"]["name"], Hole)


def test_the_name_of_an_image_may_be_too_long() -> None:
    assert isinstance(anns(inspected(Image="x" * 301))["containers"]["docker:web"]["image"], Hole)


def test_more_containers_than_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "CONTAINERS_OF_A_USER", 2)
    told = anns(*(inspected(number, f"c{number}") for number in range(1, 5)))["containers"]
    assert list(told) == ["docker:c1", "docker:c2"] and hole(told).why is Why.LIMIT


def test_the_containers_of_several_engines_of_one_user_are_counted_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "CONTAINERS_OF_A_USER", 3)
    other = "/run/user/1000/podman/podman.sock"
    both = {
        "peers": {**ANN["peers"], other: Peer(pid=700, uid=1000, gid=1000)},
        "stats": {**ANN["stats"], "/run/user/1000/podman": owned("dir", 1000), other: owned("socket", 1000)},
        "processes": ANN["processes"],
    }
    mine = theirs(1000, inspected(1, "a"), inspected(2, "b"))
    told = facts(**both, answers={ANNS: mine, other: theirs(1000, inspected(3, "c", "podman"), inspected(4, "d", "podman"), engine="podman")})["1000"]
    assert list(told["containers"]) == ["docker:a", "docker:b", "podman:c"] and hole(told["containers"]).why is Why.LIMIT
    monkeypatch.setattr(bounds, "CONTAINERS_OF_A_USER", 2)
    first = facts(**both, answers={ANNS: mine, other: theirs(1000, inspected(3, "c", "podman"), engine="podman")})["1000"]["containers"]
    assert list(first) == ["docker:a", "docker:b"] and "not asked" in hole(first).message, "the list of the other is not asked for"
    monkeypatch.setattr(bounds, "CONTAINERS_OF_A_USER", 3)
    same = facts(**both, answers={ANNS: mine, other: mine})["1000"]
    assert list(same["containers"]) == ["docker:a", "docker:b"] and not isinstance(same["containers"], OpenObject), "one engine at two sockets"


def test_200_usual_containers_of_one_user_are_all_told_of() -> None:
    mounts = [bind("/etc", "/x"), bind("/srv", "/y"), bind("/home/ann/data", "/z")]
    told = anns(*(inspected(number, f"c{number}", Mounts=mounts) for number in range(200)))
    assert len(told["containers"]) == 200 and not isinstance(told["containers"], OpenObject)
    assert all(isinstance(one, dict) and set(one["mounts"]) == {"/x", "/y", "/z"} for one in told["containers"].values())


def test_an_answer_that_is_too_long() -> None:
    long = inspected(1)
    long["Args"] = ["x" * bounds.USERS_CONTAINER_ANSWER_BYTES]
    told = anns(long, inspected(2, "db"))["containers"]
    assert told["docker:web"].why is Why.LIMIT and told["docker:db"]["privileged"] is False
    listed = said(json.dumps([{"Id": ident(1), "Labels": "x" * bounds.USERS_CONTAINER_LIST_BYTES}]), 1000)
    assert anns(inspected(1), **{inspection.LIST: listed}).why is Why.LIMIT


def test_an_engine_whose_answers_are_all_too_long_is_soon_not_asked_any_more() -> None:
    """What it says of the first tells enough, and takes the time of everybody."""
    long = bounds.USERS_CONTAINER_ANSWER_BYTES
    many = [{**inspected(number, f"c{number}"), "Args": ["x" * long]} for number in range(1, 40)]
    told = facts(**BOTH, answers={ANNS: theirs(1000, *many), BOBS: theirs(1001, inspected(engine="podman"), engine="podman")})
    asked = told["1000"]["containers"]
    assert len(asked) == bounds.ANSWERS_AT_ONCE and {one.why for one in asked.values()} == {Why.LIMIT}
    assert f"{39 - bounds.ANSWERS_AT_ONCE} containers that are not asked for" in hole(asked).message
    assert isinstance(told["1001"]["containers"]["podman:web"], dict)
    few = [*many[: bounds.USERS_CONTAINERS_TOO_LARGE], *(inspected(number, f"c{number}") for number in range(10, 40))]
    assert sum(isinstance(one, dict) for one in anns(*few)["containers"].values()) == 30


def test_whether_an_engine_listens_may_not_be_known() -> None:
    told = facts(**{**BOTH, "peers": {ANNS: TimeoutError("late"), BOBS: BOB["peers"][BOBS]}}, answers={BOBS: theirs(1001, engine="podman")})
    assert isinstance(told["1000"], Hole) and told["1001"]["containers"] == {} and not isinstance(told, OpenObject)


def test_more_mounts_than_are_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "PLACES_OF_A_USERS_CONTAINERS", 3)
    told = anns(*(inspected(number, f"c{number}", Mounts=[bind("/etc", "/x"), bind("/srv", "/y")]) for number in (1, 2)))["containers"]
    assert set(told["docker:c1"]["mounts"]) == {"/x", "/y"} and isinstance(told["docker:c2"]["mounts"], Hole)


def test_one_user_with_many_sockets_leaves_one_hole() -> None:
    made = at_many(1001, 60)
    silent = {path: {inspection.LIST: TimeoutError("silence")} for path in made["peers"]}
    told = facts(
        unix=made["unix"],
        peers={**ANN["peers"], **made["peers"]},
        stats={**ANN["stats"], **made["stats"]},
        processes=ANN["processes"],
        answers={**silent, ANNS: theirs(1000, inspected())},
    )
    assert list(told["1000"]["containers"]) == ["docker:web"] and not isinstance(told["1000"]["containers"], OpenObject)
    assert isinstance(told["1001"], Hole)


def test_who_is_slow_uses_up_only_the_time_of_that_user(monkeypatch: pytest.MonkeyPatch) -> None:
    now, answer = [0.0], inspection.api_client.answer

    def slow(told: Any, socket: str, *args: Any, **kwargs: Any) -> Any:
        now[0] += 0.3 if socket == ANNS else 0.001
        return answer(told, socket, *args, **kwargs)

    monkeypatch.setattr(inspection.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(inspection.api_client, "answer", slow)
    bobs = theirs(1001, inspected(9, engine="podman"), engine="podman")
    told = facts(**BOTH, answers={ANNS: theirs(1000, *(inspected(number, f"c{number}") for number in range(1, 16))), BOBS: bobs})
    known = sum(isinstance(one, dict) for one in told["1000"]["containers"].values())
    assert 4 < known < 15, "more than in the first second, by the time that nobody else needed"
    assert {one.why for one in told["1000"]["containers"].values() if isinstance(one, Hole)} == {Why.TIMEOUT}
    assert isinstance(told["1001"]["containers"]["podman:web"], dict)
    monkeypatch.setattr(probe_user_containers, "ALL", 0.5)
    told = facts(**BOTH, answers={ANNS: theirs(1000, *(inspected(number, f"c{number}") for number in range(1, 9))), BOBS: bobs})
    assert told["1001"]["containers"]["podman:web"].why is Why.TIMEOUT, "all users together have a bound too"


def test_of_users_of_a_range_of_ids_who_are_not_asked_the_first_stands_for_all() -> None:
    paths = [f"/run/user/{2000 + number}/docker.sock" for number in range(60)]
    told = facts(
        peers={**ANN["peers"], **{path: Peer(pid=8, uid=2000 + number, gid=1) for number, path in enumerate(paths)}},
        stats={
            **ANN["stats"],
            **{f"/run/user/{2000 + number}": owned("dir", 2000 + number) for number in range(60)},
            **{path: owned("socket", 2000 + number) for number, path in enumerate(paths)},
        },
        processes=ANN["processes"],
        answers={**{path: {inspection.LIST: TimeoutError("silence")} for path in paths}, ANNS: theirs(1000, inspected())},
    )
    others = {uid: one for uid, one in told.items() if uid != "1000"}
    assert len(others) == bounds.ENGINE_SOCKETS_AT_ONCE + 1 and all(isinstance(one, Hole) for one in others.values()) and not isinstance(told, OpenObject)
    assert list(told["1000"]["containers"]) == ["docker:web"] and not isinstance(told["1000"]["containers"], OpenObject)


def test_a_user_who_is_not_in_passwd_has_no_home_that_is_known() -> None:
    told = facts(**ANN, files={"/etc/passwd": "root:x:0:0::/root:/bin/sh\n"}, answers={ANNS: theirs(1000, inspected())})
    assert isinstance(told["1000"]["home"], Hole) and list(told["1000"]["containers"]) == ["docker:web"]


def test_an_engine_that_nobody_serves_is_not_asked() -> None:
    assert facts(stats=ANN["stats"]) == {}


CASES = {
    "docker": {**ANN, "answers": {ANNS: theirs(1000, inspected(1, Mounts=[bind("/etc")]), inspected(2, "db", Privileged=True))}},
    "podman": {**BOB, "answers": {BOBS: theirs(1001, inspected(engine="podman"), engine="podman")}},
}


@pytest.mark.laws
@pytest.mark.parametrize("name", sorted(CASES))
def test_denying_any_answer_only_makes_holes(name: str) -> None:
    assert list(denials(probe_user_containers.collect, host(**CASES[name]))) == []
