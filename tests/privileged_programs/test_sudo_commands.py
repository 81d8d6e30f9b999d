"""Programs that rules of sudo name: which are looked at, and who can change them; one fact away nobody can."""

from typing import Any

import pytest
from privileged_programs.rights import derive, facts, sudo

from hostcheck.host.answers import Stat
from hostcheck.model import Hole, OpenObject, Why
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


def changed(stats: dict[str, Stat]) -> Any:
    return derive(facts(RULE, {JOB: ""}, stats=stats))["commands"]


def test_who_can_change_a_program() -> None:
    assert {path: list(one["changed_by"]["users"]) for path, one in changed(ANNS).items()} == {JOB: ["ann"]}
    assert {path: list(one["changed_by"]["users"]) for path, one in changed({JOB: Stat(type="file", uid=0, gid=51, mode=0o775)}).items()} == {
        JOB: ["cat", "dan"]
    }
    assert changed({JOB: Stat(type="file", uid=0, gid=99, mode=0o775)}) == {}


def test_a_program_that_is_not_there_is_made_by_who_may_write_to_its_directory() -> None:
    found = derive(facts(RULE, {"/opt/x": ""}, stats={"/opt": Stat(type="dir", uid=1001, gid=0, mode=0o755)}))["commands"]
    assert {path: list(one["changed_by"]["users"]) for path, one in found.items()} == {JOB: ["bob"]}


def test_of_very_many_the_rest_is_a_hole() -> None:
    found = sudo("".join(f"ann ALL = /opt/{number}\n" for number in range(COMMANDS + 1)))["commands"]
    assert isinstance(found, OpenObject) and found.hole.why == Why.LIMIT


def test_where_the_programs_are_not_known_the_rights_are() -> None:
    told = facts(RULE, {JOB: ""}, stats=ANNS)
    told["sudo"] = {**told["sudo"], "commands": Hole(why=Why.DENIED, message="no")}
    found = derive(told)
    assert isinstance(found["commands"], Hole) and list(found["grants"])
