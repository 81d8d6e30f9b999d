"""Reports to try a format on: one of each verdict, and one for each thing that a host can hold and a format may not be able to.

Whoever names files, groups or containers on a host writes into its report, and whoever reads a report does so with a terminal or a browser.
"""

import json
from collections import Counter
from collections.abc import Callable
from functools import cache
from typing import Any, Final

from hostcheck.model import SEVERITIES, Result, Why
from hostcheck.report import SCHEMA

Report = dict[str, Any]
Words = Callable[[str], str]

HOSTILE: Final = {
    "control characters": "\x1b[2J\x1b]0;owned\x07\x00\x9b\x7f\r\b",
    "lines of its own": "\nCOMPLIANT: 0 failed\n\n# ",
    "markup": "<script>alert(1)</script>]]><!-- \"'`&amp;&#0;",
    "templates and formulas": "={{ 7*7 }}{% raw %}${7*7}%s%n;=cmd()|",
    "what is hard to see": "\u202etoor\u2066\u200b\u2028\ufeff",
    "what XML cannot hold": "\x0b\x0c\ufffe\uffff\U0001ffff",
    "long": "x" * 2000,
}
"""What stands in front of every text of a report, and what it is."""
CLOCK: Final = "2026-01-02T03:04:05Z"


def example_reports() -> dict[str, Report]:
    """Return reports by name: each is valid, and together they hold every result, severity, kind of hole and kind of hostile text.

    A FormatContract runs on these unless it is given others.

    ```python
    from acme_motd.line import render
    from hostcheck.testing import example_reports

    assert render(example_reports()["compliant"]).startswith("h1: compliant")
    ```
    """
    made: dict[str, Report] = json.loads(_written())
    return made


@cache
def _written() -> str:
    hostile = {f"hostile: {name}": _full(_after(text)) for name, text in HOSTILE.items()}
    return json.dumps({"nothing judged": _report(str), "compliant": _compliant(), "everything": _full(str), **hostile})


def _after(text: str) -> Words:
    return lambda word: text + word


def _compliant() -> Report:
    return {**_report(str, [_finding(str, Result.PASS, "high", "")]), "verdict": "compliant"}


def _full(words: Words) -> Report:
    """Return a report with something of everything, each free text as `words` gives it."""
    subjects = ("", "*", words("/run/docker.sock"))
    findings = [_finding(words, result, severity, subject) for result in Result for severity in SEVERITIES for subject in subjects]
    waived = {**_finding(words, Result.FAIL, "high", words("/run/waived.sock")), "waiver": {"reason": words("being replaced"), "ticket": words("OPS-1")}}
    manual = {**_finding(words, Result.NOTCHECKED, "low", ""), "manual": True}
    holes = [{"at": words(f"sockets/sockets/{why}"), "kind": kind, "why": str(why), "message": words("no")} for why in Why for kind in ("value", "members")]
    report = _report(words, [*findings, waived, manual], _omitted(words))
    report["host"] |= {"euid": 1000, "os": words("Debian"), "kernel": words("6.1"), "role": words("server"), "role_source": words("detected")}
    report["host"]["role_evidence"] = [words("a unit of the role")]
    refusals = [{"distribution": words("acme"), "version": words("1"), "reason": words("no"), "status": one} for one in ("ignored", "broken")]
    return {**report, "verdict": "noncompliant", "refused": refusals, "holes": holes, "access": _access(words), "not_judged": _not_judged(words)}


def _omitted(words: Words) -> list[dict[str, Any]]:
    """Return how many findings of each kind there was no room for: of one user, of several, and of nobody in particular."""
    kinds = [
        {"benchmark": words("example"), "rule": words("EX-1"), "result": str(result), "severity": severity} for result in Result for severity in SEVERITIES
    ]
    return [{**kind, "uid": uid, "count": count} for kind in kinds for uid, count in ((1000, 9900), (1001, 1), (None, 7))[: 1 + len(kind["result"]) % 3]]


def _report(words: Words, findings: list[dict[str, Any]] | None = None, omitted: list[dict[str, Any]] | None = None) -> Report:
    tool, nobody = {"name": words("hostcheck"), "version": words("1")}, dict.fromkeys(("os", "kernel", "role", "role_source"))
    counted = Counter(finding["result"] for finding in findings or ())
    for one in omitted or ():
        counted[one["result"]] += one["count"]
    return {
        "schema": SCHEMA,
        "verdict": "inconclusive",
        "host": {"kind": "local", "name": words("h1"), "clock": CLOCK, "euid": 0, **nobody, "role_evidence": []},
        "inputs": {
            "evidence": {"sha256": "0" * 64, "tool": tool},
            "benchmarks": {words("example"): "1" * 64},
            "analyses": {words("socket-access"): words("2" * 64)},
            "values": {words("approved_users"): [words("ann")]},
            "as_of": CLOCK,
            "scope": {"examined": [words("Doors")], "not_examined": [words("windows")]},
            "tool": tool,
            **{"profile": words("level1"), "role": words(""), "fail_on": "low"},
        },
        "benchmarks": [_benchmark(words)],
        "counts": {str(result): counted[str(result)] for result in Result},
        "findings": findings or [],
        **({"omitted": omitted} if omitted else {}),
        "plugins": [_plugin(words)],
        "refused": [],
        "holes": [],
    }


def _finding(words: Words, result: Result, severity: str, subject: str) -> dict[str, Any]:
    unsure = result in (Result.ERROR, Result.UNKNOWN, Result.NOTCHECKED)
    hole = {"why": "denied", "message": words("/run: Permission denied")}
    shown = {"probe": words("sockets"), "pointer": words("/sockets"), "source": words("stat of /run/docker.sock")}
    return {
        "benchmark": words("example"),
        "rule": words("EX-1"),
        "subject": subject,
        "result": str(result),
        "severity": severity,
        "title": words("Doors are locked"),
        "because": words("the door is open"),
        "manual": False,
        "waiver": None,
        **({"fix": [{"run": words("turn-the-key front")}, {"note": words("it locks out who is outside")}]} if result == Result.FAIL else {}),
        "evidence": [{**shown, "value": {words("mode"): [words("0666"), 1, 0.5, True, None]}}, {**shown, "value": None, "hole": hole}],
        "holes": [{"at": words("sockets/sockets"), **hole}] if unsure else [],
        **({"uid": 1000, "cut": {words("evidence"): 3}} if subject not in ("", "*") else {}),
    }


def _access(words: Words) -> dict[str, Any]:
    person = {"uid": 1000, "name": words("ann"), "why": [words("group docker")], "via": [words("docker")], "login_capable": True}
    socket = {"engine": words("docker"), "scope": words("rootful"), "everyone": False, "listening": True, "users": {words("ann"): person}}
    holes = [{"pointer": "/sockets", "kind": "members", "why": "denied", "message": words("/run: Permission denied")}]
    return {"sockets": {words("/run/docker.sock"): socket}, "user_sockets": {}, "holes": holes}


def _not_judged(words: Words) -> dict[str, Any]:
    told = {"what": words("/opt/x"), "as_whom": words("root"), "by_whom": [words("ann")], "place": words("/etc/sudoers:3"), "why": words("program")}
    holes = [{"pointer": "/programs", "kind": "members", "why": "denied", "message": words("/etc/sudoers: Permission denied")}]
    return {"programs": {words(kind): {**told, "kind": kind, "owner_uid": 0} for kind in ("sudo", "job", words("other"))}, "holes": holes}


def _benchmark(words: Words) -> dict[str, Any]:
    written = {
        "section": words("Doors"),
        "title": words("Doors are locked"),
        "rationale": words("An open door lets anybody in."),
        "fix": [{"run": words("turn-the-key {subject}")}, {"note": words("it locks out who is outside")}],
    }
    reference = {"source": words("House rules"), "edition": words("2"), "section": words("4"), "url": words("https://example.org/doors")}
    rule = {**written, "references": [reference], "verify": words("running now")}
    head = {"id": words("example"), "title": words("Example"), "version": words("1"), "sha256": "1" * 64, "profile": words("level1")}
    return {**head, "rules": {words("EX-1"): rule}}


def _plugin(words: Words) -> dict[str, Any]:
    contributes = {kind: [words("sockets")] for kind in ("probes", "analyses", "benchmarks", "formats")}
    return {"distribution": words("acme"), "version": words("1"), "sha256": "3" * 64, "allowed": "pinned", "contributes": contributes}
