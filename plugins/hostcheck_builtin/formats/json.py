"""The report as it is, in its canonical form: what `render`, auditors and other tools read back."""

import json
from typing import Any


def render(report: dict[str, Any]) -> str:
    """Return the report document as JSON: sorted keys, two spaces, UTF-8."""
    return json.dumps(report, sort_keys=True, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
