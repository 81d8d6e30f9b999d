"""The rules about sudo and doas. Their fixes are run on files in tests/hosts/test_sudo.py, where there is a visudo."""

from typing import Any

import pytest
from contract.benchmark_source import SOURCE
from privileged_programs.rights import derive, facts

from hostcheck import registry
from hostcheck.benchmark import load, resolve
from hostcheck.evaluate import Facts, judge_rule

BENCHMARK = load(registry.load().benchmarks[0], shipped=True)


def findings(rule: str, *args: Any, **more: Any) -> dict[str, dict[str, Any]]:
    document = {"host-role": {"role": "server"}, "sudo-rights": derive(facts(*args, **more))}
    return {one["subject"]: one for one in judge_rule(resolve(BENCHMARK, rule, {"approved_users": ["eve"]}), Facts(document=document))}


def test_the_rules_are_there() -> None:
    assert {"HC-ACC-10", "HC-ACC-11"} <= SOURCE.rules.keys()


def test_without_a_password() -> None:
    found = findings(
        "HC-ACC-10", "ann ALL=NOPASSWD: ALL\nbob ALL=(ALL) ALL\ncat ALL=NOPASSWD: /usr/bin/docker *\ndan ALL=NOPASSWD: /usr/bin/vi\neve ALL=NOPASSWD: ALL\n"
    )
    assert {key.partition(":")[0]: one["result"] for key, one in found.items()} == {"ann": "fail", "bob": "pass", "cat": "fail", "eve": "pass"}


def test_with_a_password() -> None:
    found = findings("HC-ACC-11", "ann ALL=ALL\nbob ALL=/usr/bin/podman\ncat ALL=NOPASSWD: /usr/bin/docker\neve ALL=/usr/bin/ctr\n")
    assert {key.partition(":")[0]: one["result"] for key, one in found.items()} == {"bob": "fail", "eve": "pass"}


@pytest.mark.parametrize("rule", ["HC-ACC-10", "HC-ACC-11"])
def test_without_sudo_there_is_nothing_to_judge(rule: str) -> None:
    (found,) = findings(rule).values()
    assert (found["result"], found["because"]) == ("notapplicable", "Neither sudo nor doas is installed")
