"""The summary for people: the most severe first, why, how to fix it, what could not be read, and which privilege would have answered.

Passes are counted and no more: a terminal holds 30 lines, and the page has them all.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from hostcheck.api import headline, more_like, not_examined, render_template, template, unread
from hostcheck_builtin.formats import misspelt, not_judged, one_command, root_paths, told_engines
from hostcheck_builtin.formats.causes import WORST, because_of, by_rule, causes, failures, fix_of, in_a_row, subject_of, subjects_of, with_one_fix
from hostcheck_builtin.formats.rights import missing_right, notice, reader
from hostcheck_builtin.formats.who_connects import listening
from hostcheck_builtin.formats.words import FROM_INSIDE, FROM_INSIDE_RUN

MOST: Final = 10
"""How many people are named at one socket, and subjects at one cause."""
STEPS: Final = 20
"""How many steps of one cause are shown: a fix of many subjects may have one for each."""

FAILED: Final = "FAILED: these requirements are not met (most severe first)"
OF_KERNEL: Final = "FAILED, of the kernel alone (most severe first)"
KERNEL: Final = "HC-KRN"
UNSURE: Final = ("error", "unknown")
NOT_KNOWN: Final = "not known: "
Document = dict[str, Any]


def render(report: Document) -> str:
    """Return the report as text as wide as the terminal, but for paths and commands, which are never broken."""
    report, commands = one_command.together(report)
    findings = sorted(report["findings"], key=_rank)
    shown = {
        **{key: report[key] for key in ("host", "counts", "refused")},
        "headline": _shouted(headline(report)),
        "not_examined": not_examined(report),
        "unconfirmed": report["inputs"].get("unconfirmed", []),
        "rules": report["inputs"].get("rules", []),
        "misspelt": misspelt.names(report),
        "failed": {title: [_failed(group, report) for group in by_rule(failed)] for title, failed in _by_title(findings)},
        "one_command": {"title": one_command.TITLE.upper(), "advice": one_command.ADVICE, "files": commands},
        "unsure": list(_unsure([finding for finding in findings if finding["result"] in UNSURE], report)),
        "notice": notice(report["host"]),
        "container": {"note": FROM_INSIDE, "run": FROM_INSIDE_RUN} if report["host"].get("container") else {},
        "reader": reader(report["host"]),
        "unasked": _unasked(report["findings"]),
        "more_unasked": more_like(report, result="notchecked"),
        "failures": "{} ({})".format(*failures(report)) if report["counts"]["fail"] else "failed",
        "paths": root_paths.summary(report),
        "told": list(told_engines.lines(report)),
        "access": list(_access(report.get("access", {}))),
        "not_judged": [not_judged.line(one) for one in not_judged.entries(report)],
        "perhaps_more": not_judged.perhaps_more(report),
        "unread": _unread(report["holes"]) if _matters(report) else [],
        "right": missing_right(report),
    }
    return render_template(template("text.j2"), shown, escape=False)


def _shouted(told: str) -> str:
    """Return what is told of the verdict with its first word in capitals."""
    first, space, rest = told.partition(" ")
    return f"{first.upper()}{space}{rest}"


def _rank(finding: Document) -> tuple[int, str, str]:
    return (WORST.index(finding["severity"]), finding["rule"], finding["subject"])


def _by_title(findings: Iterable[Document]) -> Iterator[tuple[str, list[Document]]]:
    """Yield the failures of engines and their users, and those of the kernel, which no engine and no user decides."""
    failed = [(finding, finding["rule"].rpartition("-")[0] == KERNEL) for finding in findings if finding["result"] == "fail"]
    yield FAILED, [finding for finding, of_kernel in failed if not of_kernel]
    yield OF_KERNEL, [finding for finding, of_kernel in failed if of_kernel]


def _failed(group: list[Document], report: Document) -> Document:
    """Return what is shown of the failures of one rule: a part for each cause, and a fix that several have in common once."""
    shown = {key: group[0][key] for key in ("severity", "rule", "title")}
    more = more_like(report, benchmark=group[0]["benchmark"], rule=shown["rule"], result="fail", severity=shown["severity"])
    return {**shown, "causes": with_one_fix(map(_cause, causes(group)), "steps"), "more": more}


def _cause(alike: list[Document]) -> Document:
    subjects = [] if len(alike) == 1 and alike[0]["subject"] == "" else subjects_of(alike)
    steps = fix_of(alike)
    more = [{"note": f"{len(steps) - STEPS} more steps are in the report as JSON."}] if len(steps) > STEPS else []
    return {"on": in_a_row(subjects, MOST), "because": because_of(alike), "steps": [*steps[:STEPS], *more]}


def _unsure(findings: list[Document], report: Document) -> Iterator[Document]:
    """Yield what is shown of rules without an answer, as one those which the same stands in the way of; it often does so of all their subjects."""
    alike: dict[tuple[str, ...], list[list[Document]]] = {}
    for group in by_rule(findings):
        holes = [unread(hole["why"], hole["message"]).removeprefix(NOT_KNOWN) for finding in group for hole in finding["holes"]]
        alike.setdefault(tuple(dict.fromkeys(holes or [group[0]["because"]])), []).append(group)
    for reasons, groups in alike.items():
        firsts = [group[0] for group in groups]
        more = [more_like(report, benchmark=one["benchmark"], rule=one["rule"], result=result) for one in firsts for result in UNSURE]
        yield {
            "severity": firsts[0]["severity"],
            "rules": ", ".join(sorted(one["rule"] for one in firsts)) if len(firsts) > 1 else f"{firsts[0]['rule']}  {firsts[0]['title']}",
            "on": in_a_row(list(dict.fromkeys(map(subject_of, groups[0]))), MOST) if len(groups) == 1 else "",
            "reasons": list(reasons[:5]),
            "more": len(reasons) - 5,
            "others": [one for one in more if one],
        }


def _unasked(findings: Iterable[Document]) -> list[Document]:
    """Return the rules that were not checked, those together that have one reason."""
    said: dict[str, list[Document]] = {}
    for finding in findings:
        if finding["result"] == "notchecked":
            said.setdefault(finding["because"], []).append(finding)
    return [{"rules": _rules(found), "because": because} for because, found in said.items()]


def _rules(findings: list[Document]) -> list[str]:
    """Return several rules by their ids, and one with its title."""
    names = list(dict.fromkeys(one["rule"] for one in findings))
    return names if len(names) > 1 else [f"{names[0]}  {findings[0]['title']}"]


def _matters(report: Document) -> bool:
    """Say whether it matters what could not be read: not of a container in which no rule was judged."""
    return not report["host"].get("container") or any(number for result, number in report["counts"].items() if result not in ("notchecked", "notselected"))


def _unread(holes: Iterable[Document]) -> list[str]:
    """Return what the host said where facts could not be read, each with the probes that asked."""
    said: dict[str, dict[str, None]] = {}
    for hole in holes:
        said.setdefault(unread(hole["why"], hole["message"]), {})[hole["at"].lstrip("/").partition("/")[0]] = None
    return [f"{message} ({', '.join(probes)})" for message, probes in said.items()]


def _access(section: Document) -> Iterator[str]:
    """Yield a line for each socket on which an engine of root's listens: who but root can connect, and whether there may be others."""
    for socket in listening(section):
        if socket["is_of_user"] or socket["scope"] == "rootless":
            continue
        known = _together([person for person in socket["people"] if person["kind"] != "unseen"])
        unseen = [f"and {person['name']}" for person in socket["people"] if person["kind"] == "unseen"][:MOST]
        yield f"{socket['path']} ({socket['engine'] or 'unknown'}): {', '.join([*(known or ['nobody but root']), *unseen])}"


def _together(people: list[Document]) -> list[str]:
    """Return who can connect, those who can by the same ways after each other, and these ways once."""
    by_ways: dict[str, list[str]] = {}
    for person in people:
        by_ways.setdefault(person["ways"] if person["kind"] == "user" else "", []).append(person["name"])
    return [root_paths.named(names) + (f" ({ways})" if ways else "") for ways, names in by_ways.items()]
