"""What a scan leaves, in one value.

It stands apart from conftest.py, which pytest imports under a name of its own: two copies of a class are two classes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """What one scan left: its exit code, its documents and the seconds it took."""

    code: int
    report: dict[str, Any]
    evidence: dict[str, Any]
    seconds: float
    errors: str

    def results(self) -> dict[tuple[str, str], str]:
        """Return the result of each rule on each subject."""
        return {(finding["rule"], finding["subject"]): finding["result"] for finding in self.report["findings"]}


Scanner = Callable[..., Scan]
