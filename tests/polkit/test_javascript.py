import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck_builtin.polkit.javascript import ScriptParser
from hostcheck_builtin.polkit.javascript_tokens import NotPlainError

WORDS = "&& || === != => // /* */ if else return function var polkit a 7 true in".split()
PIECES = [*"(){}[];,.:?!=<>+-/*`\n '\"\\", *WORDS]


def parsed(text: str) -> object:
    return ScriptParser(text).program()


@pytest.mark.parametrize(
    "text",
    ["var a = 1, b;\n", "function f(a, b) { return a }", "a = (x) => x\n", "a = x => { return x; }", "if (a) b(); else if (c) { d() } else e()", ";", "a\nb"],
)
def test_what_is_read(text: str) -> None:
    assert parsed(text)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a b", 1),
        ("\n'a\n'", 2),
        ("/* a", 1),
        ("a\nfor (;;) {}", 2),
        ("`${a}`", 1),
        ("if (a", 1),
        ("a.b = c", 1),
        ("var if = 1", 1),
        ("try {} catch (e) {}", 1),
        ("(" * 1000, 1),
        ("!" * 1000, 1),
        ("{" * 1000, 1),
        ("a" + ".a" * 1000, 1),
        ("if (a) b; else " * 1000, 1),
    ],
)
def test_what_is_not_read_is_told_by_its_line(text: str, line: int) -> None:
    with pytest.raises(NotPlainError) as raised:
        parsed(text)
    assert raised.value.args == (line,)


def test_long_conditions_and_chains_of_ifs_are_read() -> None:
    assert parsed("a(" + " || ".join(["b"] * 3000) + ")") and parsed("if (a) b; else " * 90 + "c")


@given(st.one_of(st.text(max_size=200), st.lists(st.sampled_from(PIECES), max_size=80).map(" ".join)))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        parsed(text)
    except NotPlainError as error:
        assert 1 <= error.args[0] <= text.count("\n") + 1


@pytest.mark.laws
@pytest.mark.parametrize("piece", ["/*", "'", "`", "/", "[", "=>", "a=>", "(a,", "/*/", "\\", "if(a)", "a?b:", "function(){", "{a:", '"\\'])
def test_no_text_takes_long(piece: str) -> None:
    began = time.monotonic()
    try:
        parsed(piece * (500_000 // len(piece)))
    except NotPlainError:
        pass
    assert time.monotonic() - began < 8
