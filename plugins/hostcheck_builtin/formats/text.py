"""The summary for people: worst first, why, what to do, what could not be seen, and what a scan as root would add."""

from collections.abc import Iterator
from typing import Any, Final

from hostcheck.api import render_template, template

MOST: Final = 10
"""How many people are named at one socket."""
WORST = ("critical", "high", "medium", "low")


def render(report: dict[str, Any]) -> str:
    """Return the report as text of at most 100 columns, but for paths and commands."""
    findings = report["findings"]
    shown = {
        **report,
        "failed": sorted((finding for finding in findings if finding["result"] == "fail"), key=_rank),
        "unsure": _together(sorted((finding for finding in findings if finding["result"] in ("error", "unknown")), key=_rank)),
        "unasked": [finding for finding in findings if finding["result"] == "notchecked"],
        "worst": {name: sum(finding["result"] == "fail" and finding["severity"] == name for finding in findings) for name in WORST},
        "advice": {rule: about["fix"] for benchmark in report["benchmarks"] for rule, about in benchmark["rules"].items()},
        "access": list(_access(report.get("access", {}))),
        "denied": [hole for hole in report["holes"] if hole["why"] == "denied"] if report["host"]["euid"] else [],
        "by_root": _by_root(report),
    }
    return render_template(template("text.j2"), shown, escape=False)


def _rank(finding: dict[str, Any]) -> tuple[int, str, str]:
    return (WORST.index(finding["severity"]), finding["rule"], finding["subject"])


def _together(findings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the findings with those of one rule as one: what could not be seen often stands in the way of all its subjects."""
    groups: dict[str, dict[str, Any]] = {}
    for finding in findings:
        group = groups.setdefault(finding["rule"], {**finding, "subjects": [], "reasons": {}})
        group["subjects"].append({"": "the host", "*": "what could not be listed"}.get(finding["subject"], finding["subject"]))
        group["reasons"] |= dict.fromkeys((hole["at"], hole["why"], hole["message"]) for hole in finding["holes"])
    return [{**group, "reasons": [{"at": at, "why": why, "message": message} for at, why, message in group["reasons"]]} for group in groups.values()]


def _by_root(report: dict[str, Any]) -> list[str]:
    """Return the rules that only the rights of root stand between and an answer."""
    if report["host"]["euid"] == 0:
        return []
    return sorted({finding["rule"] for finding in report["findings"] if any(hole["why"] == "denied" for hole in finding["holes"])})


def _access(section: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield each socket on which an engine of root's listens, with who but root can connect, and whether there may be others."""
    holes = [hole["pointer"] for hole in section.get("holes", ())]
    for path, socket in sorted(section.get("sockets", {}).items()):
        if socket.get("listening") is False or socket.get("scope") == "rootless":
            continue
        at = f"/sockets/{path.replace('~', '~0').replace('/', '~1')}"
        is_open = socket.get("everyone") is True
        ways = {name: [way for way in person.get("why", ()) if not (is_open and way == "other")] for name, person in sorted(socket.get("users", {}).items())}
        people = ["every local user"] * is_open + [f"{name} ({', '.join(found)})" for name, found in ways.items() if found or not is_open]
        unsure = any(pointer in (at, f"{at}/users", f"{at}/everyone") for pointer in holes)
        yield {"path": path, "engine": socket.get("engine", "unknown"), "people": people[:MOST], "more": len(people) - MOST, "unsure": unsure}
