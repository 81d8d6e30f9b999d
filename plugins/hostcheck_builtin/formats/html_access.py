"""Who can connect to which socket: a table, and where to draw its lines, of the section `access` of a report.

What could not be seen is drawn as well: a socket beside which there may be others, and a user beside whom there may be more.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from hostcheck_builtin.formats.causes import Document
from hostcheck_builtin.formats.who_connects import listening

UNSEEN: Final = {"name": "perhaps other sockets", "ways": "not known: not all could be listed", "kind": "unseen"}
ROOT: Final = {"name": "root", "ways": "always", "kind": "root"}
MOST: Final = 12
"""How many users, and sockets, are drawn; the table has them all."""
ROW: Final = 44
WIDTH: Final = 860
FROM: Final = 270
TO: Final = 500
"""Where the lines begin and end, between the names of users and of sockets."""
GAP: Final = 12
LEFT: Final = 29
RIGHT: Final = 39
"""How many characters of a name fit beside the lines."""
NOTE: Final = 12
"""How many more of the smaller characters below a name."""


def access(section: Document) -> Document | None:
    """Return the sockets with who can connect to each, and the drawing; None where the section has none."""
    sockets = sorted(listening(section), key=lambda socket: all(person["kind"] == "unseen" for person in socket["people"]))
    if not sockets:
        return None
    unlisted = any(hole["pointer"] in ("", "/sockets", "/user_sockets") for hole in section["holes"])
    return {"rows": list(_rows(sockets, unlisted)), "drawing": _draw(sockets, unlisted)}


def _engine(socket: Document) -> str:
    return ", ".join(filter(None, (socket["engine"], socket["scope"])))


def _rows(sockets: list[Document], unlisted: bool) -> Iterator[list[Any]]:
    for socket in sockets:
        people = [": ".join(filter(None, (person["name"], person["ways"]))) for person in socket["people"]]
        nobody = "nobody but the user whose engine it is" if socket["is_of_user"] else "nobody"
        yield [socket["path"], [_engine(socket)], people or [nobody]]
    if unlisted:
        yield [UNSEEN["name"], [], [UNSEEN["ways"]]]


def _draw(sockets: list[Document], unlisted: bool) -> Document:
    """Return where the names stand and the lines run, users on the left and sockets on the right."""
    users: dict[tuple[str, str], Document] = {}
    for person in (ROOT, *(person for socket in sockets for person in socket["people"])):
        users.setdefault((person["kind"], person["name"]), person)
    left = sorted(users.values(), key=lambda person: ["root", "everyone", "user", "more", "unseen"].index(person["kind"]))
    right = [{"name": socket["path"], "ways": _engine(socket), "kind": "socket"} for socket in sockets]
    shown, seen = _cut(left, "users", LEFT), _cut(right, "sockets", RIGHT)
    if unlisted:
        seen.append(_node(UNSEEN, RIGHT))
    height = ROW * max(len(shown), len(seen))
    for nodes in (shown, seen):
        _spread(nodes, height)
    nodes = [{**node, "side": "end", "at": FROM, "x": FROM - GAP} for node in shown] + [{**node, "side": "start", "at": TO, "x": TO + GAP} for node in seen]
    return {"width": WIDTH, "height": height, "nodes": nodes, "lines": list(_lines(sockets, shown, seen))}


def _cut(nodes: list[Document], what: str, length: int) -> list[Document]:
    kept = [_node(node, length) for node in nodes[:MOST]]
    if len(nodes) > MOST:
        kept.append({"name": "", "label": f"{len(nodes) - MOST} more {what}", "note": "see the table", "kind": "more"})
    return kept


def _node(node: Document, length: int) -> Document:
    return {**node, "label": short(node["name"], length), "note": _brief(node["ways"], length + NOTE)}


def short(text: str, length: int) -> str:
    """Return `text` without its middle where it is long: paths differ at their ends."""
    half = (length - 1) // 2
    return text if len(text) <= length else f"{text[:half]}…{text[-half:]}"


def _brief(text: str, length: int) -> str:
    """Return what is said below a name: where it is long, files without their directories, and then without its end; the table has all of it."""
    text = text if len(text) <= length else re.sub(r"/(?:[^/\s]+/)+", "", text)
    if len(text) <= length:
        return text
    cut = text[: length - 1]
    return f"{cut.rpartition(', ')[0] or cut},…" if ", " in cut else f"{cut}…"


def _spread(nodes: list[Document], height: int) -> None:
    """Say of each node how far down it stands, all of them in the middle of `height`."""
    top = (height - ROW * len(nodes)) // 2
    for number, node in enumerate(nodes):
        node["y"] = top + ROW * number + ROW // 2


def _lines(sockets: list[Document], left: list[Document], right: list[Document]) -> Iterator[Document]:
    from_y = {(node["kind"], node["name"]): node["y"] for node in left}
    to_y = {node["name"]: node["y"] for node in right}
    bend = (FROM + TO) // 2
    drawn = set()
    for socket in sockets:
        for person in (ROOT, *socket["people"]):
            start = from_y.get((person["kind"], person["name"]), from_y.get(("more", "")))
            end = to_y.get(socket["path"], to_y.get(""))
            if start is not None and end is not None and (start, end) not in drawn:
                drawn.add((start, end))
                yield {"path": f"M{FROM} {start}C{bend} {start} {bend} {end} {TO} {end}", "kind": person["kind"]}
