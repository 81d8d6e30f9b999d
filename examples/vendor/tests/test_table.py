"""What the format writes, read again as a spreadsheet would."""

import csv
import io

import pytest
from nadir_hostcheck.plugin import CSV
from nadir_hostcheck.table import COLUMNS


def cell(text):
    """Return what becomes of a subject."""
    finding = dict.fromkeys(COLUMNS, "") | {"subject": text}
    (row,) = csv.DictReader(io.StringIO(CSV.render({"findings": [finding]})))
    return row["subject"]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "＝1+1", '=HYPERLINK("http://192.0.2.1","x")'])
def test_nothing_is_a_formula(text):
    """A quote in front makes it text."""
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize(
    ("text", "shown"), [("a\x1b[31mb", "a\\x1b[31mb"), ("\t=1+1", "\\t=1+1"), ("a\r\nb", "a\\r\\nb"), ("a\u202eb", "a\\u202eb"), ("\udcff", "\\udcff")]
)
def test_what_does_not_print_is_shown_by_its_escape(text, shown):
    """Neither a terminal nor a spreadsheet is told what to do."""
    assert cell(text) == shown


@pytest.mark.parametrize("text", ['a "b", c', "größe", "/run/docker.sock", ""])
def test_other_text_comes_back_as_it_was(text):
    """Quotes and commas do not end a cell."""
    assert cell(text) == text
