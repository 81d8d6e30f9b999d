"""Rules say in `closes` which changes of the cut their fix makes; no code of paths names a rule."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from hostcheck.benchmark import load
from hostcheck_builtin import paths
from hostcheck_builtin.benchmark import hostcheck_benchmarks
from hostcheck_builtin.containers.reaching import WAYS

FOLDER = Path(paths.__file__).parent
KINDS = json.loads((FOLDER / "analysis_access_paths.facts.json").read_text())["properties"]["cut"]["items"]["properties"]["kind"]["enum"]
RULES: dict[str, dict[str, Any]] = {name: dict(rule) for path in hostcheck_benchmarks() for name, rule in load(path, shipped=True).rules.items()}
BY_NO_RULE = {"account", "line", "missing-password", "pam", "password", "polkit", "root-key", "ssh-key"}
"""What only HC-ACC-20 and HC-ACC-21 find."""


def test_every_kind_of_change_has_a_rule_and_no_rule_names_another() -> None:
    assert {kind for rule in RULES.values() for kind in rule.get("closes", ())} == {*KINDS} - BY_NO_RULE


@pytest.mark.parametrize("fact", WAYS)
def test_a_way_out_of_a_container_is_closed_by_the_rules_about_that_fact(fact: str) -> None:
    named = {"bare": "masked_paths", "takes_processes": "capabilities"}.get(fact, fact)
    closing = {name for name, rule in RULES.items() if fact in rule.get("closes", ())}
    assert closing and all(RULES[name]["each"] == "/container-escape/containers" and named in json.dumps(RULES[name]["expect"]) for name in closing)


def test_no_code_names_a_rule() -> None:
    assert [path.name for path in FOLDER.glob("*.py") if re.search(r"\bHC-[A-Z0-9]{3}", path.read_text())] == []
