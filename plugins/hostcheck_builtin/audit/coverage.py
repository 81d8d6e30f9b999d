"""Whether audit rules record each change of a place: of the rules that are about it the first one decides, whichever list of the kernel it is in.

The kernel numbers the rules of the list exit as they were added, and the lower number wins (audit_filter_rules()). What another list takes away no rule
brings back.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

CHANGES: Final = "wa"


def is_about(rule: Mapping[str, Any], path: str, *, tree: bool) -> bool:
    """Say whether a rule is about a place, with all that is below it where that is a `tree`; one that names no path is about all."""
    if "path" not in rule:
        return True
    named = str(rule["path"])
    if named == path:
        return bool(rule["tree"]) or not tree or rule["action"] == "never"
    return bool(rule["tree"]) and path.startswith(f"{named.rstrip('/')}/")


def taken_away(rules: Iterable[Mapping[str, Any]]) -> str:
    """Return where the rule stands that keeps something from being recorded before any rule about a file is asked, "" where there is none."""
    return next((str(rule["at"]) for rule in rules if rule["list"] != "exit"), "")


def watched(rules: list[Mapping[str, Any]], path: str, bits: Iterable[int], *, tree: bool) -> tuple[bool, str]:
    """Say whether each change of a place is recorded, and if not, where the rule stands that keeps it from that, "" where there is just none about it."""
    about = [rule for rule in rules if rule["list"] == "exit" and is_about(rule, path, tree=tree)]
    for width in bits:
        for change in CHANGES:
            met = [rule for rule in about if width in rule["bits"] and change in rule["perms"]]
            first = next((rule for rule in met if rule["action"] == "never" or not rule["only"]), None)
            if first is None:
                return False, next((str(rule["at"]) for rule in met), "")
            if first["action"] == "never":
                return False, str(first["at"])
    return True, ""
