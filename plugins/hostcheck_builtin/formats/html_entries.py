"""Findings as an entry for each rule and result, with a part for each cause, its subjects and its fix.

An entry is also a few rows of a table, for paper: there only what failed or is undetermined is shown with its fix and its evidence.
"""

import re
from collections.abc import Sequence
from typing import Final

from hostcheck.api import cite, left_out, more_like
from hostcheck_builtin.formats.causes import WORST, Document, because_of, causes, fix_of, see, subject_of, subjects_of, with_one_fix
from hostcheck_builtin.formats.html_evidence import evidence, place, states
from hostcheck_builtin.formats.words import ABOUT, OWN_TESTS, RESULTS

OPEN: Final = 25
"""How many entries a reader finds open: those that failed or are undetermined, until there are too many to keep track of."""
BRIEF: Final = ("informational", "pass", "notapplicable", "notselected")
"""Results that are a table on paper."""
NAMED: Final = 8
"""How many subjects a row on paper names."""


def entries(report: Document) -> list[Document]:
    """Return the entries, in the order of reading: by result, and among them the most severe first."""
    groups: dict[tuple[str, str, str], list[Document]] = {}
    for finding in report["findings"]:
        groups.setdefault((finding["benchmark"], finding["rule"], finding["result"]), []).append(finding)
    who = states(report["plugins"])
    made = sorted((_entry(findings, who, report) for findings in groups.values()), key=_place)
    advice = {(benchmark["id"], rule): about for benchmark in report["benchmarks"] for rule, about in benchmark["rules"].items()}
    _link(made, advice)
    return made


def _entry(findings: list[Document], states: dict[str, str], report: Document) -> Document:
    first = findings[0]
    kind = {key: first[key] for key in ("benchmark", "rule", "result")}
    subjects = len(findings) + left_out(report, **kind)
    severities = sorted({finding["severity"] for finding in findings}, key=WORST.index)
    cases = with_one_fix((_case(alike, states, is_single=subjects == 1) for alike in causes(findings)), "fix")
    return {
        **kind,
        "title": first["title"],
        "severity": severities[0],
        "severities": severities,
        "is_single": subjects == 1,
        "on": subject_of(first) if subjects == 1 else f"{subjects} subjects",
        "because": cases[0]["because"],
        "cases": cases,
        "more": more_like(report, **kind),
        "rows": [_row(first, alike) for alike in causes(findings)] if first["result"] in BRIEF else [],
    }


def _place(entry: Document) -> tuple[int, int, str, str]:
    return (list(RESULTS).index(entry["result"]), WORST.index(entry["severity"]), entry["rule"], entry["benchmark"])


def _case(alike: list[Document], states: dict[str, str], *, is_single: bool) -> Document:
    """Return what one cause is, with its subjects where the entry has more than the one that its heading names."""
    because = because_of(alike)
    holes = [f"{hole['message']} ({hole['why']}; {place(hole['at'])})" for hole in alike[0]["holes"] if hole["message"] not in because]
    return {
        "severity": alike[0]["severity"],
        "because": because,
        "subjects": [] if is_single else subjects_of(alike),
        "fix": _blocks(fix_of(alike)),
        "holes": holes,
        "evidence": evidence(alike, states),
    }


def _blocks(steps: Sequence[Document]) -> list[Document]:
    """Return the steps of a fix with commands that follow each other in one block."""
    blocks: list[Document] = []
    for step in steps:
        if "run" not in step:
            blocks.append({"note": step["note"], "run": []})
        elif blocks and blocks[-1]["run"]:
            blocks[-1]["run"].append(step["run"])
        else:
            blocks.append({"note": "", "run": [step["run"]]})
    return blocks


def _row(first: Document, alike: list[Document]) -> Document:
    names = subjects_of(alike)
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return {"rule": first["rule"], "title": first["title"], "on": ", ".join(names[:NAMED]) + more, "because": because_of(alike)}


def _link(made: list[Document], advice: dict[tuple[str, str], Document]) -> None:
    """Give each entry the name that links lead to, and the first entry of a rule what is to be said of that rule."""
    taken: set[str] = set()
    firsts: dict[tuple[str, str], Document] = {}
    for number, entry in enumerate(made):
        rule = (entry["benchmark"], entry["rule"])
        first = firsts.setdefault(rule, entry)
        # No ':' is left in a name: the page's own names have one.
        name = re.sub(r"[^A-Za-z0-9._-]", "-", entry["rule"]) + ("" if first is entry else f".{entry['result']}")
        while not name or name in taken:
            name += f".{number}"
        taken.add(name)
        entry["name"] = name
        entry["first"] = first["name"]
        entry["about"] = _about(advice.get(rule), entry) if first is entry else None
        entry["open"] = number < OPEN and entry["result"] in ("fail", "error", "unknown")


def _about(advice: Document | None, entry: Document) -> Document | None:
    """Return what is to be said of a rule; where it has no answer, where to read how it is kept, as only a failure fills in the steps."""
    if advice is None:
        return None
    verify: str = advice.get("verify", "")
    texts = [{"term": "Why it matters", "lines": _lines(advice["rationale"])}]
    if entry["result"] in ("error", "unknown", "notchecked"):
        texts.append({"term": "If it fails", "lines": [see(entry["rule"])]})
    if verify:
        texts.append({"term": "What a pass is about", "lines": [ABOUT.get(verify, verify)]})
    return {"texts": texts, "references": [{"text": cited(reference), "url": _link_of(reference)} for reference in advice["references"]]}


def cited(reference: Document) -> str:
    """Return a reference as people cite it; a test of hostcheck's is called one."""
    return f"hostcheck's own test: {reference.get('section', '')}" if reference["source"] == OWN_TESTS else cite(reference)


def _link_of(reference: Document) -> str:
    """Return the address of a reference if a browser may be led there; a report may be anybody's."""
    url: str = reference.get("url", "")
    return url if url.startswith(("https://", "http://")) else ""


def _lines(text: str) -> list[str]:
    return [line for line in text.split("\n") if line.strip()]
