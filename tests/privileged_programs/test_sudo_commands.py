"""Programs that rules of sudo name: which are looked at."""

import subprocess
import sys

import pytest
from privileged_programs.rights import sudo

from hostcheck.host.answers import Stat
from hostcheck.model import OpenObject, Why
from hostcheck_builtin.privileged_programs.sudo_commands import COMMANDS

JOB = "/opt/job"
RULE = f"ann ALL = NOPASSWD: {JOB}\n"
ANNS = {JOB: Stat(type="file", uid=1000, gid=0, mode=0o755)}
ROOTS = {JOB: Stat(type="file", uid=0, gid=0, mode=0o755)}
ALIAS = f"Cmnd_Alias JOBS = {JOB}\nann ALL = NOPASSWD: JOBS\n"
DIGEST = f"ann ALL = NOPASSWD: sha224:{'0' * 56} {JOB}\n"


@pytest.mark.parametrize("rules", [RULE, f"ann ALL = {JOB} --all\n", ALIAS, f"ann ALL = ALL, !{JOB}\n"])
def test_a_program_that_a_user_owns_is_looked_at(rules: str) -> None:
    assert set(sudo(rules, {JOB: ""}, stats=ANNS)["commands"]) == {JOB}
    assert sudo(rules, {JOB: ""}, stats=ROOTS)["commands"] == {}


@pytest.mark.parametrize("rules", [DIGEST, "ann ALL = NOPASSWD: /opt/*\n", "ann ALL = NOPASSWD: /opt/\n", f"ann ALL = sudoedit {JOB}\n"])
def test_what_is_no_plain_path_is_not(rules: str) -> None:
    assert sudo(rules, {JOB: ""}, stats=ANNS)["commands"] == {}


def test_of_very_many_the_rest_is_a_hole() -> None:
    found = sudo("".join(f"ann ALL = /opt/{number}\n" for number in range(COMMANDS + 1)))["commands"]
    assert isinstance(found, OpenObject) and found.hole.why == Why.LIMIT


def test_the_probe_imports_nothing_that_only_an_analysis_needs() -> None:
    code = "import sys, hostcheck_builtin.privileged_programs.probe_sudo; print(*sys.modules)"
    loaded = subprocess.run((sys.executable, "-c", code), capture_output=True, text=True, check=True).stdout.split()
    assert {name.split(".")[1] for name in loaded if name.startswith("hostcheck_builtin.")} == {"privileged_programs", "system"}
