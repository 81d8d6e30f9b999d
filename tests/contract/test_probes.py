"""What holds for every probe, on recordings of real hosts: its facts obey its schema, are the same twice, and denial only ever makes holes."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from laws import breaches, worse

from hostcheck import collect, registry
from hostcheck.benchmark import load
from hostcheck.derive import derive
from hostcheck.documents import canonical, load_facts_schema, parse
from hostcheck.host import LimitExceeded
from hostcheck.host.record import Recorder, Replay
from hostcheck.model import unite
from hostcheck.report import judge
from hostcheck.schema import check, compile_schema

FAKES = sorted((Path(__file__).parents[1] / "fakes").glob("*.recording.json"))
REGISTRY = registry.load()
ERRORS = (PermissionError(13, "Permission denied"), TimeoutError("too slow"), LimitExceeded("too much"))


@cache
def recording(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(path.read_text())
    return document


def states(name: str, host: Any) -> Any:
    facts, holes = collect.state(REGISTRY.probes[name], Recorder(host))
    return unite(facts, holes, name)


PAIRS = [pytest.param(path, name, id=f"{path.name.partition('.')[0]}-{name}") for path in FAKES for name in sorted(REGISTRY.probes)]


def test_there_are_recordings_of_every_probe() -> None:
    assert FAKES
    for path in FAKES:
        assert recording(path)["probes"].keys() == REGISTRY.probes.keys()


@pytest.mark.parametrize("name", sorted(REGISTRY.probes))
def test_a_facts_schema_is_in_the_dialect_and_describes_an_object(name: str) -> None:
    schema, _ = load_facts_schema(REGISTRY.probes[name].facts_schema)
    check(schema, name)
    assert parse(Path(REGISTRY.probes[name].facts_schema).read_bytes(), name) == schema  # no key stands twice
    assert compile_schema(schema)({}) is False or schema.get("required") is None
    assert schema["type"] == "object" and schema.get("additionalProperties") is False


@pytest.mark.parametrize(("path", "name"), PAIRS)
def test_facts_obey_their_schema_and_are_the_same_twice(path: Path, name: str) -> None:
    replay = Replay(recording(path)["probes"][name])
    facts = states(name, replay)
    schema, _ = load_facts_schema(REGISTRY.probes[name].facts_schema)
    assert compile_schema(schema)(facts) is not False
    assert isinstance(facts, dict)
    assert states(name, replay) == facts


@pytest.mark.parametrize(("path", "name"), PAIRS)
def test_denying_any_answer_only_makes_holes(path: Path, name: str) -> None:
    replay = Replay(recording(path)["probes"][name])
    before = states(name, replay)
    assert list(breaches(before, states(name, replay))) == []
    for key in replay.keys:
        for error in ERRORS:
            broken = list(breaches(before, states(name, replay.denying(key, error))))
            assert not broken, f"without {key}: {broken[:5]}"


@pytest.mark.parametrize("path", FAKES, ids=lambda path: path.name.partition(".")[0])
def test_denying_any_answer_breaks_no_law_in_the_findings(path: Path) -> None:
    evidence = collect.replay(REGISTRY, recording(path))
    benchmark = load(REGISTRY.benchmarks[0], shipped=True)

    def findings(changed: dict[str, Any]) -> list[dict[str, Any]]:
        return judge(benchmark, derive(changed, REGISTRY.probes, REGISTRY.analyses, {}), "level2", {})

    before = findings(evidence)
    seen: set[bytes] = set()
    for name, stated in evidence["probes"].items():
        replay = Replay(recording(path)["probes"][name])
        for key in replay.keys:
            facts, holes = collect.state(REGISTRY.probes[name], Recorder(replay.denying(key, ERRORS[0])))
            answer = canonical([name, facts, holes])
            if answer not in seen:
                seen.add(answer)
                changed = {**evidence, "probes": {**evidence["probes"], name: {**stated, "facts": facts, "holes": holes}}}
                broken = list(worse(before, findings(changed)))
                assert not broken, f"without {name}: {key}: {broken[:5]}"


@pytest.mark.parametrize("path", FAKES, ids=lambda path: path.name.partition(".")[0])
def test_losing_a_whole_probe_breaks_no_law_in_the_findings(path: Path) -> None:
    evidence = collect.replay(REGISTRY, recording(path))
    benchmark = load(REGISTRY.benchmarks[0], shipped=True)

    def findings(changed: dict[str, Any]) -> list[dict[str, Any]]:
        return judge(benchmark, derive(changed, REGISTRY.probes, REGISTRY.analyses, {}), "level2", {})

    before = findings(evidence)
    for name, stated in evidence["probes"].items():
        for why in ("timeout", "crashed", "nonsense"):
            lost = {**stated, "facts": None, "holes": [{"pointer": "", "kind": "value", "why": why, "message": "lost"}]}
            assert list(worse(before, findings({**evidence, "probes": {**evidence["probes"], name: lost}}))) == []
