"""Edges that analyses of plugins state, in the shape of the published schema `edges-1`: each is shown as what that analysis says.

A kind that is not known here is kept. What breaks the shape is a hole, as what could not be read is: it may be a step of anybody's.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final

from hostcheck.api import Hole, HoleError, Json, View, Why, attempt, known, pattern
from hostcheck_builtin.paths import READS, who
from hostcheck_builtin.paths.graph import OTHERS, ROOT, USER, Change, Edge, Needs, Strength
from hostcheck_builtin.system.bounds import CHANGES_OF_AN_EDGE as ITEMS
from hostcheck_builtin.system.bounds import EDGES_OF_AN_ANALYSIS as MOST
from hostcheck_builtin.system.bounds import TEXT_OF_AN_EDGE as TEXT

GROUP: Final = "group:"
KIND: Final = pattern(r"[a-z][a-z0-9-]{0,39}")
NODE: Final = pattern(r"root|everyone|network|[a-z][a-z0-9-]{0,39}:.{1,359}")
STRENGTHS: Final = {"certain": Strength.CERTAIN, "likely": Strength.LIKELY}
NEEDS: Final = {one.word: one for one in Needs}
WAITS: Final = {word: word for word in ("nothing", "wait", "restart", "reboot", "login")}


def edges(facts: Mapping[str, Any]) -> Iterator[Edge]:
    """Yield the edges of all plugins, and who is in the groups that they begin at."""
    found = [edge for name in sorted(set(facts) - set(READS)) for edge in _stated(facts, name)]
    yield from found
    for group in sorted({edge.origin for edge in found if edge.origin.startswith(GROUP)}):
        yield from _members(facts, group.removeprefix(GROUP))


def _stated(facts: Mapping[str, Any], name: str) -> Iterator[Edge]:
    unseen = Edge(kind=name, origin=OTHERS, to=ROOT, because=f"come nearer to root by what {name} tells of")
    told: View | Hole = attempt(lambda: _bounded(facts[name], name))
    if isinstance(told, Hole):
        yield who.unseen(unseen, told, who.at(name, "edges"))
    else:
        yield from who.inside(told, who.at(name, "edges"), unseen, partial(_edge, analysis=name))


def _bounded(stated: Json, name: str) -> View:
    told = stated.get("edges") if isinstance(stated, View) else None
    if not isinstance(told, View):
        raise _broken()
    if len(known(told)) > MOST:
        raise HoleError(Hole(why=Why.LIMIT, message=f"{name} states more than {MOST} edges"))
    return told


def _broken() -> HoleError:
    return HoleError(Hole(why=Why.NONSENSE, message="breaks the published shape of edges, edges-1"))


def _edge(one: Json, _: str, pointer: str, *, analysis: str) -> Iterator[Edge]:
    if not isinstance(one, View):
        raise _broken()
    yield Edge(
        kind=f"{analysis}:{_text(one.get('kind'), KIND)}",
        origin=_text(one.get("from"), NODE),
        to=_text(one.get("to"), NODE),
        because=f"{_text(one.get('because'))} ({analysis})",
        evidence=(pointer,),
        strength=_word(one, "strength", STRENGTHS, "certain"),
        needs=_word(one, "needs", NEEDS, "nothing"),
        waits=_word(one, "waits", WAITS, "nothing"),
        technique=_text(one["technique"]) if "technique" in one else "",
        changes=tuple(_change(change, analysis) for change in _items(one.get("changes", ()))),
    )


def _change(change: Json, analysis: str) -> Change:
    if not isinstance(change, View):
        raise _broken()
    what = _text(change.get("what"))
    return Change(f"{analysis} {what}", what, rules=tuple(map(_text, _items(change.get("rules", ())))))


def _items(value: Json) -> Sequence[Json]:
    if isinstance(value, str) or not isinstance(value, Sequence) or len(value) > ITEMS:
        raise _broken()
    return value


def _text(value: Json, form: Any = None) -> str:
    """Return a text, if it is one and has that form."""
    if isinstance(value, str) and value and len(value) <= TEXT and (form is None or form.fullmatch(value)):
        return value
    raise _broken()


def _word(one: View, name: str, words: Mapping[str, Any], usual: str) -> Any:
    word = _text(one.get(name, usual))
    if word not in words:
        raise _broken()
    return words[word]


def _members(facts: Mapping[str, Any], name: str) -> Iterator[Edge]:
    """Yield who is in a group, as its members or by their primary group."""
    node = f"{GROUP}{name}"
    edge = Edge(kind="member-of", origin=OTHERS, to=node, because=f"be in group {name}", technique="T1078.003")
    pointer = who.at("principals", "groups", name)
    told: list[str] | Hole = attempt(lambda: list(facts["principals"]["groups"][name]["members"]) if name in facts["principals"]["groups"] else [])
    if isinstance(told, Hole):
        yield who.unseen(edge, told, pointer)
    for member in () if isinstance(told, Hole) else told:
        because = f"{member} is in group {name}"
        yield replace(edge, origin=f"{USER}{member}", because=because, evidence=(pointer,), changes=(who.leaving(member, name),))
    gid = attempt(lambda: facts["principals"]["groups"][name]["gid"] if name in facts["principals"]["groups"] else -1)
    if isinstance(gid, Hole):
        yield who.unseen(edge, gid, pointer + who.at("gid"))
    else:
        yield from who.each(facts, "principals", "users", edge, partial(_primary, gid=gid, edge=edge, name=name))


def _primary(user: View, _: str, pointer: str, *, gid: int, edge: Edge, name: str) -> Iterator[Edge]:
    if user["gid"] == gid and user["uid"] != 0:
        yield replace(edge, origin=f"{USER}{user['name']}", because=f"{user['name']} has {name} as primary group", evidence=(pointer,))
