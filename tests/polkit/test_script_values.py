"""When values are true, and what is not worked out stays open."""

import pytest

from hostcheck_builtin.polkit.conditions import ALWAYS, MAYBE, NEVER, atom
from hostcheck_builtin.polkit.script_values import UNKNOWN, ScriptRegex, ScriptSymbol, constant, either, truth_of

GROUP = atom("group", "wheel")


@pytest.mark.parametrize(
    ("value", "when"),
    [("", NEVER), ("x", ALWAYS), (0, NEVER), (None, NEVER), ([], ALWAYS), (UNKNOWN, MAYBE), (ScriptSymbol("subject"), ALWAYS), (GROUP, GROUP)],
)
def test_when_a_value_is_true(value: object, when: object) -> None:
    assert truth_of(value) == when


def test_one_of_two_values() -> None:
    assert either(GROUP, True, False) == GROUP and either(GROUP, "a", "a") == "a" and either(GROUP, "a", "b") is UNKNOWN
    assert (constant(True), constant(False)) == (ALWAYS, NEVER)


@pytest.mark.parametrize(("regex", "text", "found"), [("^a", "ab", 0), ("b", "ab", 1), ("c", "ab", -1), ("(a+)+", "a", UNKNOWN), ("a", UNKNOWN, UNKNOWN)])
def test_where_a_regular_expression_is_found(regex: str, text: object, found: object) -> None:
    assert ScriptRegex(regex).finds(text) == found
