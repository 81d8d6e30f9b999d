"""Texts in TOML, which few hosts have: what is wrong with one is told by its name and the line alone, since a password may stand in it."""

from typing import Any

from hostcheck.api import Nonsense
from hostcheck_builtin.system.parse_errors import at_line


def tables(path: str, text: str) -> dict[str, Any]:
    """Return what a text says that stands in a file; raises Nonsense where it is no TOML."""
    import tomllib  # 2 ms, for the hosts that have such a file

    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise Nonsense(f"{path}: no TOML{at_line(error)}") from error
