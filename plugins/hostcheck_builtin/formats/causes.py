"""Findings of one rule that have one cause: told once, with the subjects that it holds for and the steps of one fix.

A thousand subjects that fail for one cause are one thing to fix. Where the sentence or a note names the subject, `EACH` stands for it when two are
compared. What stands in brackets behind the subject, such as the image of a container, tells subjects apart and no causes: the list of subjects has it.
The commands of one step are kept, one after the other.
"""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from shlex import quote
from typing import Any, Final

from hostcheck.api import left_out, pattern, step_text

Document = dict[str, Any]

WORST: Final = ("critical", "high", "medium", "low")
UNANSWERED: Final = ("error", "unknown", "notchecked")
EACH: Final = "each subject"
DETAIL: Final = pattern(rf"{EACH}( \([^()]*\))")
NAME: Final = pattern(r"^(?:docker|podman|containerd|cri-o)[^:]*:(\w.*)$")
HOST: Final = "the host"
UNLISTED: Final = "what could not be listed"
BY: Final = " by "
"""Separates the user from the cause in a subject, as in `ann by sudo`."""
OF_ACCOUNT: Final = "* of uid "
"""How the subject begins that stands for what could not be listed of one account's things."""


def subject_of(finding: Document) -> str:
    """Return what a finding was judged on, in words."""
    subject: str = finding["subject"]
    if subject.startswith(OF_ACCOUNT):
        return f"{UNLISTED}{subject[1:]}"
    return {"": HOST, "*": UNLISTED}.get(subject, subject)


def causes(findings: Iterable[Document]) -> list[list[Document]]:
    """Return findings of one rule and result with those of one cause together, the most severe first."""
    alike: dict[str, list[Document]] = {}
    for finding in findings:
        alike.setdefault(json.dumps(_cause(finding), sort_keys=True), []).append(finding)
    return sorted(alike.values(), key=lambda found: WORST.index(found[0]["severity"]))


def by_rule(findings: Iterable[Document]) -> list[list[Document]]:
    """Return the findings with those of one rule together; those that fail differently severely stay apart."""
    groups: dict[tuple[str, ...], list[Document]] = {}
    for finding in findings:
        apart = finding["severity"] if finding["result"] == "fail" else ""
        groups.setdefault((finding["benchmark"], finding["rule"], finding["title"], apart), []).append(finding)
    return list(groups.values())


def failures(report: Document) -> tuple[str, str]:
    """Return what is said behind the number of failures: for how many causes these are, and how severe the causes. A cause counts once.

    Where a report had no room for all of its findings, the findings are counted instead.
    """
    failed = [finding for finding in report["findings"] if finding["result"] == "fail"]
    total: int = report["counts"]["fail"]
    found = [alike[0]["severity"] for group in by_rule(failed) for alike in causes(group)] if total == len(failed) else []
    numbers = {name: found.count(name) or _results(report, failed, name) for name in WORST}
    severities = ", ".join(f"{number} {name}" for name, number in numbers.items() if number)
    if not found or len(found) == total:
        return "failed", severities
    return f"failed for {len(found)} {'cause' if len(found) == 1 else 'causes'}", severities


def _results(report: Document, failed: list[Document], severity: str) -> int:
    others: int = left_out(report, result="fail", severity=severity)
    return len([finding for finding in failed if finding["severity"] == severity]) + others


def in_a_row(subjects: Sequence[str], most: int) -> str:
    """Return subjects in a row, at most `most` of them; what all of them end with, such as the rule of sudo, once behind them."""
    ends = {subject.partition(BY)[1:] for subject in subjects}
    (by, what), names = ends.pop() if len(ends) == 1 else ("", ""), list(subjects)
    if len(subjects) > 1 and by:
        names = [subject.partition(BY)[0] for subject in subjects]
    else:
        what = ""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more + (f", each by {what}" if what else "")


def _cause(finding: Document) -> list[Any]:
    """Return what findings of one cause have in common: all that is said of them but the name of the subject, and the facts."""
    each = naming(finding["subject"])
    steps = [["run" if "run" in step else "note", each(step_text(step))] for step in finding.get("fix", ())]
    holes = sorted({(hole["why"], each(hole["message"])) for hole in finding["holes"]})
    return [finding["severity"], finding["manual"], _because(finding, each), steps, holes]


def _because(finding: Document, each: Callable[[str], str]) -> str:
    """Return why a finding has its result, without the name of its subject and what is said of that in brackets."""
    return DETAIL.sub(EACH, each(finding["because"]), count=1)


def _detail(finding: Document) -> str:
    """Return what stands in brackets behind the subject of a finding."""
    found = DETAIL.search(naming(finding["subject"])(finding["because"]))
    return found[1] if found else ""


def _differ(alike: Sequence[Document]) -> bool:
    return len({_detail(finding) for finding in alike}) > 1


def because_of(alike: Sequence[Document]) -> str:
    """Return why findings of one cause have their result, with `EACH` for the subject where they are several."""
    first = alike[0]
    if len(alike) == 1:
        return str(first["because"])
    each = naming(first["subject"])
    return _because(first, each) if _differ(alike) else each(first["because"])


def subjects_of(alike: Sequence[Document]) -> list[str]:
    """Return the subjects of findings of one cause, in words, with what the sentence has no place for."""
    differ = _differ(alike)
    return [subject_of(finding) + (_detail(finding) if differ else "") for finding in alike]


def fix_of(alike: Sequence[Document]) -> list[Document]:
    """Return the steps that fix findings of one cause, each said once, in their order; where a failure has none, where to look.

    Notes have `EACH` for the subject where there are several; commands are kept, since each subject needs its own.
    """
    steps: dict[tuple[str, str], None] = {}
    for finding in alike:
        each = naming(finding["subject"] if len(alike) > 1 else "")
        steps |= {("note", each(step["note"])) if "note" in step else ("run", step["run"]): None for step in finding.get("fix", ())}
    found = [{kind: text} for kind, text in steps]
    return found or ([{"note": see(alike[0]["rule"])}] if alike[0]["result"] == "fail" else [])


def with_one_fix(parts: Iterable[Document], fix: str) -> list[Document]:
    """Return the parts of an entry, those whose `fix` is the same one after the other: the last has it for all of them (`for_all`), the others none."""
    alike: dict[str, list[Document]] = {}
    for part in parts:
        alike.setdefault(json.dumps(part[fix]), []).append({**part, "for_all": False})
    for same in alike.values():
        same[-1]["for_all"] = len(same) > 1
        for part in same[:-1]:
            part[fix] = []
    return [part for same in alike.values() for part in same]


def see(rule: str) -> str:
    """Return where to read how a rule is kept: the steps of a rule have holes that only a failure's facts fill."""
    return f"See: hostcheck explain {rule}"


def naming(subject: str) -> Callable[[str], str]:
    """Return what puts `EACH` in the place of `subject` in a text, where that is a word by itself and no part of a name or path.

    Of a container, docker:web, commands have the name alone.
    """
    if subject in ("", "*"):
        return lambda text: text
    names = {subject, *NAME.findall(subject)}
    words = "|".join(sorted({re.escape(form) for name in names for form in (name, quote(name))}, key=len, reverse=True))
    pattern = re.compile(rf"(?<![\w./:@~-])(?:{words})(?![\w/@~-]|[.:]\w)")
    return lambda text: pattern.sub(EACH, text)
