"""Findings of one rule that have one cause: told once, with the subjects that it holds for and the steps of one fix.

A thousand subjects that fail for one cause are one thing to fix. Where the sentence or a command names the subject, `EACH` stands for it when two are
compared; the commands themselves are kept, one after the other.
"""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from shlex import quote
from typing import Any, Final

from hostcheck.api import step_text

Document = dict[str, Any]

WORST: Final = ("critical", "high", "medium", "low")
UNANSWERED: Final = ("error", "unknown", "notchecked")
EACH: Final = "each subject"
HOST: Final = "the host"
UNLISTED: Final = "what could not be listed"


def subject_of(finding: Document) -> str:
    """Return what a finding was judged on, in words."""
    subject: str = finding["subject"]
    return {"": HOST, "*": UNLISTED}.get(subject, subject)


def causes(findings: Iterable[Document]) -> list[list[Document]]:
    """Return findings of one rule and result with those of one cause together, the most severe first."""
    alike: dict[str, list[Document]] = {}
    for finding in findings:
        alike.setdefault(json.dumps(_cause(finding), sort_keys=True), []).append(finding)
    return sorted(alike.values(), key=lambda found: WORST.index(found[0]["severity"]))


def _cause(finding: Document) -> list[Any]:
    """Return what findings of one cause have in common: all that is said of them but the name of the subject, and the facts."""
    each = naming(finding["subject"])
    steps = [[*step, each(step_text(step))] for step in finding.get("fix", ())]
    return [finding["severity"], finding["manual"], each(finding["because"]), steps, finding["holes"]]


def because_of(alike: Sequence[Document]) -> str:
    """Return why findings of one cause have their result, with `EACH` for the subject where they are several."""
    because: str = alike[0]["because"]
    return because if len(alike) == 1 else naming(alike[0]["subject"])(because)


def fix_of(alike: Sequence[Document]) -> list[Document]:
    """Return the steps that fix findings of one cause, each said once, in their order; where a failure has none, where to look.

    Notes have `EACH` for the subject where there are several; commands are kept, since each subject needs its own.
    """
    steps: dict[tuple[str, str], None] = {}
    for finding in alike:
        each = naming(finding["subject"] if len(alike) > 1 else "")
        steps |= {(kind, each(text) if kind == "note" else text): None for step in finding.get("fix", ()) for kind, text in step.items()}
    found = [{kind: text} for kind, text in steps]
    return found or ([{"note": see(alike[0]["rule"])}] if alike[0]["result"] == "fail" else [])


def see(rule: str) -> str:
    """Return where to read how a rule is kept: the steps of a rule have holes that only a failure's facts fill."""
    return f"See: hostcheck explain {rule}"


def naming(subject: str) -> Callable[[str], str]:
    """Return what puts `EACH` in the place of `subject` in a text, where that is a word by itself and no part of a name or path."""
    if subject in ("", "*"):
        return lambda text: text
    words = "|".join(sorted({re.escape(subject), re.escape(quote(subject))}, key=len, reverse=True))
    pattern = re.compile(rf"(?<![\w./:@~-])(?:{words})(?![\w/@~-]|[.:]\w)")
    return lambda text: pattern.sub(EACH, text)
