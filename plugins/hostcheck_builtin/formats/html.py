"""The report as one page for people: the verdict and the most severe first, then every finding with its evidence, then inputs and digests.

It loads nothing from anywhere, can be read without JavaScript and on paper, and says what could not be read as loudly as what failed.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

from hostcheck.api import exit_code, headline, left_out, not_examined, render_template, template, visible
from hostcheck_builtin.formats import not_judged, one_command, told_engines
from hostcheck_builtin.formats.causes import HOST, UNANSWERED, Document, failures
from hostcheck_builtin.formats.html_access import access
from hostcheck_builtin.formats.html_entries import BRIEF, entries
from hostcheck_builtin.formats.html_evidence import place, value_lines
from hostcheck_builtin.formats.html_paths import paths
from hostcheck_builtin.formats.rights import missing_right, notice, reader
from hostcheck_builtin.formats.words import (
    ALLOWED,
    DISTRUST,
    EXITS,
    FROM_INSIDE,
    FROM_INSIDE_RUN,
    LEGEND,
    MEANINGS,
    NOTHING,
    RESULTS,
    STATUSES,
    VERDICTS,
    rated,
)

MANUAL: Final = "a person has to judge"
RUNNING: Final = 80
"""How many characters of host and time stand at the foot of a sheet."""
MOST: Final = 500
"""How many rows a table of what could not be read has at most, and how many places a row."""


def render(report: Document) -> str:
    """Return the report as one HTML file."""
    report, commands = one_command.together(report)
    listed = entries(report)
    shown = {
        **_summary(report, listed),
        "words": {result: {"heading": heading, "text": text, "meaning": MEANINGS[result]} for result, (heading, text) in RESULTS.items()},
        "sections": _sections(report),
        "access": access(report["access"]) if "access" in report else None,
        "paths": paths(report),
        "not_judged": _not_judged(report),
        "one_command": {"title": one_command.TITLE, "advice": one_command.ADVICE, "files": [{**one, "rows": _rows(one)} for one in commands]},
        "groups": [_group(result, list(group)) for result, group in groupby(listed, itemgetter("result"))],
        **_provenance(report),
    }
    return render_template(template("html.j2"), shown)


def _rows(command: Document) -> list[list[Any]]:
    return [[one["key"], [one["value"]], [", ".join(one["rules"])]] for one in command["settings"]]


def _group(result: str, group: list[Document]) -> Document:
    """Return the entries of one result, and what their table on paper is like."""
    return {"result": result, "entries": group, "brief": result in BRIEF, "has_subjects": any(row["on"] != HOST for entry in group for row in entry["rows"])}


def _summary(report: Document, listed: list[Document]) -> Document:
    """Return what stands first: what was judged, the verdict, the most severe failures, and what could not be read."""
    host, counts = report["host"], report["counts"]
    return {
        "verdict": headline(report),
        "tone": "partial" if report["verdict"] == "compliant" and counts["fail"] else report["verdict"],
        "told": list(told_engines.lines(report)),
        "not_examined": not_examined(report),
        "unconfirmed": report["inputs"].get("unconfirmed", []),
        "counts": counts,
        "name": host["name"],
        "notice": notice(host),
        "container": {"note": FROM_INSIDE, "run": FROM_INSIDE_RUN} if host.get("container") else {},
        "clock": host["clock"],
        "meaning": _meaning(report),
        "lead": list(_lead(counts, report)),
        "facts": list(_facts(report)),
        "worst": [entry for entry in listed if entry["result"] == "fail"][:3],
        "unanswered": _unanswered(counts),
        "obstacles": _obstacles(report),
        "holes": many(len(report["holes"]), "fact"),
        "has_holes": bool(report["holes"]),
        "running": _as_css(f"{host['name']}, {host['clock']}"),
        "legend": LEGEND,
        "notes": list(_notes(report)),
    }


def _not_judged(report: Document) -> list[list[Any]]:
    """Return a row for each thing that was seen and is not judged, and one where there may be others."""
    rows = [[one["what"], [one["who"]], [one["why"]], [one["where"]]] for one in not_judged.entries(report)]
    more = not_judged.perhaps_more(report)
    return [*rows, [more, [], [], []]] if more else rows


def _provenance(report: Document) -> Document:
    """Return what stands last: what could not be read, inputs and digests, and what the report means for a script."""
    code = exit_code(report)
    exits = {number: text.format(rated(report["inputs"]["fail_on"])) for number, text in EXITS.items()}
    return {
        "unseen": _unseen(report["holes"]),
        "inputs": [[name, [text]] for name, text in _flat(report["inputs"])],
        "plugins": [_plugin(plugin) for plugin in report["plugins"]],
        "refused": list(_refused(report["refused"])),
        "exit_code": str(code),
        "exits": [[str(number), [text + " (this report)" * (number == code)]] for number, text in exits.items()],
    }


def _meaning(report: Document) -> str:
    code, verdict = exit_code({**report, "refused": []}), VERDICTS[report["verdict"]].format(rated(report["inputs"]["fail_on"]))
    return " ".join(filter(None, (NOTHING if code == 4 else verdict, DISTRUST if exit_code(report) == 5 else "")))


def _lead(counts: dict[str, int], report: Document) -> Iterator[Document]:
    """Yield the counts in words; what failed and what is undetermined is loud."""
    failed, severities = failures(report)
    yield {"text": f"{many(counts['fail'], 'finding')} {failed}", "note": f" ({severities})" if severities else "", "is_loud": True}
    yield {"text": f"{counts['error'] + counts['unknown']} undetermined", "note": "", "is_loud": True}
    said = {"notchecked": "not checked", "pass": "passed", "notapplicable": "not applicable", "informational": "informational", "notselected": "not selected"}
    for result, text in said.items():
        if counts[result] or result == "pass":
            yield {"text": f"{counts[result]} {text}", "note": "", "is_loud": result == "notchecked"}


def many(number: int, one: str) -> str:
    """Return a number with its noun."""
    return f"{number} {one}" if number == 1 else f"{number} {one}s"


def _facts(report: Document) -> Iterator[Document]:
    """Yield what was judged, by whom and when."""
    host = report["host"]
    source = ": ".join(text for text in (host["role_source"], "; ".join(host["role_evidence"])) if text)
    yield {"term": "System", "text": host["os"] or "not known"}
    yield {"term": "Kernel", "text": f"Linux {host['kernel']}" if host["kernel"] else "not known"}
    yield {"term": "Role", "text": (host["role"] or "not known") + (f" ({source})" if source else "")}
    yield {"term": "Read", "text": f"{host['clock']} as {reader(host)}"}
    for benchmark in report["benchmarks"]:
        yield {"term": "Benchmark", "text": f"{benchmark['title']} {benchmark['version']}, profile {benchmark['profile']}"}
    if "rules" in report["inputs"]:
        yield {"term": "Rules", "text": f"only {', '.join(report['inputs']['rules'])}, by --rule; no other was judged"}


def _obstacles(report: Document) -> list[str]:
    """Return why there is no answer, in words; what costs most answers comes first, and each finding without an answer has a reason."""
    ways: Counter[tuple[str, str]] = Counter()
    for finding in report["findings"]:
        if finding["result"] in UNANSWERED:
            ways.update({(hole["message"], f"{hole['why']}; {place(hole['at'])}; ") for hole in finding["holes"]} or {(finding["because"] or MANUAL, "")})
    ordered = sorted(ways.items(), key=lambda item: (-item[1], item[0]))
    others = sum(left_out(report, result=result) for result in UNANSWERED)
    stated = [f"{message} ({where}{many(number, 'finding')})" for (message, where), number in ordered]
    return [*stated, f"the same of findings that are left out here ({many(others, 'finding')})"] if others else stated


def _unanswered(counts: dict[str, int]) -> str:
    """Return how many findings have no answer, with the counts of the results that make up this number; empty where there are none."""
    parts = {"undetermined": counts["error"] + counts["unknown"], "not checked": counts["notchecked"]}
    stated = ", ".join(f"{number} {text}" for text, number in parts.items() if number)
    return f"{many(sum(parts.values()), 'finding')} without an answer: {stated}" if stated else ""


def _as_css(text: str) -> str:
    """Return a text for a string of the style: of other characters than these it has only the numbers, so none can end the string."""
    cut = text if len(text) <= RUNNING else f"{text[:RUNNING]}…"
    return re.sub(r"[^A-Za-z0-9.,:-]", lambda found: f"\\{ord(found[0]):x} ", visible(cut))


def _notes(report: Document) -> Iterator[str]:
    """Yield what else keeps this report from being complete: a privilege that the scan lacked, and plugins that were not used."""
    if right := missing_right(report):
        aim = f"answer: {', '.join(right['rules'])}" if right["rules"] else "read all facts"
        yield f"{right['how']} to {aim}. {right['denied']}"
    for status, names in ((name, [plugin["distribution"] for plugin in report["refused"] if plugin["status"] == name]) for name in STATUSES):
        if names:
            yield f"{many(len(names), 'plugin')} {status}: {', '.join(names[:5])}{', …' if len(names) > 5 else ''}."


def _sections(report: Document) -> list[Document]:
    """Return for each section of rules how many findings have each result, and from where to where to draw them."""
    titles = {(benchmark["id"], name): rule.get("section", "") for benchmark in report["benchmarks"] for name, rule in benchmark["rules"].items()}
    counts: dict[tuple[str, str], Counter[str]] = {}
    for finding in (*report["findings"], *report.get("omitted", ())):
        rule = finding["rule"]
        section = rule.rpartition("-")[0] or rule, titles.get((finding["benchmark"], rule), "")
        counts.setdefault(section, Counter())[finding["result"]] += finding.get("count", 1)
    widest = max((counted.total() for counted in counts.values()), default=1)
    return [_section(name, title, counted, 200 / widest) for (name, title), counted in sorted(counts.items())]


def _section(name: str, title: str, counted: Counter[str], scale: float) -> Document:
    bars, start = [], 0
    for result in RESULTS:
        if counted[result]:
            bars.append({"result": result, "x": round(start * scale, 1), "width": round(counted[result] * scale, 1)})
            start += counted[result]
    stated = ", ".join(f"{counted[result]} {result}" for result in RESULTS if counted[result])
    return {"name": name, "title": title, "counts": {result: counted[result] for result in RESULTS}, "bars": bars, "told": stated}


def _unseen(holes: Iterable[Document]) -> list[list[Any]]:
    """Return a row for each thing the host said where a fact could not be read, with the places of all such facts."""
    said: dict[tuple[str, str], list[str]] = {}
    for hole in holes:
        said.setdefault((hole["why"], hole["message"]), []).append(place(hole["at"]))
    rows = [[why, [message], _cut(places)] for (why, message), places in said.items()]
    return rows if len(rows) <= MOST else [*rows[:MOST], [f"and {len(rows) - MOST} more", ["see the report as JSON"], []]]


def _cut(places: list[str]) -> list[str]:
    return places if len(places) <= MOST else [*places[:MOST], f"and {len(places) - MOST} more"]


def _plugin(plugin: Document) -> list[Any]:
    contributed = [f"{kind}: {', '.join(names)}" for kind, names in sorted(plugin["contributes"].items()) if names]
    return [f"{plugin['distribution']} {plugin['version']}", [ALLOWED[plugin["allowed"]]], [*contributed, f"sha256: {plugin['sha256']}"]]


def _refused(refused: Iterable[Document]) -> Iterator[list[Any]]:
    """Yield a row for each plugin that was not used, the most alarming first."""
    for plugin in sorted(refused, key=lambda plugin: list(STATUSES).index(plugin["status"])):
        name = " ".join(filter(None, (plugin["distribution"], plugin.get("version"))))
        entry_point = f"entry point {plugin['entry_point']}" if plugin.get("entry_point") else ""
        yield [name, [plugin["status"], STATUSES[plugin["status"]]], list(filter(None, (plugin["reason"], entry_point)))]


def _flat(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Yield the leaves of `value` with their names: whatever a report follows from is shown, also what later versions add."""
    if isinstance(value, dict) and value:
        for key, inner in sorted(value.items()):
            yield from _flat(inner, f"{name} > {key}" if name else key)
    else:
        yield name, value if isinstance(value, str) and value else "not set" if value in ("", {}, None) else ", ".join(value_lines(value))
