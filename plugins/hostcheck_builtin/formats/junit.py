"""JUnit XML, one case a finding, for whatever shows test results: CI servers above all.

It obeys two schemas that forbid each other's extras (Ant's, and that of Jenkins' xunit plugin): what has no place in both stands in the text of
a case or among the properties of its suite. So do the references of a rule, as `reference.RULE`: neither allows a case to have properties.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from hostcheck.api import cite, exit_code, headline, not_examined, step_text, visible
from hostcheck_builtin.formats.causes import fix_of, subject_of
from hostcheck_builtin.formats.rights import notice
from hostcheck_builtin.formats.words import rated

NO_TIME: Final = "0.000"
"""How long a case took: both schemas want a number, and a report has none."""
NO_DATE: Final = "1970-01-01T00:00:00"
"""Stands for a clock that is no date; what the clock read is a property."""
MEANINGS: Final = (
    "0: compliant in what was examined, no failure is rated {}",
    "1: noncompliant, at least one failure is rated {}",
    "",
    "3: inconclusive, something is undetermined",
    "4: nothing was evaluated",
    "5: a plugin was refused that root must not trust",
)
"""By exit code."""
KINDS: Final = {"fail": "failure", "error": "error", "unknown": "error", "notapplicable": "skipped", "notchecked": "skipped", "notselected": "skipped"}
"""The element that tells of a result; pass and informational have none."""
INT: Final = 2**31 - 1
"""The largest number that both schemas allow: a report that was tampered with may count more."""
STATED: Final = ("pass", "informational")
"""Results whose reason stands in the output of the suite: a case that has neither failed nor been skipped has no text."""

Finding = dict[str, Any]
Case = tuple[str, str, Finding]
"""Class, name, and the finding it tells of."""


def render(report: dict[str, Any]) -> str:
    """Return the report as JUnit XML, a suite for each benchmark; work and size are linear in the findings."""
    described = {benchmark["id"]: benchmark for benchmark in report["benchmarks"]}
    suites: dict[str, list[Case]] = {benchmark["id"]: [] for benchmark in report["benchmarks"]}
    for case in _named(report):
        suites.setdefault(case[2]["benchmark"], []).append(case)
    root = Element("testsuites")
    for benchmark, cases in suites.items():
        _add_suite(root, benchmark, described.get(benchmark, {}), cases, report)
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _token(text: str) -> str:
    """Return `text` as the xs:token that a reader makes of it, who may take spaces together: that must not make one name of two."""
    return " ".join(visible(text).split())


def _named(report: dict[str, Any]) -> Iterator[Case]:
    """Yield the cases, no two of one class and name: GitLab keeps only the first of such, and a host may choose names that print alike."""
    given: set[tuple[str, str]] = set()
    twins: Counter[tuple[str, str]] = Counter()
    for finding in (*report["findings"], *_left_out(report)):
        classname = _token(f"{finding['benchmark']}.{report['host']['name']}")
        subject = f" [{finding['subject']}]" if finding["subject"] else ""
        wanted = name = _token(f"{finding['rule']} {finding['title']}{subject}")
        while (classname, name) in given:
            twins[classname, wanted] += 1
            name = f"{wanted} ({twins[classname, wanted] + 1})"
        given.add((classname, name))
        yield classname, name, finding


def _left_out(report: dict[str, Any]) -> Iterator[Finding]:
    """Yield a case for findings that the report has no room for: it stands for as many as it says, in the counts of its suite as well."""
    titles = {(finding["benchmark"], finding["rule"]): finding["title"] for finding in report["findings"]}
    for one in report.get("omitted", ()):
        of = "" if one["uid"] is None else f" of user id {one['uid']}"
        stands_for = {"title": titles.get((one["benchmark"], one["rule"]), ""), "subject": f"{one['count']} more{of}", "evidence": [], "holes": []}
        yield {**one, **stands_for, "because": f"{one['count']} more findings like this{of} are left out"}


def _count(kinds: Iterable[tuple[str, Finding]]) -> Counter[str]:
    counted: Counter[str] = Counter()
    for kind, finding in kinds:
        counted[kind] += finding.get("count", 1)
    return counted


def _add_suite(root: Element, benchmark: str, about: dict[str, Any], cases: list[Case], report: dict[str, Any]) -> None:
    suite = SubElement(root, "testsuite", id=str(len(root)), name=_token(benchmark) or "unnamed", package="hostcheck", time=NO_TIME)
    suite.set("hostname", _token(report["host"]["name"]) or "localhost")
    suite.set("timestamp", _timestamp(report["host"]["clock"]))
    kinds = _count((KINDS.get(finding["result"], ""), finding) for _, _, finding in cases)
    for name, number in {"tests": kinds.total(), "failures": kinds["failure"], "errors": kinds["error"], "skipped": kinds["skipped"]}.items():
        suite.set(name, str(min(number, INT)))
    properties = SubElement(suite, "properties")
    first = [said] if (said := notice(report["host"])) else []
    for name, value in (*(("notice", said) for said in first), *_of_benchmark(about, cases), *_of_run(report), *_references(about, cases)):
        SubElement(properties, "property", name=_token(name), value=visible(value))
    for classname, name, finding in cases:
        _add_outcome(SubElement(suite, "testcase", name=name, classname=classname, time=NO_TIME), finding, about)
    stated = (f"{finding['result']}: {name}: {finding['because']}" for _, name, finding in cases if finding["result"] in STATED and finding["because"])
    SubElement(suite, "system-out").text = _lines([*first, *stated])
    SubElement(suite, "system-err").text = _lines(f"not known: {_hole(hole)}" for hole in report["holes"])


def _timestamp(clock: str) -> str:
    """Return `clock` without its zone, which Ant's schema forbids."""
    try:
        return datetime.fromisoformat(clock).replace(tzinfo=None).isoformat(timespec="seconds")
    except ValueError:
        return NO_DATE


def _add_outcome(case: Element, finding: Finding, about: dict[str, Any]) -> None:
    kind = KINDS.get(finding["result"])
    if kind is None:
        return
    because: str = finding["because"]
    message = f"{finding['result']}: {because}" if kind == "skipped" else because
    outcome = SubElement(case, kind, message=visible(message))
    if kind != "skipped":
        outcome.set("type", f"fail.{finding['severity']}" if finding["result"] == "fail" else finding["result"])
    # The message once more: GitLab ignores the attribute where there is text, Jenkins the text where there is the attribute.
    outcome.text = _lines([message, *(() if kind == "skipped" else _details(finding, about))])


def _details(finding: Finding, about: dict[str, Any]) -> Iterator[str]:
    """Yield what to know and to do about a finding, a line each."""
    rule = about.get("rules", {}).get(finding["rule"], {})
    yield f"severity: {finding['severity']}"
    yield f"subject: {subject_of(finding)}"
    for item in finding["evidence"]:
        yield f"evidence: {item['probe']}{item['pointer']} {_stated(item)} (from {item['source']})"
    for hole in finding["holes"]:
        yield f"not known: {_hole(hole)}"
    for step in fix_of([finding]):
        yield f"fix: {step_text(step)}"
    for reference in rule.get("references", ()):
        yield f"reference: {_cited(reference)}"


def _cited(reference: dict[str, str]) -> str:
    """Return a reference as people cite it, with its address."""
    return " ".join(filter(None, (cite(reference), reference.get("url", ""))))


def _stated(item: dict[str, Any]) -> str:
    if "hole" not in item:
        return f"= {_json(item['value'])}"
    hole = f"{item['hole']['why']}: {item['hole']['message']}"
    return f"is not known: {hole}" if item["value"] is None else f"= {_json(item['value'])}, and possibly more ({hole})"


def _hole(hole: dict[str, str]) -> str:
    return f"{hole['at']}: {hole['why']}: {hole['message']}"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _lines(texts: Iterable[str]) -> str:
    return "\n".join(map(visible, texts))


def _of_benchmark(about: dict[str, Any], cases: list[Case]) -> Iterator[tuple[str, str]]:
    """Yield the properties that are a suite's own; JUnit knows four results, and these count all eight."""
    for name in ("title", "version", "sha256", "profile"):
        if name in about:
            yield f"benchmark.{name}", about[name]
    results = _count((finding["result"], finding) for _, _, finding in cases)
    yield from ((f"count.{result}", str(results[result])) for result in ("pass", "informational", *KINDS))


def _references(about: dict[str, Any], cases: list[Case]) -> Iterator[tuple[str, str]]:
    """Yield for each rule that was judged what it answers: an auditor looks for the number of a control."""
    for rule in sorted({finding["rule"] for _, _, finding in cases}):
        if references := about.get("rules", {}).get(rule, {}).get("references"):
            yield f"reference.{rule}", "; ".join(map(_cited, references))


def _of_run(report: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the properties that every suite of a report has."""
    inputs = report["inputs"]
    yield "verdict", headline(report)
    yield "examined", "; ".join(inputs.get("scope", {}).get("examined", [])) or "not known"
    yield "not_examined", "; ".join(not_examined(report))
    if inputs.get("unconfirmed"):
        yield "unconfirmed", "; ".join(inputs["unconfirmed"])
    yield "exit_code", MEANINGS[exit_code(report)].format(rated(inputs["fail_on"]))
    for name in ("profile", "fail_on", "as_of"):
        yield name, inputs[name]
    yield from _of_host(report["host"])
    yield from _digests(inputs)
    for plugin in report["plugins"]:
        parts = "; ".join(f"{kind}: {', '.join(names)}" for kind, names in sorted(plugin["contributes"].items()) if names)
        yield f"plugin.{plugin['distribution']}", f"{plugin['version']} sha256:{plugin['sha256']} {plugin['allowed']} ({parts})"
    for plugin in report["refused"]:
        yield f"refused.{plugin['distribution']}", f"{plugin['status']}: {plugin['reason']}"


def _of_host(host: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name in ("name", "kind", "os", "kernel", "role", "role_source", "clock", "euid"):
        yield f"host.{name}", "not known" if host[name] is None else str(host[name])
    yield "host.role_evidence", "; ".join(host["role_evidence"])


def _digests(inputs: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what the report follows from."""
    yield "tool", f"{inputs['tool']['name']} {inputs['tool']['version']}"
    yield "evidence.tool", f"{inputs['evidence']['tool']['name']} {inputs['evidence']['tool']['version']}"
    yield "evidence.sha256", inputs["evidence"]["sha256"]
    for kind in ("analyses", "benchmarks", "values"):
        yield from ((f"{kind}.{name}", value if isinstance(value, str) else _json(value)) for name, value in sorted(inputs[kind].items()))
