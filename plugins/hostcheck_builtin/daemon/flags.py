"""What a command line tells dockerd, as its own parser reads it (pflag of Go): the settings by their key in daemon.json.

A flag that is not known may be one of a newer dockerd: what it says is not told, and whether it takes a word is told by dockerd itself, which takes no
word that is no flag's.
"""

import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from hostcheck.api import Hole, Json, Nonsense, Why, incomplete, pattern, worst_hole
from hostcheck_builtin.daemon import accepted, settings
from hostcheck_builtin.daemon.settings import SETTINGS

TRUE: Final = frozenset(("1", "t", "T", "TRUE", "true", "True"))
FALSE: Final = frozenset(("0", "f", "F", "FALSE", "false", "False"))
"""What strconv.ParseBool of Go takes."""
NUMBER: Final = pattern(r"-?[0-9]{1,18}", re.ASCII)
ULIMIT: Final = pattern(r"[a-z]+=[0-9]{1,18}(:[0-9]{1,18})?", re.ASCII)
UNKNOWN: Final = Hole(why=Why.UNSUPPORTED, message="dockerd is given a flag that is not known, as by a newer version, and what that sets is not either")
WRONG: Final = Hole(why=Why.NONSENSE, message="dockerd is given a flag with a value that it does not take")


class Flags(NamedTuple):
    """The settings that flags make, and the path of daemon.json, "" where none is given; `given` are the keys of all flags, with those that are not stated."""

    settings: Json
    config_file: str
    given: Json


def parse(words: Sequence[str]) -> Flags:
    """Return what the words after the program's name set."""
    found: dict[str, Any] = {}
    given: dict[str, list[str]] = {}
    config_file, unknown = "", None
    for name, value in _pairs(words):
        if name == settings.CONFIG_FILE:
            config_file = value or ""
        elif name in settings.FLAGS:
            key = settings.FLAGS[name]
            given.setdefault(key, []).append("" if value is None else value)
            _take(found, key, value)
        elif name in settings.ALL_FLAGS:
            given.setdefault(settings.SINGULAR.get(name, name), []).append("" if value is None else value)
        else:
            unknown = UNKNOWN
    keys = sorted(given.keys() & settings.KNOWN)
    stated = {key: _stated(key, found[key]) for key in sorted(found)}
    return Flags(incomplete(stated, unknown), config_file, incomplete(keys, worst_hole(unknown, _refused({key: given[key] for key in keys}))))


def _refused(given: Mapping[str, list[str]]) -> Hole | None:
    """Return the hole for a value that dockerd does not take of a flag, or may not."""
    told = {key: _value(key, words) for key, words in given.items()}
    doubtful = next((key for key in told if key in settings.SWITCHES and not {*given[key]} <= TRUE | FALSE | {""}), "")
    doubtful = doubtful or next((key for key, value in told.items() if value is None or accepted.takes(key, told) is not True), "")
    return Hole(why=Why.UNSUPPORTED, message=f"it is not known whether dockerd starts with the value of the flag for {doubtful}") if doubtful else None


def _value(key: str, words: list[str]) -> Any:
    """Return what flags say in the form of daemon.json, None where that is another one, which is not looked into."""
    kind = SETTINGS[key].kind if key in SETTINGS else ""
    if kind in ("list", "urls") or key in settings.OTHER_LISTS:
        return words
    if kind == "options":
        return dict(one.partition("=")[::2] for one in words)
    if kind == "programs":
        return {name: {"path": path} for name, _, path in (one.partition("=") for one in words)}
    if key in settings.OTHER_NUMBERS:
        return int(words[-1]) if NUMBER.fullmatch(words[-1]) else None
    if kind == "names":
        return {} if all(ULIMIT.fullmatch(one) for one in words) else None
    return None if key in settings.OTHER_MAPS or key == "default-address-pools" else words[-1]


def _pairs(words: Sequence[str]) -> Iterator[tuple[str, str | None]]:
    """Yield each flag with its value, None for a switch that stands alone; raises Nonsense where a word is missing or too many."""
    rest = deque(words)
    while rest:
        word = rest.popleft()
        if not word.startswith("-") or word in ("-", "--"):
            raise Nonsense("dockerd is given a word that is no flag's, and would not start")
        if word.startswith("--"):
            name, equals, value = word[2:].partition("=")
            yield name, value if equals else _following(name, rest)
        else:
            yield from _letters(word[1:], rest)


def _letters(letters: str, rest: deque[str]) -> Iterator[tuple[str, str | None]]:
    """Yield the flags of one word with a single dash: the first that takes a value has the rest of the word, or the next one."""
    while letters:
        name, letters = settings.LETTERS.get(letters[0], letters[0]), letters[1:]
        if letters.startswith("="):
            yield name, letters[1:]
            return
        if name in settings.SWITCHES or name not in settings.ALL_FLAGS:
            yield name, None
        else:
            yield name, letters or _following(name, rest)
            return


def _following(name: str, rest: deque[str]) -> str | None:
    """Return the word of a flag; one that is not known has the next word where that is no flag itself."""
    if name in settings.SWITCHES or (name not in settings.ALL_FLAGS and (not rest or rest[0].startswith("-"))):
        return None
    if not rest:
        raise Nonsense(f"--{name} is given no value, and dockerd would not start")
    return rest.popleft()


def _take(found: dict[str, Any], key: str, value: str | None) -> None:
    """Add what one flag says: of a list one element, of a map one member, of all else the last counts."""
    kind = SETTINGS[key].kind
    if kind == "flag":
        found[key] = True if value is None else value in TRUE if value in TRUE | FALSE else WRONG
    elif kind in ("list", "urls"):
        found.setdefault(key, []).append(value or "")
    elif kind == "text":
        found[key] = value or ""
    else:
        name, _, rest = (value or "").partition("=")
        found.setdefault(key, {})[name] = {"path": rest} if kind == "programs" else rest


def _stated(key: str, value: Any) -> Json:
    if isinstance(value, Hole):
        return value
    try:
        return settings.stated(key, value)
    except ValueError:
        return Hole(why=Why.LIMIT, message=f"--{SETTINGS[key].flag} is given more than can be stated")
