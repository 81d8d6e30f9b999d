"""The summary for people: worst first, why, what to do, what could not be seen, and what a scan as root would add."""

from typing import Any

from hostcheck.api import render_template, template

WORST = ("critical", "high", "medium", "low")


def render(report: dict[str, Any]) -> str:
    """Return the report as text of at most 100 columns, but for paths and commands."""
    findings = report["findings"]
    shown = {
        **report,
        "failed": sorted((finding for finding in findings if finding["result"] == "fail"), key=_rank),
        "unsure": sorted((finding for finding in findings if finding["result"] in ("error", "unknown")), key=_rank),
        "unasked": [finding for finding in findings if finding["result"] == "notchecked"],
        "worst": {name: sum(finding["result"] == "fail" and finding["severity"] == name for finding in findings) for name in WORST},
        "advice": {rule: text for benchmark in report["benchmarks"] for rule, text in benchmark["rules"].items()},
        "denied": [hole for hole in report["holes"] if hole["why"] == "denied"] if report["host"]["euid"] else [],
        "by_root": _by_root(report),
    }
    return render_template(template("text.j2"), shown, escape=False)


def _rank(finding: dict[str, Any]) -> tuple[int, str, str]:
    return (WORST.index(finding["severity"]), finding["rule"], finding["subject"])


def _by_root(report: dict[str, Any]) -> list[str]:
    """Return the rules that only the rights of root stand between and an answer."""
    if report["host"]["euid"] == 0:
        return []
    return sorted({finding["rule"] for finding in report["findings"] if any(hole["why"] == "denied" for hole in finding["holes"])})
