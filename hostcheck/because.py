"""Sentences and commands with facts in them: the `because`, `seen` and `fix` of a finding.

A placeholder is `{subject}`, a JSON Pointer such as `{/owner_uid}`, one with a noun to count by such as `{/size|uid}`, or the name of one of the rule's
`lists`; never `str.format`, whose fields reach into objects.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from shlex import quote
from typing import Any, Final

from hostcheck.deferred import pattern
from hostcheck.model import Hole, Json, OpenArray, OpenObject, unread
from hostcheck.parting import ESCAPED
from hostcheck.pointer import tokens
from hostcheck.schema.equality import holes_in
from hostcheck.told import Check, Listing, Step

PLACEHOLDER: Final = pattern(r"\{(subject|key|[a-z][a-z_]*|/[^{}|]*|)(?:\|([^{}|]+))?\}")
IN_GROUP: Final = pattern(r"([^()]+) (\((?:primary )?group [^()]+\))")
STEPS: Final = 10
"""How many steps one part of a fix may become where it is repeated for each member of a collection."""
NOT_KNOWN: Final = "not known: "
SHOWN: Final = 8
LENGTH: Final = 200
AS: Final = "env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin setsid -w runuser -u {} -- {} </dev/null 2>&1 | cat -v"
"""A command that another user runs, who may take its descriptors (pidfd_getfd(2)) and read its environment: so it has neither root's terminal, in which that
user could type and read along, nor the environment of root's shell; and what it prints has no character that a terminal acts on."""


def placeholders(sentence: str) -> list[str]:
    """Return the placeholders of a sentence, in order, without the nouns."""
    return [name for name, _ in PLACEHOLDER.findall(sentence)]


def stray(sentence: str) -> str:
    """Return the first brace that belongs to no placeholder, with what follows it; "" where there is none."""
    rest = PLACEHOLDER.sub("", sentence)
    found = re.search(r"[{}][^{}]{0,20}\}?", rest)
    return found.group() if found else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What placeholders stand for: the subject's name and facts, the whole document, the rule's lists, and the key of a member where one is spoken of."""

    subject: str
    facts: Json
    document: Json = None
    lists: Mapping[str, Listing] = field(default_factory=dict)
    key: str = ""

    def of(self, name: str) -> Json:
        """Return what a placeholder stands for."""
        if name in ("subject", "key"):
            return self.subject if name == "subject" else self.key
        if name in self.lists:
            return self._listed(self.lists[name])
        return find(self.document, name[1:]) if name.startswith("//") else find(self.facts, name)

    def members(self, pointer: str, where: Check | None) -> tuple[list["Words"], Hole | None]:
        """Return the members of the collection at `pointer` of which `where` is true, and the hole where there may be others."""
        found = self.of(pointer)
        if isinstance(found, Hole):
            return [], found
        items = list(found.items() if isinstance(found, dict) else ((item, item) for item in found) if isinstance(found, list) else ())
        chosen = [(key, item) for key, item in items if not isinstance(item, Hole) and (where is None or where.judge(item) is True)]
        made = [replace(self, facts=item, key=key if isinstance(key, str) else str(item)) for key, item in chosen]
        return made, found.hole if isinstance(found, OpenObject | OpenArray) else next((item for _, item in items if isinstance(item, Hole)), None)

    def _listed(self, listing: Listing) -> Json:
        if isinstance(found := self.of(listing.each), Hole):
            return found
        members, hole = self.members(listing.each, listing.where)
        shown: list[str] = [fill(listing.show, member) for member in members]
        if hole is None:
            return shown
        opened = OpenArray(shown)
        opened.hole = hole
        return opened


def fill(sentence: str, words: Words) -> str:
    """Return the sentence with its placeholders replaced by what they stand for."""

    def told(match: re.Match[str]) -> str:
        value = words.of(match[1])
        stands_in_brackets = sentence[: match.start()].endswith("(") and sentence[match.end() :].startswith(")")
        if isinstance(value, Hole) and match[2] is None and stands_in_brackets:
            return show(value)[1:-1]
        return show(value) if match[2] is None else many(value, match[2])

    return PLACEHOLDER.sub(told, sentence)


def many(value: Json, noun: str) -> str:
    """Return a number, or that of the members of a collection, with its noun: 1 uid, 2 uids."""
    if isinstance(value, dict | list):
        value = len(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return f"{show(value)} {noun}s"
    return f"{value} {noun}" if value == 1 else f"{value} {noun}s"


def fill_steps(fix: Sequence[Step], words: Words) -> list[dict[str, Any]]:
    """Return the steps of a fix with their facts, each ``{run}`` or ``{note}``: a command whose facts cannot all be pasted becomes a note.

    A command that sets a key of a file also has it as ``{set: {file, key, value, check, effect}}``, and a note with the effect follows it.

    A step with `when` is left out where that is not certainly true. One with `each` is repeated for every member of that collection: pointers start at the
    member, ``{key}`` is its key, `when` looks at it, and beyond ten the rest is counted. What is the same twice is said once.
    """
    told: list[dict[str, Any]] = []
    for filled in (filled for step in fix for filled in _filled(step, words)):
        if filled not in told:
            told.append(filled)
    return told


def _filled(step: Step, words: Words) -> Iterator[dict[str, Any]]:
    if "each" not in step.written:
        if step.when is None or step.when.judge(words.facts) is True:
            yield from _steps(step.written, words)
        return
    members = words.members(step.written["each"], step.when)[0]
    for member in members[:STEPS]:
        yield from _steps(step.written, member)
    if len(members) > STEPS:
        yield {"note": f"The same for {len(members) - STEPS} more."}


def _steps(step: Mapping[str, Any], words: Words) -> Iterator[dict[str, Any]]:
    """Yield a step, and the effect of one that sets a key of a file."""
    told = _step(step, words)
    if "set" not in step or "note" in told:
        yield told
        return
    yield {**told, "set": {**step["set"], "file": show(words.of(placeholders(step["set"]["file"])[0]))}}
    yield {"note": step["set"]["effect"]}


def _step(step: Mapping[str, Any], words: Words) -> dict[str, str]:
    if "note" in step:
        return {"note": fill(step["note"], words)}
    values = {name: words.of(name) for name in placeholders(step["run"])}
    user = words.of(step["as"]) if "as" in step else ""
    for name, value in {**values, **({step["as"]: user} if "as" in step else {})}.items():
        if not _can_be_pasted(value):
            return {"note": f"No command is given here: {name.lstrip('/') or 'a fact'} is {show(value)}."}
        if str(value).startswith("/") and not user and words.of(step.get("root_only", "")) is not True:
            return {"note": f"No command is given for {value}: somebody other than root can replace it, and root's command would then act on another file."}
    command = PLACEHOLDER.sub(lambda match: quote(str(values[match[1]])), step["run"])
    return {"run": AS.format(quote(str(user)), command) if user else command}


def _can_be_pasted(value: Json) -> bool:
    """Say whether a fact may stand in a command: a number, or a text that is no option, has no character that a terminal acts on, and is what it looks like."""
    if isinstance(value, str):
        return value.isprintable() and value != "" and not value.startswith("-") and not ESCAPED.search(value)
    return isinstance(value, int) and not isinstance(value, bool)


def find(facts: Json, pointer: str) -> Json:
    """Return what stands at `pointer`: a value, the hole in the way, or None where there is nothing."""
    return follow(facts, tokens(pointer))


def follow(facts: Json, path: Iterable[str]) -> Json:
    """Return what stands at the end of `path`, as `find` does."""
    for token in path:
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
        return f"({NOT_KNOWN}{unread(value.why, '')})"
    if isinstance(value, dict):
        return _show_many(list(value), value)
    if isinstance(value, list):
        return _show_many([show(item) for item in value], value)
    if value is None:
        return "nothing"
    text = {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
    return text if len(text) <= LENGTH else text[:LENGTH] + "…"


def _show_many(items: list[str], collection: Json) -> str:
    opened = isinstance(collection, OpenObject | OpenArray) or any(isinstance(item, Hole) for item in _members(collection))
    if len(items) > SHOWN:
        return f"{', '.join(_together(items[:SHOWN]))} and {'at least ' if opened else ''}{len(items) - SHOWN} more"
    told = ", ".join(_together(items)) or "none"
    return f"{told}, and there may be more" if opened else told


def _together(items: list[str]) -> list[str]:
    """Return items with those that have the same group, as `ann (group docker)`, as one: the group is named once, behind its people."""
    found: dict[str | int, list[str]] = {}
    for number, item in enumerate(items):
        match = IN_GROUP.fullmatch(item)
        found.setdefault(match[2] if match else number, []).append(match[1] if match else item)
    return [f"{', '.join(names)} {why}" if isinstance(why, str) else names[0] for why, names in found.items()]


def _members(collection: Json) -> list[Json]:
    return list(collection.values()) if isinstance(collection, dict) else list(collection)


def reason(holes: tuple[Hole, ...]) -> str:
    """Return one sentence that says what stood in the way of a verdict."""
    stated = list(dict.fromkeys(unread(hole.why, hole.message).removeprefix(NOT_KNOWN) for hole in holes))
    more = f" and {len(stated) - SHOWN} more" if len(stated) > SHOWN else ""
    return f"{NOT_KNOWN}{'; '.join(stated[:SHOWN])}{more}"


def has_holes(value: Json) -> bool:
    """Say whether anything in `value` is not known."""
    return next(holes_in(value), None) is not None
