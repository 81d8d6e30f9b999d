"""Every rule is broken in every small way, and its own examples must notice: an example that no change can turn red proves nothing.

`pytest -s` prints how many of the changes are noticed; those that are not change what no host can have, or what another part of the rule says as well.
"""

import copy
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from hostcheck import registry
from hostcheck.benchmark import Benchmark, load, resolve
from hostcheck.lint import _rule_problems, facts_schemas
from hostcheck.model import HostcheckError

REGISTRY = registry.load()
BENCHMARK = load(REGISTRY.benchmarks[0], shipped=True)
SCHEMAS = facts_schemas(REGISTRY)
PARTS = ("applies", "where", "expect")
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


def is_noticed(name: str, mutant: dict[str, Any]) -> bool:
    """Say whether lint, which runs the examples, refuses the rule."""
    rules = {**BENCHMARK.rules, name: mutant}
    fields = {key: getattr(BENCHMARK, key) for key in BENCHMARK.__slots__}
    try:
        return any(True for _ in _rule_problems(resolve(Benchmark(**{**fields, "rules": rules}), name, {}), SCHEMAS))
    except HostcheckError:
        return True


@cache
def noticed(name: str) -> tuple[int, int]:
    """Return how many of the changes to a rule its examples notice, and how many there are."""
    found = [is_noticed(name, mutant) for mutant in mutants(copy.deepcopy(BENCHMARK.rules[name]))]
    return sum(found), len(found)


NAMES = sorted(name for name, rule in BENCHMARK.rules.items() if not rule.get("manual"))


@pytest.mark.parametrize("name", NAMES)
def test_the_examples_of_a_rule_notice_when_it_is_broken(name: str) -> None:
    rule = copy.deepcopy(BENCHMARK.rules[name])
    assert not is_noticed(name, rule)
    assert is_noticed(name, {**rule, "expect": {"not": rule["expect"]}})
    found, made = noticed(name)
    assert found >= made * LEAST, f"{found} of {made} changes are noticed: give it more examples"


def test_of_all_changes_to_all_rules_most_are_noticed() -> None:
    found, made = (sum(noticed(name)[index] for name in NAMES) for index in (0, 1))
    print(f"{found} of {made} changes to {len(NAMES)} rules are noticed by their examples")
    assert found >= made * NOTICED and made > 700
