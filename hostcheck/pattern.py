"""Regular expressions that are compiled when they are first used.

All of them together take 5 ms to compile, and most hosts have nothing that most of them look for (bench/README.md).
"""

import re
from typing import Any, AnyStr, cast


def pattern(text: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """Return `re.compile(text, flags)` in all that is asked of it by name; functions of `re` do not take it for a pattern."""
    return cast("re.Pattern[AnyStr]", _Deferred(text, flags))


class _Deferred:
    def __init__(self, *given: Any) -> None:
        self._given = given

    def __getattr__(self, name: str) -> Any:
        """Compile what is asked for the first time, and keep what was found: it is not asked for here again."""
        found = getattr(re.compile(*self._given), name)
        setattr(self, name, found)
        return found
