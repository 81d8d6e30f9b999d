"""The line of an error, and nothing of what its parser says."""

import json
import tomllib
from collections.abc import Callable

import pytest
import yaml

from hostcheck_builtin.system.parse_errors import at_line


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
