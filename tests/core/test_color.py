"""Colors: only in the summary on standard output, only where they are wanted, and only around words of hostcheck's own."""

import re
from pathlib import Path

import pytest

from hostcheck.cli import color, main

GOLDEN = sorted((Path(__file__).parents[1] / "golden").glob("*.txt"))
CODES = re.compile(r"\x1b\[[0-9;]*m")


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.name)
def test_without_its_codes_the_text_is_what_it_was(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    painted = color.paint(text)
    assert CODES.sub("", painted) == text and painted != text
    assert "\x1b[1;31mNONCOMPLIANT\x1b[0m: " in painted and "\x1b[1mCOULD NOT BE READ\x1b[0m\n" in painted
    assert "\n  \x1b[1;31mcritical\x1b[0m  HC-ACC-" in painted and painted.count("\x1b[0m") * 2 == len(CODES.findall(painted))


@pytest.mark.parametrize("line", ["  on  critical\n", "    critical  HC-ACC-01\n", "  high up in the tree\n", "Every local user can\n", "", "\n", "  FAILED\n"])
def test_what_is_no_word_of_its_own_stays(line: str) -> None:
    assert color.paint(line) == line


@pytest.mark.parametrize(
    ("when", "terminal", "environment", "colors"),
    [
        ("auto", True, {}, True),
        ("auto", False, {}, False),
        ("auto", True, {"NO_COLOR": "1"}, False),
        ("auto", True, {"NO_COLOR": ""}, True),
        ("auto", True, {"TERM": "dumb"}, False),
        ("auto", False, {"FORCE_COLOR": "1"}, True),
        ("auto", True, {"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        ("always", False, {"NO_COLOR": "1"}, True),
        ("never", True, {"FORCE_COLOR": "1"}, False),
    ],
)
def test_when_there_are_colors(when: str, terminal: bool, environment: dict[str, str], colors: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"TERM": "xterm", **environment}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.stdout.isatty", lambda: terminal)
    assert color.wanted(when) is colors


def test_a_file_and_other_formats_have_none(tmp_path: Path, capfd: pytest.CaptureFixture[str], evidence: Path) -> None:
    told = ["evaluate", str(evidence), "--color", "always"]
    assert main([*told, "--format", "text", "--format", f"text={tmp_path}/x", "--format", f"json={tmp_path}/y"]) == 1
    assert "\x1b[" in capfd.readouterr().out
    assert b"\x1b" not in (tmp_path / "x").read_bytes() + (tmp_path / "y").read_bytes()
    assert main([*told[:2], "--color", "never", "--format", "text"]) == 1 and "\x1b" not in capfd.readouterr().out
    assert main([*told[:2], "--color", "allways"]) == 2
    assert "--color allways: it is one of auto, always, never; did you mean 'always'?" in capfd.readouterr().err
