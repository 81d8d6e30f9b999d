"""Prose for a terminal: headings, paragraphs, lists and the steps of a fix, folded to its width.

A command stands on a line of its own and is never folded: it is there to be copied. What would move a cursor is shown instead.
"""

import textwrap
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Final

from hostcheck.cli.output import columns
from hostcheck.visible import visible

WIDTHS: Final = (40, 100)


class Page:
    """Lines at the width of the terminal."""

    def __init__(self) -> None:
        """Ask the terminal for its width."""
        least, most = WIDTHS
        self.width = max(least, min(columns(), most))

    def heading(self, text: str) -> list[str]:
        """Return a heading, with space above it."""
        return ["", visible(text)]

    def paragraph(self, text: str, indent: int = 2, mark: str = "") -> list[str]:
        """Return a paragraph; `mark` stands before its first line."""
        first = " " * indent + mark
        rest = " " * len(first)
        return textwrap.wrap(visible(text), self.width, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False)

    def points(self, texts: Sequence[str], indent: int = 2) -> list[str]:
        """Return a list."""
        return [line for text in texts for line in self.paragraph(text, indent, "- ")]

    def steps(self, fix: Sequence[Mapping[str, str]], indent: int = 2) -> list[str]:
        """Return the steps of a fix: notes as paragraphs, each command on one line."""
        lines: list[str] = []
        for is_command, group in groupby(fix, lambda step: "run" in step):
            lines += [""] if lines else []
            for step in group:
                lines += [f"{' ' * (indent + 2)}{visible(step['run'])}"] if is_command else self.paragraph(step["note"], indent)
        return lines
