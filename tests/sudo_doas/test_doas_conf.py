"""The rules of doas; expectations were run on OpenDoas 6.8.2."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck_builtin.sudo_doas.doas_conf import DoasRule, parse


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("", []),
        ("# x\n\n", []),
        ("permit ann\n", [DoasRule(1, True, identity="ann")]),
        (
            "permit nopass keepenv :wheel as root cmd /bin/ls args a b\n",
            [DoasRule(1, True, ["nopass", "keepenv"], [], ":wheel", "root", "/bin/ls", ["a", "b"])],
        ),
        ("deny ann cmd ls args\n", [DoasRule(1, False, identity="ann", command="ls", args=[])]),
        ("permit persist \\\n  ann # x\n", [DoasRule(1, True, ["persist"], identity="ann")]),
        ("permit \\\n  persist\n", [DoasRule(1, True, identity="persist")]),  # behind a fold a word is no keyword
        ("permit setenv { A B=$B C=1 -D } ann\n", [DoasRule(1, True, ["setenv"], ["A", "B"], "ann")]),
        ('permit "as" as "a b"\n', [DoasRule(1, True, identity="as", target="a b")]),
    ],
)
def test_rules(text: str, rules: list[DoasRule]) -> None:
    assert parse(text) == (rules, 0)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("permit ann\npermit bob", 2),  # the last line needs a newline
        ("permit\n", 1),
        ("permit ann as\n", 1),
        ("allow ann\n", 1),
        ("permit ann bob\n", 1),
        ("deny nopass ann\n", 1),
        ('permit "ann\n', 1),
        ("permit ann\npermit setenv { A ann\n", 2),
        ("permit ann cmd\n", 1),
        ("permit { ann\n", 1),
        ("permit nopass persist ann\n", 1),
    ],
)
def test_one_wrong_line_and_nothing_counts(text: str, line: int) -> None:
    assert parse(text) == ([], line)


@given(st.text(alphabet='\n \\"{}#permitdnyas:cg\0', max_size=60))
def test_whatever_stands_there(text: str) -> None:
    parse(text)


@pytest.mark.parametrize("piece", ['"', "\\", "\\\n", 'a"b"', '"\\"', "{ ", "a"])
def test_time_is_linear(piece: str) -> None:
    few, many = (min(taken(piece * (size // len(piece))) for _ in range(5)) for size in (20_000, 80_000))
    assert many < 12 * few + 0.2


def taken(text: str) -> float:
    """Return the time of one run; the least of several has no collection of garbage in it."""
    start = time.process_time()
    parse(text)
    return time.process_time() - start
