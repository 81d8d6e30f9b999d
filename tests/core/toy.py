"""A toy plugin: two probes, an analysis and a benchmark, small enough to hold in the head."""

import copy
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hostcheck.model import Analysis, Format, Probe
from hostcheck.registry import Registry

DOORS = {
    "type": "object",
    "properties": {
        "doors": {
            "type": "object",
            "$comment": "source: a look at door {key}",
            "additionalProperties": {
                "type": "object",
                "properties": {
                    "owner": {"type": "string"},
                    "locked": {"type": "boolean"},
                    "keys": {"type": "array", "items": {"type": "string"}},
                    "colour": {"type": "string", "description": "absent: not painted"},
                },
                "required": ["owner", "locked", "keys"],
                "additionalProperties": False,
            },
        },
        "alarm": {"type": "boolean"},
    },
    "required": ["doors", "alarm"],
    "additionalProperties": False,
}
HOUSE = {"type": "object", "properties": {"kind": {"enum": ["home", "office"]}}, "required": ["kind"], "additionalProperties": False}

RULE: dict[str, Any] = {
    "id": "T-1",
    "title": "Doors are locked",
    "severity": [{"when": {"properties": {"keys": {"minItems": 3}}, "required": ["keys"]}, "is": "critical"}, "medium"],
    "rationale": "An open door lets anybody in.",
    "remediation": "turn the key",
    "references": ["own"],
    "applies": {"properties": {"house": {"properties": {"kind": {"const": "home"}}, "required": ["kind"]}}, "required": ["house"]},
    "each": "/doors/doors",
    "where": {"properties": {"owner": {"not": {"enum": {"$value": "trusted"}}}}, "required": ["owner"]},
    "expect": {"properties": {"locked": {"const": True}}, "required": ["locked"]},
    "because": "{subject}: {/owner} left it open; keys: {/keys}",
    "notapplicable": "no door of a home ({/house/kind}) is of interest",
    "examples": {
        "pass": {"house": {"kind": "home"}, "doors": {"doors": {"front": {"owner": "ann", "locked": True}}}},
        "fail": {"house": {"kind": "home"}, "doors": {"doors": {"front": {"owner": "ann", "locked": False}}}},
        "notapplicable": [{"house": {"kind": "office"}, "doors": {"doors": {}}}, {"house": {"kind": "home"}, "doors": {"doors": {}}}],
    },
}
WHOLE_RULE: dict[str, Any] = {
    "id": "T-2",
    "title": "The alarm is on",
    "severity": "low",
    "rationale": "It wakes people.",
    "remediation": "press the button",
    "references": ["own"],
    "expect": {"properties": {"doors": {"properties": {"alarm": {"const": True}}, "required": ["alarm"]}}, "required": ["doors"]},
    "because": "the alarm: {/doors/alarm}",
    "examples": {"pass": {"doors": {"alarm": True}}, "fail": {"doors": {"alarm": False}}},
}
HEAD: dict[str, Any] = {
    "schema": "hostcheck.benchmark/1",
    "id": "toy",
    "title": "Toy",
    "version": "1",
    "sections": ["T.json"],
    "values": {"trusted": []},
    "profiles": {"level1": {"title": "All", "rules": ["T-1", "T-2"]}},
}


def write_benchmark(folder: Path, rules: list[dict[str, Any]] | None = None, head: dict[str, Any] | None = None) -> str:
    """Write the toy benchmark, with other rules or another head if given, and return the path of its head."""
    section = {"schema": "hostcheck.benchmark/1", "section": "T", "title": "Toy rules", "rules": [RULE, WHOLE_RULE] if rules is None else rules}
    (folder / "T.json").write_text(json.dumps(section))
    (folder / "benchmark.json").write_text(json.dumps(HEAD if head is None else head))
    return str(folder / "benchmark.json")


def rule(base: dict[str, Any] = RULE, **changes: Any) -> dict[str, Any]:
    """Return a rule with some members changed; None takes one away."""
    changed = {**copy.deepcopy(base), **changes}
    return {key: value for key, value in changed.items() if value is not None}


def derive_house(facts: Mapping[str, Any], values: Mapping[str, Any]) -> Any:
    """Say what a house is for: by its alarm."""
    return {"kind": values.get("role") or ("office" if facts["doors"]["alarm"] else "home")}


def registry(folder: Path, **probes: Any) -> Registry:
    """Return a registry of the toy plugin; further probes are given by name as functions of a host."""
    (folder / "doors.json").write_text(json.dumps(DOORS))
    (folder / "house.json").write_text(json.dumps(HOUSE))
    (folder / "any.json").write_text('{"type": "object"}')
    found = Registry()
    found.probes["doors"] = Probe(id="doors", title="Doors", facts_schema=str(folder / "doors.json"), collect=lambda host: {"doors": {}, "alarm": True})
    for name, collect in probes.items():
        path = folder / ("doors.json" if name == "doors" else "any.json")
        found.probes[name] = Probe(id=name, title=name, facts_schema=str(path), collect=collect)
    found.analyses["house"] = Analysis(id="house", title="House", reads=("doors",), facts_schema=str(folder / "house.json"), derive=derive_house)
    found.formats["json"] = Format(name="json", media_type="application/json", render=lambda report: json.dumps(report, sort_keys=True))
    found.formats["text"] = Format(name="text", media_type="text/plain", render=lambda report: str(report["verdict"]))
    found.benchmarks.append(write_benchmark(folder))
    return found


def fails(toys: Registry) -> None:
    """Have the alarm of the toy host off."""
    toys.probes["doors"] = type(toys.probes["doors"])(
        id="doors", title="", facts_schema=toys.probes["doors"].facts_schema, collect=lambda host: {"doors": {}, "alarm": False}
    )


def one_line(err: str) -> str:
    """Return what was said on standard error, if that is one line of a command."""
    assert err.startswith("hostcheck: ") and err.count("\n") == 1 and err.endswith("\n"), err
    assert "Traceback" not in err
    return err


SCHEMAS = {"doors": DOORS, "house": HOUSE}
