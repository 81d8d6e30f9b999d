"""What BuildKit lets builds have: the privileges that buildkitd.toml, the options of buildkitd, and of the one in dockerd daemon.json allow.

Options count instead of the file (applyMainFlags of buildkitd). A build asks for them with --allow.
"""

from typing import Any, Final

from hostcheck.api import ABSENT, Hole, Host, Json, Nonsense, attempt, incomplete, map_known, worst_hole
from hostcheck_builtin.runtimes.told import Tellers, Told, installed
from hostcheck_builtin.runtimes.toml_files import Table, document, typed

CONFIG: Final = "/etc/buildkit/buildkitd.toml"
KEY: Final = "insecure-entitlements"
OPTION: Final = "allow-insecure-entitlement"
ENTITLEMENTS: Final = ("device", "network.host", "security.insecure")


def configurations(host: Host, tellers: Tellers) -> tuple[dict[str, Json], dict[str, Table | Hole]]:
    """Return what each configuration allows, and the files themselves, by path."""
    readers: dict[str, list[Told]] = {}
    for one in tellers.all:
        readers.setdefault(one.config or CONFIG, []).append(one)
    there = installed(host, ("buildkitd",))
    if not readers and (there is not False or _document(host, CONFIG)):
        readers[CONFIG] = []
    files = {path: attempt(_document, host, path) for path in sorted(readers)}
    return {path: _stated(path, readers[path], there, read, tellers.unread) for path, read in files.items()}, files


def _document(host: Host, path: str) -> Table:
    try:
        return document(host, path)
    except ABSENT:
        return {}


def _stated(path: str, readers: list[Told], installed_: bool | Hole, read: Table | Hole, unread: Hole | None) -> dict[str, Json]:
    by_file = map_known(read, lambda found: _configured(found, path))
    allowed: dict[str, Json] = {}
    unknown: Hole | None = None
    for one in readers or [Told(options={})]:
        given = [value for stated in one.options.get(OPTION, []) for value in stated.split(",")]
        stated = given or by_file
        unknown = worst_hole(unknown, stated)
        for name in ENTITLEMENTS:
            if not isinstance(stated, Hole) and name in stated:
                allowed.setdefault(name, {"by": "an option" if given else path, "of": one.by or ("a process" if readers else "")})
    return {
        "engine": "buildkit",
        "there": True if readers else worst_hole(installed_) or (installed_ is True) or unread or False,
        "running": any(not one.by for one in readers) or unread or False,
        "entitlements": incomplete(allowed, unknown) if allowed else unknown or {},
    }


def _configured(found: Table, path: str) -> Any:
    value: Any = next((value for key, value in found.items() if key.lower() == KEY), [])
    stated = typed(value, list, path, KEY)
    if isinstance(stated, Hole):
        raise Nonsense(stated.message)
    return stated


def of_docker(read: dict[str, Any] | Hole, path: str, there: bool | Hole) -> dict[str, Json]:
    """Return what dockerd lets its own BuildKit allow; network.host it allows by itself, so that is not stated."""
    return {"engine": "docker", "there": there, "running": there, "entitlements": map_known(read, lambda found: _of_builder(found, path))}


def _of_builder(read: dict[str, Any], path: str) -> dict[str, Json]:
    builder = read.get("builder")
    asked = builder.get("entitlements") if isinstance(builder, dict) else None
    insecure = asked.get("security-insecure") if isinstance(asked, dict) else None
    return {"security.insecure": {"by": path, "of": "dockerd"}} if insecure is True else {}
