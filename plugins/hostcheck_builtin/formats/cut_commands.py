"""The commands that make a change of the cut: those of the failures whose fix it is that name what the change names, else those of the rule on paths."""

import re
from typing import Final

from hostcheck.api import pattern
from hostcheck_builtin.formats.causes import Document

BY_PATHS: Final = "HC-ACC-20"
"""The rule whose fix has commands for all changes, in the one of its failures that comes first."""
AS_A_WHOLE: Final = frozenset({"certificate", "grant", "range", "relay", "socket"})
"""Kinds of changes to which all commands of their failures belong."""
NAMING: Final = {"member": ("user", "group")}
"""What a command must name, by the kind of the change; of all others the file, and its line."""
FILE: Final = ("path", "line")
APART: Final = pattern(r"\(process (\d+) |file (/\S+)\)")
PLACE: Final = pattern(r" to (/\S+) \(")


def commands(change: Document, report: Document) -> list[str]:
    """Return the commands for one change, in their order; none where a person has to choose."""
    failed = [one for one in report.get("findings", ()) if one["result"] == "fail"]
    named = {(one["rule"], one["subject"]) for one in change.get("findings", ())}
    own = _given([one for one in failed if (one["rule"], one["subject"]) in named])
    if own and change.get("kind") in AS_A_WHOLE:
        return own
    return _about(change, own or by_paths(report))


def by_paths(report: Document) -> list[str]:
    """Return all commands that the rule on paths gives."""
    return _given([one for one in report.get("findings", ()) if one["result"] == "fail" and one["rule"] == BY_PATHS][:1])


def _given(findings: list[Document]) -> list[str]:
    return list(dict.fromkeys(step["run"] for finding in findings for step in finding.get("fix", ()) if "run" in step))


def _about(change: Document, given: list[str]) -> list[str]:
    """Return the commands that name what a change names; a way is told apart by a process, a file, whose it is, or the place to which it leads."""
    if change.get("kind") == "way":
        words = ["".join(found) for found in APART.findall(change["change"])] + [change.get("user", "")] + PLACE.findall(change["change"])
        return next(filter(None, ([one for one in given if _names(one, word)] for word in words if word)), [])
    wanted = [str(change[name]) for name in NAMING.get(change.get("kind", ""), FILE) if name in change]
    return [one for one in given if all(_names(one, word) for word in wanted)] if wanted else []


def _names(command: str, word: str) -> bool:
    """Say whether a command names something as a whole word."""
    return re.search(rf"(?<![\w/.]){re.escape(word)}(?![\w/.])", command) is not None
