"""The installed hostcheck of tests/real_engines, and at the end the table of what both say of all hosts of the run, or of all runs."""

import json
import os
from pathlib import Path
from typing import Any

from beside import outcomes
from real_engines.conftest import installed, scan

__all__ = ["installed", "scan"]


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the table."""
    folder = os.environ.get(outcomes.VARIABLE)
    reports = [one for kind in ("passed", "failed") for one in terminalreporter.stats.get(kind, ())]
    told = outcomes.kept(Path(folder)) if folder else [json.loads(text) for one in reports for name, text in one.user_properties if name == "outcome"]
    if told:
        terminalreporter.section("beside linux-smart-enumeration")
        for row in outcomes.rows(told):
            terminalreporter.write_line(row)
