"""Words that begin and end blocks: in which of them commands are run each time."""

import pytest

from hostcheck.host import LimitExceeded
from hostcheck_builtin.shell.shell_blocks import NESTED, Blocks


def read(*words: str, tested: bool = False) -> Blocks:
    blocks = Blocks()
    for word in words:
        blocks.open(word) if word in ("case", "()") else blocks.takes(word, tested=tested)
    return blocks


@pytest.mark.parametrize(
    ("words", "opened", "certain"),
    [
        ((), [], True),
        (("if", "then"), ["then"], False),
        (("if", "then", "fi"), [], True),
        (("if", "then", "else"), ["then"], False),
        (("if", "then", "elif"), [], True),
        (("while", "do"), ["do"], False),
        (("while", "do", "done"), [], True),
        (("case",), ["case"], False),
        (("case", "esac"), [], True),
        (("()", "{"), ["function"], False),
        (("()", "{", "}"), [], True),
        (("{",), ["{"], True),
        (("done", "fi"), [], True),
        (("if", "then", "done"), ["then"], False),
    ],
)
def test_what_is_open(words: tuple[str, ...], opened: list[str], certain: bool) -> None:
    blocks = read(*words)
    assert (blocks.opened, blocks.certain) == (opened, certain)


def test_behind_a_test_of_what_is_there_commands_are_certain_and_behind_its_else_they_are_not() -> None:
    assert read("if", "then", tested=True).certain and not read("if", "then", "else", tested=True).certain


def test_words_that_are_none_of_a_block_are_a_commands() -> None:
    blocks = Blocks()
    assert [word for word in ("!", "if", "then", "fi", "ls", "for", "case") if not blocks.takes(word, tested=False)] == ["ls", "for", "case"]


def test_a_case_is_told_only_where_it_was_opened_since() -> None:
    blocks = read("case")
    assert blocks.is_case() and not blocks.is_case(1)


def test_nested_blocks_are_bounded() -> None:
    with pytest.raises(LimitExceeded):
        read(*["{"] * (NESTED + 1))
