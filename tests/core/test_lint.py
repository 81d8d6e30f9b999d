"""What keeps a rule from being loaded; each message names rule, file and remedy."""

import json
from pathlib import Path
from typing import Any

import pytest
from toy import HEAD, RULE, SCHEMAS, WHOLE_RULE, rule, write_benchmark

from hostcheck.benchmark import load, parse_values, resolve, selection
from hostcheck.cli import main
from hostcheck.lint import problems
from hostcheck.model import HostcheckError

SHIPPED = Path(__file__).parents[2] / "plugins/hostcheck_builtin/benchmark/container-host.json"
OPEN_DOOR = {"house": {"kind": "home"}, "doors": {"doors": {"front": {"owner": "ann", "locked": False}}}}


def found(tmp_path: Path, *rules: dict[str, Any], head: dict[str, Any] | None = None) -> list[str]:
    return list(problems(load(write_benchmark(tmp_path, list(rules), head)), SCHEMAS))


def test_the_toy_benchmark_is_clean(tmp_path: Path) -> None:
    assert found(tmp_path, RULE, WHOLE_RULE) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"expect": {"properties": {"lokced": {"const": True}}, "required": ["lokced"]}}, "names /lokced, a fact that no probe states; did you mean 'locked'"),
        ({"expect": {"required": ["open"]}}, "names /open, a fact that no probe states"),
        ({"where": {"anyOf": [{"properties": {"sort": True}}]}}, "`where` names /sort"),
        ({"expect": {"properties": {"locked": {"const": True}}}}, "accepts {}"),
        ({"expect": {"properties": {"locked": {"minimun": 1}}, "required": ["locked"]}}, "did you mean 'minimum'"),
        ({"expect": {"properties": {"owner": {"pattern": "^a"}}, "required": ["owner"]}}, "unknown keyword 'pattern'"),
        ({"expect": {"properties": {"owner": {"enum": {"$value": "nobody"}}}, "required": ["owner"]}}, "no value is called 'nobody'"),
        ({"expect": None}, "has no `expect`"),
        ({"expect": None, "manual": True, "because": "ask {/owner}"}, "`because` names {/owner}, and nobody looks at facts"),
        ({"each": "/doors/windows"}, "leads to no facts"),
        ({"each": "/doors/alarm"}, "leads to no facts"),
        ({"each": "/dors/doors"}, "no probe or analysis is called 'dors'; did you mean 'doors'"),
        ({"because": "{/ownr} did it"}, "`because` names {/ownr}"),
        ({"notapplicable": "{/house/sort}"}, "`notapplicable` names {/house/sort}"),
        ({"applies": {"required": ["home"]}}, "no probe or analysis is called 'home'"),
        ({"applies": {"properties": {"house": {"properties": {"sort": True}}}, "required": ["house"]}}, "`applies` names /house/sort"),
        ({"examples": {"fail": OPEN_DOOR}}, "no example that must pass"),
        ({"examples": {"pass": RULE["examples"]["pass"]}}, "no example that must fail"),
        ({"examples": {**RULE["examples"], "pass": OPEN_DOOR}}, "pass example 1: gives fail"),
        ({"examples": {**RULE["examples"], "fail": {"doors": {"doors": {}}}}}, "lacks the facts of 'house'"),
        (
            {"examples": {**RULE["examples"], "fail": {"house": {"kind": "home"}, "doors": {"doors": {"a": {"owner": 1, "locked": False}}}}}},
            "break its facts schema",
        ),
        ({"values": {"trusted": []}}, "value 'trusted' is the benchmark's already"),
        ({"severity": ["high", "low"]}, "`severity` must be a list of"),
        ({"expect": {"$ref": "#/$defs/x", "$defs": {"x": {"properties": {"opn": {"const": True}}, "required": ["opn"]}}}}, "names /opn, a fact"),
        ({"applies": {"not": {"$ref": "#/$defs/x"}, "$defs": {"x": {"required": ["hose"]}}}}, "is called 'hose'"),
        ({"applies": {"required": ["house"], "minProperties": 1}}, "`applies` has 'minProperties' over the whole document"),
    ],
)
def test_a_rule_that_cannot_be_judged_by_does_not_load(tmp_path: Path, changes: dict[str, Any], words: str) -> None:
    told = [problem for problem in found(tmp_path, rule(**changes), WHOLE_RULE) if words in problem]
    assert told, found(tmp_path, rule(**changes), WHOLE_RULE)
    assert "rule T-1" in told[0] and "T.json" in told[0]


@pytest.mark.parametrize("key", ["because", "seen", "severity"])
@pytest.mark.parametrize("cases", [["open", {"when": True, "is": "high"}], ["low", "high"], [{"when": True, "is": "high"}, {"when": True, "is": "low"}]])
def test_cases_in_a_wrong_order_are_refused_with_the_rule_named(key: str, cases: list[Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = json.loads(SHIPPED.read_text())
    document["rules"]["HC-ACC-17"][key] = ["high", *cases[1:]] if key == "severity" and cases[0] == "open" else cases
    (tmp_path / "bad.json").write_text(json.dumps(document))
    assert main(["lint", str(tmp_path / "bad.json")]) == 2
    told = capsys.readouterr()
    assert "rule HC-ACC-17" in told.out + told.err and f"`{key}` must be a list of" in told.out + told.err


def test_what_a_rule_refers_to_is_what_it_reads(tmp_path: Path) -> None:
    home = {"properties": {"house": {"properties": {"kind": {"const": "home"}}, "required": ["kind"]}}, "required": ["house"]}
    written = rule(WHOLE_RULE, applies={"not": {"$ref": "#/$defs/home"}, "$defs": {"home": home}}, notapplicable="a home", examples=None)
    benchmark = load(write_benchmark(tmp_path, [written]), shipped=True)
    assert resolve(benchmark, "T-2", {}).reads == {"doors", "house"}


def bomb(length: int, width: int = 2) -> dict[str, Any]:
    """Return a schema that stands for `width` to the power of `length` others."""
    definitions: dict[str, Any] = {f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * width} for n in range(length)}
    return {"$ref": "#/$defs/d0", "$defs": {**definitions, f"d{length}": {"required": ["locked"]}}}


def test_references_that_stand_for_too_much_are_refused(tmp_path: Path) -> None:
    for where in ({"expect": bomb(28)}, {"where": bomb(60, 40)}, {"applies": bomb(5000, 1)}, {"severity": [{"when": bomb(28), "is": "high"}, "low"]}):
        with pytest.raises(HostcheckError, match=r"benchmark.json: stands for more than 200000 values .*; use fewer rules"):
            found(tmp_path, rule(**where), WHOLE_RULE)
    told = found(tmp_path, rule(expect=bomb(13)), WHOLE_RULE)
    assert any("rule T-1: expect: its references expand to more than 10000 schemas" in problem for problem in told)


def test_a_circle_of_references_is_named_and_not_followed(tmp_path: Path) -> None:
    circle = {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}}
    assert any("refers to itself" in problem for problem in found(tmp_path, rule(expect=circle), WHOLE_RULE))


def test_very_many_profiles_are_refused(tmp_path: Path) -> None:
    chain = {f"p{number}": {"title": "p", "rules": [], "extends": f"p{number + 1}"} for number in range(100)}
    with pytest.raises(HostcheckError, match="has 101 profiles, and a benchmark has at most 100"):
        found(tmp_path, RULE, WHOLE_RULE, head={**HEAD, "profiles": {**chain, "p100": {"title": "p", "rules": []}}})


def test_a_rule_may_not_have_two_defaults_for_a_value(tmp_path: Path) -> None:
    limited = {"properties": {"locked": {"const": {"$value": "shut"}}}, "required": ["locked"]}
    twice = found(tmp_path, rule(expect=limited, values={"shut": True}), rule(WHOLE_RULE, values={"shut": False}))
    assert any("another default in T-1" in problem for problem in twice)


@pytest.mark.parametrize(
    ("head", "words"),
    [
        ({**HEAD, "profiles": {"level1": {"title": "x", "rules": ["T-9"]}}}, "selects T-9, which the benchmark does not have"),
        ({**HEAD, "profiles": {"level1": {"title": "x", "rules": [], "extends": "level0"}}}, "no profile is called 'level0'"),
        ({**HEAD, "profiles": {"a": {"title": "x", "rules": [], "extends": "b"}, "b": {"title": "x", "rules": [], "extends": "a"}}}, "extends itself"),
    ],
)
def test_profiles_name_what_is_there(tmp_path: Path, head: dict[str, Any], words: str) -> None:
    assert any(words in problem for problem in found(tmp_path, RULE, WHOLE_RULE, head=head))


@pytest.mark.parametrize(
    ("rules", "head", "words"),
    [
        ([RULE, RULE], HEAD, "rule T-1: is in"),
        ([{**RULE, "sevrity": "low"}], HEAD, "'sevrity' was unexpected"),
        ([rule(examples=None)], HEAD, "'examples' is a required property"),
        ([RULE], {**HEAD, "sections": ["../T.json"]}, "must be the name of a file beside it"),
        ([RULE], {**HEAD, "sections": ["U.json"]}, "no such file"),
        ([RULE], {**HEAD, "schema": "hostcheck.benchmark/3"}, "this hostcheck reads 'hostcheck.benchmark/2' and 'hostcheck.benchmark/1'"),
        ([RULE], {**HEAD, "profiles": {}}, "profiles"),
    ],
)
def test_documents_that_are_no_benchmark_are_refused(tmp_path: Path, rules: list[dict[str, Any]], head: dict[str, Any], words: str) -> None:
    with pytest.raises(HostcheckError) as caught:
        load(write_benchmark(tmp_path, rules, head))
    assert words in str(caught.value) and str(tmp_path) in str(caught.value)


def test_a_section_is_not_a_benchmark(tmp_path: Path) -> None:
    write_benchmark(tmp_path)
    with pytest.raises(HostcheckError, match="one section of a benchmark"):
        load(str(tmp_path / "T.json"))


def test_profiles_extend_and_set_values(tmp_path: Path) -> None:
    profiles = {
        "level1": {"title": "1", "rules": ["T-1"], "values": {"trusted": ["ann"]}},
        "level2": {"title": "2", "rules": ["T-2"], "extends": "level1"},
        "own": {"title": "3", "rules": [], "extends": "level2", "values": {"trusted": ["bob"]}},
    }
    benchmark = load(write_benchmark(tmp_path, head={**HEAD, "profiles": profiles}))
    assert selection(benchmark, "level2") == ({"T-1", "T-2"}, {"trusted": ["ann"]})
    assert selection(benchmark, "own") == ({"T-1", "T-2"}, {"trusted": ["bob"]})
    bound = resolve(benchmark, "T-1", {"trusted": ["eve"]})
    assert bound.where is not None and bound.where.schema["properties"]["owner"] == {"not": {"enum": ["eve"]}}


@pytest.mark.parametrize(
    ("setting", "default", "expected"),
    [
        ("v=a, b,", [], ["a", "b"]),
        ("v=", ["x"], []),
        ("v=1,2", [3], [1, 2]),
        ("v=7", 1, 7),
        ("v=0.5", 1.0, 0.5),
        ("v=true", False, True),
        ("v=a=b", "x", "a=b"),
    ],
)
def test_values_are_read_by_the_kind_of_their_default(setting: str, default: Any, expected: Any) -> None:
    assert parse_values([setting], {"v": default}) == {"v": expected}


@pytest.mark.parametrize(
    ("setting", "words"),
    [("v", "write NAME=VALUE"), ("w=1", "no rule has a value called 'w'; the values are v"), ("v=x", "must be a number")],
)
def test_settings_that_mean_nothing_are_named(setting: str, words: str) -> None:
    with pytest.raises(HostcheckError, match=words):
        parse_values([setting], {"v": 1})
