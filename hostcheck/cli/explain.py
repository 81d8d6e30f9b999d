"""`hostcheck explain`: what a rule asks for and why, and on request what a report found by it."""

import json
import os
import textwrap
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from hostcheck.benchmark import Benchmark, selection
from hostcheck.cli import output, printable
from hostcheck.cli.judging import installed_benchmarks, named_benchmarks, read_report
from hostcheck.cli.plugins import config_option, hint, load
from hostcheck.documents import parse_own, read_bytes
from hostcheck.model import HostcheckError, cite, step_text
from hostcheck.wording import judged, severity


def arguments(parser: ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("rule", metavar="RULE", help="the id of a rule, such as HC-ACC-01")
    parser.add_argument("report", nargs="?", metavar="REPORT", help="a report: also say what it found by that rule")
    parser.add_argument("--benchmark", action="append", metavar="PATH", help="look in this benchmark instead of the installed ones (may be repeated)")
    config_option(parser)


def run(args: Namespace) -> int:
    """Print the explanation and return the exit code."""
    registry = load(args.config)
    benchmarks = named_benchmarks(args.benchmark, registry) if args.benchmark else installed_benchmarks(registry)
    report = read_report(args.report) if args.report else None
    benchmark = next((benchmark for benchmark in benchmarks if args.rule in benchmark.rules), None)
    found = _found(report, args.rule) if report else []
    if benchmark is None:
        known = sorted({rule for benchmark in benchmarks for rule in benchmark.rules})
        near = get_close_matches(args.rule, known, n=1)
        raise HostcheckError(f"no rule is called {args.rule!r}{f'; did you mean {near[0]}?' if near else '; see `hostcheck list rules`'}{hint(registry)}")
    output.say("".join(f"{printable(line)}\n" for line in (*_explained(benchmark, args.rule), *found)))
    return 0


def _explained(benchmark: Benchmark, name: str) -> Iterator[str]:
    rule = benchmark.rules[name]
    yield f"{name}  {rule['title']}"
    yield from _paragraph("severity", severity(rule))
    yield f"benchmark   {benchmark.id} {benchmark.version}, profiles {', '.join(_profiles(benchmark, name)) or 'none'}"
    yield from _paragraph("why", rule["rationale"])
    for text in judged(rule):
        yield from _paragraph("judged", text)
    shown = examples(benchmark.path).get(name, {})
    for result, example in shown.items():
        yield from _paragraph(f"a {result}", "; ".join(example_lines(example)))
    for step in shown.get("fail", {}).get("fix") or rule["fix"]:
        yield from _paragraph("fix", step_text(step))
    yield from _paragraph("see", "; ".join(map(cite, rule["references"])))


def examples(path: str) -> Mapping[str, Mapping[str, Any]]:
    """Return the examples that were compiled beside the benchmark at `path`: for each rule one that passes and one that fails; none where there are none."""
    place = f"{path.removesuffix('.json')}.examples.json"
    found: Mapping[str, Mapping[str, Any]] = parse_own(read_bytes(place), place)["rules"] if os.path.isfile(place) else {}
    return found


def example_lines(example: Mapping[str, Any]) -> Iterator[str]:
    """Yield the facts of an example, each with its place, and what the finding says."""
    for fact in example["facts"]:
        yield f"{fact['at']} = {json.dumps(fact['value'], ensure_ascii=False)}"
    if example["because"]:
        yield f'"{example["because"]}"'


def _profiles(benchmark: Benchmark, rule: str) -> list[str]:
    return [name for name in sorted(benchmark.profiles) if rule in selection(benchmark, name)[0]]


def _paragraph(name: str, text: str) -> list[str]:
    return textwrap.wrap(text, 100, initial_indent=f"{name:<12}", subsequent_indent=" " * 12, break_long_words=False, break_on_hyphens=False)


def _found(report: dict[str, Any], rule: str) -> Iterator[str]:
    findings = [finding for finding in report["findings"] if finding["rule"] == rule]
    yield ""
    yield printable(f"found on {report['host']['name']} at {report['host']['clock']}:")
    if not findings:
        yield "  nothing: the report does not know this rule"
    for finding in findings:
        yield printable(f"  {finding['result']:<14}{finding['subject'] or 'the host'}  {finding['because']}")
        for item in finding["evidence"]:
            value = f"not known: {item['hole']['why']}" if "hole" in item and item["value"] is None else json.dumps(item["value"], ensure_ascii=False)
            yield printable(f"      {item['probe']}{item['pointer']} = {value}  (from {item['source']})")
