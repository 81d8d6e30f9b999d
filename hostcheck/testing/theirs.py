"""What users may change in facts and findings by what they lay: what is about them, and nothing else.

A member of a collection is about somebody by its name, by a key that says whose it is, or as a hole that names nobody else. What is behind such a member is
theirs; a failure of another stays one, or becomes an error where the way to it leads through their places.

What is made of everybody's things is about nobody: how many users can become root, or the fewest changes that stop all of them. That becomes another where
less is known of one user, and says nothing of any other, if no rule judges by it. So a word or a number that stands in no member of a collection may be
another if the schema says of it, or of what it stands in, that it only explains (`x-explains`). A list in there may be any other of objects, as changes that
stop all of them; one of words may lose only what is theirs, and may have others where theirs were, since it has as many as a report can hold.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from hostcheck.deferred import pattern
from hostcheck.documents import compact
from hostcheck.model import Hole, Json, OpenArray, OpenObject
from hostcheck.origins import alternatives, children
from hostcheck.parting import part
from hostcheck.pointer import tokens
from hostcheck.testing.whose import Whose

PLACE: Final = pattern(r"/[^\s,;:'\"()]*")
KEYS: Final = frozenset({"uid", "owner_uid"})
"""Keys by which a member says whose it is."""
EVERYONE: Final = "every local user"
"""The principal of access-paths that stands for all users."""
UNSURE: Final = ("error", "unknown")
OPEN: Final = frozenset({*UNSURE, "notchecked"})
"""What is not known."""
FAILED: Final = ("fail", *UNSURE)
"""What may become of a failure."""

Findings = list[dict[str, Any]]


class Theirs:
    """What is about some users: these, by uid and name, and what stands in their places."""

    def __init__(self, uids: Collection[int], whose: Whose, keys: Collection[str] = ()) -> None:
        """Take their uids; `keys` are others than KEYS by which a member says whose it is."""
        self.uids, self._whose, self._keys = frozenset(uids), whose, KEYS | {*keys}
        words = [*(name for name, uid in whose.names.items() if uid in self.uids), *(f"uid {uid}" for uid in self.uids)]
        self._words = re.compile("|".join(rf"(?<![\w./-]){re.escape(word)}(?![\w.-])" for word in words))
        self._numbers = {str(uid) for uid in self.uids}

    def text(self, text: str) -> bool:
        """Say whether a text names one of them, or a place of theirs; a JSON Pointer does if a name in it does."""
        if text in self._numbers or self._words.search(text) or any(self.place(place) for place in PLACE.findall(text)):
            return True
        return text.startswith("/") and "~1" in text and any(self.text(token) for token in tokens(text))

    def place(self, place: str) -> bool:
        """Say whether a path leads through a place of theirs."""
        return bool(self.uids & {self._whose.path(place), self._whose.path(place, follow=False)})

    def hole(self, hole: object) -> bool:
        """Say whether something is a hole that is about nobody else."""
        return isinstance(hole, Hole) and bool(hole.owners) and {*hole.owners} <= self.uids

    def member(self, key: str, value: Json) -> bool:
        """Say whether a member of a collection is about them."""
        return self.text(key) or self.hole(value) or self.says(value)

    def says(self, value: Json) -> bool:
        """Say whether a fact is a place of theirs, or has one, or a key that names one of them."""
        if isinstance(value, str):
            return value.startswith("/") and self.place(value)
        if not isinstance(value, dict):
            return False
        told = (key in self._keys and fact in self.uids if type(fact) is int else isinstance(fact, str) and self.says(fact) for key, fact in value.items())
        return any(told)

    def facts(self, before: Any, after: Any, schema: Json, behind: Collection[str] = (), *, told: bool = False) -> Iterator[str]:
        """Yield where facts about others are not the same; members by these names are `behind` a place of theirs, and are gone if others things were `told`."""
        yield from _Facts(self, schema, behind, _anybodys(before), told).changes(before, after, [schema], "", False)

    def behind(self, access: Json) -> set[str]:
        """Return who else becomes root by a place of theirs, by the paths that access-paths states, if it could; all users, where every local user does."""
        paths, people = (access.get("paths"), access.get("principals")) if isinstance(access, dict) else (None, None)
        led = (path for path in paths if any(self.text(f"{step['to']} {step['because']}") for step in path["steps"])) if isinstance(paths, list) else ()
        found = {path["principal"].removeprefix("user:") for path in led}
        return found | {*people} if EVERYONE in found and isinstance(people, dict) else found

    def findings(self, before: Findings, after: Findings, *, told: bool = False, behind: Collection[str] = ()) -> Iterator[str]:
        """Yield which findings about others are not the same, and unless others things were `told`, which failure of theirs is none and no error now."""
        known, found = ({(one["rule"], one["subject"]): one for one in findings} for findings in (before, after))
        theirs = {one["rule"] for one in (*before, *after) if self._is_about(one)}
        errors = {one["rule"] for one in after if self._is_about(one) and one["result"] in UNSURE}
        for rule, subject in sorted(known.keys() | found.keys()):
            was, now = known.get((rule, subject)), found.get((rule, subject))
            if compact(_bare(was)) == compact(_bare(now)):
                continue
            if self._is_about(was or now or {}):
                fails = was is not None and was["result"] == "fail" and not told
                broken = fails and (rule not in errors if now is None else now["result"] not in FAILED)
            else:
                led = subject in behind and (now is not None or was is None or rule in errors or told)
                broken = not self._may_be(was, now, rule in theirs, led)
            if broken:
                yield f"{rule} {subject}: {_told(was)} became {_told(now)}"

    def _is_about(self, finding: Mapping[str, Any]) -> bool:
        return finding.get("uid") in self.uids or self.text(finding["subject"])

    def _may_be(self, was: Mapping[str, Any] | None, now: Mapping[str, Any] | None, beside_theirs: bool, behind: bool) -> bool:
        """Say whether a finding about others may become another: that there is nothing to judge, where theirs is; or a failure `behind` their place."""
        if was is None or now is None:
            one = was or now or {}
            opened = was is not None and one["subject"] == "*" and one["result"] in OPEN
            named = behind or (one["subject"] != "*" and self.text(one["because"]))  # as places of many, of which not each is told
            if named and was is None and one["result"] in UNSURE:  # which another rule may have said of before
                return True
            if behind and now is None and one["result"] != "pass":  # then it is an error of whoever they let in
                return True
            return beside_theirs and (opened or (one["result"], one["subject"]) == ("notapplicable", ""))
        if {was["result"], now["result"]} <= OPEN:  # for another reason, which may outrank the first
            return True
        return was["result"] == "fail" and now["result"] in FAILED and (behind or self.text(was["because"]))


def _told(finding: Mapping[str, Any] | None) -> str:
    return f"{finding['result']} ({finding['because']:.160})" if finding else "nothing"


def _bare(finding: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return a finding without its fix, which may say what is to be changed for everybody's sake."""
    return None if finding is None else {key: value for key, value in finding.items() if key != "fix"}


class _Facts:
    """Two statements of the same facts, which `schema` describes."""

    def __init__(self, theirs: Theirs, schema: Json, behind: Collection[str], lacked: set[tuple[str, str]], told: bool) -> None:
        """Compare what is not `theirs`; `lacked` is what was not known before, whatever users lay."""
        self.theirs, self.root, self.behind, self.lacked, self.told = theirs, schema, behind, lacked, told
        self.explaining = (*_explaining(schema, schema),)

    def changes(self, before: Any, after: Any, schemas: list[Json], at: str, through: bool) -> Iterator[str]:
        """Yield where they are not the same but for what is theirs; a member that stands `through` their places may be less known."""
        if self.theirs.says(before) or _same(before, after) or self._explains(before, after, at):
            return
        if through and isinstance(after, list) and any(view.get("x-explains") for schema in schemas for view in alternatives(schema, self.root)):
            return  # the steps behind their place are others
        if isinstance(after, Hole):
            allowed = self.theirs.hole(after) or (through and _anybodys([after]) <= self.lacked)
            if not allowed or self._has_others(before, schemas) or not (through or self._leads(before)):
                yield f"{at or '/'}: {before!r:.120} became {after.why} ({after.message:.80}) of {after.owners or 'anybody'}"
        elif isinstance(before, dict) and isinstance(after, dict):
            yield from self._object(before, after, schemas, at, through)
        elif isinstance(before, list) and isinstance(after, list):
            yield from self._array(before, after, schemas, at, through)
        else:
            yield f"{at or '/'}: {before!r:.120} became {after!r:.120}"

    def _explains(self, before: Any, after: Any, at: str) -> bool:
        """Say whether something only explains, and does so still: a word or a number, or a list of what is theirs and of objects, or a hole of theirs."""
        if not any(at == place or at.startswith(f"{place}/") for place in self.explaining):
            return False
        if isinstance(before, list) and isinstance(after, list):
            return all(isinstance(one, dict) or self._leads(one) or one in self.behind or one in after for one in before)
        return type(before) in (bool, int, str) and (type(after) is type(before) or self.theirs.hole(after))

    def _leads(self, value: Any) -> bool:
        """Say whether something that is said of others names them, or a place of theirs."""
        if isinstance(value, dict):
            return any(self._leads(key) or self._leads(one) for key, one in value.items())
        if isinstance(value, list):
            return any(self._leads(one) for one in value)
        return self.theirs.hole(value) or (isinstance(value, str) and self.theirs.text(value))

    def _without(self, value: Any) -> Any:
        """Return a value without what lists in it name of theirs, or of who is behind them: what names them too may come to name others alone."""
        if isinstance(value, dict):
            return {key: self._without(one) for key, one in value.items()}
        if not isinstance(value, list):
            return value
        return [self._without(one) for one in value if not self._leads(one) and not (isinstance(one, str) and one in self.behind)]

    def _has_others(self, value: Any, schemas: list[Json]) -> bool:
        """Say whether a collection in a value has members that are not theirs."""
        if isinstance(value, list):
            return any(not self.theirs.member("", one) for one in value)
        if not isinstance(value, dict):
            return False
        if self._is_collection(schemas):
            return any(not self.theirs.member(key, one) for key, one in value.items())
        return any(self._has_others(one, self._below(schemas, key)) for key, one in value.items())

    def _is_collection(self, schemas: list[Json]) -> bool:
        return any(isinstance(view.get("additionalProperties"), dict) for schema in schemas for view in alternatives(schema, self.root))

    def _below(self, schemas: list[Json], key: str) -> list[Json]:
        return [inner for schema in schemas for inner in children(schema, key, self.root)]

    def _object(self, before: dict[str, Any], after: dict[str, Any], schemas: list[Json], at: str, through: bool) -> Iterator[str]:
        yield from self._openings(before, after, at)
        members = self._is_collection(schemas)
        for key in [*before, *(key for key in after if key not in before)]:
            one, other = (where.get(key) for where in (before, after))
            if self._is_theirs(key, before, after):
                continue
            if key not in after and key in self.behind and (self.told or any(name not in before and self.theirs.hole(one) for name, one in after.items())):
                continue  # whoever they let in stands for who is behind
            if key not in after:
                yield f"{at}/{key}: is gone"
            elif key not in before:
                yield f"{at}/{key}: is new: {other!r:.120}"
            else:
                yield from self.changes(one, other, self._below(schemas, key), f"{at}/{key}", self._leads(one) or key in self.behind if members else through)

    def _is_theirs(self, key: str, before: dict[str, Any], after: dict[str, Any]) -> bool:
        """Say whether a member is about them, as it was or as it is; a hole in place of what was another's is not."""
        if key in before and (self.theirs.member(key, before[key]) or isinstance(after.get(key), Hole)):
            return self.theirs.member(key, before[key])
        return key in after and self.theirs.member(key, after[key])

    def _array(self, before: list[Any], after: list[Any], schemas: list[Json], at: str, through: bool) -> Iterator[str]:
        yield from self._openings(before, after, at)
        kept, left = ([one for one in some if not self._leads(one)] for some in (before, after))
        had, has = ([self._without(one) for one in some if self._leads(one)] for some in (before, after))
        has += kept if through and isinstance(after, OpenArray) else []  # where it is told that there may be more, ways through their places may be lacking
        kept, left = (
            [one for one in some if one in other or (one not in with_them and self._without(one) not in with_them)]
            for some, other, with_them in ((kept, left, has), (left, kept, had))
        )
        if len(kept) != len(left):
            gone, new = ([one for one in some if one not in other] for some, other in ((kept, left), (left, kept)))
            yield f"{at}: lost {gone!r:.160} and has {new!r:.160}"
            return
        for index, (one, other) in enumerate(zip(kept, left, strict=True)):
            yield from self.changes(one, other, self._below(schemas, "0"), f"{at}/{index}", through or self._leads(one))

    def _openings(self, before: Any, after: Any, at: str) -> Iterator[str]:
        """Yield where a collection is open now and not for what is theirs alone; one that was open for anybody may be so for another reason."""
        was, now = (one.hole if isinstance(one, OpenObject | OpenArray) else None for one in (before, after))
        if was is not None and now is not None and not self.theirs.hole(was):
            return
        if not _same(was, now) and now is not None and not self.theirs.hole(now):
            yield f"{at or '/'}: is open for {now.why} ({now.message:.80}) of {now.owners or 'anybody'}"
        if now is None and was is not None and not self.theirs.hole(was):
            yield f"{at or '/'}: was open, and is not"


def _explaining(schema: Json, root: Json, at: str = "") -> Iterator[str]:
    """Yield the places outside of all collections that only explain."""
    views = [*alternatives(schema, root)]
    if any(view.get("x-explains") for view in views):
        yield at
        return
    for name, inner in [pair for view in views for pair in view.get("properties", {}).items()]:
        yield from _explaining(inner, root, f"{at}/{name}")


def _anybodys(facts: Any) -> set[tuple[str, str]]:
    """Return the holes in facts that are about anybody's things, by reason and message."""
    return {(hole["why"], hole["message"]) for hole in part(facts)[1] if not hole.get("owners")}


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and part(one) == part(other)
