"""Findings as an entry for each rule and result, with the subjects below it that have the same cause.

A thousand subjects that fail for one cause are one thing to mend: their names are listed, and the cause is told once, with `EACH` where a name stood.
"""

import json
import os
import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

from hostcheck.api import cite, step_text
from hostcheck_builtin.formats.html_words import HOST, MANUAL, RESULTS, TO_MEND, UNLISTED, VERIFY

Document = dict[str, Any]

WORST: Final = ("critical", "high", "medium", "low")
OPEN: Final = 25
"""How many entries a reader finds open: those that failed or could not be known, until there are too many to see over."""
EACH: Final = "(each of these)"
SHORT: Final = 80
"""Up to how many characters a composite value stands on one line."""


def entries(report: Document) -> list[Document]:
    """Return the entries, in the order of reading: by result, and among them the worst first and the waived last."""
    groups: dict[tuple[str, str, str], list[Document]] = {}
    for finding in report["findings"]:
        groups.setdefault((finding["benchmark"], finding["rule"], finding["result"]), []).append(finding)
    states = _states(report["plugins"])
    made = sorted((_entry(findings, states) for findings in groups.values()), key=_place)
    advice = {(benchmark["id"], rule): about for benchmark in report["benchmarks"] for rule, about in benchmark["rules"].items()}
    _link(made, advice)
    return made


def _entry(findings: list[Document], states: dict[str, str]) -> Document:
    first = findings[0]
    severities = sorted({finding["severity"] for finding in findings}, key=WORST.index)
    unwaived = [finding["severity"] for finding in findings if finding["waiver"] is None]
    waived = len(findings) - len(unwaived)
    causes = _alike(findings)
    return {
        **{key: first[key] for key in ("benchmark", "rule", "result", "title")},
        "severity": min(unwaived or severities, key=WORST.index),
        "severities": severities,
        "waived": waived,
        "all_waived": waived == len(findings),
        "is_single": len(findings) == 1,
        "on": subject_of(first) if len(findings) == 1 else f"{len(findings)} subjects",
        "because": causes[0][0]["because"],
        "cases": [_case(alike, states, is_single=len(findings) == 1) for alike in causes],
    }


def _place(entry: Document) -> tuple[int, bool, int, str, str]:
    return (list(RESULTS).index(entry["result"]), entry["all_waived"], WORST.index(entry["severity"]), entry["rule"], entry["benchmark"])


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
        entry["open"] = number < OPEN and entry["result"] in ("fail", "error", "unknown") and not entry["all_waived"]


def _about(advice: Document | None, entry: Document) -> Document | None:
    """Return what is to be said of a rule; how to fix it only where it may have to be fixed, and with the facts of the first finding that failed."""
    if advice is None:
        return None
    verify: str = advice.get("verify", "")
    texts = [{"term": "Why it matters", "lines": _lines(advice["rationale"])}]
    if verify:
        texts.append({"term": "Judged", "lines": [VERIFY.get(verify, verify)]})
    steps = entry["cases"][0]["fix"] or advice["fix"]
    links = [{"text": cite(reference), "url": _link_of(reference)} for reference in advice["references"]]
    return {"mend": TO_MEND.get(entry["result"], ""), "fix": [line for step in steps for line in _lines(step_text(step))], "texts": texts, "references": links}


def _link_of(reference: Document) -> str:
    """Return the address of a reference if a browser may be led there; a report may be anybody's."""
    url: str = reference.get("url", "")
    return url if url.startswith(("https://", "http://")) else ""


def _lines(text: str) -> list[str]:
    return [line for line in text.split("\n") if line.strip()]


def subject_of(finding: Document) -> str:
    """Return what a finding was judged on, in words."""
    subject: str = finding["subject"]
    return {"": HOST, "*": UNLISTED}.get(subject, subject)


def _alike(findings: list[Document]) -> list[list[Document]]:
    """Return the findings with those of one cause together, the worst first."""
    if len(findings) == 1:
        return [findings]
    causes: dict[str, list[Document]] = {}
    for finding in findings:
        causes.setdefault(json.dumps(_without_subject(finding), sort_keys=True), []).append(finding)
    return sorted(causes.values(), key=lambda alike: (alike[0]["waiver"] is not None, WORST.index(alike[0]["severity"])))


def _without_subject(finding: Document) -> Document:
    """Return what a finding says, with `EACH` for its subject."""
    subject = finding["subject"]
    token = subject.replace("~", "~0").replace("/", "~1")
    evidence = [
        {
            **item,
            "pointer": "/".join(EACH if part == token and part else part for part in item["pointer"].split("/")),
            "value": EACH if item["value"] == subject else item["value"],
        }
        for item in finding["evidence"]
    ]
    kept = {key: finding[key] for key in ("result", "severity", "manual", "waiver", "holes")}
    return {**kept, "because": _for_each(finding["because"], subject), "evidence": evidence}


def _for_each(because: str, subject: str) -> str:
    """Return `because` with `EACH` for every word that is the subject; a subject of several words stays, and so parts from others."""
    return " ".join(EACH + word[len(subject) :] if subject and word.rstrip(",.;:") == subject else word for word in because.split(" "))


def _case(alike: list[Document], states: dict[str, str], *, is_single: bool) -> Document:
    """Return what one cause is, with its subjects where the entry has more than the one that its heading names."""
    stated = alike[0] if len(alike) == 1 else _without_subject(alike[0])
    return {
        "severity": stated["severity"],
        "because": " ".join(filter(None, (stated["because"], MANUAL if stated["manual"] else ""))),
        "subjects": [] if is_single else [subject_of(finding) for finding in alike],
        "waiver": None if stated["waiver"] is None else [{"name": name, "lines": value_lines(value)} for name, value in sorted(stated["waiver"].items())],
        "tables": _tables(stated["evidence"], states),
        "holes": [f"{place(hole['at'])}: {hole['why']}: {hole['message']}" for hole in stated["holes"] if hole["message"] not in stated["because"]],
        "fix": alike[0].get("fix", []),
    }


def _states(plugins: Iterable[Document]) -> dict[str, str]:
    """Return for each probe and analysis who saw what it states."""
    return {
        name: f"Seen by {what} {name} ({plugin['distribution']})"
        for plugin in plugins
        for kind, what in (("probes", "probe"), ("analyses", "analysis"))
        for name in plugin["contributes"][kind]
    }


def _tables(evidence: Sequence[Document], states: dict[str, str]) -> list[Document]:
    """Return a table for each probe: who saw it, at which place, and the facts below that place."""
    of_probe: dict[str, list[Document]] = {}
    for item in evidence:
        of_probe.setdefault(item["probe"], []).append(item)
    return [_table(probe, items, states.get(probe, f"Seen by {probe} (of no plugin that this report names)")) for probe, items in of_probe.items()]


def _table(probe: str, items: list[Document], state: str) -> Document:
    paths = [tokens(item["pointer"]) for item in items]
    base = os.path.commonprefix([path[:-1] for path in paths])
    rows = [
        {
            "fact": " > ".join(path[len(base) :]) or "all that it states",
            "lines": [] if item["value"] is None and "hole" in item else value_lines(item["value"]),
            "hole": f"{item['hole']['why']}: {item['hole']['message']}" if "hole" in item else "",
            "source": "" if item["source"] == probe else item["source"],
        }
        for item, path in zip(items, paths, strict=True)
    ]
    return {"state": state, "at": " > ".join(base), "rows": rows, "has_source": any(row["source"] for row in rows)}


def tokens(pointer: str) -> list[str]:
    """Split a JSON Pointer (RFC 6901) into its reference tokens."""
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]


def place(at: str) -> str:
    """Return a place as people read it: probe and JSON Pointer as names with arrows between."""
    probe, slash, pointer = at.partition("/")
    return " > ".join([probe, *tokens(slash + pointer)])


def value_lines(value: Any) -> list[str]:
    """Return a value as JSON; a composite one that is long gets a line for each of its members."""
    text = _json(value)
    if len(text) <= SHORT or not isinstance(value, dict | list):
        return [text]
    if isinstance(value, list):
        return [_json(item) for item in value]
    return [f"{_json(key)}: {_json(item)}" for key, item in sorted(value.items())]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
