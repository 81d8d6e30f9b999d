"""What is told of an exception that nobody expected."""

import json
import re

import pytest

from hostcheck import crash


def caught(text: str, read: object) -> str:
    """Return what is told of the exception that a text causes."""
    try:
        read(text)  # type: ignore[operator]
    except Exception as error:
        return crash.told(error)
    raise AssertionError("nothing was raised")


@pytest.mark.parametrize(
    ("read", "kind"),
    [
        (int, "ValueError"),
        (lambda text: {}[text], "KeyError"),
        (json.loads, "JSONDecodeError"),
        (lambda text: text.encode("ascii"), "UnicodeEncodeError"),
        (lambda text: open(f"/nonexistent/{text}"), "FileNotFoundError (No such file or directory)"),
    ],
)
def test_type_and_place_are_told_and_nothing_that_was_read(read: object, kind: str) -> None:
    told = caught("hunter2\u00e9", read)
    assert "hunter2" not in told
    assert re.fullmatch(rf"{re.escape(kind)} in (caught|<lambda>)\(\), core/test_crash\.py, line [0-9]+", told)


def test_an_exception_that_was_never_raised_has_no_place() -> None:
    assert crash.told(ValueError("hunter2")) == "ValueError"
