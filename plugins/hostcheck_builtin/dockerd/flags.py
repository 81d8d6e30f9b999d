"""What a command line tells dockerd, as its own parser reads it (pflag of Go): the settings by their key in daemon.json.

A flag that is not known may be one of a newer dockerd: what it says is not told, and whether it takes a word is told by dockerd itself, which takes no
word that is no flag's.
"""

import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from hostcheck.api import Hole, Json, Nonsense, Why, incomplete, pattern, worst_hole
from hostcheck_builtin.dockerd import accepted, settings
from hostcheck_builtin.dockerd.settings import SETTINGS

TRUE: Final = frozenset(("1", "t", "T", "TRUE", "true", "True"))
FALSE: Final = frozenset(("0", "f", "F", "FALSE", "false", "False"))
"""What strconv.ParseBool of Go takes."""
NUMBER: Final = pattern(r"-?[0-9]{1,18}", re.ASCII)
ULIMIT: Final = pattern(r"[a-z]+=[0-9]{1,18}(:[0-9]{1,18})?", re.ASCII)
NRI: Final = "nri-opts"
"""A flag that takes several options in one word (nri_opts.go of moby's opts)."""
UNKNOWN: Final = Hole(why=Why.UNSUPPORTED, message="dockerd is given a flag that is not known, as by a newer version, and what that sets is not either")
WRONG: Final = Hole(why=Why.NONSENSE, message="dockerd is given a flag with a value that it does not take")
GONE: Final = Hole(why=Why.UNSUPPORTED, message="dockerd is given a flag that older ones have, and newer ones do not start with")
OTHER: Final = Hole(why=Why.UNSUPPORTED, message="dockerd is given a flag whose value is not looked into")


class Flags(NamedTuple):
    """What flags make: the settings that are stated, the path of daemon.json, "" where none is given, and the keys of all flags.

    `document` has the keys and values as a daemon.json would have them, unstated; of one that is not looked into, or is wrong, the value is a hole.
    """

    settings: Json
    config_file: str
    given: Json
    document: dict[str, Any]


def parse(words: Sequence[str]) -> Flags:
    """Return what the words after the program's name set; raises Nonsense where dockerd would not start with them."""
    given: dict[str, list[str]] = {}
    config_file, unknown, old = "", None, None
    for name, value in _pairs(words):
        old = GONE if name in settings.OLD else old
        if name == settings.CONFIG_FILE:
            config_file = value
        elif name in settings.KEYS:
            given.setdefault(settings.KEYS[name], []).append(value)
        elif name not in settings.SWITCHES:
            unknown = UNKNOWN
    told = {key: _value(key, given[key]) for key in sorted(given)}
    stated = {key: settings.told(key, told[key], "the command line of dockerd") for key in told if key in SETTINGS}
    return Flags(incomplete(stated, unknown), config_file, incomplete(list(told), worst_hole(unknown, old, _refused(told))), told)


def _refused(told: Mapping[str, Any]) -> Hole | None:
    """Return the hole for a value that dockerd does not take of a flag, or may not."""
    doubtful = next((key for key, value in told.items() if isinstance(value, Hole) or accepted.takes(key, told) is not True), "")
    return Hole(why=Why.UNSUPPORTED, message=f"it is not known whether dockerd starts with the value of the flag for {doubtful}") if doubtful else None


def _value(key: str, words: list[str]) -> Any:
    """Return what the flags of a key say in the form of daemon.json: a list, a map, or of all else the last."""
    kind = SETTINGS[key].kind if key in SETTINGS else ""
    if kind == "flag" or key in settings.OTHER_FLAGS:
        return words[-1] in TRUE if TRUE | FALSE >= {*words} else WRONG
    if kind in ("list", "urls") or key in settings.OTHER_LISTS:
        return words
    if key == NRI:
        words = [part for one in words for part in one.split(",")]
    if kind in ("names", "options", "programs"):
        told = {name: _member(key, name, value) for name, _, value in (one.partition("=") for one in words)}
        return WRONG if kind == "programs" and len(told) < len(words) else told
    if key in settings.OTHER_NUMBERS:
        return int(words[-1]) if NUMBER.fullmatch(words[-1]) else WRONG
    return OTHER if key in settings.OTHER_MAPS or key == "default-address-pools" else words[-1]


def _member(key: str, name: str, value: str) -> Any:
    if SETTINGS[key].kind == "programs":
        return {"path": value}
    if key == NRI and name == "enable":
        return value in TRUE if value in TRUE | FALSE else not value or value
    return None if SETTINGS[key].kind == "names" and ULIMIT.fullmatch(f"{name}={value}") else value


def _pairs(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield each flag with its value, "true" for a switch that stands alone; raises Nonsense where a word is missing or too many."""
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


def _letters(letters: str, rest: deque[str]) -> Iterator[tuple[str, str]]:
    """Yield the flags of one word with a single dash: the first that takes a value has the rest of the word, or the next one."""
    while letters:
        name, letters = settings.LETTERS.get(letters[0], letters[0]), letters[1:]
        if letters.startswith("="):
            yield name, letters[1:]
            return
        if name in settings.SWITCHES or name not in settings.ALL_FLAGS:
            yield name, "true"
        else:
            yield name, letters or _following(name, rest)
            return


def _following(name: str, rest: deque[str]) -> str:
    """Return the word of a flag; one that is not known has the next word where that is no flag itself."""
    if name in settings.SWITCHES or (name not in settings.ALL_FLAGS and (not rest or rest[0].startswith("-"))):
        return "true"
    if not rest:
        raise Nonsense(f"--{name} is given no value, and dockerd would not start")
    return rest.popleft()
