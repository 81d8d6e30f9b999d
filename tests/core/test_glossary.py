"""What each fact is stands in its schema once; docs/facts.md (test_generate.py) and `list probes --json` are made from it."""

import json
from pathlib import Path

import pytest

from hostcheck import collect, registry
from hostcheck.cli import main
from hostcheck.facts_schema import load_facts_schema
from hostcheck.glossary import ALWAYS, NEEDS, facts
from hostcheck.pointer import tokens

ROOT = Path(__file__).resolve().parents[2]
REGISTRY = registry.load()
SCHEMAS = {name: load_facts_schema(one.facts_schema) for name, one in {**REGISTRY.probes, **REGISTRY.analyses}.items()}


@pytest.mark.parametrize("kind", ["probes", "analyses"])
def test_the_list_gives_each_fact(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", kind, "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert {row["id"]: row["facts"] for row in rows} == {name: facts(SCHEMAS[name]) for name in (REGISTRY.probes if kind == "probes" else REGISTRY.analyses)}
    assert all(fact.keys() == {"fact", "type", "unit", "source", "needs", "absent", "about"} for row in rows for fact in row["facts"])
    assert main(["list", kind]) == 0
    assert capsys.readouterr().out.count("\n") == len(rows)


@pytest.mark.parametrize("name", sorted(REGISTRY.probes))
def test_every_fact_of_a_probe_has_a_type_a_source_and_a_meaning_where_it_is_absent(name: str) -> None:
    found = facts(SCHEMAS[name])
    assert found and [row["fact"] for row in found if not row["source"] and row["fact"].count("/") > 1] == []
    assert [row["fact"] for row in found if not row["absent"] and not row["fact"].endswith("/*")] == []
    assert [row["fact"] for row in found if row["type"] == "anything"] == []


def test_what_is_denied_to_others_says_that_it_needs_root() -> None:
    recorded = json.loads((ROOT / "tests" / "fakes" / "docker-as-nobody.recording.json").read_text())
    evidence = collect.replay(REGISTRY, recorded)
    denied = [(name, hole["pointer"]) for name, stated in evidence["probes"].items() for hole in stated["holes"] if hole["why"] == "denied"]
    assert denied
    silent = {(name, pointer) for name, pointer in denied if not any(row["needs"] != NEEDS for row in rows_at(name, pointer))}
    assert silent == set()


def rows_at(name: str, pointer: str) -> list[dict[str, str]]:
    """Return the rows that describe the place `pointer`, or are above it."""
    path = tokens(pointer)
    rows = [(tokens(row["fact"]), row) for row in facts(SCHEMAS[name])]
    return [row for place, row in rows if len(place) == len(path) and all(one in (other, "{key}", "*") for one, other in zip(place, path, strict=True))]


def test_a_schema_says_each_thing_in_its_place() -> None:
    schema = {
        "type": "object",
        "$defs": {"size": {"type": "integer", "$comment": "unit: bytes"}},
        "properties": {
            "doors": {
                "type": "object",
                "$comment": "source: a look; needs: root; absent: not painted",
                "additionalProperties": {
                    "type": "object",
                    "properties": {
                        "size": {"$ref": "#/$defs/size"},
                        "colour": {"enum": ["red", "blue"]},
                        "keys": {"type": "array", "items": {"type": "string"}},
                    },
                    "required": ["size"],
                },
            },
            "alarm": {"type": ["boolean", "null"], "description": "Whether it rings; absent where there is none."},
        },
        "required": ["doors"],
    }
    rows = {row["fact"]: row for row in facts(schema)}
    assert list(rows) == ["/doors", "/doors/{key}", "/doors/{key}/size", "/doors/{key}/colour", "/doors/{key}/keys", "/doors/{key}/keys/*", "/alarm"]
    size = rows["/doors/{key}/size"]
    assert (size["type"], size["unit"], size["source"], size["needs"], size["absent"]) == ("integer", "bytes", "a look", "root", ALWAYS)
    assert (rows["/doors/{key}/colour"]["type"], rows["/doors/{key}/colour"]["absent"]) == ("one of red, blue", "not painted")
    assert (rows["/alarm"]["type"], rows["/alarm"]["needs"], rows["/alarm"]["absent"]) == ("boolean or null", NEEDS, "absent where there is none")
