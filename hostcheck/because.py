"""Sentences and commands with facts in them: the `because` and the `fix` of a finding.

A placeholder is `{subject}` or a JSON Pointer such as `{/owner_uid}`; never `str.format`, whose fields reach into objects.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from shlex import quote
from typing import Final

from hostcheck.model import Hole, Json, OpenArray, OpenObject
from hostcheck.pointer import place, tokens
from hostcheck.schema.equality import holes_in

PLACEHOLDER: Final = re.compile(r"\{(subject|/[^{}]*|)\}")
STEPS: Final = 10
"""How many steps one part of a fix may become where it is repeated for each member of a collection."""
SHOWN: Final = 5
LENGTH: Final = 200


def placeholders(sentence: str) -> list[str]:
    """Return the placeholders of a sentence, in order."""
    return PLACEHOLDER.findall(sentence)


def stray(sentence: str) -> str:
    """Return the first brace that belongs to no placeholder, with what follows it; "" where there is none."""
    rest = PLACEHOLDER.sub("", sentence)
    found = re.search(r"[{}][^{}]{0,20}\}?", rest)
    return found.group() if found else ""


def fill(sentence: str, subject: str, facts: Json) -> str:
    """Return the sentence with its placeholders replaced by what `facts` says there."""

    def replace(match: re.Match[str]) -> str:
        what = match.group(1)
        return subject if what == "subject" else show(find(facts, what))

    return PLACEHOLDER.sub(replace, sentence)


def fill_steps(fix: Sequence[Mapping[str, str]], subject: str, facts: Json, document: Json) -> list[dict[str, str]]:
    """Return the steps of a fix with their facts, each ``{run}`` or ``{note}``: a command whose facts cannot all be pasted becomes a note.

    Pointers are relative to the subject, with a second slash before them (``{//host/os/id}``) to the document. A step with `each` is repeated for every
    member of that collection, its key as ``{subject}``; beyond ten the rest is counted.
    """
    return [filled for step in fix for filled in _repeated(step, subject, facts, document)]


def _repeated(step: Mapping[str, str], subject: str, facts: Json, document: Json) -> Iterator[dict[str, str]]:
    if "each" not in step:
        yield _step(step, subject, facts, document)
        return
    members = _fact(step["each"], facts, document)
    found = list(members.items() if isinstance(members, dict) else ((item, item) for item in members) if isinstance(members, list) else ())
    yield from (_step(step, key if isinstance(key, str) else "", member, document) for key, member in found[:STEPS])
    if len(found) > STEPS:
        yield {"note": f"and the same for {len(found) - STEPS} more"}


def _step(step: Mapping[str, str], subject: str, facts: Json, document: Json) -> dict[str, str]:
    if "note" in step:
        return {"note": PLACEHOLDER.sub(lambda match: subject if match[1] == "subject" else show(_fact(match[1], facts, document)), step["note"])}
    values = {name: subject if name == "subject" else _fact(name, facts, document) for name in placeholders(step["run"])}
    if unfit := [name for name, value in values.items() if not _can_be_pasted(value)]:
        return {"note": f"no command can be given, because {unfit[0].lstrip('/') or 'a fact'} is {show(values[unfit[0]])}"}
    return {"run": PLACEHOLDER.sub(lambda match: quote(str(values[match[1]])), step["run"])}


def _can_be_pasted(value: Json) -> bool:
    """Say whether a fact may stand in a command: a number, or a text without a character that a terminal acts on."""
    return (isinstance(value, str) and value.isprintable() and value != "") or (isinstance(value, int) and not isinstance(value, bool))


def _fact(pointer: str, facts: Json, document: Json) -> Json:
    return find(document, pointer[1:]) if pointer.startswith("//") else find(facts, pointer)


def find(facts: Json, pointer: str) -> Json:
    """Return what stands at `pointer`: a value, the hole in the way, or None where there is nothing."""
    for token in tokens(pointer):
        if isinstance(facts, Hole):
            return facts
        if isinstance(facts, dict) and token in facts:
            facts = facts[token]
        elif isinstance(facts, list) and token.isdigit() and int(token) < len(facts):
            facts = facts[int(token)]
        else:
            return facts.hole if isinstance(facts, OpenObject | OpenArray) else None
    return facts


def show(value: Json) -> str:
    """Return a fact as people read it: a list as its items, an object as its keys, a hole as what is not known."""
    if isinstance(value, Hole):
        return f"(not known: {value.why})"
    if isinstance(value, dict):
        return _show_many(list(value), value)
    if isinstance(value, list):
        return _show_many([show(item) for item in value], value)
    if value is None:
        return "nothing"
    text = {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
    return text if len(text) <= LENGTH else text[:LENGTH] + "…"


def _show_many(items: list[str], collection: Json) -> str:
    text = f"{len(items)} ({', '.join(items[:SHOWN])}, …)" if len(items) > SHOWN else ", ".join(items) or "nobody and nothing"
    opened = isinstance(collection, OpenObject | OpenArray) or any(isinstance(item, Hole) for item in _members(collection))
    return f"{text} and possibly others" if opened else text


def _members(collection: Json) -> list[Json]:
    return list(collection.values()) if isinstance(collection, dict) else list(collection)


def reason(holes: tuple[Hole, ...]) -> str:
    """Return one sentence that says what stood in the way of a verdict."""
    stated = list(dict.fromkeys(f"{place(hole.at) if hole.at else 'a fact'} ({hole.why}: {hole.message})" for hole in holes))
    more = f" and {len(stated) - SHOWN} more" if len(stated) > SHOWN else ""
    return f"cannot know without {'; '.join(stated[:SHOWN])}{more}"


def has_holes(value: Json) -> bool:
    """Say whether anything in `value` is not known."""
    return next(holes_in(value), None) is not None
