"""Where a text stops being what it should be, in words that quote nothing of it: what stands there may be a password.

What a parser says of an error is not passed on: some quote the key or the value that they stumble over.
"""

import re
from typing import Final

from hostcheck.api import pattern

LINE: Final = pattern(r"\(at line ([0-9]+), column [0-9]+\)\Z", re.ASCII)
"""How an error of tomllib ends; other parsers have the line as a number."""


def at_line(error: Exception) -> str:
    """Return the line at which a parser of JSON, YAML or TOML gave up, as a text that begins with a blank; "" where it does not tell."""
    mark, told = getattr(error, "problem_mark", None), LINE.search(str(error))
    number = mark.line + 1 if mark else getattr(error, "lineno", None) or (told and told[1])
    return f" at line {number}" if number else ""
