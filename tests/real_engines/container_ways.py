"""What the tests of containers have in common, whichever engine runs them: the image, the hardened twin, and how findings are read."""

import re
from typing import Final

from real_engines.scans import Scan

IMAGE: Final = (
    "mkdir -p {base}/image/etc {base}/image/tmp && for name in bin lib lib64 sbin; do ln -s usr/$name {base}/image/$name; done; tar -C {base}/image -c ."
)
SECRET: Final = "hunter2-canary"
GIVEN: Final = ("-v", "/usr:/usr:ro", "-v", "/etc/alternatives:/etc/alternatives:ro", "-e", f"PASSWORD={SECRET}", "-l", f"token={SECRET}")
HARDENED: Final = ("--user", "65534", "--memory", "64m", "--pids-limit", "64", "--security-opt", "no-new-privileges", "--cap-drop", "ALL")
COMMAND: Final = ("/usr/bin/sh", "-c", f"exec sleep infinity # {SECRET}")
HERE: Final = ("--network", "none")


BY_ID: Final = re.compile(r".*:[0-9a-f]{12}")
"""How a container is called that no engine tells of: processes of all engines on the machine are seen, those of other tests too."""


def fails(found: Scan) -> dict[str, set[str]]:
    """Return the rules that do not pass, by container."""
    told: dict[str, set[str]] = {}
    for (rule, subject), result in found.results().items():
        if rule.startswith("HC-CTR") and not BY_ID.fullmatch(subject) and result not in ("pass", "notapplicable", "notselected"):
            told.setdefault(subject, set()).add(rule if result == "fail" else f"{rule}: {result}")
    return told
