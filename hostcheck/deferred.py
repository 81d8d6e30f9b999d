"""What is made when it is first used: compiled regular expressions, and functions whose module is imported only then.

All regular expressions together take 5 ms to compile, and most hosts have nothing that most of them look for. The probes take 20 ms to import, and
the analyses as much (bench/README.md).
"""

import re
from contextlib import suppress
from importlib import import_module
from typing import Any, AnyStr, Final, cast


def pattern(text: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """Return what answers as `re.compile(text, flags)` does; functions of `re` do not take it for a pattern."""
    return cast("re.Pattern[AnyStr]", _Pattern(text, flags))


class _Pattern:
    def __init__(self, *given: Any) -> None:
        self._given = given

    def __getattr__(self, name: str) -> Any:
        """Compile what is asked for the first time, and keep what was found: it is not asked for here again."""
        found = getattr(re.compile(*self._given), name)
        setattr(self, name, found)
        return found


class Deferred:
    """The function `name` of a module that is imported at the first call, or by `prepare`."""

    def __init__(self, module: str, name: str) -> None:
        """Import nothing yet."""
        self.__module__: Final = module
        self._name: Final = name

    def __call__(self, *args: Any) -> Any:
        """Call the function."""
        return getattr(import_module(self.__module__), self._name)(*args)


def prepare(*functions: object) -> None:
    """Import the modules of those that are deferred, before a fork or while others work; one that is not there is told of by its call."""
    for function in functions:
        if isinstance(function, Deferred):
            with suppress(ImportError):
                import_module(function.__module__)
