"""In which order augenrules(8) puts audit rules together, and what auditctl -R makes of the lines that come of it."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cmp_to_key
from itertools import zip_longest
from typing import Final

from hostcheck.api import pattern
from hostcheck_builtin.audit.audit_rules import AuditRule
from hostcheck_builtin.audit.rule_lines import RuleLine, line

PARTS: Final = pattern(r"[0-9]+|[^0-9]+")
SUFFIX: Final = pattern(r"(?<=.)(\.[A-Za-z~][A-Za-z0-9~]*)*\Z", re.DOTALL)
COMMENT: Final = pattern(r"\s*#", re.ASCII)
OPTION: Final = pattern(r"\s*-([efb]|D\s*\Z)", re.ASCII)
DIGITS: Final = "0123456789"
END, DIGIT, TILDE = -1, 0, -2

Text = tuple[str, str]
"""A line, and where it stands."""
Takes = Callable[[AuditRule], tuple[AuditRule, str]]
"""Returns a rule as the kernel takes it, and why it would not, "" where it does."""


@dataclass(slots=True, kw_only=True)
class LoadedRules:
    """What is loaded: the rules in their order, what -e says (None: nothing), and the line at which the loading ends early, with why."""

    rules: list[AuditRule] = field(default_factory=list)
    enabled: int | None = None
    stops: str = ""
    why: str = ""


def by_version(names: Iterable[str]) -> list[str]:
    """Return names in the order of `ls -v`, in which numbers count as numbers (filevercmp() of gnulib)."""
    return sorted(names, key=cmp_to_key(_compared))


def _compared(one: str, other: str) -> int:
    """Compare two names without their suffixes, then as they are."""
    whole = [name.encode("utf-8", "surrogateescape").decode("latin-1") for name in (one, other)]
    stems = [SUFFIX.sub("", name) for name in whole]
    return _by_parts(*stems) or _by_parts(*whole) or (whole[0] > whole[1]) - (whole[0] < whole[1])


def _by_parts(one: str, other: str) -> int:
    """Compare signs up to a number, the number, and so on; a number that is not there is 0."""
    for left, right in zip_longest(_parts(one), _parts(other), fillvalue=([END], 0)):
        for ours, theirs in zip_longest(left[0][:-1], right[0][:-1]):
            ours, theirs = left[0][-1] if ours is None else ours, right[0][-1] if theirs is None else theirs
            if ours != theirs:
                return ours - theirs
        if left[1] != right[1]:
            return left[1] - right[1]
    return 0


def _parts(text: str) -> list[tuple[list[int], int]]:
    """Return signs with what ends them, each with the number that comes then: letters before other signs, a tilde before the end, that before a number."""
    parts = PARTS.findall(text)
    if parts and parts[0][0] in DIGITS:
        parts.insert(0, "")
    numbers = parts[1::2]
    signs = [[_sign(sign) for sign in part] for part in parts[::2]]
    return [([*one, DIGIT], int(numbers[at])) if at < len(numbers) else ([*one, END], 0) for at, one in enumerate(signs)]


def _sign(sign: str) -> int:
    if sign == "~":
        return TILDE
    return ord(sign) if sign.isascii() and sign.isalpha() else ord(sign) + 256


def put_together(lines: Iterable[Text]) -> list[Text]:
    """Return the lines as augenrules writes them: the last -D, -b and -f first, the last -e at the end, without comments."""
    last: dict[str, Text] = {}
    rest: list[Text] = []
    for text, at in lines:
        plain = text.removesuffix("\r")
        option = OPTION.match(plain)
        if option:
            last[option[1][0]] = (plain, at)
        elif plain and not COMMENT.match(plain):
            rest.append((plain, at))
    return [*(last[letter] for letter in "Dbf" if letter in last), *rest, *(last[letter] for letter in "e" if letter in last)]


def load(lines: Iterable[Text], takes: Takes) -> LoadedRules:
    """Return what auditctl -R makes of the lines."""
    loaded, goes_on = LoadedRules(), False
    for one, at in _read(lines):
        rule, refused = takes(one.rule) if one.rule else (None, "")
        wrong = one.wrong or refused
        if loaded.enabled == 2 and (one.rule or one.takes_back is not None):
            wrong = "comes after -e 2, which locks the rules"
        if wrong and not goes_on:
            loaded.stops, loaded.why = at, wrong
            break
        goes_on = goes_on or one.goes_on
        if not wrong:
            _apply(one, rule, loaded)
    return loaded


def _read(lines: Iterable[Text]) -> Iterator[tuple[RuleLine, str]]:
    for text, at in lines:
        yield line(text, at), at


def _apply(one: RuleLine, added: AuditRule | None, loaded: LoadedRules) -> None:
    if one.enabled is not None:
        loaded.enabled = one.enabled
    if one.takes_back is not None:  # what keeps changes from being recorded is left in: it is not known to be what is meant
        loaded.rules = [rule for rule in loaded.rules if one.takes_back not in ("", rule.path) or rule.action == "never"] if one.takes_back else []
    if added and added.counts:
        loaded.rules.insert(0 if one.first else len(loaded.rules), added)
