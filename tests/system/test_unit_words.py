"""How values of units read: the words of a command, of which each has a program, whatever stands there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck_builtin.system import unit_words


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("/a b  c\t'd e' \"f 'g'\"", [("", ["/a", "b", "c", "d e", "f 'g'"])]),
        ("-@+/a b c", [("-@+", ["/a", "c"])]),
        ("!!'/a b' c", [("!!", ["/a b", "c"])]),
        ("'-/a b' c", [("-", ["/a b", "c"])]),
        ('/usr/bin/env FOO="a b" /c', [("", ["/usr/bin/env", "FOO=a b", "/c"])]),
        (
            r"/a \" \' '\'' "
            r'"\"" \x41 \101 \u00e9 b\sc \\ \d',
            [("", ["/a", '"', "'", "'", '"', "A", "A", "é", "b c", "\\", r"\d"])],
        ),
        ("/a ; +/b c ;", [("", ["/a"]), ("+", ["/b", "c"])]),
        (r"/a \; ';' b;c", [("", ["/a", ";", ";", "b;c"])]),
        ("/a 'b", []),
        ('/a b"', []),
        ("- /a", []),
        (";", []),
        ("", []),
    ],
)
def test_the_words_of_a_command(line: str, wanted: list[tuple[str, list[str]]]) -> None:
    assert unit_words.commands(line) == wanted


@given(st.lists(st.sampled_from([*"@-:+!|;'\"\\ \t/ax41$%", "\\x", "\\u", "é", "\n"])).map("".join))
def test_whatever_stands_in_a_line_has_commands_with_a_program(line: str) -> None:
    assert all(one.words[0] and set(one.prefixes) <= set(unit_words.PREFIXES) for one in unit_words.commands(line))


@pytest.mark.parametrize(
    ("line", "strictly", "simply"),
    [
        ("a  b", ["a", "b"], ["a", "b"]),
        ("'a b' c", ["a b", "c"], ["a b", "c"]),
        (r"a \q b", ["a"], ["a", "q", "b"]),
        ("a 'b", ["a"], ["a", "b"]),
        (r"a\x41", ["aA"], ["ax41"]),
    ],
)
def test_the_words_of_a_list_and_those_of_a_variable(line: str, strictly: list[str], simply: list[str]) -> None:
    """A senseless escape ends a list; of a variable, quotes and backslashes are left out (replace_env_argv() of systemd)."""
    assert unit_words.words(line) == strictly and unit_words.words(line, escapes=False) == simply


def test_a_specifier_that_only_systemd_knows_is_left_or_nothing() -> None:
    assert (unit_words.expanded("%n %m", "x.service"), unit_words.specified("%n %m", "x.service")) == ("x.service %m", None)
    assert unit_words.specified("100%% %", "x.service") == "100% %"
