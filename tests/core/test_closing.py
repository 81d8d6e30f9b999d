"""A change of the cut names the rules whose fix it is, and that fail in the same report on what the change takes away."""

from typing import Any

import pytest

from hostcheck.benchmark import Benchmark
from hostcheck.closing import MOST, with_rules
from hostcheck.model import Hole, Json, OpenArray, Why, incomplete

HOLE = Hole(why=Why.DENIED, message="no")
SOCKET = "/access/sockets/~1run~1docker.sock"
RULES: dict[str, Any] = {
    "T-1": {"each": "/access/sockets", "closes": ["member", "socket"]},
    "T-2": {"each": "/access/sockets", "closes": ["socket"]},
    "T-3": {"each": "/access/sockets"},
    "T-4": {"each": "/access/groups", "closes": ["member"]},
    "T-5": {"closes": ["member"]},
}


def named(change: dict[str, Any], *failed: tuple[str, str], result: str = "fail") -> list[str]:
    benchmark = Benchmark(path="t", sha256="", id="t", title="", version="", profiles={}, sections={}, sources={}, values={}, rules=RULES)
    findings = [{"benchmark": "t", "rule": rule, "subject": subject, "result": result} for rule, subject in failed]
    (told,) = with_rules([{"change": "x", "rules": [], **change}], [benchmark], findings)
    found: list[str] = told["rules"]
    return found


@pytest.mark.parametrize(
    ("change", "failed", "found"),
    [
        ({"kind": "member", "rests_on": [f"{SOCKET}/users/bob"]}, [("T-1", "/run/docker.sock")], ["T-1"]),
        ({"kind": "member", "rests_on": [SOCKET]}, [("T-1", "/run/docker.sock")], ["T-1"]),
        ({"kind": "socket", "rests_on": [SOCKET]}, [("T-1", "/run/docker.sock"), ("T-2", "/run/docker.sock")], ["T-1", "T-2"]),
        ({"kind": "member", "rests_on": [f"{SOCKET}/users/bob"]}, [("T-2", "/run/docker.sock")], []),
        ({"kind": "member", "rests_on": [f"{SOCKET}/users/bob"]}, [("T-3", "/run/docker.sock")], []),
        ({"kind": "member", "rests_on": [f"{SOCKET}/users/bob"]}, [("T-1", "/run/docker.sock2"), ("T-1", "/run"), ("T-1", "*")], []),
        ({"kind": "member", "rests_on": [f"{SOCKET}2/users/bob"]}, [("T-1", "/run/docker.sock")], []),
        ({"kind": "member", "rests_on": ["/x", "/access/groups/docker/members/bob"]}, [("T-4", "docker")], ["T-4"]),
        ({"kind": "member"}, [("T-1", "/run/docker.sock")], []),
        ({"kind": "member", "rests_on": [SOCKET]}, [("T-5", "")], []),
        ({"rests_on": [SOCKET]}, [("T-1", "/run/docker.sock")], []),
        ({"rules": ["T-3", "T-4", "ACME-1"]}, [("T-3", "any")], ["T-3"]),
    ],
)
def test_the_rules_of_a_change(change: dict[str, Any], failed: list[tuple[str, str]], found: list[str]) -> None:
    assert named(change, *failed) == found


@pytest.mark.parametrize("result", ["pass", "error", "notapplicable", "unknown"])
def test_what_does_not_fail_is_not_named(result: str) -> None:
    assert named({"kind": "member", "rests_on": [SOCKET], "rules": ["T-1"]}, ("T-1", "/run/docker.sock"), result=result) == []


@pytest.mark.parametrize("changes", [HOLE, None, {}, "x"])
def test_what_is_no_list_stays(changes: Json) -> None:
    assert with_rules(changes, [], []) is changes


def test_what_is_not_known_of_the_list_stays() -> None:
    told = with_rules(incomplete([HOLE, {"rules": ["T-1"]}], HOLE), [], [])
    assert isinstance(told, OpenArray) and told.hole == HOLE and told == [HOLE, {"rules": [], "findings": []}]


def test_a_change_names_its_failures_in_order_and_a_bounded_number() -> None:
    rules = {"T-1": {"each": "/a", "closes": ["way"]}}
    benchmark = Benchmark(path="t", sha256="", id="t", title="", version="", profiles={}, sections={}, sources={}, values={}, rules=rules)
    findings = [{"benchmark": "t", "rule": "T-1", "subject": f"s{number:02}", "result": "fail"} for number in reversed(range(30))]
    (told,) = with_rules([{"kind": "way", "rests_on": [f"/a/s{number:02}/x" for number in range(30)]}], [benchmark], findings)
    assert told["findings"] == [{"rule": "T-1", "subject": f"s{number:02}"} for number in range(MOST)]
