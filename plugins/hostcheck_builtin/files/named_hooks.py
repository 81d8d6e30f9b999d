"""What root's files name in directories of hooks, of devices (CDI) and of Docker's plugins: programs that are run as root, and sockets that are asked.

Files that others can change are not read: whoever can change one is stated with its directory. Files of CNI are not read either: they name programs in
directories whose programs are all looked at.
"""

import json
from collections import Counter
from collections.abc import Container, Iterable, Iterator
from typing import Any, Final, NamedTuple

from hostcheck.api import Hole, Nonsense, Why, attempt, worst_hole
from hostcheck_builtin.files import places
from hostcheck_builtin.files.searching import FileSearch
from hostcheck_builtin.system import bounds, candidates, path_walk, yaml_file
from hostcheck_builtin.system.parse_errors import at_line
from hostcheck_builtin.system.presence import absent_as

INSIDE: Final = "startContainer"
"""The stage of a hook that is run in the container, and is none of the host's programs (config.md of the OCI runtime specification)."""


class NamedBy(NamedTuple):
    """Which file names a path, and whether that is used for every container."""

    source: str
    certain: bool


def named(search: FileSearch, folders: Iterable[str], told: Container[str]) -> tuple[dict[str, NamedBy], Hole | None]:
    """Return by path what names it, and the hole where there may be more; `told` are the directories that a configuration names.

    Of files with one name in several directories an engine reads one, by an order that is not looked at: so what they name is not certain (oci-hooks(5)).
    """
    found: dict[str, NamedBy] = {}
    files, hole = _files(search, folders)
    names = Counter(name for folder, name in files if folder not in places.CDI)
    for folder, name in files:
        path = f"{folder}/{name}"
        inside = attempt(_read, search, path)
        if isinstance(inside, Hole):
            hole = worst_hole(hole, inside)
            continue
        sure = names[name] < 2 and (folder != places.HOOKS_OF_ETC or folder in told)
        for one, certain in inside:
            known = found.get(one)
            if known is None and len(found) >= bounds.HOOKS_NAMED:
                return found, worst_hole(hole, Hole(why=Why.LIMIT, message=f"{path}: hooks and plugins name more than {bounds.HOOKS_NAMED} paths"))
            found[one] = NamedBy(known.source if known else path, (certain and sure) or (known is not None and known.certain))
    return found, hole


def _files(search: FileSearch, folders: Iterable[str]) -> tuple[list[tuple[str, str]], Hole | None]:
    """Return the files to read, each by its directory and name, and the hole where there may be more."""
    found: list[tuple[str, str]] = []
    hole: Hole | None = None
    for folder in sorted(folders):
        way = search.walk(folder)
        names = [] if isinstance(way, Hole) or way.type != "dir" else search.names(folder)
        if isinstance(way, Hole) or isinstance(names, Hole):
            hole = worst_hole(hole, way, names)
            continue
        files = [(folder, name) for name in names if name.endswith((".json", ".yaml", ".spec"))]
        if len(files) > bounds.HOOK_FILES:
            hole = worst_hole(hole, Hole(why=Why.LIMIT, message=f"{folder}: more than {bounds.HOOK_FILES} files of hooks, devices and plugins"))
        found += files[: bounds.HOOK_FILES]
    return found, hole


def _read(search: FileSearch, path: str) -> list[tuple[str, bool]]:
    """Return what a file names that is root's alone."""
    way = search.walk(path)
    if isinstance(way, Hole) or way.type != "file" or not (path_walk.roots_way(way) and path_walk.roots_alone(way.end)):
        return []  # that it may be somebody's, or cannot be looked at, is told as a member of its directory
    raw = absent_as(None, search.host.read_bytes, way.realpath, limit=bounds.HOOK_FILE_BYTES, follow=False)
    if raw is None:
        return []
    if path.endswith(".spec"):
        return list(_of_address(raw.decode("utf-8", "replace").strip()))
    document = yaml_file.read(path, raw) if path.endswith(".yaml") else _json(path, raw)
    return list(dict.fromkeys(_of(path, document)))


def _json(path: str, raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise Nonsense(f"{path}: no JSON{at_line(error)}") from error


def _of(path: str, document: Any) -> Iterator[tuple[str, bool]]:
    """Yield what a document names: the hook of oci-hooks(5), those of a CDI specification, or the address of a plugin."""
    told = _table(document)
    if "hook" in told and told.get("stages") != [INSIDE]:
        hook, certain = told["hook"], _table(told.get("when")) == {"always": True}
        yield from _program(path, _table(hook).get("path") if isinstance(hook, dict) else hook, certain=certain)
    devices = told.get("devices")
    for part in (told, *map(_table, devices if isinstance(devices, list) else ())):
        hooks = _table(part.get("containeredits")).get("hooks")
        for hook in map(_table, hooks if isinstance(hooks, list) else ()):
            if hook.get("hookname") != INSIDE:
                yield from _program(path, hook.get("path"), certain=False)
    address = told.get("addr")
    yield from _of_address(address if isinstance(address, str) else "")


def _table(value: Any) -> dict[str, Any]:
    """Return a table with its keys in small letters, as Go takes them in any; of anything else nothing."""
    return {key.lower(): one for key, one in value.items() if isinstance(key, str)} if isinstance(value, dict) else {}


def _program(path: str, value: Any, *, certain: bool) -> Iterator[tuple[str, bool]]:
    if isinstance(value, yaml_file.Undecided):
        raise Nonsense(f"{path}: what a hook runs is not certain")
    if isinstance(value, str) and value.startswith("/"):
        yield candidates.canonical(value), certain


def _of_address(address: str) -> Iterator[tuple[str, bool]]:
    """Yield the socket at which a plugin answers, as one asks for it by name (docs.docker.com, Plugin discovery)."""
    path = address.removeprefix("unix://")
    if path != address and path.startswith("/"):
        yield candidates.canonical(path), False
