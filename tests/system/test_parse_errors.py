"""The line of an error, and nothing of what its parser says."""

import json
import tomllib
from collections.abc import Callable

import pytest
import yaml

from hostcheck_builtin.system.parse_errors import at_line, no_constant, once


@pytest.mark.parametrize(
    ("parse", "text", "expected"),
    [
        (json.loads, '{"a": 1,\n "hunter2"', " at line 2"),
        (json.loads, "1" * 5000, ""),
        (tomllib.loads, "a = 1\nhunter2 = 1\nhunter2 = 2\n", " at line 3"),
        (tomllib.loads, 'a = "hunter2', ""),
        (yaml.safe_load, "a: b\nc: @hunter2\n", " at line 2"),
        (yaml.safe_load, "a: 2001-99-99\n", ""),
        (lambda text: text.encode().decode("ascii"), "hunter2\u00e9", ""),
    ],
)
def test_a_line_is_told_where_the_parser_has_one(parse: Callable[[str], object], text: str, expected: str) -> None:
    with pytest.raises(Exception) as raised:  # noqa: PT011 - each parser has its own
        parse(text)
    assert at_line(raised.value) == expected


def test_a_text_that_only_looks_like_a_line_is_none() -> None:
    assert at_line(ValueError("(at line hunter2, column 1)")) == at_line(ValueError("(at line 1, column 1) hunter2")) == ""


@pytest.mark.parametrize("text", ["NaN", "[-Infinity]", '{"a": 1, "a": 2}', '{"a": {"b": 1, "b": 1}}'])
def test_what_readers_take_differently_is_no_json(text: str) -> None:
    with pytest.raises(ValueError):
        json.loads(text, object_pairs_hook=once, parse_constant=no_constant)


def test_other_json_is() -> None:
    assert json.loads('{"a": {"a": [1.5, null]}}', object_pairs_hook=once, parse_constant=no_constant) == {"a": {"a": [1.5, None]}}
