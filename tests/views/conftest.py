"""The installed hostcheck of tests/real_engines, and a line for each view at the end: how many true failures were compared, and what got better."""

from collections import Counter
from typing import Any

from real_engines.conftest import installed, scan

__all__ = ["installed", "scan"]


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the counts of each view."""
    counted: dict[str, Counter[str]] = {}
    for report in (one for kind in ("passed", "failed") for one in terminalreporter.stats.get(kind, ())):
        for name, counts in report.user_properties:
            counted.setdefault(name, Counter()).update(counts)
    if counted:
        terminalreporter.section("lesser views")
    for name, counts in counted.items():
        told = (f"{counts[word]} {word}" for word in ("hosts", "true failures", "still failed", "undetermined", "better"))
        terminalreporter.write_line(f"{name:<32}{', '.join(told)}")
