"""Where a text stops being what it should be, in words that quote nothing of it: what stands there may be a password.

What a parser says of an error is not passed on: some quote the key or the value that they stumble over.
"""

import re
from typing import Any, Final, NoReturn

from hostcheck.api import pattern

LINE: Final = pattern(r"\(at line ([0-9]+), column [0-9]+\)\Z", re.ASCII)
"""How an error of tomllib ends; other parsers have the line as a number."""


def at_line(error: Exception) -> str:
    """Return the line at which a parser of JSON, YAML or TOML gave up, as a text that begins with a blank; "" where it does not tell."""
    mark, told = getattr(error, "problem_mark", None), LINE.search(str(error))
    number = mark.line + 1 if mark else getattr(error, "lineno", None) or (told and told[1])
    return f" at line {number}" if number else ""


def no_constant(word: str) -> NoReturn:
    """Refuse NaN and Infinity, which json.loads takes and JSON does not have (RFC 8259, 6); for `parse_constant`."""
    raise ValueError(f"{word} is no number in JSON")


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object in which no key stands twice, so that no two readers take it differently; raises ValueError. For `object_pairs_hook`."""
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a key that stands twice")
    return members
