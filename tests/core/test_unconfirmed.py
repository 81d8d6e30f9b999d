"""What evidence says of itself: an honest scan has nothing to explain, and what is edited without care is told of."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from hostcheck import registry
from hostcheck.collect import replay
from hostcheck.unconfirmed import DEEP, unconfirmed

REGISTRY = registry.load()
FAKES = sorted((Path(__file__).parents[1] / "fakes").glob("*.recording.json"))
ROOT = next(path for path in FAKES if path.name.startswith("docker-as-root"))
NOBODY = next(path for path in FAKES if path.name.startswith("docker-as-nobody"))
THEIRS = {"distribution": "acme", "version": "1", "sha256": "1f" * 32, "allowed": "pinned"}


def honest(path: Path) -> Any:
    """Return the evidence of a recorded host."""
    return replay(REGISTRY, json.loads(path.read_text()))


@pytest.mark.parametrize("path", FAKES, ids=lambda path: path.name.partition(".")[0])
def test_of_an_honest_scan_everything_is_confirmed(path: Path) -> None:
    evidence = honest(path)
    assert unconfirmed(evidence) == []
    assert unconfirmed(evidence, evidence["clock"]) == unconfirmed(evidence, evidence["clock"][:10]) == unconfirmed(evidence, "2099-12-31") == []


def test_a_probe_of_others_may_read_by_other_means_and_one_that_broke_has_read_nothing() -> None:
    evidence = honest(ROOT)
    contributes = {"probes": ["acme.motd"], "analyses": [], "benchmarks": [], "formats": []}
    evidence["plugins"].append({**THEIRS, "contributes": contributes})
    evidence["probes"]["acme.motd"] = {"version": 1, "schema_sha256": "ab" * 32, "facts": {}, "holes": [], "sources": []}
    lost = {"pointer": "", "kind": "value", "why": "timeout", "message": "the deadline"}
    evidence["probes"]["host"].update(facts=None, holes=[lost], sources=[])
    assert unconfirmed(evidence) == []


def test_of_single_rules_a_user_may_be_refused_nothing() -> None:
    evidence = honest(NOBODY)
    evidence["probes"] = {"subids": evidence["probes"]["subids"]}
    assert evidence["probes"]["subids"]["holes"] == [] and unconfirmed(evidence) == []


def blank(evidence: Any) -> None:
    for probe in evidence["probes"].values():
        probe["schema_sha256"] = "0" * 64


def told(evidence: Any) -> None:
    evidence["plugins"][0]["sha256"] = "f" * 64
    evidence["probes"]["host"]["sources"][0]["sha256"] = "0" * 64


def without_sources(evidence: Any) -> None:
    for name in ("sockets", "engines", "host", "kernel"):
        evidence["probes"][name]["sources"] = []


def unknown(evidence: Any) -> None:
    evidence["probes"]["p"] = {**evidence["probes"]["host"]}


def refused_nothing(evidence: Any) -> None:
    evidence.update(euid=1000, capabilities="0000")
    for probe in evidence["probes"].values():
        probe["holes"] = []


EDITED = [
    (lambda evidence: evidence.update(clock="9999-01-01T00:00:00Z"), "its clock says 9999-01-01T00:00:00Z, when no host can have been scanned"),
    (lambda evidence: evidence.update(clock="1970-01-01T00:00:07Z"), "its clock says 1970-01-01T00:00:07Z, when no host can have been scanned"),
    (lambda evidence: evidence.update(clock="2026-02-30T00:00:00Z"), "its clock says 2026-02-30T00:00:00Z, when no host can have been scanned"),
    (blank, "39 digests are blank: probe audit, probe ci-runners, probe container-processes and 36 more"),
    (told, "2 digests are blank: plugin hostcheck-scanner, source of host"),
    (without_sources, "4 probes are without sources: engines, host, kernel and 1 more"),
    (unknown, "1 probe is of no plugin that it names: p"),
    (refused_nothing, "user id 1000, without privileges, was refused nothing"),
]


@pytest.mark.parametrize(("edit", "sentence"), EDITED, ids=[sentence[:30] for _, sentence in EDITED])
def test_what_no_scan_says_is_told(edit: Any, sentence: str) -> None:
    evidence = copy.deepcopy(honest(ROOT))
    edit(evidence)
    assert unconfirmed(evidence) == [sentence]


@pytest.mark.parametrize("as_of", ["2026-11-24", "2026-11-25T22:00:56Z"])
def test_evidence_from_after_the_date_of_the_judgement_is_told(as_of: str) -> None:
    assert unconfirmed(honest(ROOT), as_of) == [f"its clock says 2026-11-25T22:00:57Z, which is after {as_of}, the date as of which it is judged"]


def test_the_names_of_probes_that_look_deep_say_so() -> None:
    assert {name for name, one in REGISTRY.probes.items() if one.deep} == {name for name in REGISTRY.probes if name.endswith(DEEP)} != set()
