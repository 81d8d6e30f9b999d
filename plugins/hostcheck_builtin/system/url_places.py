"""Where an address leads, without what may be a secret in it."""

import re
from typing import Final

from hostcheck.api import pattern

LOGIN: Final = pattern(r"\A([a-z][a-z0-9+.-]*://)?.*@", re.ASCII | re.IGNORECASE | re.DOTALL)
"""What stands before the host in an address; a password may have any sign in it."""


def place(url: str) -> str:
    """Return scheme and host of an address, without whoever logs in there and what is behind it: both may be secrets."""
    scheme, slashes, rest = LOGIN.sub(r"\1", url).rpartition("://")
    return f"{scheme}{slashes}{re.split('[/?#]', rest, maxsplit=1)[0]}"
