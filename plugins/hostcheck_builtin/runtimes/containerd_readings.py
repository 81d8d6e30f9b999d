"""What containerd makes of its files, in the reading of each of its versions.

Version 1 replaces the whole table of a plugin by that of a later file, 2 and later merge the keys, and each reads tables that the others pass over. Which of
them runs is known by the files at best. So all readings are made, and a setting in which they differ is not known.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final

from hostcheck.api import Hole, HoleError, Json, Nonsense, Why, attempt, worst_hole
from hostcheck_builtin.runtimes.containerd_files import Files
from hostcheck_builtin.runtimes.toml_files import Table, ToldValue, field, table, typed
from hostcheck_builtin.system.fact_members import sure

Key = tuple[str, ...]
Settings = dict[Key, ToldValue]

ONE, TWO, LATER = 1, 2, 3
"""Versions of containerd that read differently: 1, 2.0 to 2.2, and from 2.3 on."""
NEWEST: Final = {ONE: 2, TWO: 3, LATER: 4}
"""The newest version of the configuration that each starts with."""
CRI: Final = "io.containerd.grpc.v1.cri"
RUNTIME: Final = "io.containerd.cri.v1.runtime"
IMAGES: Final = "io.containerd.cri.v1.images"
NRI: Final = "io.containerd.nri.v1.nri"
SERVERS: Final = "io.containerd.server.v1"
PLACES: Final[dict[str, type]] = {"address": str, "uid": int, "gid": int}
TOP: Final[dict[str, dict[str, type]]] = {"grpc": {**PLACES, "tcp_address": str, "tcp_tls_cert": str, "tcp_tls_ca": str}, "ttrpc": PLACES, "debug": PLACES}
SERVER: Final[dict[str, dict[str, tuple[Key, type]]]] = {
    f"{SERVERS}.grpc": {name: (("grpc", name), kind) for name, kind in PLACES.items()},
    f"{SERVERS}.ttrpc": {name: (("ttrpc", name), kind) for name, kind in PLACES.items()},
    f"{SERVERS}.debug": {name: (("debug", name), kind) for name, kind in PLACES.items()},
    f"{SERVERS}.grpc-tcp": {
        "address": (("grpc", "tcp_address"), str),
        "tls_cert": (("grpc", "tcp_tls_cert"), str),
        "tls_ca": (("grpc", "tcp_tls_ca"), str),
    },
}
"""Where version 4 of the configuration has what older ones have at the top."""
CONFINING: Final[dict[str, type]] = {"disable_apparmor": bool, "enable_selinux": bool, "unset_seccomp_profile": str}
DEVICES: Final = ("privileged_without_host_devices", "privileged_without_host_devices_all_devices_allowed")
REGISTRIES: Final = ("config", "mirror")
"""Settings of one registry, whose name may hold a login."""
DIRECTORIES: Final[dict[str, type]] = {"disable": bool, "plugin_path": str, "plugin_config_path": str}
DEFAULTS: Final[dict[Key, Json]] = {
    **{(part, key): 0 if kind is int else "" for part, keys in TOP.items() for key, kind in keys.items()},
    ("grpc", "address"): "/run/containerd/containerd.sock",
    **{("cri", key): "" if kind is str else False for key, kind in CONFINING.items()},
    ("cri", "serves"): True,
    ("cri", "config_path"): "",
    ("transfer", "config_path"): "",
    ("nri", "plugin_path"): "/opt/nri/plugins",
    ("nri", "plugin_config_path"): "/etc/nri/conf.d",
}
"""What all versions do where nothing is said (containerd config default)."""


def settings(files: Files) -> Settings:
    """Return what holds after all files, with a hole where versions of containerd differ, and None where only their defaults do.

    Raises HoleError where no version would start with them.
    """
    readings = [attempt(_reading, files, version) for version in (ONE, TWO, LATER)]
    known = [one for one in readings if not isinstance(one, Hole)]
    if not known:
        raise HoleError(worst_hole(*readings) or Hole(why=Why.NONSENSE, message="no version of containerd would start"))
    return {key: _agreed(key, [one.get(key) for one in known]) for key in sorted(set().union(*known))}


def _agreed(key: Key, said: list[ToldValue | None]) -> ToldValue:
    found = [one for one in said if one is not None]
    if len(found) == len(said) and all(one.value == found[0].value for one in found):
        return found[0]
    if len(found) == len(said) and not any(one.file for one in found):
        return ToldValue(None)
    what = key[0] if key[0] in REGISTRIES else ".".join(key)
    message = f"{what}: versions of containerd differ in what these files mean, and which of them runs is not known"
    return ToldValue(Hole(why=Why.UNSUPPORTED, message=message), next((one.file for one in found if one.file), ""))


def _reading(files: Files, version: int) -> Settings:
    """Return the settings as a version of containerd reads them; 1 serves NRI only where it is told to."""
    merged = {key: ToldValue(value) for key, value in DEFAULTS.items()}
    merged[("nri", "disable")] = ToldValue(version == ONE)
    for path, read in files:
        for part, kinds in TOP.items():
            found = _fields(_of(read, part, version, path), kinds, version, path, part)
            merged |= {(part, key): one for key, one in found.items() if one.value not in (0, "")}  # of one file after the other what is empty changes nothing
    for key, one in _first(files) if version == ONE else _second(files, version):
        if one.value is not None or key not in merged:
            merged[key] = one if one.value is not None else ToldValue(False, one.file)
    if merged["ttrpc", "address"].value == "":
        for name in ("uid", "gid"):
            if version != LATER or merged["ttrpc", name].value == 0:
                merged["ttrpc", name] = merged["grpc", name]
    return merged


def _first(files: Files) -> Iterator[tuple[Key, ToldValue]]:
    """Yield what containerd 1 takes from the tables of plugins: of each the last whole one, by its short name up to version 1 of the configuration."""
    format_ = _format(files, ONE)
    plugins: dict[str, tuple[str, Table]] = {}
    for path, read in files:
        plugins.update({name: (path, table(_of(read, "plugins", ONE, path), name, path)) for name in _of(read, "plugins", ONE, path)})
    disabled = _disabled(files, ONE)
    if format_ == 2 and any(name.count(".") < 3 for name in [*plugins, *(one for one, _ in disabled)]):
        raise Nonsense(f"{files[0][0]}: containerd would not start with it: of version 2, with the short name of a plugin")
    names = {CRI: CRI, NRI: NRI, "transfer": "io.containerd.transfer.v1.local"} if format_ == 2 else {CRI: "cri", NRI: "nri", "transfer": "local"}
    for path in (path for name, path in disabled if name == names[CRI]):
        yield ("cri", "serves"), ToldValue(False, path)
    readers: dict[str, Callable[[Table, int, str], Iterator[tuple[Key, ToldValue]]]] = {CRI: _cri, NRI: _nri, "transfer": _transfer}
    if names[CRI] not in plugins or not _of(_of(plugins[names[CRI]][1], "containerd", ONE, ""), "runtimes", ONE, ""):
        yield from _handler("runc", {}, ONE, "")
    for kind, reader in readers.items():
        if names[kind] in plugins:
            path, found = plugins[names[kind]]
            yield from reader(found, ONE, path)


def _second(files: Files, version: int) -> Iterator[tuple[Key, ToldValue]]:
    """Yield what containerd 2 takes from the tables of plugins, key by key: first those of all files under older names, from 2.3 on those of each file."""
    _format(files, version)
    yield from _handler("runc", {}, version, "")
    for name, path in _disabled(files, version):
        if name in (CRI, RUNTIME):
            yield ("cri", "serves"), ToldValue(False, path)
    for group in [files] if version == TWO else [[one] for one in files]:
        for path, read in group if _is_old(group, version) else ():
            for name in ("cri", CRI) if _version(read, version, path) < 2 else (CRI,):
                yield from _cri(table(_of(read, "plugins", version, path), name, path), version, path)
        for path, read in group:
            yield from _newer(_of(read, "plugins", version, path), version, path)


def _is_old(group: Files, version: int) -> bool:
    """Say whether tables under older names count: 2.3 asks that of each file, versions before of all, where one up to version 1 is as new as the others."""
    newest = 1 if version == LATER else 3
    for path, read in group:
        stated = _version(read, version, path)
        newest = stated if stated > 1 else newest
    return newest < 3


def _newer(plugins: Table, version: int, path: str) -> Iterator[tuple[Key, ToldValue]]:
    registry = _of(table(plugins, IMAGES, path), "registry", version, path)
    yield from _cri({**table(plugins, RUNTIME, path), "registry": registry}, version, path)
    yield from _nri(table(plugins, NRI, path), version, path)
    yield from _transfer(table(plugins, "io.containerd.transfer.v1.local", path), version, path)
    for name, keys in SERVER.items() if version == LATER else ():
        found = _fields(table(plugins, name, path), {key: kind for key, (_, kind) in keys.items()}, version, path, name)
        yield from ((keys[key][0], one) for key, one in found.items())


def _format(files: Files, version: int) -> int:
    """Return the version of the configuration, that of the last file that says one; raises Nonsense where containerd would not start with it."""
    stated = [found for path, read in files if (found := _version(read, version, path))]
    format_ = stated[-1] if stated else 1
    if format_ > NEWEST[version] or (version != ONE and max(stated, default=1) > NEWEST[version]):
        raise Nonsense(f"{files[0][0]}: containerd would not start with it: of a version above {NEWEST[version]}")
    return format_


def _version(read: Table, version: int, path: str) -> int:
    return int(sure(typed(_field(read, "version", version) or 0, int, path, "version")))


def _disabled(files: Files, version: int) -> list[tuple[str, str]]:
    """Return the plugins that are turned off, each with its file; of all files together."""
    found = []
    for path, read in files:
        stated = sure(typed(_field(read, "disabled_plugins", version) or [], list, path, "disabled_plugins"))
        old = version != ONE and _version(read, version, path) < 2
        found += [(CRI if old and name == "cri" else name, path) for name in stated]
        if version != ONE and not old and any("." not in name for name in stated):
            raise Nonsense(f"{path}: containerd would not start with it: it turns off a plugin by a short name")
    return found


def _cri(found: Table, version: int, path: str) -> Iterator[tuple[Key, ToldValue]]:
    """Yield the settings of pods, of runtimes and of registries."""
    yield from ((("cri", key), one) for key, one in _fields(found, CONFINING, version, path, "cri").items())
    for name, handler in _of(_of(found, "containerd", version, path), "runtimes", version, path).items():
        yield from _handler(name, handler, version, path)
    registry = _of(found, "registry", version, path)
    yield from ((("cri", key), one) for key, one in _fields(registry, {"config_path": str}, version, path, "registry").items())
    for name, mirror in _of(registry, "mirrors", version, path).items():
        for one in _fields(table({"mirror": mirror}, "mirror", path), {"endpoint": list}, version, path, "registry.mirrors").values():
            yield ("mirror", name), one
    for name, config in _of(registry, "configs", version, path).items() if version == ONE else ():  # containerd 2 has no tls there any more
        tls = _of(table({"config": config}, "config", path), "tls", version, path)
        for one in _fields(tls, {"insecure_skip_verify": bool}, version, path, "registry.configs").values():
            yield ("config", name), one


def _handler(name: str, handler: Any, version: int, path: str) -> Iterator[tuple[Key, ToldValue]]:
    found = _fields(table({"runtime": handler}, "runtime", path), dict.fromkeys(DEVICES, bool), version, path, "runtimes")
    yield from ((("handler", name, key), found.get(key, ToldValue(None, path))) for key in DEVICES)


def _nri(found: Table, version: int, path: str) -> Iterator[tuple[Key, ToldValue]]:
    yield from ((("nri", key), one) for key, one in _fields(found, DIRECTORIES, version, path, "nri").items())


def _transfer(found: Table, version: int, path: str) -> Iterator[tuple[Key, ToldValue]]:
    yield from ((("transfer", key), one) for key, one in _fields(found, {"config_path": str}, version, path, "transfer").items())


def _of(within: Table, name: str, version: int, path: str) -> Table:
    """Return a table that is a field of containerd's, {} where there is none."""
    found = _field(within, name, version)
    return table({name: found}, name, path) if found is not None else {}


def _fields(within: Table, kinds: dict[str, type], version: int, path: str, part: str) -> dict[str, ToldValue]:
    """Return the fields that are there, each a hole where its type is wrong."""
    found = {key: _field(within, key, version) for key in kinds}
    return {key: ToldValue(typed(value, kinds[key], path, f"{part}.{key}"), path) for key, value in found.items() if value is not None}


def _field(within: Table, name: str, version: int) -> Any:
    """Return a field as the parser of this version finds it: that of 1 takes a name in capitals too, that of 2 in any letters; None where it is absent."""
    return within.get(name, within.get(name.upper())) if version == ONE else field(within, name)
