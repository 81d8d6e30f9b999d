"""Who can connect to which socket: a table, and where to draw its lines.

It is taken from the evidence of the findings, which shows up to twenty members of a collection: what that leaves out, and what could not be seen, is
drawn as well.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from hostcheck_builtin.formats.html_entries import Document, tokens

FACTS: Final = ("engine", "everyone", "scope", "users", "users_other_than_owner")
PEOPLE: Final = ("users", "users_other_than_owner")
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


def access(findings: Iterable[Document]) -> Document | None:
    """Return the sockets with who can connect to each, and the drawing; None where the findings speak of none."""
    known: dict[tuple[str, str], Document] = {}
    unlisted = False
    for finding in findings:
        unlisted = unlisted or (finding["subject"] == "*" and any(hole["at"].split("/")[0] in ("sockets", "user-sockets") for hole in finding["holes"]))
        for place, fact, item in _facts(finding["evidence"]):
            known.setdefault(place, {})[fact] = item
    sockets = [_socket(place, facts) for place, facts in sorted(known.items()) if any(fact in facts for fact in PEOPLE)]
    if not sockets:
        return None
    sockets.sort(key=lambda socket: all(person["kind"] == "unseen" for person in socket["people"]))
    return {"rows": list(_rows(sockets, unlisted)), "drawing": _draw(sockets, unlisted)}


def _facts(evidence: Iterable[Document]) -> Iterator[tuple[tuple[str, str], str, Document]]:
    for item in evidence:
        path = tokens(item["pointer"])
        if item["probe"] == "socket-access" and len(path) == 3 and path[0] in ("sockets", "user_sockets") and path[2] in FACTS:
            yield (path[0], path[1]), path[2], item


def _socket(place: tuple[str, str], facts: Document) -> Document:
    everyone = facts.get("everyone", {"value": False})
    users = next(facts[fact] for fact in PEOPLE if fact in facts)
    members = users["value"] if isinstance(users["value"], dict) else {}
    people = [{"name": "every local user", "ways": "no group is needed", "kind": "everyone"}] if everyone["value"] is True else []
    people += [person for name, member in sorted(members.items()) if (person := _person(name, member, bool(people)))]
    holes = [item["hole"] for item in (everyone, users) if "hole" in item]
    if holes:
        people.append({"name": "perhaps others", "ways": f"not known: {holes[0]['why']}: {holes[0]['message']}", "kind": "unseen"})
    return {
        "path": place[1],
        "is_of_user": place[0] == "user_sockets",
        "engine": ", ".join(str(facts[fact]["value"]) for fact in ("engine", "scope") if fact in facts and isinstance(facts[fact]["value"], str)),
        "people": people,
    }


def _person(name: str, member: Any, is_open: bool) -> Document | None:
    """Return who this is and by which ways; None for a user who has none but that of every local user."""
    if not isinstance(member, dict):  # where the evidence is cut: "…": "6 more"
        return {"name": f"{member} users" if isinstance(member, str) else name, "ways": "not listed in the evidence", "kind": "more"}
    found = member.get("why")
    ways = [str(way) for way in found if not (is_open and way == "other")] if isinstance(found, list) else []
    return None if is_open and not ways else {"name": name, "ways": ", ".join(ways), "kind": "user"}


def _rows(sockets: list[Document], unlisted: bool) -> Iterator[list[Any]]:
    for socket in sockets:
        people = [": ".join(filter(None, (person["name"], person["ways"]))) for person in socket["people"]]
        nobody = "nobody but the user whose engine it is" if socket["is_of_user"] else "nobody"
        yield [socket["path"], [socket["engine"]], people or [nobody]]
    if unlisted:
        yield [UNSEEN["name"], [], [UNSEEN["ways"]]]


def _draw(sockets: list[Document], unlisted: bool) -> Document:
    """Return where the names stand and the lines run, users on the left and sockets on the right."""
    users: dict[tuple[str, str], Document] = {}
    for person in (ROOT, *(person for socket in sockets for person in socket["people"])):
        users.setdefault((person["kind"], person["name"]), person)
    left = sorted(users.values(), key=lambda person: ["root", "everyone", "user", "more", "unseen"].index(person["kind"]))
    right = [{"name": socket["path"], "ways": socket["engine"], "kind": "socket"} for socket in sockets]
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
    return {**node, "label": _short(node["name"], length), "note": _short(node["ways"], length)}


def _short(text: str, length: int) -> str:
    """Return `text` without its middle where it is long: paths differ at their ends."""
    half = (length - 1) // 2
    return text if len(text) <= length else f"{text[:half]}…{text[-half:]}"


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
