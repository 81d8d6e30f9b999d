"""The report as it is, in its canonical form: what `render`, auditors and other tools read back.

All of it is ASCII, since it may go to a terminal, which would act on other characters. One line with sorted keys: json has its fast encoder for that
alone, and `jq .` folds it for people.
"""

import json
from typing import Any


def render(report: dict[str, Any]) -> str:
    """Return the report document as JSON: sorted keys, ASCII, a newline at the end."""
    return json.dumps(report, sort_keys=True, separators=(",", ":"), allow_nan=False) + "\n"
