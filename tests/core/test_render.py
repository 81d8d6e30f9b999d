"""Templates that the build has compiled: the same bytes as from their sources, and none for another jinja2 than the one that compiled them."""

import shutil
from pathlib import Path
from typing import Any

import jinja2
import pytest
from browser.pages import RECORDINGS, hostile, recorded

import hostcheck_reports
from hostcheck import render
from hostcheck.api import render_template
from hostcheck.render import compile_templates
from hostcheck_builtin.formats import html, paths, text

FORMATS = {"html.j2": html.render, "paths.j2": paths.render, "text.j2": text.render}


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """Return a copy of the templates that nothing was compiled in."""
    return Path(shutil.copytree(hostcheck_reports.FOLDER, tmp_path / "sources", ignore=shutil.ignore_patterns("compiled")))


@pytest.fixture
def built(sources: Path) -> Path:
    """Return a copy of the templates as the build leaves them."""
    into = shutil.copytree(sources, sources.with_name("built"))
    compile_templates(str(sources), str(into))
    return Path(into)


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str | None]:
    """Return the names of the templates that jinja2 compiles from now on."""
    found: list[str | None] = []
    real = jinja2.Environment.compile

    def compile(self: jinja2.Environment, source: Any, name: str | None = None, *more: Any, **other: Any) -> Any:
        found.append(name)
        return real(self, source, name, *more, **other)

    monkeypatch.setattr(jinja2.Environment, "compile", compile)
    return found


def written(folder: Path, monkeypatch: pytest.MonkeyPatch, report: dict[str, Any]) -> dict[str, str]:
    monkeypatch.setattr(hostcheck_reports, "FOLDER", str(folder))
    return {name: write(report) for name, write in FORMATS.items()}


def test_every_template_of_ours_is_written_by_a_format() -> None:
    assert {path.name for path in Path(hostcheck_reports.FOLDER).glob("*.j2")} == set(FORMATS)


@pytest.mark.laws
def test_what_was_compiled_writes_the_same_bytes(sources: Path, built: Path, monkeypatch: pytest.MonkeyPatch, parsed: list[str | None]) -> None:
    reports = [*map(recorded, RECORDINGS), *(hostile(attack) for attack in ("<b>&\"'", "{{7*7}}{% raw %}", "\x1b[2J\u202e"))]
    by_sources = [written(sources, monkeypatch, report) for report in reports]
    assert set(parsed) == set(FORMATS)
    parsed.clear()
    assert [written(built, monkeypatch, report) for report in reports] == by_sources
    assert parsed == []


def test_another_jinja2_runs_the_sources(built: Path, monkeypatch: pytest.MonkeyPatch, parsed: list[str | None]) -> None:
    for file in built.rglob("*.py"):
        file.write_text("raise ValueError('compiled by another jinja2')")
    with pytest.raises(ValueError, match="compiled by another"):
        written(built, monkeypatch, recorded())
    monkeypatch.setattr(jinja2, "__version__", "3.0.0")
    monkeypatch.setattr(render, "_environment", render._environment.__wrapped__)
    written(built, monkeypatch, recorded())
    assert set(parsed) == set(FORMATS)


def test_a_template_of_a_plugin_is_read_as_it_is(tmp_path: Path, parsed: list[str | None]) -> None:
    (tmp_path / "own.j2").write_text("{{ report.name }}")
    assert render_template(str(tmp_path / "own.j2"), {"name": "<a>"}) == "&lt;a&gt;"
    assert render_template(str(tmp_path / "own.j2"), {"name": "<a>"}, escape=False) == "<a>"
    assert parsed == ["own.j2", "own.j2"]


def test_two_builds_compile_the_same_bytes(built: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    compile_templates(str(tmp_path / "sources"), str(again))
    files = {path.relative_to(again): path.read_bytes() for path in again.rglob("*.py")}
    assert len(files) == 2 * len(FORMATS)
    assert {path: (built / path).read_bytes() for path in files} == files
