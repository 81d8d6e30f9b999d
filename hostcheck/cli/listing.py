"""`hostcheck list`: what there is to scan with, and from whom."""

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from hostcheck import glossary
from hostcheck.benchmark import Benchmark, declared_values, selection
from hostcheck.cli import output, printable
from hostcheck.cli.judging import installed_benchmarks
from hostcheck.cli.page import Page
from hostcheck.cli.plugins import config_option, load
from hostcheck.facts_schema import load_facts_schema
from hostcheck.model import HostcheckError, Json
from hostcheck.registry import Registry
from hostcheck.spelling import chosen


def arguments(parser: ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("kind", metavar="KIND", help=f"what to list: {', '.join(sorted(KINDS))}")
    parser.add_argument("words", nargs="*", metavar="WORD", help="only what has all of these words in it, in small or capital letters")
    parser.add_argument("--json", action="store_true", help="write JSON, which has more than the table")
    config_option(parser)


def run(args: Namespace) -> int:
    """Print the list and return the exit code."""
    kind = chosen(args.kind, sorted(KINDS), "a list; the lists")
    words = [word.lower() for word in args.words]
    rows = [row for row in KINDS[kind](load(args.config)) if all(word in json.dumps(row, ensure_ascii=False).lower() for word in words)]
    if not rows and words and not args.json:
        raise HostcheckError(f"none of the {kind} has {' and '.join(map(repr, args.words))} in it; `hostcheck list {kind}` lists all")
    if kind == "values" and not args.json:
        output.say("".join(f"{line}\n" for line in _told(rows)))
    elif args.json:
        output.say(json.dumps(rows, sort_keys=True, indent=2) + "\n")
    else:
        output.say("".join(f"{line}\n" for line in _table([[printable(_cell(row[key])) for key in COLUMNS[kind]] for row in rows])))
    return 0


Row = dict[str, Json]


def _told(rows: list[Row]) -> Iterator[str]:
    """Yield each value as a paragraph: what it means is too long for a table."""
    page = Page()
    for row in rows:
        yield from page.paragraph(f"{row['name']} ({row['type']}; default: {_cell(row['default'])})", 0)
        about = row["about"][:1].upper() + row["about"][1:]
        yield from page.paragraph(f"{about}. Used by {_cell(row['rules'])}." if about else f"Used by {_cell(row['rules'])}.")


def _cell(value: Json) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _table(rows: list[list[str]]) -> Iterator[str]:
    """Yield rows as lines; the columns stand below each other, but for the last, which is as long as it is."""
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(len(rows[0]) - 1)] if rows else []
    for row in rows:
        yield "  ".join([*(f"{text:<{width}}" for text, width in zip(row, widths, strict=False)), row[-1]])


def _rules(registry: Registry) -> list[Row]:
    rows: list[Row] = []
    for benchmark in installed_benchmarks(registry):
        for name, rule in sorted(benchmark.rules.items()):
            profiles = [profile for profile in sorted(benchmark.profiles) if name in selection(benchmark, profile)[0]]
            kept = {key: rule.get(key, "") for key in ("title", "rationale", "verify")}
            more = {"section": benchmark.sections[name], "profiles": profiles, "fix": rule["fix"], "references": rule["references"]}
            rows.append({"id": name, "severity": _range(rule["severity"]), "benchmark": benchmark.id, "manual": rule.get("manual", False), **kept, **more})
    return rows


def _range(written: Json) -> str:
    """Return the severities that a rule may have by the facts, the usual one first."""
    if isinstance(written, str):
        return written
    return " or ".join(dict.fromkeys([written[-1], *(case["is"] for case in written[:-1])]))


def _values(registry: Registry) -> list[Row]:
    return values(installed_benchmarks(registry))


def values(benchmarks: Iterable[Benchmark]) -> list[Row]:
    """Return every value that a site may set, with its type, its default, what it means and the rules that use it."""
    rows: list[Row] = []
    for benchmark in benchmarks:
        used = {rule: set(_named(document)) for rule, document in benchmark.rules.items()}
        for name, default in sorted(declared_values(benchmark).items()):
            rules = sorted(rule for rule, names in used.items() if name in names)
            rows.append({"name": name, "type": type_of(default), "default": default, "about": benchmark.about_values.get(name, ""), "rules": rules})
            rows[-1]["benchmark"] = benchmark.id
    return rows


def _named(document: Json) -> Iterator[str]:
    """Yield the values that a rule uses."""
    if isinstance(document, dict):
        if isinstance(document.get("$value"), str):
            yield document["$value"]
        document = list(document.values())
    for item in document if isinstance(document, list) else ():
        yield from _named(item)


def type_of(default: Json) -> str:
    """Return the type of a value in words: that of its default."""
    if isinstance(default, list):
        return f"list of {type_of(default[0])}s" if default and not isinstance(default[0], str) else "list of strings"
    return "true or false" if isinstance(default, bool) else "number" if isinstance(default, int | float) else "text"


def _profiles(registry: Registry) -> list[Row]:
    return [
        {"name": name, "title": profile["title"], "benchmark": benchmark.id, "rules": len(selection(benchmark, name)[0])}
        for benchmark in installed_benchmarks(registry)
        for name, profile in sorted(benchmark.profiles.items())
    ]


def _probes(registry: Registry) -> list[Row]:
    return [{"id": one.id, "title": one.title, "version": one.version, "facts": _facts(one.facts_schema)} for _, one in sorted(registry.probes.items())]


def _facts(path: str) -> list[Json]:
    """Return what each fact is, by the facts schema at `path`."""
    return [*glossary.facts(load_facts_schema(path))]


def _leads(registry: Registry) -> list[Row]:
    """Return what probes look for, a row for each place and each program; raises HostcheckError for a file that is not of that form."""
    rows: list[Row] = []
    for name, probe in sorted(registry.probes.items()):
        try:
            rows += _leads_of(name, probe.leads) if probe.leads else []
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise HostcheckError(f"{probe.leads}: what the probe {name} looks for cannot be listed: {type(error).__name__}: {error}") from error
    return sorted(rows, key=lambda row: (row["lead"], row["gives"]))


def _leads_of(probe: str, path: str) -> list[Row]:
    with open(path, "rb") as file:
        found = json.loads(file.read())
    places = [{"gives": "write", **one} for one in found.get("places", ())]
    programs = [{"gives": "setuid", **one, "what": one.get("how", "with a setuid bit or capabilities")} for one in found.get("programs", ())]
    told = [(one, lead) for one in (*places, *programs) for lead in one["place" if "place" in one else "program"]]
    return [
        {**one, "what": str(one["what"]), "source": str(one["source"]), "gives": str(one["gives"]), "lead": str(lead), "probe": probe} for one, lead in told
    ]


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
    "leads": _leads,
    "profiles": _profiles,
    "values": _values,
}
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "rules": ("id", "severity", "benchmark", "title"),
    "probes": ("id", "version", "title"),
    "analyses": ("id", "title", "reads"),
    "formats": ("name", "media_type"),
    "leads": ("lead", "gives", "what", "source"),
    "profiles": ("name", "benchmark", "rules", "title"),
}
"""What stands in each row of a table."""
