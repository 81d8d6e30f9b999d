"""A sentence shows facts as people read them; a fix is filled in so that it can be pasted, and what cannot be pasted safely becomes a note."""

import os
import pty
import shlex
import subprocess
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck.because import STEPS, Words, fill, fill_steps, show
from hostcheck.model import Hole, Json, Why, incomplete
from hostcheck.told import Check, Listing, told_of

DENIED = Hole(why=Why.DENIED, message="no")
ANN_AND_BOB = {"ann": {"uid": 1, "way": "group docker"}, "bob": {"uid": 2, "way": "ACL"}}


def check(schema: Json, _: str = "") -> Check:
    return Check(made=lambda: schema)


def steps(*fix: dict[str, Any], facts: Any, subject: str = "s", document: Any = None) -> list[dict[str, str]]:
    return fill_steps(told_of({"fix": fix}, check).fix, Words(subject=subject, facts=facts, document=document))


def sentence(text: str, facts: Any, **lists: Listing) -> str:
    return fill(text, Words(subject="s", facts=facts, lists=lists))


def test_a_command_has_its_facts_quoted_for_the_shell() -> None:
    found = steps({"run": "chown -- {/owner} {subject} {//host/gid}"}, facts={"owner": "a b;reboot"}, subject="x'y", document={"host": {"gid": 7}})
    assert found == [{"run": "chown -- 'a b;reboot' 'x'\"'\"'y' 7"}]


@pytest.mark.parametrize("value", [DENIED, None, True, ["a"], {"a": 1}, "", "a\nb", "a\x1b[2J", "a\x00", "a\u202eb", "-rf", "--help"])
def test_what_cannot_be_pasted_becomes_a_note(value: Any) -> None:
    (step,) = steps({"run": "rm -- {/path}"}, facts={"path": value})
    assert step.keys() == {"note"} and step["note"].startswith("No command is given here: path is ")


@pytest.mark.parametrize(("alone", "is_given"), [(True, True), (False, False), (DENIED, False), ("yes", False), (None, False)])
def test_root_is_given_a_command_on_a_path_only_where_nobody_else_can_replace_it(alone: Any, is_given: bool) -> None:
    """Between the scan and the paste somebody could put a link to /etc/shadow there."""
    (step,) = steps({"run": "chmod 0660 -- {subject}", "root_only": "/alone"}, facts={"alone": alone}, subject="/run/docker.sock")
    assert step == ({"run": "chmod 0660 -- /run/docker.sock"} if is_given else {"note": step.get("note")})
    (unsaid,) = steps({"run": "chmod 0660 -- {subject}"}, facts={"alone": alone}, subject="/run/docker.sock")
    assert unsaid.keys() == {"note"} and unsaid["note"].startswith("No command is given for /run/docker.sock: ")


@pytest.mark.parametrize(("user", "is_given"), [("ann", True), ("a b", True), ("-u", False), (DENIED, False), (None, False)])
def test_a_users_file_is_changed_by_that_user(user: Any, is_given: bool) -> None:
    (step,) = steps({"as": "/owner", "run": "chmod 0700 -- {/path}"}, facts={"owner": user, "path": "/run/user/1"})
    assert step.keys() == ({"run"} if is_given else {"note"})
    if is_given:
        assert f" runuser -u {shlex.quote(user)} -- chmod 0700 -- /run/user/1 <" in step["run"]


@pytest.mark.root
def test_who_runs_a_command_for_root_gets_neither_its_terminal_nor_its_environment() -> None:
    """With the descriptor of a terminal one types into it and reads along, also from another session (pidfd_getfd(2))."""
    (step,) = steps(
        {"as": "/owner", "run": "sh -c 'readlink /proc/self/fd/0 /proc/self/fd/1 /proc/self/fd/2; env; id -un; printf \"\\\\033[2J\"'"},
        facts={"owner": "nobody"},
    )
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TOKEN": "s3cret"}
    done = subprocess.run(["bash", "-c", step["run"]], stdin=theirs, stdout=subprocess.PIPE, stderr=theirs, env=environment, text=True, check=True)
    os.close(ours)
    os.close(theirs)
    lines = done.stdout.splitlines()
    assert lines[0] == "/dev/null" and lines[1].startswith("pipe:") and lines[1] == lines[2]
    assert "nobody" in lines and "s3cret" not in done.stdout and "/dev/pts" not in done.stdout and "\x1b" not in done.stdout


def test_a_step_is_repeated_for_each_member_and_the_rest_is_counted() -> None:
    people = {f"u{number:02}": {"uid": number} for number in range(STEPS + 3)}
    found = steps({"each": "/users", "run": "gpasswd -d {key} {subject} # {/uid}"}, facts={"users": people})
    assert found[0] == {"run": "gpasswd -d u00 s # 0"} and len(found) == STEPS + 1
    assert found[-1] == {"note": "The same for 3 more."}
    assert steps({"each": "//l", "note": "look at {key}"}, facts={}, document={"l": ["a", "b"]}) == [{"note": "look at a"}, {"note": "look at b"}]


def test_what_is_the_same_for_several_members_is_one_step() -> None:
    assert steps({"each": "/users", "run": "systemctl restart docker"}, facts={"users": ANN_AND_BOB}) == [{"run": "systemctl restart docker"}]


@pytest.mark.parametrize("facts", [{}, {"users": DENIED}, {"users": {}}, {"users": incomplete({}, DENIED)}, {"users": {"ann": DENIED}}])
def test_where_nobody_is_known_there_is_no_step(facts: Any) -> None:
    assert steps({"each": "/users", "run": "userdel {key}"}, facts=facts) == []


@pytest.mark.parametrize(("facts", "given"), [({"a": 1}, ["one"]), ({"a": 2}, ["two"]), ({"a": DENIED}, []), ({}, [])])
def test_a_step_with_a_condition_is_given_where_that_certainly_holds(facts: Any, given: list[str]) -> None:
    when = {number: {"required": ["a"], "properties": {"a": {"const": number}}} for number in (1, 2)}
    assert [step["note"] for step in steps({"note": "one", "when": when[1]}, {"note": "two", "when": when[2]}, facts=facts)] == given
    only = steps({"each": "/users", "when": {"properties": {"uid": {"minimum": 2}}}, "run": "userdel {key}"}, facts={"users": ANN_AND_BOB})
    assert only == [{"run": "userdel bob"}]


def test_a_note_shows_facts_as_people_read_them() -> None:
    assert steps({"note": "mode {/mode}, {/who}"}, facts={"mode": DENIED, "who": ["a", "b"]}) == [{"note": "mode (not known: access denied), a, b"}]


def test_what_is_not_known_has_one_pair_of_brackets() -> None:
    assert sentence("a ({/image}) runs, ({/image}, b)", {"image": DENIED}) == "a (not known: access denied) runs, ((not known: access denied), b)"


@pytest.mark.parametrize(
    ("count", "shown"), [(0, "0 uids"), (1, "1 uid"), (65536, "65536 uids"), ([], "0 uids"), ({"a": 1}, "1 uid"), (DENIED, "(not known: access denied) uids")]
)
def test_a_number_agrees_with_its_noun(count: Any, shown: str) -> None:
    assert sentence("{/count|uid}", {"count": count}) == shown


def test_a_list_names_who_it_is_about_and_how_each_is() -> None:
    listing = Listing(each="/users", where=check({"properties": {"uid": {"minimum": 2}}}), show="{key} ({/way})")
    assert sentence("{who} can connect", {"users": ANN_AND_BOB}, who=listing) == "bob (ACL) can connect"
    assert sentence("{who}", {"users": incomplete(ANN_AND_BOB, DENIED)}, who=listing) == "bob (ACL), and there may be more"
    assert sentence("{who}", {"users": DENIED}, who=listing) == "(not known: access denied)"
    assert sentence("{/n}", {"n": incomplete([str(number) for number in range(10)], DENIED)}) == "0, 1, 2, 3, 4, 5, 6, 7 and at least 2 more"
    many = {f"u{number}": {"uid": 5} for number in range(10)}
    assert sentence("{who}", {"users": many}, who=Listing(each="/users", where=None, show="{key}")) == "u0, u1, u2, u3, u4, u5, u6, u7 and 2 more"


@given(st.text(max_size=20))
def test_a_shell_reads_back_what_was_filled_in(value: str) -> None:
    (step,) = steps({"run": "printf %s {/v}"}, facts={"v": value})
    if "run" in step:
        assert shlex.split(step["run"]) == ["printf", "%s", value]
        if value.isascii():
            assert subprocess.run(["sh", "-c", step["run"]], capture_output=True, check=True).stdout.decode() == value


def test_a_group_is_named_once_with_its_people() -> None:
    told = ["ann (group docker)", "bob (ACL)", "cat (group docker)", "dan (primary group docker)", "x", "x", "eve (group ops) in web"]
    assert show(told) == "ann, cat (group docker), bob (ACL), dan (primary group docker), x, x, eve (group ops) in web"
    assert show([f"u{number} (group docker)" for number in range(10)]) == "u0, u1, u2, u3, u4, u5, u6, u7 (group docker) and 2 more"
