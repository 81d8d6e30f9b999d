"""The fixes of rules about sudo, run on files: an entry that is folded is taken as a whole, and nothing else changes."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from contract.benchmark_source import SOURCE
from privileged_programs.rights import derive, facts

from hostcheck import registry
from hostcheck.benchmark import load, resolve
from hostcheck.evaluate import Facts, judge_rule

BENCHMARK = load(registry.load().benchmarks[0], shipped=True)
VISUDO = pytest.mark.skipif(shutil.which("visudo") is None, reason="needs sudo")
FOLDED = "root ALL=(ALL:ALL) ALL\nann ALL=NOPASSWD: /bin/ls, \\\n  /usr/bin/docker, NOPASSWD: \\\n  ALL\nbob ALL=NOPASSWD: /bin/ls\n"


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


@VISUDO
@pytest.mark.parametrize(
    ("rule", "rules", "becomes"),
    [
        ("HC-ACC-10", FOLDED, FOLDED.replace("ann ALL=NOPASSWD", "ann ALL=PASSWD").replace("docker, NOPASSWD", "docker, PASSWD")),
        ("HC-ACC-11", "ann ALL=/usr/bin/docker, \\\n /bin/ls\nbob ALL=ALL\n", "# ann ALL=/usr/bin/docker, \\\n#  /bin/ls\nbob ALL=ALL\n"),
    ],
)
def test_a_fix(tmp_path: Path, rule: str, rules: str, becomes: str) -> None:
    path = tmp_path / "sudoers"
    path.write_text(rules, encoding="utf-8")
    path.chmod(0o440)
    failed = [one for one in findings(rule, rules).values() if one["result"] == "fail"]
    (command,) = [step["run"] for step in failed[0]["fix"] if "run" in step]
    ran = subprocess.run(("sh", "-c", command.replace("/etc/sudoers", str(path))), capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr, path.read_text(encoding="utf-8")) == (0, "", becomes)
    assert {one.name: oct(one.stat().st_mode)[-3:] for one in tmp_path.iterdir()} == {"sudoers": "440", "sudoers.hostcheck": "440"}
    assert not [one for one in findings(rule, becomes).values() if one["result"] == "fail"]
