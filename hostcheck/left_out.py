"""What a report says of findings that it has no room for: how many like the shown ones there are, and whose."""

from collections import Counter
from collections.abc import Mapping
from typing import Any


def left_out(report: Mapping[str, Any], **which: str) -> int:
    """Return how many findings were left out of `report`, of those of which all is so that `which` says, such as their rule and result."""
    return _counted(report, which).total()


def more_like(report: Mapping[str, Any], **which: str) -> str:
    """Return these findings in words: `and 9,900 more like this, of user id 1000`; "" where there are none."""
    counted = _counted(report, which)
    if not counted:
        return ""
    users = sorted((uid for uid in counted if uid is not None), key=lambda uid: (-counted[uid], uid))
    of = [f"user id {uid}" if len(counted) == 1 else f"{counted[uid]:,} of user id {uid}" for uid in users]
    others = [f"{counted[None]:,} of others"] if users and counted[None] else []
    head = f"and {counted.total():,} more like this"
    return f"{head}, of {of[0]}" if of and len(counted) == 1 else f"{head}: {', '.join(of + others)}" if of else head


def _counted(report: Mapping[str, Any], which: Mapping[str, str]) -> Counter[int | None]:
    counted: Counter[int | None] = Counter()
    for one in report.get("omitted", ()):
        if all(one[key] == value for key, value in which.items()):
            counted[one["uid"]] += one["count"]
    return counted
