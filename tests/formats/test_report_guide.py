"""docs/report.md names what a report has, and its format is one."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from browser.pages import recorded

from hostcheck.api import Format
from hostcheck.model import Result, Why
from hostcheck.published import published
from hostcheck.testing import FormatContract

DOCS = Path(__file__).parents[2] / "docs"
GUIDE = (DOCS / "report.md").read_text(encoding="utf-8")
SCHEMA = published("report-2")


def rows(heading: str) -> list[str]:
    """Return the names in the first column of the table whose head begins with `heading`."""
    lines = GUIDE[GUIDE.index(f"| {heading} |") :].split("\n\n")[0].splitlines()[2:]
    return [name for line in lines for name in re.findall(r"`([^`]+)`", line.split("|")[1])]


def smallest() -> Callable[[dict[str, Any]], str]:
    """Return the format of the guide."""
    space: dict[str, Any] = {}
    found = re.search(r"```python\n(.*?)```", GUIDE, re.DOTALL)
    assert found is not None
    exec(found[1], space)
    render: Callable[[dict[str, Any]], str] = space["render"]
    return render


class TestSmallest(FormatContract):
    format = Format(name="smallest", media_type="text/plain", render=smallest())


def test_it_says_what_is_wrong_and_how_to_fix_it() -> None:
    report = recorded()
    text = smallest()(report)
    assert text.startswith("throwaway: noncompliant; not examined: TCP listeners")
    assert all(finding["because"] in text for finding in report["findings"] if finding["result"] == "fail")


def test_each_key_is_named_that_a_report_has() -> None:
    assert sorted(rows("key")) == sorted(SCHEMA["properties"])
    assert sorted(rows("field")) == sorted(SCHEMA["$defs"]["finding"]["properties"].keys() - {"waiver"})  # no version has any yet
    assert sorted(rows("result")) == sorted(Result)
    assert all(f"`{why}`" in GUIDE for why in Why)
    for key in ("host", "inputs"):
        (line,) = (line for line in GUIDE.splitlines() if line.startswith(f"| `{key}` |"))
        named = set(re.findall(r"`([^`]+)`", line)) | set(re.findall(r"\w+", line))
        assert {name.rstrip("s") for name in SCHEMA["properties"][key]["properties"]} <= {name.rstrip("s") for name in named} | {"analyse"}


def test_the_guide_to_plugins_leads_to_it() -> None:
    assert "[report.md](report.md)" in (DOCS / "plugins.md").read_text(encoding="utf-8")
