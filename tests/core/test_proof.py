"""Evidence shows each fact with where it was read, and under what an analysis states the facts of probes that it rests on."""

import json
from pathlib import Path
from typing import Any

import pytest

from hostcheck import collect, registry
from hostcheck.benchmark import load
from hostcheck.derive import derive
from hostcheck.facts_schema import facts_schema_digest
from hostcheck.model import Hole, Json, Why
from hostcheck.origins import origin_of
from hostcheck.pointer import tokens
from hostcheck.proof import Proof
from hostcheck.report import judge

FAKES = Path(__file__).parents[1] / "fakes"
REGISTRY = registry.load()
DENIED = Hole(why=Why.DENIED, message="no")
LINES: Json = {
    "type": "object",
    "properties": {
        "lines": {
            "type": "object",
            "x-source": "/etc/keys",
            "additionalProperties": {
                "type": "object",
                "x-source": "/etc/keys, a line",
                "properties": {"number": {"type": "integer"}, "owner": {"type": "string", "$comment": "source: passwd; needs: root"}},
            },
        }
    },
}
HOLDERS: Json = {
    "type": "object",
    "properties": {
        "holders": {
            "type": "object",
            "x-from": ["/lines/lines/{key}:{/first}/number", "/lines/lines/{/absent}/number"],
            "additionalProperties": {"type": "object", "properties": {"first": {"type": "integer"}, "total": {"type": "integer"}}},
        }
    },
}
SCHEMAS = {"lines": LINES, "holders": HOLDERS}
ASKED: Json = {"properties": {"total": {"minimum": 1}}, "required": ["total"]}


def shown(holder: dict[str, Any], lines: dict[str, Any], key: str = "ann") -> list[tuple[str, str, Any, str]]:
    document = {"lines": {"lines": lines}, "holders": {"holders": {key: holder}}}
    base = f"/holders/holders/{key.replace('~', '~0').replace('/', '~1')}"
    return [(item["probe"], item["pointer"], item["value"], item["source"]) for item in Proof(SCHEMAS, document).evidence(ASKED, holder, base)]


def test_what_an_analysis_states_is_followed_by_what_it_rests_on() -> None:
    found = shown({"first": 7, "total": 3}, {"ann:7": {"number": 4}, "bob:7": {"number": 5}})
    assert found == [("holders", "/holders/ann/total", 3, "holders"), ("lines", "/lines/ann:7/number", 4, "/etc/keys, a line")]


@pytest.mark.parametrize("holders", [{"ann": {"first": 7}, "bob": {"first": 8}}, {}])
def test_of_a_whole_collection_it_is_what_each_member_rests_on(holders: dict[str, Any]) -> None:
    document = {"lines": {"lines": {"ann:7": {"number": 4}, "bob:8": {"number": 5}}}, "holders": {"holders": holders}}
    asked: Json = {"properties": {"holders": {"additionalProperties": False}}, "required": ["holders"]}
    found = Proof(SCHEMAS, document).evidence(asked, document["holders"], "/holders")
    assert [item["value"] for item in found] == [holders, *([4, 5] if holders else [])]


@pytest.mark.parametrize("paths", [["/a", "/b"], ["/a"], DENIED, "text"])
def test_of_a_list_it_is_what_each_of_its_texts_names(paths: Any) -> None:
    schemas = {"lines": LINES, "paths": {"properties": {"paths": {"x-from": ["/lines/lines/{key}/number"]}}}}
    document = {"lines": {"lines": {"/a": {"number": 4}, "/b": {"number": 5}}}, "paths": {"paths": paths}}
    found = Proof(schemas, document).evidence({"properties": {"paths": {"maxItems": 0}}, "required": ["paths"]}, document["paths"], "/paths")
    assert [item["value"] for item in found[1:]] == ([4, 5][: len(paths)] if isinstance(paths, list) else [])


@pytest.mark.parametrize(
    ("rests_on", "found"), [(["/lines/lines/ann:7/number", "no pointer", 7], [4]), (["/lines/lines/eve:7/number"], []), ([], []), (DENIED, [])]
)
def test_a_fact_may_be_the_list_of_what_it_rests_on(rests_on: Any, found: list[int]) -> None:
    rests: Json = {"properties": {"holders": {"x-from": ["{/rests_on}"]}}}
    document = {"lines": {"lines": {"ann:7": {"number": 4}}}, "holders": {"holders": {"ann": {"total": 3, "rests_on": rests_on}}}}
    told = Proof({"lines": LINES, "holders": rests}, document).evidence(ASKED, document["holders"]["holders"]["ann"], "/holders/holders/ann")
    assert [item["value"] for item in told] == [3, *found]


def test_what_one_finding_rests_on_is_not_worked_out_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []

    def noting(schema: Json, path: list[str]) -> Any:
        asked.append(path)
        return origin_of(schema, path)

    monkeypatch.setattr("hostcheck.proof.origin_of", noting)
    document = {"lines": {"lines": {"ann:7": {"number": 4}}}, "holders": {"holders": {"ann": {"first": 7, "total": 3}}}}
    proof, holder = Proof(SCHEMAS, document), document["holders"]["holders"]["ann"]
    first = proof.evidence(ASKED, holder, "/holders/holders/ann")
    count = len(asked)
    assert proof.evidence(ASKED, holder, "/holders/holders/ann") == first and len(asked) == count > 0
    both = proof.evidence({"required": ["first", "total"]}, holder, "/holders/holders/ann")
    assert [item["pointer"] for item in both] == ["/holders/ann/first", "/holders/ann/total", "/lines/ann:7/number"] and len(asked) == count + 1


def test_another_value_in_the_same_place_is_another_fact() -> None:
    """The document that decides whether a benchmark can be judged has holes for what is missing, and that of its findings has not."""
    proof = Proof({}, {"doors": {"alarm": True}})
    asked: Json = {"properties": {"doors": {"required": ["alarm"]}}, "required": ["doors"]}
    values = [proof.evidence(asked, document, "")[0]["value"] for document in ({"doors": {"alarm": True}}, {"doors": DENIED}, {"doors": {"alarm": True}})]
    assert values == [True, None, True]


def test_a_name_with_a_slash_is_found() -> None:
    assert shown({"first": 7, "total": 3}, {"a/~b:7": {"number": 4}}, key="a/~b")[1] == ("lines", "/lines/a~1~0b:7/number", 4, "/etc/keys, a line")


@pytest.mark.parametrize("holder", [{"total": 3}, {"first": DENIED, "total": 3}, {"first": 8, "total": 3}])
def test_what_is_not_there_is_left_out(holder: dict[str, Any]) -> None:
    assert [probe for probe, *_ in shown(holder, {"ann:7": {"number": 4}})] == ["holders"]


def test_where_nothing_is_there_of_the_nearest_the_next_above_counts() -> None:
    inner = {"holders": {"properties": {"holders": {"x-from": ["/lines/lines"], "properties": {"ann": {"x-from": ["/lines/lines/{key}/number"]}}}}}}
    for holder, wanted in (({"b:8": {}}, 5), ({}, {"b:8": {"number": 5}})):
        document = {"lines": {"lines": {"b:8": {"number": 5}}}, "holders": {"holders": {"ann": holder}}}
        asked: Json = {"properties": {"ann": {"maxProperties": 9}}, "required": ["ann"]}
        found = Proof({"lines": LINES, **inner}, document).evidence(asked, document["holders"]["holders"], "/holders/holders")
        assert [item["value"] for item in found[1:]] == [wanted]


def test_the_nearest_word_counts_and_the_older_one_is_still_read() -> None:
    assert origin_of(LINES, ["lines", "x", "number"]).source == "/etc/keys, a line"
    assert origin_of(LINES, ["lines"]).source == "/etc/keys"
    assert origin_of(LINES, ["lines", "x", "owner"]).source == "passwd"


def test_annotations_are_no_part_of_the_digest(tmp_path: Path) -> None:
    def digest(name: str, schema: Json) -> str:
        (tmp_path / name).write_text(json.dumps(schema))
        return facts_schema_digest(str(tmp_path / name))

    plain: Json = {"type": "object", "properties": {"title": {"type": "string"}, "x-ray": {"type": "integer"}}}
    told: Json = {**plain, "title": "T", "$comment": "c", "x-source": "s", "x-from": ["/a/b"], "description": "d"}
    assert digest("a", plain) == digest("b", told)
    assert digest("c", {"type": "object", "properties": {"title": {"type": "string"}}}) != digest("a", plain)
    assert digest("d", {"type": "object", "properties": {"title": {"type": "text"}, "x-ray": {"type": "integer"}}}) != digest("a", plain)


def test_what_an_analysis_rests_on_is_described_by_a_facts_schema() -> None:
    """A place that no probe states would never be shown, and nobody would notice."""
    schemas = {name: one.facts_schema for name, one in {**REGISTRY.probes, **REGISTRY.analyses}.items()}
    for analysis in REGISTRY.analyses.values():
        for template in _templates(json.loads(Path(analysis.facts_schema).read_text())):
            if template.startswith("{/"):  # a fact that has the pointers themselves
                continue
            name, *path = tokens(template)
            assert name in schemas, template
            assert name in analysis.reads, f"{analysis.id} does not read {name}"
            assert origin_of(json.loads(Path(schemas[name]).read_text()), path).source or name in REGISTRY.analyses, f"{template}: has no x-source above it"


def _templates(schema: Json) -> list[str]:
    if isinstance(schema, list):
        return [found for one in schema for found in _templates(one)]
    if not isinstance(schema, dict):
        return []
    own = schema["x-from"] if isinstance(schema.get("x-from"), list) else []
    return [*own, *(found for one in schema.values() for found in _templates(one))]


@pytest.mark.parametrize("recording", sorted(FAKES.glob("*.recording.json")), ids=lambda path: path.name.partition(".")[0])
def test_every_pass_and_fail_names_a_path_a_call_or_a_line(recording: Path) -> None:
    facts = derive(collect.replay(REGISTRY, json.loads(recording.read_text())), REGISTRY.probes, REGISTRY.analyses, {})
    findings = [one.tell() for path in REGISTRY.benchmarks for _, one in judge([load(path, shipped=True)], facts, "level2", {})]
    bare = {
        (one["rule"], one["subject"])
        for one in findings
        if one["result"] in ("pass", "fail") and not any("/" in item["source"] or "(" in item["source"] for item in one["evidence"])
    }
    assert sorted(bare) == []
