"""The ids that ACL entries of engines' sockets name and no account is known to have: one user of engines, not thousands.

Whoever has an id in another way, as a process of a container has, stays a user of their own.
"""

from collections.abc import Mapping
from typing import Any

from hostcheck.api import Json, View, incomplete, worst_hole
from hostcheck_builtin.accounts.people import People
from hostcheck_builtin.accounts.ways import UNOWNED, is_unowned, only_by_entries, several

Reached = dict[str, dict[str, Json]]
"""By socket the engine that listens there, the ways, as words and in fields."""


def together(people: People, reached: Mapping[int, Reached]) -> tuple[list[int], Reached]:
    """Return those of the ids by which only ACL entries let somebody connect, and what they reach together."""
    ids = sorted(uid for uid, sockets in reached.items() if _is_unowned(people, uid, sockets))
    ways: dict[str, list[dict[str, Any]]] = {}
    for path, way in ((path, way) for uid in ids for path, way in reached[uid].items()):
        ways.setdefault(path, []).append(way)
    return ids, {
        path: {**found[0], "why": _whys([way["why"] for way in found]), "ways": _together([way["ways"] for way in found])} for path, found in ways.items()
    }


def _whys(whys: list[Any]) -> Json:
    return incomplete([word for why in whys for word in why], worst_hole(*(getattr(why, "hole", None) for why in whys)))


def _together(ways: list[Any]) -> Json:
    return incomplete({words: one for found in ways for words, one in found.items()}, worst_hole(*(getattr(found, "hole", None) for found in ways)))


def named(ids: list[int]) -> str:
    """Return what sentences call them: how many they are, and the first of them."""
    shown = several([f"uid {uid}" for uid in ids])
    return f"{len(ids)} {UNOWNED} ({shown})" if len(ids) > 1 else shown


def _is_unowned(people: People, uid: int, sockets: Reached) -> bool:
    alone = all(isinstance(way["ways"], dict) and only_by_entries(View(way["ways"])) for way in sockets.values())
    return alone and all(is_unowned(one.key, one.name, by_entries=True) for one in people.named(uid))
