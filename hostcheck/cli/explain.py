"""`hostcheck explain`: what a rule asks for and why, and on request what a report found by it."""

import json
import textwrap
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

from hostcheck.benchmark import Benchmark
from hostcheck.cli import output, printable
from hostcheck.cli.judging import installed_benchmarks
from hostcheck.cli.plugins import config_option, hint, load
from hostcheck.documents import read
from hostcheck.model import HostcheckError


def arguments(parser: ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("rule", metavar="RULE", help="the id of a rule, such as HC-ACC-01")
    parser.add_argument("report", nargs="?", metavar="REPORT", help="a report: also say what it found by that rule")
    config_option(parser)


def run(args: Namespace) -> int:
    """Print the explanation and return the exit code."""
    registry = load(args.config)
    benchmarks = installed_benchmarks(registry)
    report = read(args.report, "report")[0] if args.report else None
    benchmark = next((benchmark for benchmark in benchmarks if args.rule in benchmark.rules), None)
    found = _found(report, args.rule) if report else []
    if benchmark is None:
        known = sorted({rule for benchmark in benchmarks for rule in benchmark.rules})
        near = get_close_matches(args.rule, known, n=1)
        raise HostcheckError(f"no rule is called {args.rule!r}{f'; did you mean {near[0]}?' if near else '; see `hostcheck list rules`'}{hint(registry)}")
    output.say("".join(f"{line}\n" for line in (*_explained(benchmark, args.rule), *found)))
    return 0


def _explained(benchmark: Benchmark, name: str) -> Iterator[str]:
    rule = benchmark.rules[name]
    severity = rule["severity"] if isinstance(rule["severity"], str) else "by the facts: " + json.dumps(rule["severity"])
    yield f"{name}  {rule['title']}"
    yield f"severity    {severity}"
    yield f"benchmark   {benchmark.id} {benchmark.version}, profiles {', '.join(_profiles(benchmark, name)) or 'none'}"
    yield from _paragraph("why", rule["rationale"])
    yield from _paragraph("remedy", rule["remediation"])
    yield from _paragraph("see", "; ".join(rule["references"]))
    for key in ("applies", "each", "where", "expect", "values"):
        if key in rule:
            yield from _paragraph(key, json.dumps(rule[key], ensure_ascii=False))
    if rule.get("manual"):
        yield "a person has to judge this: it is never passed or failed, and does not count in the exit code"
    elif "verify" in rule:
        yield f"a pass proves what is true {rule['verify']}"


def _profiles(benchmark: Benchmark, rule: str) -> list[str]:
    from hostcheck.benchmark import selection

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
