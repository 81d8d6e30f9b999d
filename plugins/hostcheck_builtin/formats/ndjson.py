"""Findings as lines of JSON, one for each, with the host: for programs that collect logs (https://github.com/ndjson/ndjson-spec)."""

import json
from typing import Any, Final

LEFT_OUT: Final = ("evidence", "cut", "waiver")
"""What of a finding is only in the whole report."""


def render(report: dict[str, Any]) -> str:
    """Return a line of ASCII for each finding: what the report says of it but for the evidence, with the host's name, the time and the profile."""
    of_all = {"host": report["host"]["name"], "clock": report["host"]["clock"], "profile": report["inputs"]["profile"]}
    found = ({**{name: value for name, value in finding.items() if name not in LEFT_OUT}, **of_all} for finding in report["findings"])
    return "".join(json.dumps(one, sort_keys=True, separators=(",", ":"), allow_nan=False) + "\n" for one in found)
