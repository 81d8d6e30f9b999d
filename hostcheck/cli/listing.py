"""`hostcheck list`: what there is to scan with, and from whom."""

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping
from typing import Final

from hostcheck import glossary
from hostcheck.cli import output, printable
from hostcheck.cli.judging import installed_benchmarks
from hostcheck.cli.plugins import config_option, load
from hostcheck.documents import load_facts_schema
from hostcheck.model import Json
from hostcheck.registry import Registry


def arguments(parser: ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("kind", choices=sorted(KINDS), metavar="KIND", help=", ".join(sorted(KINDS)))
    parser.add_argument("--json", action="store_true", help="as JSON")
    config_option(parser)


def run(args: Namespace) -> int:
    """Print the list and return the exit code."""
    rows = KINDS[args.kind](load(args.config))
    if args.json:
        output.say(json.dumps(rows, sort_keys=True, indent=2, ensure_ascii=False) + "\n")
    else:
        output.say("".join("  ".join(printable(str(value)) for key, value in row.items() if key != "facts") + "\n" for row in rows))
    return 0


Row = dict[str, Json]


def _rules(registry: Registry) -> list[Row]:
    rows: list[Row] = []
    for benchmark in installed_benchmarks(registry):
        for name, rule in sorted(benchmark.rules.items()):
            severity = rule["severity"] if isinstance(rule["severity"], str) else _range(rule["severity"])
            rows.append({"id": name, "severity": severity, "title": rule["title"], "benchmark": benchmark.id})
    return rows


def _range(written: list[Json]) -> str:
    """Return the severities that a rule may have by the facts, the usual one first."""
    return " or ".join(dict.fromkeys([written[-1], *(case["is"] for case in written[:-1])]))


def _profiles(registry: Registry) -> list[Row]:
    return [
        {"name": name, "title": profile["title"], "benchmark": benchmark.id, "rules": len(profile["rules"])}
        for benchmark in installed_benchmarks(registry)
        for name, profile in sorted(benchmark.profiles.items())
    ]


def _probes(registry: Registry) -> list[Row]:
    return [{"id": one.id, "title": one.title, "version": one.version, "facts": _facts(one.facts_schema)} for _, one in sorted(registry.probes.items())]


def _facts(path: str) -> list[Json]:
    """Return what each fact is, by the facts schema at `path`."""
    return [*glossary.facts(load_facts_schema(path))]


def _analyses(registry: Registry) -> list[Row]:
    found = sorted(registry.analyses.items())
    return [{"id": one.id, "title": one.title, "reads": list(one.reads), "facts": _facts(one.facts_schema)} for _, one in found]


def _formats(registry: Registry) -> list[Row]:
    return [{"name": form.name, "media_type": form.media_type} for _, form in sorted(registry.formats.items())]


KINDS: Final[Mapping[str, Callable[[Registry], list[Row]]]] = {
    "rules": _rules,
    "probes": _probes,
    "analyses": _analyses,
    "formats": _formats,
    "profiles": _profiles,
}
