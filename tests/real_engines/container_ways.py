"""What the tests of containers have in common, whichever engine runs them: the image, the hardened twin, and how findings are read."""

import re
from typing import Final

from real_engines.scans import Scan

IMAGE: Final = (
    "mkdir -p {base}/image/etc {base}/image/tmp && for name in bin lib lib64 sbin; do ln -s usr/$name {base}/image/$name; done; tar -C {base}/image -c ."
)
SECRET: Final = "hunter2-canary"
GIVEN: Final = ("-v", "/usr:/usr:ro", "-v", "/etc/alternatives:/etc/alternatives:ro", "-e", f"PLACE={SECRET}", "-l", f"token={SECRET}")
HARDENED: Final = {
    "--user": "65534",
    "--memory": "64m",
    "--pids-limit": "64",
    "--cpus": "0.5",
    "--security-opt": "no-new-privileges",
    "--cap-drop": "ALL",
    "--read-only": "",
    "--health-cmd": f"true {SECRET}",
}
LESS: Final = {
    "usual-capabilities": ("--cap-drop", {"HC-CTR-07"}),
    "may-write-to-its-own": ("--read-only", {"HC-CTR-18"}),
    "as-much-time-as-there-is": ("--cpus", {"HC-CTR-28"}),
    "nobody-looks-after-it": ("--health-cmd", {"HC-CTR-36"}),
}
"""What one that lacks one option of the hardened twin is found for."""
SETTINGS: Final[dict[str, tuple[tuple[str, ...], set[str]]]] = {
    "a-weight-of-time": (("--cpus", "0", "--cpu-shares", "512"), set()),
    "restarted-without-end": (("--restart", "always"), {"HC-CTR-29"}),
    "restarted-while-it-fails": (("--restart", "on-failure"), {"HC-CTR-29"}),
    "restarted-a-few-times": (("--restart", "on-failure:3"), set()),
    "secret-by-its-name": (("-e", f"DB_PASSWORD={SECRET}"), {"HC-CTR-33"}),
    "secret-by-its-value": (("-e", f"DATABASE=postgres://app:{SECRET}@db/app"), {"HC-CTR-33"}),
    "secret-in-a-file": (("-e", "DB_PASSWORD_FILE=/run/secrets/db"), set()),
}
"""Options beside those of the hardened twin, which every engine understands, and what is to be found."""
COMMAND: Final = ("/usr/bin/sh", "-c", f"exec sleep infinity # {SECRET}")
HERE: Final = ("--network", "none")


BY_ID: Final = re.compile(r".*:[0-9a-f]{12}")
"""How a container is called that no engine tells of: processes of all engines on the machine are seen, those of other tests too."""
OF_SETTINGS: Final = frozenset(f"HC-CTR-{number}" for number in ("07", "13", "15", "16", "18", "28", "29", "33", "34", "36"))
"""Rules about what only an engine tells."""


def found_without_api(rules: set[str]) -> set[str]:
    """Return those of some failed rules that processes and files of runtimes are enough for."""
    return {rule for rule in rules if rule.partition(":")[0] not in OF_SETTINGS}


def hardened(without: str = "") -> list[str]:
    """Return the options of the hardened twin, but for one."""
    return [word for flag, value in HARDENED.items() if flag != without for word in (flag, value) if word]


def fails(found: Scan) -> dict[str, set[str]]:
    """Return the rules that do not pass, by container."""
    told: dict[str, set[str]] = {}
    for (rule, subject), result in found.results().items():
        if rule.startswith("HC-CTR") and not BY_ID.fullmatch(subject) and result not in ("pass", "notapplicable", "notselected"):
            told.setdefault(subject, set()).add(rule if result == "fail" else f"{rule}: {result}")
    return told
