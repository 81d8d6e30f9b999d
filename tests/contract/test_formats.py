"""What holds for every format and any report: it is written, it is valid, it says the same counts, and nothing in a report can break out of its place.

A format that is registered and has no check of its own here fails, so that none comes without one.
"""

import copy
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import xmlschema
from hypothesis import given, settings
from jsonschema import Draft202012Validator

from hostcheck import registry
from hostcheck.documents import canonical, parse
from hostcheck.report import exit_code
from hostcheck.visible import INVISIBLE
from hostcheck_builtin.formats.junit import KINDS
from reports import EMPTY, SCHEMA, reports

FORMATS = registry.load().formats
SCHEMAS = {path.stem: xmlschema.XMLSchema(str(path)) for path in sorted((Path(__file__).parents[1] / "schemas").glob("*.xsd"))}
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
ACTIVE = {"script", "style", "iframe", "frame", "object", "embed", "link", "meta", "base", "form", "math", "template", "img", "video", "audio"}
"""Elements by which a page loads, sends or does something; data must not make one."""

FEW = settings(max_examples=settings.default.max_examples // 4)  # each of them is large

Report = dict[str, Any]


def check_json(text: str, report: Report) -> None:
    assert canonical(parse(text.encode(), "json")) == canonical(report)


def check_text(text: str, report: Report) -> None:
    assert {character for character in text if unicodedata.category(character) in INVISIBLE} <= {"\n", " "}
    (lines,) = re.findall(rf"^{report['verdict'].upper()}\b.*(?:\n .*)*$", text, re.MULTILINE)
    counts, line = report["counts"], " ".join(lines.split())
    unasked = f"{counts['notchecked']} not checked, " if counts["notchecked"] else ""
    assert f": {counts['fail']} failed" in line
    assert f", {counts['error'] + counts['unknown']} undetermined, {unasked}{counts['pass']} passed, {counts['notapplicable']} not applicable" in line
    assert line.endswith(f", {counts['informational']} informational") == bool(counts["informational"])


def check_junit(text: str, report: Report) -> None:
    for name, schema in SCHEMAS.items():
        assert [f"{name}: {error.path}: {error.reason}" for error in schema.iter_errors(text)] == []
    suites = ElementTree.fromstring(text).findall("testsuite")
    counts = report["counts"]
    said = {name: sum(int(suite.attrib[name]) for suite in suites) for name in ("tests", "failures", "errors", "skipped")}
    skipped = counts["notapplicable"] + counts["notchecked"] + counts["notselected"]
    assert said == {"tests": sum(counts.values()), "failures": counts["fail"], "errors": counts["error"] + counts["unknown"], "skipped": skipped}
    shown = Counter(case[0].tag if len(case) else "" for suite in suites for case in suite.iter("testcase"))
    for one in report.get("omitted", ()):  # a case stands for all of them
        tag = KINDS.get(one["result"], "")
        shown[tag] += one["count"] - 1
    assert (shown["failure"], shown["error"], shown["skipped"], shown.total()) == (said["failures"], said["errors"], said["skipped"], said["tests"])
    for meaning in _properties(suites, "verdict.meaning"):
        codes = re.findall(r"exit code (\d)", meaning)
        assert str(exit_code(report)) in (codes[-1:] if "5" in codes else codes)
    exact = Counter({result: _total(suites, f"count.{result}") for result in counts})
    assert exact == Counter(counts)
    names = [(case.get("classname"), case.get("name")) for suite in suites for case in suite.iter("testcase")]
    assert len(set(names)) == len(names)


def _properties(suites: list[ElementTree.Element], name: str) -> list[str]:
    return [entry.attrib["value"] for suite in suites for entry in suite.iter("property") if entry.get("name") == name]


def _total(suites: list[ElementTree.Element], name: str) -> int:
    return sum(map(int, _properties(suites, name)))


class Page(HTMLParser):
    """What a browser would make of a page, as far as that can be told without one: raises where an end tag has no start."""

    def __init__(self, text: str) -> None:
        """Read `text` to its end."""
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: Counter[str] = Counter()
        self.attributes: list[tuple[str, str]] = []
        self.counts: dict[str, str] = {}
        self.counting = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs), (tag, attrs)
        self.elements[tag] += 1
        self.attributes += [(name, value or "") for name, value in attrs]
        self.counting = dict(attrs).get("data-count") or ""
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, tag
        self.counting = ""

    def handle_data(self, data: str) -> None:
        if self.counting:
            self.counts[self.counting] = self.counts.get(self.counting, "") + data

    def values(self, name: str) -> list[str]:
        return [value for attribute, value in self.attributes if attribute == name]


@cache
def bare_page() -> Page:
    return Page(FORMATS["html"].render(EMPTY))


def check_html(text: str, report: Report) -> None:
    """The counts stand in elements with `data-count`, each finding is one with its result as `data-result`, the exit code is a `data-exit`."""
    assert {character for character in text if unicodedata.category(character) in INVISIBLE} <= {"\n", " "}
    page, bare = Page(text), bare_page()
    assert {name: int(number) for name, number in page.counts.items()} == report["counts"]
    assert Counter(page.values("data-result")) == Counter(finding["result"] for finding in report["findings"])
    assert page.values("data-exit") == [str(exit_code(report))]
    assert {tag: page.elements[tag] for tag in ACTIVE} == {tag: bare.elements[tag] for tag in ACTIVE}
    assert not [name for name, _ in page.attributes if name.startswith("on") or name in ("style", "srcdoc", "formaction", "action")]
    assert not [value for value in page.values("href") + page.values("src") if not re.match(r"https?://|#|data:image/", value)]
    assert len(set(page.values("id"))) == len(page.values("id"))


def check_ndjson(text: str, report: Report) -> None:
    assert [json.loads(line)["rule"] for line in text.splitlines()] == [finding["rule"] for finding in report["findings"]] and text.isascii()


def check_paths(text: str, report: Report) -> None:
    assert {character for character in text if unicodedata.category(character) in INVISIBLE} <= {"\n", " "}
    assert ("does not say who can become root" in text) == ("reach" not in report)


def check_dot(text: str, report: Report) -> None:
    assert {character for character in text if unicodedata.category(character) in INVISIBLE} <= {"\n", " "}
    arrows = text.splitlines()[3:-1]
    quoted = r'"(?:[^"\\]|\\.)*"'
    assert all(re.fullmatch(rf"  {quoted} -> {quoted} \[style=(?:solid|dashed|dotted), label={quoted}\];", arrow) for arrow in arrows)
    assert len(arrows) == len({(step["from"], step["to"]) for path in report.get("paths", ()) for step in path["steps"]})


CHECKS: dict[str, Callable[[str, Report], None]] = {
    "dot": check_dot,
    "html": check_html,
    "json": check_json,
    "junit": check_junit,
    "ndjson": check_ndjson,
    "paths": check_paths,
    "text": check_text,
}


@FEW
@given(reports())
def test_what_is_drawn_is_a_report(report: Report) -> None:
    Draft202012Validator(SCHEMA).validate(report)


@pytest.mark.filterwarnings("ignore:Generating overly large repr")  # of an example that breaks: it may be long, and is wanted all the same
@pytest.mark.parametrize("name", sorted(FORMATS))
@FEW
@given(report=reports())
def test_any_report_is_written_whole_and_nothing_in_it_breaks_out(name: str, report: Report) -> None:
    before = copy.deepcopy(report)
    text = FORMATS[name].render(report)
    assert canonical(report) == canonical(before), "a format changes nothing that it is given"
    CHECKS[name](text, report)
    assert FORMATS[name].render(json.loads(canonical(report))) == text, "read back from a file, a report says the same"
