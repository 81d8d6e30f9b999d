"""What is shipped is judged without another check, and no more of it is made ready than is asked for: it says the same as the sources do, and as jsonschema.

By the sources is: the YAML, compiled anew, validated, checked, with every part of every rule made before the first fact is looked at.
"""

import copy
import json
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hostcheck import collect, registry
from hostcheck.authoring.compile import Source, compiled, written_out
from hostcheck.benchmark import Benchmark, load, resolve, selection
from hostcheck.derive import derive
from hostcheck.documents import DocumentError
from hostcheck.evaluate import Facts, Judge, by_predicate, judge_rule
from hostcheck.model import ROLES, Hole, Json, Why, incomplete
from hostcheck.reference import DifferenceError, Reference
from hostcheck.report import judge
from hostcheck.schema import predicates

pytestmark = pytest.mark.laws
REGISTRY = registry.load()
FOLDER = Path(__file__).resolve().parents[2] / "plugins/hostcheck_builtin/benchmark"
RECORDINGS = sorted((FOLDER.parents[2] / "tests/fakes").glob("*.recording.json"))
SHIPPED = load(REGISTRY.benchmarks[0], shipped=True)
WHYS = (Why.DENIED, Why.NONSENSE, Why.UNSUPPORTED)
OTHERS: tuple[Json, ...] = (None, True, False, 0, 1, 65536, "", "root", "docker", [], {}, ["root"], {"root": {}})
FEW = settings(max_examples=max(1, settings.default.max_examples // 5))  # each of them judges all rules three times

Told = list[dict[str, Any]]


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Benchmark:
    path = tmp_path_factory.mktemp("sources") / "container-host.json"
    path.write_bytes(written_out(compiled(Source(str(FOLDER)))))
    return load(str(path))


@cache
def facts_of(recording: Path, role: str) -> Facts:
    evidence = collect.replay(REGISTRY, json.loads(recording.read_text()))
    return derive(evidence, REGISTRY.probes, REGISTRY.analyses, {"role": role} if role else {})


def told(benchmark: Benchmark, facts: Facts, profile: str, judge_check: Judge = by_predicate) -> Told:
    return [outcome.tell() for _, outcome in judge([benchmark], facts, profile, {}, judge_check)]


@pytest.mark.parametrize("role", ["", *ROLES])
@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda path: path.name.partition(".")[0])
def test_what_is_shipped_says_what_its_sources_say_and_jsonschema(sources: Benchmark, recording: Path, role: str) -> None:
    facts, reference = facts_of(recording, role), Reference()
    for profile in SHIPPED.profiles:
        found = told(SHIPPED, facts, profile)
        assert found == told(sources, facts, profile)
        assert {finding["rule"] for finding in found} == SHIPPED.rules.keys()
    for name in SHIPPED.rules:  # the rules of all profiles, whose facts differ by role in little
        assert role or judge_rule(resolve(SHIPPED, name, {}), facts, prove=False) == judge_rule(resolve(SHIPPED, name, {}), facts, reference, prove=False)
    assert role or reference.compared > 10


def places(value: Json, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield (*at, key)
        yield from places(item, (*at, key))


def changed(document: Json, rng: random.Random, holes: bool) -> Json:
    """Return a document in which some facts are others or, with `holes`, are not known."""
    document = copy.deepcopy(document)
    for at in rng.sample(sorted(places(document), key=str), 12):
        parent = document
        for key in at[:-1]:
            parent = parent[key] if isinstance(parent, dict) and key in parent or isinstance(parent, list) and key < len(parent) else None
        if not isinstance(parent, dict) or at[-1] not in parent:
            continue
        hole = Hole(why=rng.choice(WHYS), message=str(rng.randrange(3)))
        known = parent[at[-1]]
        ways = [hole, incomplete(known, hole) if isinstance(known, dict | list) else hole] if holes else [rng.choice(OTHERS)]
        parent[at[-1]] = rng.choice(ways)
        if not holes and rng.random() < 0.3:
            del parent[at[-1]]
    return document


@FEW
@given(st.sampled_from(RECORDINGS), st.booleans(), st.randoms(use_true_random=False))
def test_so_they_do_of_drawn_documents(sources: Benchmark, recording: Path, holes: bool, rng: random.Random) -> None:
    facts = facts_of(recording, "")
    facts = replace(facts, document=changed(facts.document, rng, holes), broken={})
    found = told(SHIPPED, facts, "level2")
    assert found == told(sources, facts, "level2")
    assert holes or found == told(SHIPPED, facts, "level2", Reference())


def test_a_difference_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(predicates.COMPILERS, "const", lambda value, schema, named: lambda found: True)  # type: ignore[arg-type]
    with pytest.raises(DifferenceError):
        told(SHIPPED, facts_of(RECORDINGS[-1], ""), "level2", Reference())


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How many tests were made of each keyword."""
    counted: Counter[str] = Counter()

    def counting(keyword: str, compiler: Any) -> Any:
        def count(*args: Any) -> Any:
            counted[keyword] += 1
            return compiler(*args)

        return count

    for keyword, compiler in list(predicates.COMPILERS.items()):
        monkeypatch.setitem(predicates.COMPILERS, keyword, counting(keyword, compiler))  # type: ignore[arg-type]
    return counted


def only(names: frozenset[str]) -> Benchmark:
    profiles = {name: {**profile, "rules": [rule for rule in profile["rules"] if rule in names]} for name, profile in SHIPPED.profiles.items()}
    return replace(SHIPPED, rules={name: SHIPPED.rules[name] for name in names}, profiles=profiles, notchecked=())


def test_no_predicate_is_made_of_a_rule_that_is_not_selected(made: Counter[str]) -> None:
    left_out = SHIPPED.rules.keys() - selection(SHIPPED, "level1")[0]
    facts = facts_of(RECORDINGS[-1], "")
    made.clear()
    assert {finding["result"] for finding in told(only(frozenset(left_out)), facts, "level1")} == {"notselected"}
    assert left_out and not made


@pytest.mark.parametrize("absent", ["kernel", "socket-access", "subid-coverage"])
def test_no_predicate_is_made_of_a_rule_whose_facts_are_absent(made: Counter[str], absent: str) -> None:
    """But of the condition of a severity, which stands in the finding."""
    rules = [resolve(SHIPPED, name, {}) for name in sorted(SHIPPED.rules)]
    reading = [rule for rule in rules if absent in rule.reads and all(condition is None or rule.each for condition, _ in rule.severity)]
    facts = facts_of(RECORDINGS[-1], "")
    without = replace(facts, document={name: one for name, one in facts.document.items() if name != absent})
    made.clear()
    assert {finding["result"] for rule in reading for finding in judge_rule(rule, without)} == {"notchecked"}
    assert reading and not made


def test_of_a_failure_only_what_is_told_is_made(made: Counter[str]) -> None:
    """A rule whose subjects pass makes nothing of its fix, which is most of what it says."""
    facts = facts_of(RECORDINGS[-1], "")
    rules = [resolve(SHIPPED, name, {}) for name in sorted(SHIPPED.rules)]
    passing = next(rule for rule in rules if len(rule.document["fix"]) > 8 and {one["result"] for one in judge_rule(rule, facts)} == {"pass"})
    bare = resolve(replace(SHIPPED, rules={passing.id: {**passing.document, "fix": []}}), passing.id, {})
    counts = []
    for rule in (resolve(SHIPPED, passing.id, {}), bare):
        made.clear()
        judge_rule(rule, facts)
        counts.append(+made)
    assert counts[0] == counts[1] and counts[0]


def test_what_is_not_shipped_is_checked_before_any_fact_is_looked_at(tmp_path: Path) -> None:
    document = json.loads(Path(SHIPPED.path).read_text(encoding="utf-8"))
    document["rules"]["HC-KRN-01"]["expect"] = {"minimun": 1}
    (tmp_path / "x.json").write_text(json.dumps(document))
    with pytest.raises(Exception, match="did you mean 'minimum'") as caught:
        resolve(load(str(tmp_path / "x.json")), "HC-KRN-01", {})
    assert not isinstance(caught.value, DocumentError)
