"""TOML files that root wrote for a runtime: each of at most 1 MiB, and what an `imports` with wildcards means.

What stands in such a file may be a password, so that what is wrong with one is told by its name and the line alone.
"""

import posixpath
from fnmatch import fnmatchcase
from typing import Any, Final, NamedTuple

from hostcheck.api import ABSENT, Hole, Host, Json, LimitExceeded, Nonsense, Unsupported, Why
from hostcheck_builtin.system.bounds import CONTAINERD_IMPORTS as MOST
from hostcheck_builtin.system.bounds import PATH_MAX as LONGEST
from hostcheck_builtin.system.plain_toml import tables

INT64: Final = 1 << 63

Table = dict[str, Any]


class ToldValue(NamedTuple):
    """What a file says of one setting, and which file; "" for the default of the program."""

    value: Json
    file: str = ""


def document(host: Host, path: str) -> Table:
    """Return what a TOML file says; raises ABSENT where there is none, Nonsense where it is no TOML."""
    if len(path) > LONGEST:
        raise LimitExceeded("the name of a file is longer than the kernel takes")
    return tables(path, host.read_text(path))


def matching(host: Host, pattern: str) -> list[str]:
    """Return the files that a pattern of Go's filepath.Glob means, in its order; * and ? match within a name, a leading dot too."""
    if "[" in pattern or "\\" in pattern:
        raise Unsupported(f"{pattern}: a pattern with brackets or a backslash is not followed")
    found = [""]
    for name in pattern.strip("/").split("/"):
        found = [path for above in found for path in _below(host, above, name)]
        if len(found) > MOST:
            raise LimitExceeded(f"{pattern}: more than {MOST} files")
    return found


def _below(host: Host, above: str, name: str) -> list[str]:
    try:
        if "*" in name or "?" in name:
            return [f"{above}/{one}" for one in host.list_dir(above or "/") if fnmatchcase(one, name)]
        host.stat(f"{above}/{name}", follow=False)
        return [f"{above}/{name}"]
    except ABSENT:
        return []


def beside(path: str, name: str) -> str:
    """Return the path that `name` means in the file at `path`, as Go's filepath.Join writes it."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), name))


def table(within: Table, name: str, path: str) -> Table:
    """Return a table, {} where there is none; raises Nonsense where that is something else."""
    found = within.get(name, {})
    if not isinstance(found, dict):
        raise Nonsense(f"{path}: {name} is no table")
    return found


def field(within: Table, name: str) -> Any:
    """Return what stands under a name in any letters, as go-toml 2 finds it; None where nothing does, and of several the last."""
    found = [value for key, value in within.items() if key.lower() == name]
    return found[-1] if found else None


def typed(value: Any, kind: type, path: str, name: str) -> Json:
    """Return a value of the kind that the program takes, else the hole: it would not start with it."""
    fits = isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
    if fits and (kind is not int or -INT64 <= value < INT64) and (kind is not list or all(isinstance(one, str) for one in value)):
        return value
    return Hole(why=Why.NONSENSE, message=f"{path}: {name} is of the wrong type, and no program would start with it")
