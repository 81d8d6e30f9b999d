"""What BuildKit lets builds have, by buildkitd.toml, the options of buildkitd, and daemon.json of the one in dockerd; and whose sockets buildkitd makes.

Options count instead of the file (applyMainFlags of buildkitd). A build asks for privileges with --allow. No buildkitd is in Debian: what is said here is
by its source (cmd/buildkitd/main.go and config.go of v0.13 and v0.32).
"""

import re
from typing import Any, Final, NamedTuple

from hostcheck.api import Hole, Host, Json, Nonsense, attempt, incomplete, map_known, pattern, worst_hole
from hostcheck_builtin.dockerd.told import ToldDaemon, lowered
from hostcheck_builtin.runtimes.command_options import Teller, Tellers, installed, present, starting
from hostcheck_builtin.runtimes.toml_files import Table, document, field, table, typed
from hostcheck_builtin.system.fact_members import sure
from hostcheck_builtin.system.presence import absent_as

CONFIG: Final = "/etc/buildkit/buildkitd.toml"
KEY: Final = "insecure-entitlements"
OPTION: Final = "allow-insecure-entitlement"
ENTITLEMENTS: Final = ("device", "network.host", "security.insecure")
ADDRESS: Final = "unix:///run/buildkit/buildkitd.sock"
NUMBER: Final = pattern(r"[+-]?[0-9]{1,10}", re.ASCII)


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
    file = absent_as({}, attempt, document, host, path)
    sockets = _sockets(host, path, file, readers, unread)
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
        "sockets": sockets,
    }
    return BuildKit(path, facts, file)


def _configured(found: Table, path: str) -> Any:
    value = field(found, KEY)
    stated = typed([] if value is None else value, list, path, KEY)
    if isinstance(stated, Hole):
        raise Nonsense(stated.message)
    return stated


def _sockets(host: Host, path: str, file: Table | Hole, readers: list[Teller], unread: Hole | None) -> Json:
    """Return the sockets that it makes at its next start, with their owner and group; those of systemd and TCP are no business of these settings."""
    found: dict[str, Json] = {}
    for one in starting(readers) or [Teller(options={})]:
        made = file if isinstance(file, Hole) else attempt(_made, host, path, file, one)
        unread = worst_hole(unread, made)
        given = {} if isinstance(made, Hole) else made
        found |= {address: made for address, made in given.items() if made["set_in"] or address not in found}
    return incomplete(found, unread)


def _made(host: Host, path: str, read: Table, one: Teller) -> dict[str, dict[str, Json]]:
    given = [part for stated in one.options.get("addr", []) for part in stated.split(",")]
    addresses = given or sure(_grpc(read, path, "address", list)) or [ADDRESS]
    uid = _grpc(read, path, "uid", int) or 0
    gid, by, place = _group(host, path, read, one)
    whose = {"uid": uid, "gid": gid, "by": by, "set_in": place if gid != 0 else path if uid != 0 else ""}
    paths = [stated.removeprefix("unix://") for stated in addresses if stated.startswith("unix://")]
    return {address: {"address": address, **whose} for address in paths}


def _group(host: Host, path: str, read: Table, one: Teller) -> tuple[Json, str, str]:
    """Return the group by number or name, what says it and where: --group, and unasked it has the group of the usual file, whichever file is told."""
    told = one.options.get("group", [""])[-1]
    if told:
        return int(told) if NUMBER.fullmatch(told) else told, "--group", one.by or "a process"
    usual = {} if path == CONFIG else absent_as({}, document, host, CONFIG)
    for place, stated in ((CONFIG, _grpc(usual, CONFIG, "gid", int)), (path, _grpc(read, path, "gid", int))):
        if stated is not None:
            return stated, "[grpc]", place
    return 0, "[grpc]", ""


def _grpc(read: Table, path: str, key: str, kind: type) -> Any:
    """Return a setting of [grpc], None where nothing is said; the hole where its type is wrong."""
    part = field(read, "grpc")
    value = field(table({"grpc": {} if part is None else part}, "grpc", path), key)
    return None if value is None else typed(value, kind, path, f"grpc.{key}")


def of_docker(told: ToldDaemon, path: str, there: bool | Hole) -> dict[str, Json]:
    """Return what dockerd lets its own BuildKit allow; network.host it allows by itself, so that is not stated."""
    insecure = lowered(told.members("builder").get("entitlements")).get("security-insecure")
    allowed = {f"security.insecure by {path}": {"name": "security.insecure", "by": path}} if insecure is True else {}
    return {"engine": "docker", "there": there, "running": there, "entitlements": allowed, "sockets": {}}
