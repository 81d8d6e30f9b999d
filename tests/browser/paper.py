"""A page as it is printed: the words of each sheet and where they stand, by pdftotext of poppler-utils."""

import base64
import re
import shutil
import subprocess
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import pytest
from browser.chromium import Page

FOOT = 44.0
"""How high the foot of a sheet is in points, in which its number stands."""


@dataclass(frozen=True)
class Word:
    """A word on a sheet: where it begins and ends, and how far down it stands."""

    text: str
    left: float
    right: float
    top: float
    bottom: float


@dataclass(frozen=True)
class Sheet:
    """One sheet of paper with the words on it, but for those at its foot."""

    width: float
    words: list[Word]

    def text(self) -> str:
        """Return what stands on the sheet, line by line from its top."""
        lines: list[list[Word]] = []
        for word in sorted(self.words, key=lambda word: word.bottom):
            if not lines or word.bottom > lines[-1][0].bottom + 3:
                lines.append([])
            lines[-1].append(word)
        return " ".join(word.text for line in lines for word in sorted(line, key=lambda word: word.left))


def printed(page: Page, path: Path) -> list[Sheet]:
    """Return the sheets of a page; `path` is where the PDF may be written."""
    if shutil.which("pdftotext") is None:
        pytest.fail("this test needs pdftotext: apt-get install poppler-utils")
    page.send("Emulation.setEmulatedMedia", media="")
    path.write_bytes(base64.b64decode(page.send("Page.printToPDF", preferCSSPageSize=True)["data"]))
    found = subprocess.run(["pdftotext", "-bbox", path, "-"], check=True, capture_output=True, text=True).stdout
    return [
        _sheet(float(width), float(height), text)
        for width, height, text in re.findall(r'<page width="([\d.]+)" height="([\d.]+)">(.*?)</page>', found, re.DOTALL)
    ]


def _sheet(width: float, height: float, text: str) -> Sheet:
    found = re.findall(r'<word xMin="([-\d.]+)" yMin="([-\d.]+)" xMax="([-\d.]+)" yMax="([-\d.]+)">(.*?)</word>', text)
    words = [Word(unescape(word), float(left), float(right), float(top), float(bottom)) for left, top, right, bottom, word in found]
    return Sheet(width, [word for word in words if word.bottom < height - FOOT])
