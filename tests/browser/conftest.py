"""One browser for all the tests, and the pages it looks at, each a file as an auditor would open it."""

from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from browser.chromium import Browser, Page, program
from browser.pages import render

Show = Callable[..., Page]


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Start a browser that has never seen anything."""
    if program() is None:
        pytest.fail("these tests need a browser: apt-get install chromium")
    browser = Browser(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


@pytest.fixture
def show(chromium: Browser, tmp_path: Path) -> Iterator[Show]:
    """Return a function that opens the page of a report in a tab: `show(report, at="#HC-ACC-03", width=360)`."""
    pages: list[Page] = []

    def opened(report: dict[str, Any], at: str = "", **options: Any) -> Page:
        path = tmp_path / f"report-{len(pages)}.html"
        path.write_text(render(report), encoding="utf-8")
        page = Page(chromium, **options)
        pages.append(page)
        page.open(path.as_uri() + at)
        return page

    yield opened
    for page in pages:
        page.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """Return the text of axe-core."""
    found = find_spec("axe_playwright_python")
    if found is None or found.origin is None:
        pytest.fail("these tests need axe-core: pip install --no-deps --require-hashes -r tests/browser/requirements.txt")
    return (Path(found.origin).parent / "axe.min.js").read_text(encoding="utf-8")
