"""The result table of the design, row by row, and the words that a finding is told in."""

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from toy import RULE, SCHEMAS, WHOLE_RULE, registry, rule, write_benchmark

from hostcheck.benchmark import load, resolve
from hostcheck.derive import begin, derive
from hostcheck.evaluate import Facts, judge_rule, outcomes
from hostcheck.model import Hole, Why, incomplete
from hostcheck.outcome import told
from hostcheck.pace import Pace, Stopped
from hostcheck.report import count, exit_code, verdict_of

DENIED = Hole(why=Why.DENIED, message="no", at="doors/x")
CRASHED = Hole(why=Why.CRASHED, message="no", at="doors/x")
NONSENSE = Hole(why=Why.NONSENSE, message="no", at="doors/x")
UNSUPPORTED = Hole(why=Why.UNSUPPORTED, message="no", at="doors/x")
HOME = {"kind": "home"}


def door(**changes: Any) -> dict[str, Any]:
    return {"owner": "ann", "locked": True, "keys": [], **changes}


def judged(tmp_path: Path, written: dict[str, Any], document: dict[str, Any], **facts: Any) -> list[dict[str, Any]]:
    benchmark = load(write_benchmark(tmp_path, [written]), shipped=True)
    return judge_rule(resolve(benchmark, written["id"], {}), Facts(document=document, schemas=SCHEMAS, **facts))


def results(findings: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(finding["subject"], finding["result"]) for finding in findings]


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"house": HOME, "doors": {"doors": {"front": door()}}}, [("front", "pass")]),
        ({"house": HOME, "doors": {"doors": {"back": door(locked=False), "front": door()}}}, [("back", "fail"), ("front", "pass")]),
        # row 2: nothing installed that could state it
        ({"house": HOME}, [("", "notchecked")]),
        # row 4: whether it applies cannot be known
        ({"house": {"kind": DENIED}, "doors": {"doors": {"front": door(locked=False)}}}, [("*", "error")]),
        ({"house": DENIED, "doors": {"doors": {"front": door(locked=False)}}}, [("*", "error")]),
        # row 5: does not apply, or nothing to judge in a complete collection
        ({"house": {"kind": "office"}, "doors": {"doors": {"front": door(locked=False)}}}, [("", "notapplicable")]),
        ({"house": HOME, "doors": {"doors": {}}}, [("", "notapplicable")]),
        # row 6: by the holes in the way
        ({"house": HOME, "doors": {"doors": {"front": door(locked=DENIED)}}}, [("front", "error")]),
        ({"house": HOME, "doors": {"doors": {"front": door(locked=CRASHED)}}}, [("front", "error")]),
        ({"house": HOME, "doors": {"doors": {"front": door(locked=NONSENSE)}}}, [("front", "unknown")]),
        ({"house": HOME, "doors": {"doors": {"front": door(locked=UNSUPPORTED)}}}, [("front", "notchecked")]),
        ({"house": HOME, "doors": {"doors": {"front": DENIED}}}, [("front", "error")]),
        ({"house": HOME, "doors": {"doors": DENIED}}, [("*", "error")]),
        ({"house": HOME, "doors": DENIED}, [("*", "error")]),
        # an incomplete collection judges what it has, and is never a pass as a whole
        ({"house": HOME, "doors": {"doors": incomplete({"front": door()}, DENIED)}}, [("front", "pass"), ("*", "error")]),
        ({"house": HOME, "doors": {"doors": incomplete({"front": door(locked=False)}, DENIED)}}, [("front", "fail"), ("*", "error")]),
        ({"house": HOME, "doors": {"doors": incomplete({}, DENIED)}}, [("*", "error")]),
    ],
)
def test_the_result_table(tmp_path: Path, document: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert results(judged(tmp_path, RULE, document)) == expected


@pytest.mark.parametrize("locked", [True, False])
def test_a_subject_that_perhaps_is_none_is_not_judged(tmp_path: Path, locked: bool) -> None:
    written = rule(values={"trusted": ["bob"]})
    found = judged(tmp_path, written, {"house": HOME, "doors": {"doors": {"front": door(owner=DENIED, locked=locked)}}})
    assert results(found) == [("front", "error")]


def test_what_was_judged_of_the_subjects_counts_where_time_ends(tmp_path: Path) -> None:
    """Those of users come last, whatever they are called."""
    owned = rule(owner="/uid", expect={"properties": {"locked": {"const": True}}, "required": ["locked"]}, where=None)
    doors = {"a": door(uid=1000), "b": door(uid=1000, locked=False), "c": door(uid=0, locked=False), "d": door()}
    resolved = resolve(load(write_benchmark(tmp_path, [owned]), shipped=True), owned["id"], {})
    facts = Facts(document={"house": HOME, "doors": {"doors": incomplete(doors, DENIED)}}, schemas=SCHEMAS)
    asked: list[Any] = []

    def judge(check: Any, found: Any) -> Any:
        asked.append(found)
        if found is doors["b"]:
            raise Stopped(Hole(why=Why.TIMEOUT, message="late"))
        return check.judge(found)

    found = [outcome.tell() for outcome in outcomes(resolved, facts, judge)]
    assert results(found) == [("a", "pass"), ("c", "fail"), ("d", "pass"), ("*", "error")]
    assert found[-1]["because"] == "the others were not judged: late"
    assert asked[-4:] == [doors["c"], doors["d"], doors["a"], doors["b"]]


def test_what_users_lay_is_judged_last_and_what_follows_from_much_after_what_follows_from_little(tmp_path: Path) -> None:
    found = registry(tmp_path)
    doors = found.probes["doors"]
    for name, users in (("theirs", True), ("ours", False)):
        found.probes[name] = replace(doors, id=name, users=users)
    house = found.analyses["house"]
    for name, reads in (("of-theirs", ("theirs",)), ("of-house", ("house",)), ("of-all", ("of-house", "of-theirs"))):
        found.analyses[name] = replace(house, id=name, reads=reads)
    stated = {name: {"facts": {"doors": {}, "alarm": True}, "holes": [], "version": 1} for name in found.probes}
    facts = begin({"probes": stated}, found.probes, found.analyses, {})
    assert facts.document == {}
    assert sorted(facts.turns, key=lambda name: (facts.turns[name], name)) == ["doors", "ours", "house", "of-house", "theirs", "of-theirs", "of-all"]
    facts.need({"of-house"})
    assert facts.document.keys() == {"doors", "house", "of-house"}


def test_an_analysis_that_was_stopped_is_a_hole_for_whoever_reads_it(tmp_path: Path) -> None:
    late = Hole(why=Why.TIMEOUT, message="late")
    found = registry(tmp_path)
    stated = {"doors": {"facts": {"doors": {}, "alarm": True}, "holes": [], "version": 1}}
    facts = begin({"probes": stated}, found.probes, found.analyses, {}, Pace(time.monotonic() + 60.0, without={"house": late}))
    facts.need(facts.turns)
    assert facts.document["house"] == late and facts.document["house"].at == "house" and facts.document["doors"]["alarm"] is True


def test_mixed_holes_are_an_error_before_unknown_before_notchecked(tmp_path: Path) -> None:
    both = rule(expect={"properties": {"locked": {"const": True}, "keys": {"maxItems": 0}}, "required": ["locked", "keys"]})
    for holes, expected in (((NONSENSE, DENIED), "error"), ((UNSUPPORTED, NONSENSE), "unknown"), ((UNSUPPORTED, UNSUPPORTED), "notchecked")):
        document = {"house": HOME, "doors": {"doors": {"front": door(locked=holes[0], keys=holes[1])}}}
        assert results(judged(tmp_path, both, document)) == [("front", expected)]


def test_facts_that_break_their_own_schema_are_unknown(tmp_path: Path) -> None:
    found = judged(tmp_path, WHOLE_RULE, {"doors": NONSENSE}, broken={"doors": "doors: its facts break its own schema at /alarm"})
    assert results(found) == [("*", "unknown")]
    assert "/alarm" in found[0]["because"]


def test_a_manual_rule_is_not_checked_and_leaves_nothing_open(tmp_path: Path) -> None:
    found = judged(tmp_path, rule(WHOLE_RULE, manual=True, expect=None, because="ask the owner"), {"doors": {"alarm": True}})
    assert results(found) == [("", "notchecked")]
    assert found[0]["because"] == "a person must judge this: ask the owner"
    assert verdict_of(map(told, [*found, {**found[0], "result": "pass"}]), "low") == "compliant"


def test_an_unscored_pass_is_informational_and_a_failure_stays_one(tmp_path: Path) -> None:
    unscored = rule(WHOLE_RULE, unscored={"properties": {"house": {"properties": {"kind": {"const": "office"}}, "required": ["kind"]}}, "required": ["house"]})
    for kind, alarm, expected in (("home", True, "pass"), ("office", True, "informational"), ("office", False, "fail"), (DENIED, True, "informational")):
        document = {"doors": {"alarm": alarm}, "house": {"kind": kind}}
        assert results(judged(tmp_path, unscored, document)) == [("", expected)]


@pytest.mark.parametrize(
    ("keys", "expected"),
    [(["a", "b", "c"], "critical"), ([], "medium"), (DENIED, "critical"), (incomplete([], DENIED), "critical")],
)
def test_severity_follows_the_facts_and_what_is_not_known_raises_it(tmp_path: Path, keys: Any, expected: str) -> None:
    found = judged(tmp_path, RULE, {"house": HOME, "doors": {"doors": {"front": door(keys=keys, locked=False)}}})
    assert [finding["severity"] for finding in found] == [expected]


def test_a_condition_that_cannot_be_known_never_lowers_a_severity(tmp_path: Path) -> None:
    lowering = rule(severity=[{"when": {"properties": {"owner": {"const": "ann"}}, "required": ["owner"]}, "is": "low"}, "high"])
    for owner, expected in (("ann", "low"), ("bob", "high"), (DENIED, "high")):
        found = judged(tmp_path, lowering, {"house": HOME, "doors": {"doors": {"front": door(owner=owner, locked=False)}}})
        assert found[0]["severity"] == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "front: ann left it open; keys: none"),
        ({"owner": "{/keys}"}, "front: {/keys} left it open; keys: none"),
        ({"keys": ["a", "b"]}, "front: ann left it open; keys: a, b"),
        ({"keys": list("abcdefghi")}, "front: ann left it open; keys: a, b, c, d, e, f, g, h and 1 more"),
        ({"keys": incomplete(["a"], DENIED)}, "front: ann left it open; keys: a, and there may be more"),
        ({"keys": DENIED}, "front: ann left it open; keys: (not known: access denied)"),
    ],
)
def test_because_names_the_facts_and_what_is_not_known(tmp_path: Path, changes: dict[str, Any], expected: str) -> None:
    found = judged(tmp_path, RULE, {"house": HOME, "doors": {"doors": {"front": door(locked=False, **changes)}}})
    assert found[0]["because"] == expected


def test_every_verdict_shows_its_facts_and_their_source(tmp_path: Path) -> None:
    found = judged(tmp_path, RULE, {"house": HOME, "doors": {"doors": {"front": door(locked=False)}}})
    assert {"probe": "doors", "pointer": "/doors/front/locked", "value": False, "source": "a look at door front"} in found[0]["evidence"]
    found = judged(tmp_path, RULE, {"house": {"kind": "office"}, "doors": {"doors": {}}})
    assert found[0]["because"] == "no door of a home (office) is of interest"
    assert found[0]["evidence"][0]["value"] == "office"
    found = judged(tmp_path, RULE, {"house": HOME, "doors": {"doors": {"front": door(locked=DENIED)}}})
    assert found[0]["holes"] == [{"at": "doors/x", "why": "denied", "message": "no"}]
    assert found[0]["because"] == "not known: no: access denied"


def evidence(**stated: Any) -> dict[str, Any]:
    return {"probes": {name: {"version": 1, "facts": facts, "holes": []} for name, facts in stated.items()}}


@pytest.mark.parametrize(
    ("facts", "place"),
    [
        ({"doors": {}, "alarm": "on"}, "/alarm"),
        ({"doors": {"front": {"owner": "ann", "locked": 1, "keys": []}}, "alarm": True}, "/doors/front/locked"),
        ({"doors": {"front": {"owner": "ann", "keys": []}}, "alarm": True}, "/doors/front"),
        ([], "/"),
        ({"doors": {}, "alarm": True, "more": 1}, "/"),
    ],
)
def test_facts_are_checked_by_the_schema_of_their_probe(tmp_path: Path, facts: Any, place: str) -> None:
    found = registry(tmp_path)
    derived = derive(evidence(doors=facts), found.probes, found.analyses, {})
    assert derived.broken["doors"].endswith(f"at {place}")
    assert isinstance(derived.document["house"], Hole)
    benchmark = load(found.benchmarks[0], shipped=True)
    assert results(judge_rule(resolve(benchmark, "T-2", {}), derived)) == [("*", "unknown")]
    assert results(judge_rule(resolve(benchmark, "T-1", {}), derived)) == [("*", "unknown")]


def test_facts_of_another_version_are_not_read(tmp_path: Path) -> None:
    found = registry(tmp_path)
    stated = evidence(doors={"doors": {}, "alarm": True})
    stated["probes"]["doors"]["version"] = 2
    derived = derive(stated, found.probes, found.analyses, {})
    finding = judge_rule(resolve(load(found.benchmarks[0], shipped=True), "T-2", {}), derived)[0]
    assert finding["result"] == "notchecked" and "version 2" in finding["because"]
    assert verdict_of(map(told, [finding, {**finding, "result": "pass"}]), "low") == "inconclusive"


def test_an_analysis_that_raises_costs_its_own_facts_only(tmp_path: Path) -> None:
    found = registry(tmp_path)
    found.analyses["house"] = type(found.analyses["house"])(
        id="house", title="", reads=("doors",), facts_schema=found.analyses["house"].facts_schema, derive=lambda facts, values: 1 / 0
    )
    derived = derive(evidence(doors={"doors": {}, "alarm": True}), found.probes, found.analyses, {})
    crashed = derived.document["house"]
    assert (
        isinstance(crashed, Hole) and crashed.why is Why.CRASHED and crashed.message.startswith("ZeroDivisionError in <lambda>(), core/test_evaluate.py, line ")
    )
    assert derived.document["doors"] == {"doors": {}, "alarm": True}


def test_an_analysis_reads_its_cause_into_its_hole(tmp_path: Path) -> None:
    found = registry(tmp_path)
    stated = evidence(doors={"doors": {}})
    stated["probes"]["doors"]["holes"] = [{"pointer": "/alarm", "kind": "value", "why": "denied", "message": "no"}]
    derived = derive(stated, found.probes, found.analyses, {})
    assert derived.document["house"] == Hole(why=Why.DENIED, message="no")
    assert derived.document["house"].at == "doors/alarm"


FINDING = {"rule": "T-1", "subject": "", "severity": "medium", "manual": False, "waiver": None, "holes": []}


@pytest.mark.parametrize(
    ("outcomes", "fail_on", "verdict", "code"),
    [
        (["pass"], "low", "compliant", 0),
        (["pass", "fail"], "low", "noncompliant", 1),
        (["fail", "error"], "low", "noncompliant", 1),
        (["pass", "fail"], "high", "compliant", 0),
        (["pass", "fail", "error"], "high", "inconclusive", 3),
        (["pass", "unknown"], "low", "inconclusive", 3),
        (["pass", "notchecked"], "low", "inconclusive", 3),
        (["pass", "notapplicable", "informational", "notselected"], "low", "compliant", 0),
        (["notapplicable", "notselected"], "low", "inconclusive", 4),
        ([], "low", "inconclusive", 4),
    ],
)
def test_the_verdict_and_the_exit_code_follow_from_the_findings(outcomes: list[str], fail_on: str, verdict: str, code: int) -> None:
    findings = [{**FINDING, "result": outcome} for outcome in outcomes]
    report = {"verdict": str(verdict_of(map(told, findings), fail_on)), "counts": count(map(told, findings)), "findings": findings}
    report |= {"host": {"kind": "local"}, "refused": []}
    assert (report["verdict"], exit_code(report)) == (verdict, code)


@pytest.mark.parametrize(
    ("status", "outcome", "verdict", "code"),
    [
        ("ignored", "pass", "compliant", 0),
        ("broken", "pass", "inconclusive", 3),
        ("broken", "fail", "noncompliant", 1),
        ("mismatched", "pass", "inconclusive", 5),
        ("refused", "fail", "noncompliant", 5),
    ],
)
def test_a_plugin_that_is_not_used_counts_as_its_status_says(status: str, outcome: str, verdict: str, code: int) -> None:
    findings, refused = [{**FINDING, "result": outcome}], [{"distribution": "acme", "status": status, "reason": ""}]
    stated = str(verdict_of(map(told, findings), "low", refused=refused))
    report = {"verdict": stated, "counts": count(map(told, findings)), "findings": findings, "host": {"kind": "local"}, "refused": refused}
    assert (stated, exit_code(report)) == (verdict, code)


def test_what_this_kind_of_host_cannot_answer_leaves_nothing_open() -> None:
    unsupported = {**FINDING, "result": "notchecked", "holes": [{"at": "", "why": "unsupported", "message": ""}]}
    assert verdict_of(map(told, [{**FINDING, "result": "pass"}, unsupported]), "low", "tree") == "compliant"
    assert verdict_of(map(told, [unsupported]), "low", "tree") == "inconclusive"
    # a live host could have answered: what was not asked there is open
    assert verdict_of(map(told, [{**FINDING, "result": "pass"}, unsupported]), "low", "local") == "inconclusive"
