"""What became of a subject before it is told: enough to count it and to come to a verdict.

A host may have a hundred thousand subjects, and a finding with its words and evidence takes a thousand times as long as its result.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from hostcheck.model import Hole, Result, Why


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a rule says of one subject: its result, whose subject it is (None for nobody's), and `tell`, which makes the finding with its words and evidence.

    A host may have more subjects than a report names, and telling is most of the work. `manual` says that the rule needs a person, `unsupported` that this
    kind of host cannot answer, `waived` that a failure is accepted. It has the rule's `title` where the finding is still to be made.
    """

    rule: str
    subject: str
    result: Result
    severity: str
    tell: Callable[[], dict[str, Any]]
    uid: int | None = None
    manual: bool = False
    unsupported: bool = False
    waived: bool = False
    title: str = ""

    def bare(self, hole: Hole) -> dict[str, Any]:
        """Return the finding without its words and evidence, where there was no time for them; as it is where it is made already."""
        if not self.title:
            return self.tell()
        return {
            "rule": self.rule,
            "subject": self.subject,
            "result": str(self.result),
            "severity": self.severity,
            "title": self.title,
            "because": f"the reasons are not told: {hole.message}",
            "evidence": [],
            "holes": [],
            "manual": self.manual,
            "waiver": None,
            **({} if self.uid is None else {"uid": self.uid}),
        }


def told(finding: dict[str, Any]) -> Outcome:
    """Return the outcome of a finding that is made already: the only one of its rule, or one that stands for all that could not be listed."""
    known: dict[str, Any] = {name: finding[name] for name in ("rule", "subject", "severity", "manual")}
    return Outcome(**known, result=Result(finding["result"]), unsupported=is_unsupported(finding), waived=finding["waiver"] is not None, tell=lambda: finding)


def is_unsupported(finding: Mapping[str, Any]) -> bool:
    """Say whether a finding has no answer because this kind of host cannot give one."""
    return any(hole["why"] == Why.UNSUPPORTED for hole in finding["holes"])
