"""What each fact of a probe or an analysis is, read from its facts schema: nobody writes it a second time.

`x-source`, `x-needs`, `x-absent` and `x-unit` say where it is read, who may, what its absence means, and in what it is counted; all but the unit hold for
what is below as well.
"""

from collections.abc import Iterator
from typing import Any, Final

from hostcheck.model import Json

WORDS: Final = ("source", "needs", "absent", "unit")
NEEDS: Final = "anybody"
ALWAYS: Final = "never absent"
DEPTH: Final = 16


def facts(schema: Json) -> list[dict[str, str]]:
    """Return ``{fact, type, unit, source, needs, absent, about}`` for every place that a facts schema describes, in its order.

    `fact` is a JSON Pointer in which ``{key}`` stands for the name of any member and ``*`` for any element.
    """
    return list(_below(schema, schema, "", {"source": "", "needs": NEEDS, "absent": ""}, DEPTH))


def _below(schema: Json, root: Json, at: str, stated: dict[str, str], depth: int) -> Iterator[dict[str, str]]:
    views = list(_views(schema, root)) if depth else []
    for view in views:
        required = {name for one in views for name in one.get("required", ())}
        for name, inner in view.get("properties", {}).items():
            absent = ALWAYS if name in required else _meaning(inner, root) or stated["absent"] or annotations(inner).get("absent", "")
            yield from _place(inner, root, f"{at}/{name.replace('~', '~0').replace('/', '~1')}", stated, absent, depth)
        if isinstance(view.get("additionalProperties"), dict):
            yield from _place(view["additionalProperties"], root, f"{at}/{{key}}", stated, "there is none of that name", depth)
        if isinstance(view.get("items"), dict):
            yield from _place(view["items"], root, f"{at}/*", stated, "", depth)


def _place(schema: Json, root: Json, at: str, stated: dict[str, str], absent: str, depth: int) -> Iterator[dict[str, str]]:
    here = {**stated}
    for view in _views(schema, root):
        here |= annotations(view)
    unit = here.pop("unit", "")
    where = {key: here[key] for key in ("source", "needs")}
    yield {"fact": at, "type": _type(schema, root), "unit": unit, **where, "absent": absent, "about": _about(schema, root)}
    yield from _below(schema, root, at, here, depth - 1)


def _views(schema: Json, root: Json, depth: int = DEPTH) -> Iterator[dict[str, Any]]:
    """Yield `schema` and whatever describes the same place."""
    if not isinstance(schema, dict) or not depth:
        return
    yield schema
    if "$ref" in schema:
        yield from _views(root.get("$defs", {}).get(schema["$ref"][8:]), root, depth - 1)
    for word in ("allOf", "anyOf", "oneOf"):
        for inner in schema.get(word, ()):
            yield from _views(inner, root, depth - 1)


def annotations(schema: Json) -> dict[str, str]:
    """Return what a schema says of the place: source, needs, absent and unit, as far as told; what the older `$comment` says as well."""
    if not isinstance(schema, dict):
        return {}
    parts = (part.partition(": ") for part in schema.get("$comment", "").split("; "))
    older = {word: what for word, colon, what in parts if colon and word in WORDS}
    return older | {word: schema[f"x-{word}"] for word in WORDS if f"x-{word}" in schema}


def _type(schema: Json, root: Json) -> str:
    found: dict[str, None] = {}
    for view in _views(schema, root):
        kinds = view.get("type", ())
        if "enum" in view:
            found[f"one of {', '.join(map(str, view['enum']))}"] = None
        elif "const" in view:
            found[f"always {view['const']}"] = None
        else:
            found |= dict.fromkeys([kinds] if isinstance(kinds, str) else kinds)
    return " or ".join(found) or "anything"


def _about(schema: Json, root: Json) -> str:
    return next((" ".join(view[word].split()) for view in _views(schema, root) for word in ("description", "title") if word in view), "")


def _meaning(schema: Json, root: Json) -> str:
    """Return what the absence of an optional fact means: the clause of its description that says so."""
    about = _about(schema, root)
    clauses = [clause.strip(" .") for sentence in about.split("; ") for clause in sentence.split(". ")]
    return next((clause.removeprefix("absent: ") for clause in clauses if "absent" in clause.lower()), "")
