"""Every rule is broken in every small way, and its own examples must notice: an example that no change can turn red proves nothing.

`pytest -s` prints how many of the changes are noticed; those that are not change what no host can have, or what another part of the rule says as well.
"""

import copy
from collections.abc import Iterator
from typing import Any

from contract.benchmark_source import SOURCE

from hostcheck import registry
from hostcheck.authoring.examples import documents
from hostcheck.benchmark import Benchmark, load, resolve
from hostcheck.evaluate import Facts, judge_rule
from hostcheck.lint import _rule_problems, facts_schemas
from hostcheck.model import HostcheckError

REGISTRY = registry.load()
BENCHMARK = load(REGISTRY.benchmarks[0], shipped=True)
SCHEMAS = facts_schemas(REGISTRY)
PARTS = ("where", "expect")
LEAST = 0.4
"""Of the changes to one rule: examples are judged with the default values, under which a list of approved users is empty."""
NOTICED = 0.85
"""Of all changes to all rules."""


def changed(schema: Any) -> Iterator[Any]:
    """Yield schemas that differ from `schema` in one small thing."""
    if isinstance(schema, bool):
        yield not schema
    elif isinstance(schema, dict):
        for key, value in schema.items():
            for other in _others(key, value):
                yield {**schema, key: other}
            if key in (
                "minItems",
                "maxItems",
                "const",
                "enum",
                "not",
                "minimum",
                "maximum",
                "contains",
                "items",
                "additionalProperties",
                "propertyNames",
                "anyOf",
            ):
                yield {name: item for name, item in schema.items() if name != key}


def _others(key: str, value: Any) -> Iterator[Any]:
    if key == "const" and not isinstance(value, dict):
        yield [value, "mutant"]
    elif key in ("minimum", "maximum", "minItems", "maxItems") and isinstance(value, int):
        yield from (value - 1, value + 1)
    elif key == "properties":
        for name, inner in value.items():
            yield from ({**value, name: other} for other in changed(inner))
    elif key in ("allOf", "anyOf", "oneOf"):
        for index, inner in enumerate(value):
            yield from ([*value[:index], other, *value[index + 1 :]] for other in changed(inner))
    elif key in ("not", "items", "contains", "additionalProperties", "propertyNames", "if", "then", "else"):
        yield from changed(value)


def mutants(rule: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for part in PARTS:
        if part in rule:
            yield {**rule, part: {"not": rule[part]}}
            yield from ({**rule, part: other} for other in changed(rule[part]))
            if part != "expect":
                yield {key: value for key, value in rule.items() if key != part}
    cases = rule.get("notapplicable", [])
    for index, case in enumerate(cases):
        # tests/contract/test_rules.py tries every role, and a value that a site sets is empty in the examples
        if "when" in case and "host-role" not in str(case["when"]) and "$value" not in str(case["when"]):
            yield {**rule, "notapplicable": cases[:index] + cases[index + 1 :]}
            yield from ({**rule, "notapplicable": [*cases[:index], {**case, "when": other}, *cases[index + 1 :]]} for other in changed(case["when"]))


def is_noticed(name: str, mutant: dict[str, Any], examples: list[tuple[str, Any]]) -> bool:
    """Say whether lint refuses the rule, or an example gives another result than it says."""
    rules = {**BENCHMARK.rules, name: mutant}
    fields = {key: getattr(BENCHMARK, key) for key in BENCHMARK.__slots__}
    try:
        rule = resolve(Benchmark(**{**fields, "rules": rules}), name, SOURCE.values_of(name))
        if any(True for _ in _rule_problems(rule, SCHEMAS)):
            return True
    except HostcheckError:
        return True
    return any({finding["result"] for finding in judge_rule(rule, Facts(document=document), prove=False)} != {result} for result, document in examples)


def test_the_examples_of_a_rule_notice_when_it_is_broken() -> None:
    counts: dict[str, tuple[int, int]] = {}
    for name, written in BENCHMARK.rules.items():
        if written.get("manual"):
            continue
        rule = copy.deepcopy(written)
        examples = [(result, document) for result, _, document in documents(SOURCE.rules[name]["examples"], SOURCE.hosts, name)]
        assert not is_noticed(name, rule, examples)
        assert is_noticed(name, {**rule, "expect": {"not": rule["expect"]}}, examples)
        found = [is_noticed(name, mutant, examples) for mutant in mutants(rule)]
        counts[name] = (sum(found), len(found))
        assert sum(found) >= len(found) * LEAST, f"{name}: {sum(found)} of {len(found)} changes are noticed: give it more examples"
    noticed, made = (sum(pair[index] for pair in counts.values()) for index in (0, 1))
    print(f"{noticed} of {made} changes to {len(counts)} rules are noticed by their examples")
    assert len(counts) >= 65 and noticed >= made * NOTICED
