"""The contract of formats: any report can be written, as what the format says that it is, and is left as it was.

A format that raises on what a host holds costs its user the report, and any user of a host can make it hold that.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, ClassVar, Final
from xml.etree import ElementTree

from hostcheck.deferred import pattern
from hostcheck.model import Format
from hostcheck.testing.contract import Contract, require
from hostcheck.testing.probes import Saying
from hostcheck.testing.reports import Report, example_reports
from hostcheck.testing.shipped import require_name

CONTROL: Final = pattern(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
"""What moves a cursor or ends a text, and XML cannot hold; tabs and line ends are not among it."""


def copied(report: Report) -> Report:
    """Return a copy of `report`; json makes it in a tenth of the time that copy.deepcopy takes."""
    again: Report = json.loads(json.dumps(report))
    return again


class FormatContract(Contract):
    """What holds for every format, to inherit in a test module.

    Give `format`. It is tried on `example_reports`; give `reports` by name for others. Every test of the class that has an argument `report` runs
    once for each.

    ```python
    from acme_motd.plugin import hostcheck_formats
    from hostcheck.testing import FormatContract

    class TestLine(FormatContract):
        (format,) = hostcheck_formats()
    ```
    """

    __test__ = False
    format: ClassVar[Format]
    reports: ClassVar[Mapping[str, Report]] = {}
    needs: ClassVar[Mapping[str, str]] = {"format": "LINE"}

    def cases(self) -> Mapping[str, Any]:
        """Run what has an argument `report` on each of the reports."""
        return {"report": self.reports or example_reports()}

    def render(self, report: Report) -> str:
        """Return a copy of `report` as the format writes it; what is raised says what to do."""
        with Saying("any host may hold this in a name: escape what the format cannot hold, and read nothing that a report need not have"):
            return self.format.render(copied(report))

    def test_its_name_can_be_used(self) -> None:
        """The registry refuses a name that hostcheck has, or that cannot stand in a pointer or on a command line."""
        require_name(self.format)

    def test_its_media_type_is_one(self) -> None:
        """By it a reader knows what the text is."""
        media = self.format.media_type
        require(bool(re.fullmatch(r"[a-z]+/[a-z0-9.+-]+", media)), f"{media!r} is no media type; write one such as text/plain")

    def test_it_writes_any_report(self, report: Report) -> None:
        """Text that can be written to a file, whatever is in the report."""
        text = self.render(report)
        require(isinstance(text, str), f"{self.format.name} returned {type(text).__name__}; return the text as str")
        with Saying("the text is written as UTF-8, which has no lone surrogates"):
            text.encode()

    def test_it_writes_the_same_twice(self, report: Report) -> None:
        """A report that was read from its JSON is the same report."""
        text = self.render(report)
        remedy = "write nothing but what the report says: its clock is in it, and the order of its keys means nothing"
        require(self.render(report) == text, f"{self.format.name} wrote the same report in two ways; {remedy}")
        again = self.render(json.loads(json.dumps(report, sort_keys=True)))
        require(again == text, f"{self.format.name} wrote a report in another way after it was read from its JSON; {remedy}")

    def test_it_changes_nothing(self, report: Report) -> None:
        """Another format is given the same report after it."""
        given = copied(report)
        self.format.render(given)
        changed = sorted(name for name in given.keys() | report.keys() if given.get(name) != report.get(name))
        require(not changed, f"{self.format.name} changed {', '.join(changed)} of the report that it was given; copy what you change")

    def test_it_is_what_it_says(self, report: Report) -> None:
        """JSON can be read as JSON, and XML as XML."""
        text, kind = self.render(report), self.format.media_type.rpartition("/")[2].rpartition("+")[2]
        with Saying(f"{self.format.name} says that it is {self.format.media_type}; write it by a library that escapes, not by joining texts"):
            if kind == "json":
                json.loads(text)
            elif kind == "xml":
                ElementTree.fromstring(text)

    def test_no_control_character_comes_out(self, report: Report) -> None:
        """What a host holds must not move the cursor of whoever reads about it."""
        found = CONTROL.search(self.render(report))
        remedy = "show it as an escape such as \\x1b; render_template of hostcheck.api does"
        require(found is None, f"{self.format.name} lets the control character {found and found.group()!r} out of the report; {remedy}")
