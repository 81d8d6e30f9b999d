"""`hostcheck explain`: what a rule asks for and why, and on request what a report found by it."""

import os
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, Final

from hostcheck.because import show
from hostcheck.benchmark import Benchmark, selection
from hostcheck.cli import output
from hostcheck.cli.judging import installed_benchmarks, named_benchmarks, read_report, require_rules
from hostcheck.cli.page import Page
from hostcheck.cli.plugins import config_option, load
from hostcheck.documents import parse_own, read_bytes
from hostcheck.left_out import more_like
from hostcheck.model import HostcheckError, cite
from hostcheck.pointer import place
from hostcheck.scope import not_examined, scope_of
from hostcheck.wording import judged, plain, severity

RESULTS: Final = {
    "pass": "Passed",
    "fail": "Failed",
    "error": "Undetermined (error)",
    "unknown": "Undetermined (unknown)",
    "notapplicable": "Does not apply",
    "notchecked": "Not checked",
    "notselected": "Not part of this profile",
    "informational": "Passed, and does not count here (informational)",
}
EXAMPLES: Final = {"pass": "An example that passes", "fail": "An example that fails"}
SCOPE: Final = "scope"
"""Asks for what rules look at, instead of for one rule."""
SHOWN: Final = 20
"""How many findings of one result are shown."""


def arguments(parser: ArgumentParser) -> None:
    """Add the options of this command."""
    text = "the id of a rule, such as HC-ACC-01 (see `hostcheck list rules`); or `scope`: what rules look at, and what nothing looks at"
    parser.add_argument("rule", metavar="RULE", help=text)
    parser.add_argument("report", nargs="?", metavar="REPORT", help="a report in JSON: also say what it found by this rule, and how to fix that")
    parser.add_argument("--benchmark", action="append", metavar="PATH", help="look in this benchmark instead of the installed ones (repeatable)")
    config_option(parser)


def run(args: Namespace) -> int:
    """Print the explanation and return the exit code."""
    registry = load(args.config)
    benchmarks = named_benchmarks(args.benchmark, registry) if args.benchmark else installed_benchmarks(registry)
    report = read_report(args.report) if args.report else None
    if args.rule.lower() == SCOPE:
        output.say("".join(f"{line}\n" for line in _scope(Page(), benchmarks, report)))
        return 0
    (args.rule, *others) = require_rules(args.rule, benchmarks, registry)
    if others:
        raise HostcheckError(f"name one rule: {', '.join([args.rule, *others])}")
    benchmark = next(benchmark for benchmark in benchmarks if args.rule in benchmark.rules)
    page = Page()
    told = _tell_report(page, report, args.rule) if report else []
    failed = any(finding["rule"] == args.rule and finding["result"] == "fail" for finding in (report or {"findings": ()})["findings"])
    lines = [*_head(page, benchmark, args.rule), *told, *_body(page, benchmark, args.rule, with_fix=not failed)]
    output.say("".join(f"{line}\n" for line in lines))
    return 0


def _scope(page: Page, benchmarks: Sequence[Benchmark], report: Mapping[str, Any] | None) -> Iterator[str]:
    """Yield what rules look at and what nothing looks at: those of a report, or all that are installed."""
    every = {name for benchmark in benchmarks for name in benchmark.rules}
    examined = report["inputs"].get("scope", {}).get("examined", ()) if report else scope_of(benchmarks, "", sorted(every))["examined"]
    left_out = not_examined(report) if report else scope_of(benchmarks, "", sorted(every))["not_examined"]
    yield from page.heading(f"What was examined on {report['host']['name']} at {report['host']['clock']}" if report else "What rules look at")
    yield from page.points(list(examined))
    yield from page.heading("Not examined: nothing looks at these")
    yield from page.points(list(left_out))


def _head(page: Page, benchmark: Benchmark, name: str) -> list[str]:
    rule = benchmark.rules[name]
    profiles = _profiles(benchmark, name)
    part = f"{'Profile' if len(profiles) == 1 else 'Profiles'} {' and '.join(profiles)}" if profiles else "In no profile"
    first = page.paragraph(f"{name}: {rule['title']}", 0)
    about = f"Severity {severity(rule)}. {part} of the benchmark {benchmark.id} {benchmark.version}. Section: {benchmark.sections[name]}."
    return [*first, "", *page.paragraph(about, 0)]


def _body(page: Page, benchmark: Benchmark, name: str, *, with_fix: bool) -> Iterator[str]:
    rule, shown = benchmark.rules[name], examples(benchmark.path).get(name, {})
    yield from (*page.heading("Why"), *page.paragraph(rule["rationale"]))
    yield from (*page.heading("How it is judged"), *page.points(judged(rule)))
    for result, example in shown.items():
        yield from page.heading(EXAMPLES.get(result, f"An example: {result}"))
        yield from page.points(list(_facts([{"at": fact["at"], "told": show(fact["value"]) or "empty", "source": ""} for fact in example["facts"]])))
        if example["because"]:
            yield from page.paragraph(f"The report says: {example['because']}")
    if with_fix:
        failing = shown.get("fail", {}).get("fix")
        yield from page.heading("How to fix it" + (" (for this example; a report has the commands for its host)" if failing else ""))
        yield from page.steps(failing or [{key: plain(text) for key, text in step.items() if key in ("run", "note")} for step in rule["fix"]])
    if rule["references"]:
        yield from page.heading("References")
        yield from page.points([f"{cite(one)}, {one['url']}" if one.get("url") and one["url"] != cite(one) else cite(one) for one in rule["references"]])


def examples(path: str) -> Mapping[str, Mapping[str, Any]]:
    """Return the examples that were compiled beside the benchmark at `path`: for each rule one that passes and one that fails; none where there are none."""
    place = f"{path.removesuffix('.json')}.examples.json"
    found: Mapping[str, Mapping[str, Any]] = parse_own(read_bytes(place), place)["rules"] if os.path.isfile(place) else {}
    return found


def _facts(items: Sequence[Mapping[str, str]]) -> Iterator[str]:
    """Yield facts that stand at one place, and come from one source, as one line."""
    for (parent, source), group in groupby(items, lambda item: (item["at"].rpartition("/")[0], item["source"])):
        told = "; ".join(f"{place(item['at'])} is {item['told']}".removeprefix(f"{place(parent)} > ") for item in group)
        yield f"{place(parent)}: {told}{f' (from {source})' if source else ''}"


def _fact(item: Mapping[str, Any]) -> Mapping[str, str]:
    told = f"undetermined ({item['hole']['why']})" if item.get("hole") and item["value"] is None else show(item["value"]) or "empty"
    return {"at": item["probe"] + item["pointer"], "told": told, "source": "" if item["source"] == item["probe"] else item["source"]}


def _profiles(benchmark: Benchmark, rule: str) -> list[str]:
    return [name for name in sorted(benchmark.profiles) if rule in selection(benchmark, name)[0]]


def _tell_report(page: Page, report: Mapping[str, Any], rule: str) -> Iterator[str]:
    """Yield what a report found by a rule, the failures first; findings that say the same are told once."""
    findings = [finding for finding in report["findings"] if finding["rule"] == rule]
    yield from page.heading(f"What was found on {report['host']['name']} at {report['host']['clock']}")
    if not findings:
        yield from page.paragraph("Nothing: this rule is not in the report.")
    order = list(RESULTS)
    order.insert(0, order.pop(1))
    for finding in sorted(findings, key=lambda finding: order.index(finding["result"]))[:SHOWN]:
        yield from _tell_finding(page, finding, report)
    if len(findings) > SHOWN:
        yield from page.paragraph(f"And {len(findings) - SHOWN} more findings.")
    if more := more_like(report, rule=rule):
        yield from page.paragraph(f"The report leaves out others: {more}.")


def _tell_finding(page: Page, finding: Mapping[str, Any], report: Mapping[str, Any]) -> Iterator[str]:
    subject: str = finding["subject"]
    subject = f"what could not be listed{subject[1:]}" if subject == "*" or subject.startswith("* of uid ") else subject or "the host"
    named = finding["because"] if subject in finding["because"] else f"{subject}: {finding['because']}" if finding["because"] else subject
    yield ""
    yield from page.paragraph(f"{RESULTS[finding['result']]}: {_sentence(named)}")
    yield from page.points(list(_facts([_fact(item) for item in finding["evidence"]])), 4)
    if finding["result"] == "fail":
        yield from ("", *page.paragraph("How to fix it:"))
        yield from page.steps(finding.get("fix") or _advice(report, finding), 4)


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _advice(report: Mapping[str, Any], finding: Mapping[str, Any]) -> Sequence[Mapping[str, str]]:
    """Return the fix as the rule has it, for a report of an older version, whose findings have none."""
    fixes = (about["rules"][finding["rule"]]["fix"] for about in report["benchmarks"] if finding["rule"] in about["rules"])
    return next(fixes, [{"note": "See the documentation of this rule."}])
