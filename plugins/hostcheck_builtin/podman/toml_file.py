"""A TOML file as the decoder of Podman's libraries takes it: one that it refuses stops the program, and tells nothing of how it runs.

That decoder (BurntSushi/toml) takes a key for the field of its name whatever its letters' size, so `[Containers] PrivileGed = true` counts. Podman 5.4.2
is what the tests compare with. No message quotes a file, since what stands in one may be a password.
"""

import codecs
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final

from hostcheck.api import LimitExceeded, Nonsense
from hostcheck_builtin.system.bounds import TOML_DOTS as DOTS
from hostcheck_builtin.system.parse_errors import at_line

MARKS: Final = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
"""What is passed over at the beginning; the text behind it is UTF-8 all the same."""
Table = Mapping[str, Any]


@lru_cache(maxsize=64)
def document(path: str, raw: bytes) -> Table:
    """Return the tables of a file; raises Nonsense for what is no TOML, LimitExceeded for what would take long to read.

    The files of the system are asked for once for each user who has some too, and nobody changes what is returned.
    """
    import tomllib  # few hosts have such a file

    mark = next((mark for mark in MARKS if raw.startswith(mark)), b"")
    if any(line.count(b".") > DOTS for line in raw.split(b"\n")):
        raise LimitExceeded(f"{path}: more than {DOTS} dots in a line")
    try:
        return tomllib.loads(raw.removeprefix(mark).decode())
    except UnicodeDecodeError as error:
        raise Nonsense(f"{path}: not UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise Nonsense(f"{path}: no TOML{at_line(error)}, so Podman refuses it") from error


def member(path: str, table: Table, name: str) -> Any:
    """Return the member that counts as `name`, None where there is none; raises Nonsense where two do: which one counts is chance."""
    found = [value for key, value in table.items() if _fold(key) == name]
    if len(found) > 1:
        raise Nonsense(f"{path}: {name} stands there twice, in small and in capital letters, and it is chance which one counts")
    return found[0] if found else None


def _fold(key: str) -> str:
    """Return a key in small letters, as strings.EqualFold of Go compares: the long s is an s."""
    return key.lower().replace("\u017f", "s")


def table(path: str, above: Table, name: str) -> Table:
    """Return a table, empty where there is none; raises Nonsense for what is none."""
    found: Table = _fitting(path, above, name, lambda value: isinstance(value, dict)) or {}
    return found


def text(path: str, above: Table, name: str) -> str | None:
    """Return a text, None where there is none; raises Nonsense for what is none."""
    found: str | None = _fitting(path, above, name, lambda value: isinstance(value, str))
    return found


def flag(path: str, above: Table, name: str) -> bool | None:
    """Return a flag, None where there is none; raises Nonsense for what is none."""
    found: bool | None = _fitting(path, above, name, lambda value: isinstance(value, bool))
    return found


def number(path: str, above: Table, name: str) -> int | None:
    """Return a whole number, None where there is none; raises Nonsense for what is none."""
    found: int | None = _fitting(path, above, name, lambda value: type(value) is int and -(1 << 63) <= value < 1 << 63)
    return found


def texts(path: str, above: Table, name: str) -> list[str] | None:
    """Return a list of texts, None where there is none; raises Nonsense for what is none."""
    found: list[str] | None = _fitting(path, above, name, lambda value: isinstance(value, list) and all(isinstance(one, str) for one in value))
    return found


def tables(path: str, above: Table, name: str) -> list[Table]:
    """Return a list of tables, empty where there is none; raises Nonsense for what is none."""
    found: list[Table] = _fitting(path, above, name, lambda value: isinstance(value, list) and all(isinstance(one, dict) for one in value)) or []
    return found


def _fitting(path: str, above: Table, name: str, fits: Callable[[Any], bool]) -> Any:
    value = member(path, above, name)
    if value is not None and not fits(value):
        raise Nonsense(f"{path}: {name} is of the wrong type, so Podman refuses the file")
    return value
