"""What BuildKit lets builds have: the privileges that buildkitd.toml, the options of buildkitd, and of the one in dockerd daemon.json allow.

Options count instead of the file (applyMainFlags of buildkitd). A build asks for them with --allow.
"""

from typing import Any, Final, NamedTuple

from hostcheck.api import ABSENT, Hole, Host, Json, Nonsense, attempt, incomplete, map_known, worst_hole
from hostcheck_builtin.runtimes.command_options import Teller, Tellers, installed, present
from hostcheck_builtin.runtimes.toml_files import Table, document, field, typed

CONFIG: Final = "/etc/buildkit/buildkitd.toml"
KEY: Final = "insecure-entitlements"
OPTION: Final = "allow-insecure-entitlement"
ENTITLEMENTS: Final = ("device", "network.host", "security.insecure")


class BuildKit(NamedTuple):
    """One configuration of buildkitd's: what it allows, and the file itself."""

    path: str
    facts: dict[str, Json]
    file: Table | Hole


def configurations(host: Host, tellers: Tellers) -> dict[str, BuildKit | Hole]:
    """Return what each configuration allows, by its file; a hole where it is not known whether somebody reads it."""
    readers: dict[str, list[Teller]] = {}
    for one in tellers.all:
        readers.setdefault(one.config or CONFIG, []).append(one)
    if readers:
        return {path: _read(host, path, True, readers[path], tellers.unread) for path in sorted(readers)}
    there, file = installed(host, ("buildkitd",)), present(host, CONFIG)
    if there is False and file is False:
        return {}
    unknown = worst_hole(there, file, tellers.unread)
    return {CONFIG: unknown or _read(host, CONFIG, there, [], None)}


def _read(host: Host, path: str, there: bool | Hole, readers: list[Teller], unread: Hole | None) -> BuildKit:
    file = attempt(_document, host, path)
    by_file = map_known(file, lambda found: _configured(found, path))
    allowed: dict[str, Json] = {}
    for one in readers or [Teller(options={})]:
        given = [value for stated in one.options.get(OPTION, []) for value in stated.split(",")]
        stated = given or by_file
        unread = worst_hole(unread, stated)
        by = f"an option of {one.by or 'a process'}" if given else path
        allowed |= {f"{name} by {by}": {"name": name, "by": by} for name in ENTITLEMENTS if not isinstance(stated, Hole) and name in stated}
    facts = {
        "engine": "buildkit",
        "there": there,
        "running": any(not one.by for one in readers) or unread or False,
        "entitlements": incomplete(allowed, unread),
    }
    return BuildKit(path, facts, file)


def _document(host: Host, path: str) -> Table:
    try:
        return document(host, path)
    except ABSENT:
        return {}


def _configured(found: Table, path: str) -> Any:
    value = field(found, KEY)
    stated = typed([] if value is None else value, list, path, KEY)
    if isinstance(stated, Hole):
        raise Nonsense(stated.message)
    return stated


def of_docker(read: dict[str, Any], path: str, there: bool | Hole) -> dict[str, Json]:
    """Return what dockerd lets its own BuildKit allow; network.host it allows by itself, so that is not stated."""
    builder = read.get("builder")
    asked = builder.get("entitlements") if isinstance(builder, dict) else None
    insecure = asked.get("security-insecure") if isinstance(asked, dict) else None
    allowed = {f"security.insecure by {path}": {"name": "security.insecure", "by": path}} if insecure is True else {}
    return {"engine": "docker", "there": there, "running": there, "entitlements": allowed}
