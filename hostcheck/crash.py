"""What may be told of an exception that nobody expected: its type and where it was raised.

Its text stays untold: ``invalid literal for int() with base 10: 'secret'`` quotes what was read.
"""

import os
from types import TracebackType
from typing import Final

from hostcheck.model import FormatError

LIBRARY: Final = os.path.dirname(os.__file__) + os.sep
"""Where the standard library is; what is installed beside it, in site-packages, is not part of it."""


def told(error: BaseException) -> str:
    """Return the type of `error`, what the kernel said where it did, and the innermost place that is not in the standard library."""
    kind = type(error).__name__
    if isinstance(error, ImportError | FormatError):  # one names modules, files and distributions; a format reads the report alone
        return str(error) if isinstance(error, FormatError) else f"{kind}: {error}"
    if isinstance(error, OSError) and error.errno is not None:
        kind += f" ({os.strerror(error.errno)})"
    places = list(_places(error.__traceback__))
    own = [place for place in places if not place[0].startswith(LIBRARY) or "site-packages" in place[0]] or places
    if not own:
        return kind
    file, line, function = own[-1]
    return f"{kind} in {function}(), {os.path.basename(os.path.dirname(file))}/{os.path.basename(file)}, line {line}"


def _places(trace: TracebackType | None) -> list[tuple[str, int, str]]:
    found = []
    while trace is not None:
        found.append((trace.tb_frame.f_code.co_filename, trace.tb_lineno, trace.tb_frame.f_code.co_name))
        trace = trace.tb_next
    return found
