"""What a file of apt's settings says, in order: apt.conf(5), and ReadConfigFile() of apt-pkg/contrib/configuration.cc.

Settings stand in one another (`A { B "x"; }; A::B "x";`), and a name that ends in :: adds to a list. apt ends at a word too many; so does what is read here.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from hostcheck.api import LimitExceeded, pattern
from hostcheck_builtin.system.bounds import APT_NESTED

PART: Final = pattern(
    r'"[^"\n]*(?:"|$)|//[^\n]*|#clear|#include|#[^\n]*|/\*(?:(?!//|#|\*/).)*+(?:\*/|[^\n]*(?s:.*?)(?:\*/|\Z))|\n|[{};]|[^\n"/#{};]+|.',
    re.MULTILINE,
)
"""In the line in which a comment begins, what follows // or # there does not end it."""
WORD: Final = pattern(r'(?:[^\s"\[]|"[^"]*"|\[[^\]]*\])+')
QUOTED: Final = pattern(r'"([^"]*)"( *)')
ENCODED: Final = pattern(r"%([0-9A-Fa-f]{2})")
CLEAR: Final = "#clear"
INCLUDE: Final = "#include"
COMMENTS: Final = ("//", "/*", "#")


class AptSetting(NamedTuple):
    """A setting: its name in small letters, as A::B, with :: at its end for one more of a list, and its value.

    Of #clear the value is the name of what is forgotten, of #include a file, or a directory with / at its end.
    """

    line: int
    name: str
    value: str


def read(text: str) -> Iterator[AptSetting]:
    """Yield the settings of a file, until it ends or apt would end there."""
    line, above, so_far = 1, list[str](), ""
    for part in PART.findall(text):
        if part not in ("{", "}", ";"):
            hidden = part.startswith(COMMENTS) and part not in (CLEAR, INCLUDE)
            so_far += " " if part == "\n" else "" if hidden else part
            line += part.count("\n")
            continue
        words = _words(so_far.strip())
        so_far = ""
        if words is None or (part == "{" and not words):
            return
        if len(above) > APT_NESTED:
            raise LimitExceeded(f"more than {APT_NESTED} settings of apt's in one another")
        name, value = (words + ["", ""])[:2] if len(words) == 2 or part == "{" else ("", "".join(words))
        if part == "{":
            above.append(name)
        if words[part == "{" :]:
            yield AptSetting(line, "::".join(above if part == "{" else [*above, name]).lower(), value)
        if part == "}":
            del above[-1:]


def _words(text: str) -> list[str] | None:
    """Return the name and the value of a setting, or one of them; None where there are more words."""
    found = WORD.match(text)
    if found is None:
        return None if text else []
    name, behind = _plain(found[0]), text[found.end() :].strip()
    quoted = QUOTED.findall(behind)
    if not behind:
        return [name]
    if quoted and "".join(f'"{word}"{space}' for word, space in quoted) == behind:
        return [name, "".join(word + " " * bool(space) for word, space in quoted)]
    return [name, _plain(behind)] if WORD.fullmatch(behind) else None


def _plain(word: str) -> str:
    return ENCODED.sub(lambda found: chr(int(found[1], 16)), word.replace('"', ""))
