"""A fix is filled in from the facts so that it can be pasted; what cannot be pasted becomes a note."""

import shlex
import subprocess
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck.because import STEPS, fill_steps
from hostcheck.model import Hole, Why, incomplete

DENIED = Hole(why=Why.DENIED, message="no")


def steps(*fix: dict[str, str], facts: Any, subject: str = "s", document: Any = None) -> list[dict[str, str]]:
    return fill_steps(fix, subject, facts, document)


def test_a_command_has_its_facts_quoted_for_the_shell() -> None:
    found = steps({"run": "chown -- {/owner} {subject} {//host/gid}"}, facts={"owner": "a b;reboot"}, subject="/run/x'y", document={"host": {"gid": 7}})
    assert found == [{"run": "chown -- 'a b;reboot' '/run/x'\"'\"'y' 7"}]


@pytest.mark.parametrize("value", [DENIED, None, True, ["a"], {"a": 1}, "", "a\nb", "a\x1b[2J", "a\x00", "a\u202eb"])
def test_what_cannot_be_pasted_becomes_a_note(value: Any) -> None:
    (step,) = steps({"run": "rm -- {/path}"}, facts={"path": value})
    assert step.keys() == {"note"} and step["note"].startswith("no command can be given, because path is ")


def test_a_step_is_repeated_for_each_member_and_the_rest_is_counted() -> None:
    people = {f"u{number:02}": {"uid": number} for number in range(STEPS + 3)}
    found = steps({"each": "/users", "run": "gpasswd -d {subject} docker # {/uid}"}, facts={"users": people})
    assert found[0] == {"run": "gpasswd -d u00 docker # 0"} and len(found) == STEPS + 1
    assert found[-1] == {"note": "and the same for 3 more"}
    assert steps({"each": "//l", "note": "look at {subject}"}, facts={}, document={"l": ["a", "b"]}) == [{"note": "look at a"}, {"note": "look at b"}]


@pytest.mark.parametrize("facts", [{}, {"users": DENIED}, {"users": {}}, {"users": incomplete({}, DENIED)}])
def test_where_nobody_is_known_there_is_no_step(facts: Any) -> None:
    assert steps({"each": "/users", "run": "userdel {subject}"}, facts=facts) == []


def test_a_note_shows_facts_as_people_read_them() -> None:
    assert steps({"note": "mode {/mode}, {/who}"}, facts={"mode": DENIED, "who": ["a", "b"]}) == [{"note": "mode (not known: denied), a, b"}]


@given(st.text(max_size=20))
def test_a_shell_reads_back_what_was_filled_in(value: str) -> None:
    (step,) = steps({"run": "printf %s {/v}"}, facts={"v": value})
    if "run" in step:
        assert shlex.split(step["run"]) == ["printf", "%s", value]
        if value.isascii():
            assert subprocess.run(["sh", "-c", step["run"]], capture_output=True, check=True).stdout.decode() == value
