"""The canonical form of a report: what is read back is what was written, and one report has one form."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck_builtin.formats.json import render

TEXTS = st.text(max_size=5)
VALUES = st.none() | st.booleans() | st.integers() | TEXTS | st.lists(TEXTS, max_size=2)


def test_one_line_with_sorted_keys_and_no_blank() -> None:
    assert render({"b": [1, None], "a": {"é\u202e": "\n<"}}) == '{"a":{"\\u00e9\\u202e":"\\n<"},"b":[1,null]}\n'


@given(st.dictionaries(TEXTS, VALUES, max_size=4))
def test_it_is_read_back_as_it_was_and_the_order_of_its_keys_tells_nothing(report: dict[str, Any]) -> None:
    text = render(report)
    assert json.loads(text) == report and text.count("\n") == 1
    assert render(dict(reversed(report.items()))) == text
    assert text[:-1].isascii() and text[:-1].isprintable()


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_what_is_no_json_is_never_written(number: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        render({"a": number})
