"""Which findings stand in a report: any user of a host can make thousands, and nobody reads them, nor may they hide those of another.

What is about the host or about root is never left out for their number. Of every user the worst come first, and users take turns; what nobody is known to
own takes turns with what users own. Bounds are counts and sizes, so that the same evidence gives the same report; verdict, counts and exit code follow from
all that was judged.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from hostcheck.model import SEVERITIES, Result
from hostcheck.outcome import Outcome
from hostcheck.pace import FREE, WRITING, Pace

EACH: Final = 200
"""How many findings on what one user owns a report has."""
ALL: Final = 1000
"""How many findings it has on what users own, and how many on what nobody is known to own."""
BYTES: Final = 5 << 19
"""What all findings may have together; no report is larger than 5 MB."""
NAMED: Final = 8
"""How many users are named whose findings of one rule and result were left out; the others are counted together."""
WORST: Final = (Result.FAIL, Result.ERROR, Result.UNKNOWN, Result.NOTCHECKED, Result.INFORMATIONAL, Result.PASS, Result.NOTAPPLICABLE, Result.NOTSELECTED)

Judged = tuple[str, Outcome]
"""A benchmark and what it says of a subject."""
Kind = tuple[str, str, Result, str]
Finding = dict[str, Any]


def cut(judged: Sequence[Judged], pace: Pace = FREE) -> tuple[list[Finding], list[dict[str, Any]]]:
    """Return the findings of a report, in the order of `judged`, and how many others were left out; each is told as one step of `pace`."""
    kept: dict[int, Finding] = {}
    left = BYTES
    for index in _chosen(judged):
        benchmark, outcome = judged[index]
        finding = {"benchmark": benchmark, **pace.step(f"{benchmark} {outcome.rule} findings", outcome.tell, outcome.bare, keep=WRITING)}
        left -= len(json.dumps(finding, ensure_ascii=False).encode())
        if left < 0:
            break
        kept[index] = finding
    return [kept[index] for index in sorted(kept)], _omitted(one for index, one in enumerate(judged) if index not in kept)


def kind_of(one: Judged) -> Kind:
    """Return what findings that are left out are counted by, but for their owner."""
    benchmark, outcome = one
    return benchmark, outcome.rule, outcome.result, outcome.severity


def _chosen(judged: Sequence[Judged]) -> list[int]:
    """Return the places of the outcomes that have a share, the most important first: the host's, root's, one of each kind, then everybody's in turn."""
    first: dict[Kind, int] = {}
    whose: dict[int | None, list[int]] = defaultdict(list)
    always: list[int] = []
    for index, one in enumerate(judged):
        if one[1].subject in ("", "*") or one[1].uid == 0:
            always.append(index)
        elif first.setdefault(kind_of(one), index) == index:
            continue
        else:
            whose[one[1].uid].append(index)
    ranks = {index: _rank(judged[index][1]) for index in (*always, *first.values(), *(index for places in whose.values() for index in places))}
    nobodys = sorted(whose.pop(None, []), key=ranks.__getitem__)[:ALL]
    turns = [(ranks[index][0], turn, index) for places in whose.values() for turn, index in enumerate(sorted(places, key=ranks.__getitem__)[:EACH])]
    users = [index for _, _, index in sorted(turns, key=lambda place: (*place[:2], ranks[place[2]], place[2]))[:ALL]]
    crowd = sorted([*_in_turn(nobodys, ranks), *_in_turn(users, ranks)])
    return [*sorted([*always], key=ranks.__getitem__), *sorted(first.values(), key=ranks.__getitem__), *(index for _, _, index in crowd)]


def _in_turn(chosen: Sequence[int], ranks: Mapping[int, tuple[int, int]]) -> Iterator[tuple[int, int, int]]:
    """Yield for each place how bad its result is, how many of that result come before it, and the place."""
    before: Counter[int] = Counter()
    for index in chosen:
        bad = ranks[index][0]
        yield bad, before[bad], index
        before[bad] += 1


def _rank(outcome: Outcome) -> tuple[int, int]:
    return WORST.index(outcome.result), -SEVERITIES.index(outcome.severity)


def _omitted(left_out: Iterable[Judged]) -> list[dict[str, Any]]:
    """Return how many findings were left out, by rule, result, severity and user."""
    counted: dict[Kind, Counter[int | None]] = defaultdict(Counter)
    for one in left_out:
        counted[kind_of(one)][one[1].uid] += 1
    found = []
    for (benchmark, rule, result, severity), users in sorted(counted.items()):
        most = sorted((uid for uid in users if uid is not None), key=lambda uid: (-users[uid], uid))[:NAMED]
        others = users.total() - sum(users[uid] for uid in most)
        for uid, count in [*((uid, users[uid]) for uid in most), *([(None, others)] if others else [])]:
            found.append({"benchmark": benchmark, "rule": rule, "result": str(result), "severity": severity, "uid": uid, "count": count})
    return found
