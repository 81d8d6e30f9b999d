"""registries.conf: from where images are pulled, over which connections, and what a short name may stand for.

A file in the home takes the place of the one in /etc and its drop-ins; without it the drop-ins of both directories count, those of the home last. A drop-in
replaces a registry of the same prefix as a whole; within a file the first one of a prefix counts (sysregistriesv2 of containers/image).
"""

import re
from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from hostcheck.api import Json, LimitExceeded, Nonsense, pattern
from hostcheck_builtin.podman import toml_file
from hostcheck_builtin.podman.containers_conf import anyone
from hostcheck_builtin.podman.folders import File, Files
from hostcheck_builtin.podman.toml_file import Table
from hostcheck_builtin.system.bounds import REGISTRIES as MOST

NAME: Final = "registries.conf"
DROP_INS: Final = f"{NAME}.d"
MODES: Final = ("disabled", "enforcing", "permissive")
DEFAULT: Final = "permissive"
LOGIN: Final = pattern(r"\A([a-z][a-z0-9+.-]*://)?[^/]*@", re.ASCII)
"""What stands before the host in an address may be a password."""


class Registry(NamedTuple):
    """One registry: where it is, and which mirrors are asked before it, each with whether a connection need not be secure."""

    location: str
    insecure: bool
    blocked: bool
    mirrors: dict[str, bool]
    file: str


class Registries(NamedTuple):
    """What all files say: registries by prefix, those that are searched for short names, and how; each with its file, "" where none says it."""

    files: list[str]
    registries: dict[str, Registry]
    search: list[str]
    search_file: str
    mode: str
    mode_file: str


def read(system: Files, home: Files | None) -> Registries:
    """Return what counts for who has this home; raises as reading a file does, for one that cannot be read keeps images from being pulled."""
    mine = None if home is None else home.file(NAME)
    folders = [folder for folder in (system if mine is None else None, home) if folder is not None]
    main = system.file(NAME) if mine is None else mine
    return merged(main, (file for folder in folders for file in folder.drop_ins(DROP_INS)))


def merged(main: File | None, drop_ins: Iterable[File]) -> Registries:
    """Return what a file and its drop-ins say together."""
    files: list[str] = []
    registries: dict[str, Registry] = {}
    search: tuple[list[str], str] = ([], "")
    mode = (DEFAULT, "")
    for number, (path, raw) in enumerate([*([main] if main else []), *drop_ins]):
        document = toml_file.document(path, raw)
        files.append(path)
        registries |= _registries(path, document, main is not None and number == 0)
        wanted = toml_file.texts(path, document, "unqualified-search-registries")
        search = search if wanted is None else ([_place(one) for one in wanted], path)
        said = toml_file.text(path, document, "short-name-mode")
        if said and said not in MODES:
            raise Nonsense(f"{path}: short-name-mode is none of {', '.join(MODES)}, so no image can be pulled")
        mode = (said, path) if said else mode
        search = _version_1_search(path, document) or search
        if len(registries) > MOST or len(search[0]) > MOST:
            raise LimitExceeded(f"{path}: more than {MOST} registries")
    return Registries(files, registries, *search, *mode)


def _registries(path: str, document: Table, may_be_1: bool) -> dict[str, Registry]:
    """Return the registries of a file, by prefix; one of version 1 lists them under [registries.insecure] and [registries.block]."""
    found: dict[str, Registry] = {}
    for one in toml_file.tables(path, document, "registry"):
        location = _place(toml_file.text(path, one, "location"))
        prefix = _place(toml_file.text(path, one, "prefix")) or location
        mirrors = toml_file.tables(path, one, "mirror")
        if not prefix or len(mirrors) > MOST:
            raise Nonsense(f"{path}: a registry without a location, or with more than {MOST} mirrors")
        insecure, blocked = (toml_file.flag(path, one, name) or False for name in ("insecure", "blocked"))
        found.setdefault(prefix, Registry(location or prefix, insecure, blocked, dict(_mirror(path, mirror) for mirror in mirrors), path))
    old = toml_file.table(path, document, "registries")
    if old and (found or not may_be_1):
        raise Nonsense(f"{path}: registries of version 1 where only version 2 is taken, so no image can be pulled")
    insecure_1, blocked_1 = (_version_1(path, old, name) for name in ("insecure", "block"))
    return found | {name: Registry(name, name in insecure_1, name in blocked_1, {}, path) for name in (*blocked_1, *insecure_1)}


def _mirror(path: str, mirror: Table) -> tuple[str, bool]:
    return _place(toml_file.text(path, mirror, "location")), toml_file.flag(path, mirror, "insecure") or False


def _place(written: str | None) -> str:
    """Return where something is, without a login: what stands before the host may be a password."""
    return LOGIN.sub(r"\1", written or "").rstrip("/")


def _version_1(path: str, old: Table, name: str) -> list[str]:
    found = toml_file.texts(path, toml_file.table(path, old, name), "registries") or []
    return [_place(one) for one in found]


def _version_1_search(path: str, document: Table) -> tuple[list[str], str] | None:
    found = _version_1(path, toml_file.table(path, document, "registries"), "search")
    return (found, path) if found else None


def stated(found: Registries, counts: Callable[[str], bool] = anyone) -> dict[str, Json]:
    """State what is said, of registries only what the files say that count here."""
    return {
        "files": [path for path in found.files if counts(path)],
        "registries": {prefix: one._asdict() for prefix, one in found.registries.items() if counts(one.file)},
        "search": found.search,
        "search_file": found.search_file,
        "short_name_mode": found.mode,
        "short_name_file": found.mode_file,
    }
