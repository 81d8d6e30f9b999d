"""A host with thousands of subjects of every rule, made of the rules' own examples: its report is small, and says of each finding or counts it."""

import json
from collections import Counter
from functools import cache
from typing import Any

import pytest
from contract.benchmark_source import SOURCE

from hostcheck import registry
from hostcheck.authoring.examples import documents
from hostcheck.because import find
from hostcheck.benchmark import load
from hostcheck.documents import canonical, recognise
from hostcheck.evaluate import Facts
from hostcheck.facts_schema import load_facts_schema
from hostcheck.pointer import tokens
from hostcheck.report import Terms, build, exit_code

REGISTRY = registry.load()
EACH = 2000
USERS = 40
pytestmark = pytest.mark.laws
LIMIT = 5_000_000
ABOUT: dict[str, Any] = {"name": "hostcheck", "version": "1"}
EVIDENCE: dict[str, Any] = {
    **{"target": {"kind": "local", "name": "big"}, "clock": "2026-01-01T00:00:00Z", "euid": 0, "refused": [], "plugins": [], "tool": ABOUT},
    "probes": {
        "sockets": {
            "version": 1,
            "schema_sha256": "1" * 64,
            "facts": {},
            "sources": [],
            "holes": [{"pointer": f"/{number}", "kind": "value", "why": "denied", "message": "no"} for number in range(50_000)],
        }
    },
}


def crowd() -> dict[str, Any]:
    """Return the facts: each collection that a rule judges has the members of all its examples over and over, of one user after the other."""
    facts = json.loads(json.dumps(SOURCE.hosts["server"])) | {"host": {"scan": {"container": {"inside": False}}}}
    members: dict[str, list[tuple[str, dict[str, Any], str]]] = {}
    for name, rule in SOURCE.rules.items():
        for _, _, document in documents(rule.get("examples", {}), SOURCE.hosts, name) if "each" in rule else ():
            found = find(document, rule["each"])
            given = found.items() if isinstance(found, dict) else ()
            members.setdefault(rule["each"], []).extend((key, member, rule.get("owner", "")) for key, member in given if isinstance(member, dict))
    for each, known in members.items():
        *way, last = tokens(each)
        here = facts
        for name in way:
            here = here.setdefault(name, {})
        here[last] = {f"{key}.{number}": _owned(member, owner, number) for number in range(EACH) for key, member, owner in [known[number % len(known)]]}
    return facts


def _owned(member: dict[str, Any], owner: str, number: int) -> dict[str, Any]:
    return {**member, owner.removeprefix("/"): 1000 + number % USERS} if owner else dict(member)


@cache
def report() -> dict[str, Any]:
    """Return the report on them."""
    described = {name: load_facts_schema(one.facts_schema) for name, one in {**REGISTRY.probes, **REGISTRY.analyses}.items()}
    sections = {section: (name, pointer) for name, one in REGISTRY.analyses.items() for section, pointer in one.fills.items()}
    facts = Facts(document=crowd(), schemas=described)
    benchmark = load(REGISTRY.benchmarks[0], shipped=True)
    return build(EVIDENCE, "0" * 64, [benchmark], facts, Terms(profile="level2"), tool=ABOUT, analyses={}, sections=sections)


def test_the_report_is_small_and_valid() -> None:
    content = canonical(report())
    assert len(content) < LIMIT
    recognise(json.loads(content), "report", "report")


def test_everything_that_was_judged_is_counted() -> None:
    found = Counter(finding["result"] for finding in report()["findings"])
    for one in report()["omitted"]:
        found[one["result"]] += one["count"]
    assert found == Counter(report()["counts"]) and found.total() > 10 * EACH
    assert exit_code(report()) == 1


def test_of_each_user_something_is_named() -> None:
    assert {finding.get("uid") for finding in report()["findings"]} >= set(range(1000, 1000 + USERS))


def test_what_could_not_be_read_is_counted_as_well() -> None:
    (last,) = (hole for hole in report()["holes"] if hole["at"] == "sockets")
    shown = len(report()["holes"]) - 1
    assert last["message"] == f"{50_000 - shown} more facts could not be read; the evidence names them" and shown < 100


def test_a_section_says_what_it_leaves_out() -> None:
    section = report()["access"]
    assert 0 < len(section["sockets"]) < EACH and any("left out of the report" in hole["message"] for hole in section["holes"])


@pytest.mark.parametrize("name", ["html", "junit", "text"])
def test_a_format_says_how_many_more_there_are(name: str) -> None:
    text = REGISTRY.formats[name].render(report())
    assert len(text.encode()) < LIMIT
    assert " more" in text and "user id 10" in text
