"""What came of one host, and the table of all: what each of both names of the way, and what each still says once there is none.

The outcome of each host is a file in the directory that HOSTCHECK_TEST_LSE_OUTCOMES names, so that a table of many runs can be made: `python outcomes.py DIR`.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from beside.lse import Named
from beside.told import WORDS, Ours, is_left_out, things

VARIABLE = "HOSTCHECK_TEST_LSE_OUTCOMES"
Outcome = dict[str, Any]


def outcome(name: str, user: str, named: tuple[Named, Named], said: tuple[Ours, Ours], left: set[str]) -> Outcome:
    """Return what came of a host: of what is new there against an untouched one, with the way and without; `left` are the paths that are left for others."""
    lines = [[test, text, said[0].where((test, text)), is_left_out((test, text), user)] for test, text in sorted(named[0])]
    ways = {thing for test, text, where, _ in lines if "path" in where for thing in things((test, text))}
    still = [[test, text, not ways.isdisjoint(things((test, text)))] for test, text in sorted(named[1]) if not is_left_out((test, text), user)]
    certain = [key for key in said[1].paths if ": certain nothing:" in key and key not in left]
    ours = {"certain paths": certain, "failures": sorted(said[1].failures), "not judged": sorted(said[1].not_judged)}
    return {"name": name, "user": user, "named": lines, "still": still, "ours": ours}


def rows(outcomes: Iterable[Outcome]) -> list[str]:
    """Return the table."""
    told = list(outcomes)
    lines = [line for one in told for line in one["named"]]
    first = Counter(next((word for word in WORDS if word in where), "left out" if left else "nowhere") for _, _, where, left in lines)
    counts = {
        "hosts with a way to root": len(told),
        "  it names something new": sum(bool(one["named"]) for one in told),
        "  it names something of a path that is told here": sum(any("path" in where for _, _, where, _ in one["named"]) for one in told),
        "lines that are new on these": len(lines),
        **{f"  told here as a {word}" if word != "not judged" else "  told here as not judged": first[word] for word in WORDS},
        "  of a kind that is no way to root, and not told": first["left out"],
        "  told nowhere": first["nowhere"],
        "the same hosts without the way": len(told),
        "  it still names something that the untouched host does not have": sum(bool(one["still"]) for one in told),
        "    and calls it important": sum(any(test.startswith("!") for test, _, _ in one["still"]) for one in told),
        "    which was of the way": sum(any(of_way for _, _, of_way in one["still"]) for one in told),
        "  a certain path is told here that needs nothing, and is no other way that is left": sum(bool(one["ours"]["certain paths"]) for one in told),
        "  some rule fails here that does not on the untouched host": sum(bool(one["ours"]["failures"]) for one in told),
    }
    return [f"{what:<88}{many:>5}" for what, many in counts.items()]


def kept(folder: Path) -> list[Outcome]:
    """Return the outcomes of all runs."""
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))]


if __name__ == "__main__":
    print("\n".join(rows(kept(Path(sys.argv[1])))))
