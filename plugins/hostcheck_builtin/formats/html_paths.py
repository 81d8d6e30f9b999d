"""Who can become root, as a table, the changes that stop them, and where to draw the graph: people on the left, what they use between, root on the right.

A picture holds few names. Those who are alike are one; what there is no room for is one node that says how many, and the table has it all.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from hostcheck_builtin.formats import root_paths
from hostcheck_builtin.formats.html_access import short
from hostcheck_builtin.formats.root_paths import Document

MOST: Final = 10
"""How many names one column has."""
COLUMNS: Final = 5
"""How many columns there are at most: on a longer path what is farthest from root shares one."""
ROW: Final = 46
LEFT: Final = 190
RIGHT: Final = 800
WIDTH: Final = 860
LETTER: Final = 7
"""How wide a letter is, about."""
ROOT: Final = "root"
WAYS: Final = 5
"""How many ways of one row the table has."""


def paths(report: Document) -> Document | None:
    """Return the answer, the table, the changes and the drawing; None where the report does not say who can become root."""
    if "reach" not in report:
        return None
    people = root_paths.people(report)
    return {
        "answer": root_paths.sentence(report),
        "rows": list(_rows(one for one in people if not _is_unknown(one))),
        "unknown": [
            *([root_paths.named(one["names"]), _reasons(one)] for one in people if _is_unknown(one)),
            *([root_paths.OTHERS, [reason]] for reason in root_paths.unlisted(report)),
        ],
        "changes": root_paths.changes(report),
        "drawing": _draw(report, people) if people else None,
    }


def _is_unknown(one: Document) -> bool:
    return all(way["degree"] == "potential" for way in one["ways"])


def _reasons(one: Document) -> list[str]:
    return list(dict.fromkeys(way["reason"] for way in one["ways"]))[:WAYS]


def _rows(people: Iterable[Document]) -> Iterator[list[Any]]:
    for one in people:
        ways = [f"{', '.join(filter(None, (way['strength'], way['needs'])))}: {' → '.join(way['steps'])}" for way in one["ways"]]
        more = [f"and {len(ways) - WAYS} more"] if len(ways) > WAYS else []
        yield [root_paths.named(one["names"]), [*ways[:WAYS], *more]]


def _draw(report: Document, people: list[Document]) -> Document:
    """Return where the names stand and the lines run."""
    label = {name: root_paths.named(one["names"]) for one in people for name in one["names"]}
    lines = {ends: strength for ends, (strength, _) in root_paths.lines(report, label).items()}
    columns = _columns(lines, [root_paths.named(one["names"]) for one in people])
    at = _places(columns)
    nodes = [{"x": x, "y": y, "side": _side(column, len(columns)), **_words(name, len(columns), column)} for name, (x, y, column) in at.items()]
    drawn = _lines(lines, _shown(columns), at)
    return {"width": WIDTH, "height": ROW * min(MOST, max(map(len, columns))), "nodes": nodes, "lines": drawn}


def _columns(lines: Mapping[tuple[str, str], str], people: list[str]) -> list[list[str]]:
    """Return the names by column: how far from root they are decides, and people who lead to others stand with what is between."""
    into: dict[str, list[str]] = {}
    for begin, end in sorted(lines):
        into.setdefault(end, []).append(begin)
    far = {ROOT: 0}
    ahead = deque([ROOT])
    while ahead:
        name = ahead.popleft()
        for begin in into.get(name, ()):
            if begin not in far:
                far[begin] = far[name] + 1
                ahead.append(begin)
    only_begin = {name for name in people if name not in into}
    between = sorted({min(distance, COLUMNS - 2) for name, distance in far.items() if name != ROOT and name not in only_begin}, reverse=True)
    names = [[name for name in people if name in only_begin]]
    names += [[name for name in sorted(far) if name not in only_begin and name != ROOT and min(far[name], COLUMNS - 2) == distance] for distance in between]
    return [*(column for column in names if column), [ROOT]]


def _shown(columns: list[list[str]]) -> dict[str, str]:
    """Return under which name each is drawn: its own, or that of the node for all that a column has no room for."""
    shown = {}
    for number, column in enumerate(columns):
        kept = column if len(column) <= MOST else column[: MOST - 1]
        shown.update({name: name if name in kept else f"{len(column) - len(kept)} more\n{number}" for name in column})
    return shown


def _places(columns: list[list[str]]) -> dict[str, tuple[int, int, int]]:
    """Return where each name that is drawn stands, and in which column; a column is in the middle of the height."""
    shown = _shown(columns)
    drawn = [list(dict.fromkeys(shown[name] for name in column)) for column in columns]
    height, apart = ROW * max(map(len, drawn)), (RIGHT - LEFT) // max(1, len(drawn) - 1)
    return {
        name: (LEFT + number * apart if number < len(drawn) - 1 else RIGHT, (height - ROW * len(column)) // 2 + ROW * row + ROW // 2, number)
        for number, column in enumerate(drawn)
        for row, name in enumerate(column)
    }


def _side(column: int, count: int) -> str:
    return "end" if column == 0 else "start" if column == count - 1 else "middle"


def _words(name: str, count: int, column: int) -> Document:
    """Return what is written at a node: at the sides beside it, and between the columns below it."""
    room = (LEFT - 20 if column in (0, count - 1) else (RIGHT - LEFT) // max(1, count - 1) - 10) // LETTER
    kind = "root" if name == ROOT else "more" if "\n" in name else "begin" if column == 0 else "between"
    return {"label": short(name.partition("\n")[0], room), "kind": kind}


def _lines(lines: Mapping[tuple[str, str], str], shown: Mapping[str, str], at: Mapping[str, tuple[int, int, int]]) -> list[Document]:
    """Return the curves; of several between the same two the surest."""
    best: dict[tuple[str, str], str] = {}
    for (begin, end), strength in lines.items():
        ends = shown.get(begin, ""), shown.get(end, "")
        if ends[0] in at and ends[1] in at and ends[0] != ends[1]:
            best[ends] = min(best.get(ends, strength), strength, key=root_paths.DEGREES.index)
    return [
        {"path": _curve(at[begin], at[end]), "kind": strength}
        for (begin, end), strength in sorted(best.items(), key=lambda one: (at[one[0][0]], at[one[0][1]]))
    ]


def _curve(begin: tuple[int, int, int], end: tuple[int, int, int]) -> str:
    (x, y, _), (to_x, to_y, _) = begin, end
    bend = (x + to_x) // 2 if x != to_x else x + ROW
    return f"M{x} {y}C{bend} {y} {bend} {to_y} {to_x} {to_y}"
