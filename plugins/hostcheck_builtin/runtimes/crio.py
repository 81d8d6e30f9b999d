"""What CRI-O is told: by crio.conf, then by every file below crio.conf.d in the order of their paths, then by its options.

A later file changes only the keys that it has (Config.UpdateFromDropInFile of CRI-O). Variables of its environment count like options and are not read,
since they may be passwords.
"""

from typing import Any, Final, NamedTuple

from hostcheck.api import ABSENT, Hole, Host, Json, LimitExceeded, Nonsense, Why, attempt, map_known, worst_hole
from hostcheck_builtin.runtimes.command_options import Options, Teller, Tellers, installed
from hostcheck_builtin.runtimes.toml_files import Table, ToldValue, document, typed
from hostcheck_builtin.system.bounds import CONTAINERD_IMPORTS as MOST
from hostcheck_builtin.system.bounds import CRIO_DIRECTORIES as DEEP
from hostcheck_builtin.system.fact_members import sure
from hostcheck_builtin.system.presence import absent_as

CONFIG: Final = "/etc/crio/crio.conf"
DROP_INS: Final = "/etc/crio/crio.conf.d"
PROGRAMS: Final = ("crio", "/usr/libexec/crio/crio")
Key = tuple[str, ...]
KINDS: Final[dict[Key, type]] = {
    ("api", "listen"): str,
    ("runtime", "apparmor_profile"): str,
    ("runtime", "selinux"): bool,
    ("runtime", "default_runtime"): str,
    ("image", "insecure_registries"): list,
    ("nri", "enable_nri"): bool,
    ("nri", "nri_plugin_dir"): str,
    ("nri", "nri_plugin_config_dir"): str,
}
DEVICES: Final = "privileged_without_host_devices"
BUILT_IN: Final = ("crun", "runc")
"""The runtime that CRI-O has by itself, by its version: runc before 1.31."""
OPTIONS: Final[dict[str, Key]] = {
    "selinux": ("runtime", "selinux"),
    "apparmor-profile": ("runtime", "apparmor_profile"),
    "insecure-registry": ("image", "insecure_registries"),
    "enable-nri": ("nri", "enable_nri"),
    "nri-plugin-dir": ("nri", "nri_plugin_dir"),
    "nri-plugin-config-dir": ("nri", "nri_plugin_config_dir"),
}
DEFAULTS: Final[dict[Key, Json]] = {
    ("api", "listen"): "/var/run/crio/crio.sock",
    ("runtime", "apparmor_profile"): "crio-default",
    ("image", "insecure_registries"): [],
    ("nri", "nri_plugin_dir"): "/opt/nri/plugins",
    ("nri", "nri_plugin_config_dir"): "/etc/nri/conf.d",
}
Settings = dict[Key, ToldValue]
Files = list[tuple[str, Table]]


class Crio(NamedTuple):
    """One CRI-O: its main file, who reads it, its files and what holds in the end."""

    path: str
    there: bool | Hole
    facts: dict[str, Json]
    settings: Settings | Hole


def configurations(host: Host, tellers: Tellers) -> dict[str, Crio | Hole]:
    """Return each CRI-O that runs or that a unit starts, else the one that is installed, by its main file; a hole where it is not known if there is one."""
    if tellers.all:
        readers = {one.config or CONFIG: one for one in reversed(tellers.all)}
        return {path: _read(host, path, one, tellers) for path, one in readers.items()}
    there = installed(host, PROGRAMS)
    if there is not True or tellers.unread:
        unknown = worst_hole(there, tellers.unread)
        return {} if there is False or unknown is None else {CONFIG: unknown}
    return {CONFIG: _read(host, CONFIG, Teller(options={}), tellers)}


def _read(host: Host, path: str, one: Teller, tellers: Tellers) -> Crio:
    """Return what one reads; where others may run, what an option can change is not known."""
    folder = one.options.get("config-dir", [DROP_INS])[-1]
    files: Files | Hole = attempt(_files, host, path, folder) if tellers.unread is None else tellers.unread
    settings = map_known(files, lambda read: _merged(read, one.options))
    facts = {
        "there": True,
        "running": bool(tellers.processes) or tellers.unread or False,
        "files": map_known(files, lambda read: [name for name, _ in read]),
        "listen": map_known(settings, lambda known: known["api", "listen"].value),
    }
    return Crio(path, True, facts, settings)


def _files(host: Host, path: str, folder: str) -> Files:
    found: Files = []
    for name in [path, *_below(host, folder, 0)]:
        try:
            found.append((name, document(host, name)))
        except ABSENT:
            continue
        if len(found) > MOST:
            raise LimitExceeded(f"{folder}: more than {MOST} files")
    return found


def _below(host: Host, folder: str, depth: int) -> list[str]:
    """Return the files of a directory and those below it in the order of filepath.Walk; whatever their name, and of links those that lead to a file."""
    if depth > DEEP:
        raise LimitExceeded(f"{folder}: more than {DEEP} directories deep")
    paths: list[str] = []
    for path in (f"{folder}/{name}" for name in absent_as([], host.list_dir, folder, limit=MOST)):
        paths += _below(host, path, depth + 1) if host.stat(path, follow=False).type == "dir" else [path]
    return paths


def _merged(files: Files, options: Options) -> Settings:
    merged = {key: ToldValue(value) for key, value in DEFAULTS.items()}
    for path, read in files:
        crio = _table(read, "crio", path)
        for (part, key), kind in KINDS.items():
            value = _field(_table(crio, part, path), key)
            if value is not None:
                merged[part, key] = ToldValue(typed(value, kind, path, f"crio.{part}.{key}"), path)
        for name, handler in _table(_table(crio, "runtime", path), "runtimes", path).items():
            value = _field(_table({name: handler}, name, path), DEVICES)
            merged["handler", name] = ToldValue(typed(value if value is not None else False, bool, path, DEVICES), path)  # a runtime is replaced as a whole
    for option, place in OPTIONS.items():
        if option in options:
            merged[place] = ToldValue(_option(KINDS[place], options[option]), "an option")
    return merged


def _option(kind: type, values: list[str]) -> Json:
    if kind is bool:
        return values[-1].lower() in ("1", "t", "true")
    return [one for value in values for one in value.split(",")] if kind is list else values[-1]


def _table(within: Table, name: str, path: str) -> Table:
    found = _field(within, name)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise Nonsense(f"{path}: {name} is no table, and CRI-O would not start with it")
    return found


def _field(within: Table, name: str) -> Any:
    """Return a field as CRI-O's parser finds it: by its name, else in other letters; None where it is absent."""
    return within.get(name, next((value for key, value in within.items() if key.lower() == name.lower()), None))


def confinement(one: Crio) -> dict[str, Json]:
    """Return what pods are told of AppArmor and SELinux; what CRI-O does by itself about SELinux depends on its version."""
    settings = one.settings
    if isinstance(settings, Hole):
        return {"engine": "crio", "there": one.there, "serves": True, **dict.fromkeys(("apparmor", "selinux", "seccomp"), settings)}
    profile, selinux = settings["runtime", "apparmor_profile"], settings.get(("runtime", "selinux"))
    unset = Hole(why=Why.UNSUPPORTED, message="what CRI-O does about SELinux where no file says it depends on its version")
    return {
        "engine": "crio",
        "there": one.there,
        "serves": True,
        "apparmor": {"off": map_known(profile.value, lambda name: name == "unconfined"), "set_in": profile.file},
        "selinux": {"off": unset if selinux is None else map_known(selinux.value, lambda on: not on), "set_in": selinux.file if selinux else ""},
        "seccomp": {"unset": "unconfined", "set_in": ""},
    }


def handlers(one: Crio) -> dict[str, Json]:
    """Return for each runtime of pods whether privileged ones get the devices of the host; raises HoleError where none is known."""
    settings = sure(one.settings)
    named = {key[1]: setting for key, setting in settings.items() if key[0] == "handler"}
    if ("runtime", "default_runtime") not in settings:
        named["default"] = _default(named)
    return {
        f"{one.path} {name}": {
            **{"engine": "crio", "there": one.there, "serves": True, "name": name},
            **{"without_host_devices": setting.value, "all_devices_allowed": False, "set_in": setting.file},
        }
        for name, setting in sorted(named.items())
    }


def _default(named: dict[str, ToldValue]) -> ToldValue:
    """Return what holds for the runtime that CRI-O uses where no file says which."""
    first, last = (named.get(name, ToldValue(False)) for name in BUILT_IN)
    if first.value == last.value:
        return first
    return ToldValue(Hole(why=Why.UNSUPPORTED, message=f"which of {' and '.join(BUILT_IN)} CRI-O uses where no file says it depends on its version"))
