"""The summary for people: worst first, why, what to do, what could not be seen, and what a scan as root would add."""

from collections.abc import Iterator
from typing import Any, Final

from hostcheck.api import render_template, step_text, template
from hostcheck_builtin.formats.who_connects import listening

MOST: Final = 10
"""How many people are named at one socket."""
WORST = ("critical", "high", "medium", "low")


def render(report: dict[str, Any]) -> str:
    """Return the report as text of at most 100 columns, but for paths and commands."""
    findings = report["findings"]
    advice = {rule: about["fix"] for benchmark in report["benchmarks"] for rule, about in benchmark["rules"].items()}
    shown = {
        **{key: report[key] for key in ("host", "verdict", "counts", "holes", "refused")},
        "rules": report["inputs"].get("rules", []),
        "failed": [_failed(finding, advice) for finding in sorted(findings, key=_rank) if finding["result"] == "fail"],
        "unsure": _together(sorted((finding for finding in findings if finding["result"] in ("error", "unknown")), key=_rank)),
        "unasked": [finding for finding in findings if finding["result"] == "notchecked"],
        "worst": {name: sum(finding["result"] == "fail" and finding["severity"] == name for finding in findings) for name in WORST},
        "access": list(_access(report.get("access", {}))),
        "denied": [hole for hole in report["holes"] if hole["why"] == "denied"] if report["host"]["euid"] else [],
        "by_root": _by_root(report),
    }
    return render_template(template("text.j2"), shown, escape=False)


def _failed(finding: dict[str, Any], advice: dict[str, list[dict[str, str]]]) -> dict[str, Any]:
    """Return what is shown of a failure: with the steps of its fix, or of its rule's."""
    steps = finding.get("fix") or advice.get(finding["rule"], [{"note": "see its benchmark"}])
    return {**{key: finding[key] for key in ("severity", "rule", "title", "subject", "because")}, "steps": [step_text(step) for step in steps]}


def _rank(finding: dict[str, Any]) -> tuple[int, str, str]:
    return (WORST.index(finding["severity"]), finding["rule"], finding["subject"])


def _together(findings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the findings with those of one rule as one: what could not be seen often stands in the way of all its subjects."""
    groups: dict[str, dict[str, Any]] = {}
    for finding in findings:
        group = groups.setdefault(finding["rule"], {**finding, "evidence": [], "subjects": [], "reasons": {}})
        group["subjects"].append({"": "the host", "*": "what could not be listed"}.get(finding["subject"], finding["subject"]))
        group["reasons"] |= dict.fromkeys((hole["at"], hole["why"], hole["message"]) for hole in finding["holes"])
    return [{**group, "reasons": [{"at": at, "why": why, "message": message} for at, why, message in group["reasons"]]} for group in groups.values()]


def _by_root(report: dict[str, Any]) -> list[str]:
    """Return the rules that only the rights of root stand between and an answer."""
    if report["host"]["euid"] == 0:
        return []
    return sorted({finding["rule"] for finding in report["findings"] if any(hole["why"] == "denied" for hole in finding["holes"])})


def _access(section: dict[str, Any]) -> Iterator[str]:
    """Yield a line for each socket on which an engine of root's listens: who but root can connect, and whether there may be others."""
    for socket in listening(section):
        if socket["is_of_user"] or socket["scope"] == "rootless":
            continue
        known = [_named(person) for person in socket["people"] if person["kind"] != "unseen"]
        more = [f"and {len(known) - MOST} more"] if len(known) > MOST else []
        unseen = ["and perhaps others"] if len(known) < len(socket["people"]) else []
        yield f"{socket['path']} ({socket['engine'] or 'unknown'}): {', '.join([*(known[:MOST] or ['nobody but root']), *more, *unseen])}"


def _named(person: dict[str, str]) -> str:
    return f"{person['name']} ({person['ways']})" if person["kind"] == "user" and person["ways"] else person["name"]
