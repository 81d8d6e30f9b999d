"""Who is approved for a range: twenty ranges that useradd gave are one entry, and whoever runs an engine relaxes what is said of them alone."""

from typing import Any

import pytest
from subids.coverage import DENIED, derive, facts

from hostcheck import registry
from hostcheck.benchmark import load, resolve
from hostcheck.evaluate import Facts, judge_rule
from hostcheck.model import Hole, incomplete

TWENTY = "".join(f"user{number}:{100000 + number * 65536}:65536\n" for number in range(20))
ANN = "ann:3000000:65536\n"
RUNS = {"ann": {"uid": 1000, "engines": ["docker"]}}
USUAL = "default ranges"
BENCHMARK = load(registry.load().benchmarks[0], shipped=True)


def judged(told: dict[str, Any], **values: list[str]) -> dict[str, str]:
    """Return the results of HC-SUB-14 by subject."""
    document = {"subid-coverage": told, "host-role": {"role": "server"}}
    return {one["subject"]: one["result"] for one in judge_rule(resolve(BENCHMARK, "HC-SUB-14", values), Facts(document=document))}


def test_twenty_default_ranges_are_one_entry() -> None:
    told = derive(facts(TWENTY, TWENTY))
    assert set(told["owners"]) == {USUAL} and len(told["owners"][USUAL]["members"]) == 20
    assert judged(told) == {USUAL: "fail"}
    names = [f"user{number}" for number in range(20)]
    assert judged(told, rootless_users=names) == judged(told, approved_subid_owners=names) == {USUAL: "pass"}
    assert judged(told, approved_subid_owners=names[:-1]) == {USUAL: "fail"}


@pytest.mark.parametrize("uids", ["ann:3000000:65537\n", "ann:3000000:65536\nann:4000000:1\n", "ann:3000000:0x10000\n", "1000:3000000:65536\n"])
def test_other_ranges_have_an_entry_for_each_owner(uids: str) -> None:
    told = derive(facts(TWENTY + uids, TWENTY + ANN))
    name = uids.partition(":")[0]
    assert name in told["owners"] and name not in told["owners"][USUAL]["members"]
    assert judged(told)[name] == "fail"


def test_a_user_with_an_engine_relaxes_what_is_said_of_that_user_alone() -> None:
    told = derive(facts(ANN, ANN, rootless=RUNS))
    assert told["owners"][USUAL]["members"]["ann"]["runs_engine"] is True and judged(told) == {USUAL: "pass"}
    assert judged(derive(facts(ANN + TWENTY, ANN + TWENTY, rootless=RUNS))) == {USUAL: "fail"}
    alone = derive(facts("ann:3000000:70000\nbob:4000000:70000\n", ANN, rootless=RUNS))
    assert judged(alone) == {"ann": "pass", "bob": "fail"}


def test_an_engine_that_is_not_known_of_costs_its_user_alone() -> None:
    told = derive(facts(ANN + "bob:4000000:70000\n", ANN, rootless={"ann": DENIED}))
    assert isinstance(told["owners"][USUAL]["members"]["ann"]["runs_engine"], Hole)
    assert judged(told) == {USUAL: "error", "bob": "fail"}
    assert judged(derive(facts(ANN + TWENTY, ANN + TWENTY, rootless={"ann": DENIED}))) == {USUAL: "fail"}


@pytest.mark.parametrize("rootless", [DENIED, incomplete({}, DENIED)])
def test_where_there_may_be_engines_nobody_is_known_to_have_none(rootless: Any) -> None:
    assert judged(derive(facts(ANN, ANN, rootless=rootless))) == {USUAL: "error"}


def test_where_there_may_be_more_ranges_it_is_not_known_who_has_the_usual_ones() -> None:
    assert judged(derive(facts(ANN, ANN, files=False))) == {"*": "error"}


def test_a_crowd_stands_together() -> None:
    crowd = "".join(f"user{number}:{number * 10}:10\n" for number in range(1, 1200))
    told = derive(facts(crowd, crowd))
    assert judged(told) == {"all with 10 subuids and 10 subgids, and no account": "fail"}
