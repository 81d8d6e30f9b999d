"""containers.conf: which file decides each setting that takes something from what keeps a container in, or adds something to each container.

Later files win, one setting at a time, in the order of containers/common: that of the vendor, that of /etc, its drop-ins, then those of the home. A list with
{append=true} in it, in whatever file, adds to the list before it, and so do the lists of all later files until one says false.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple

from hostcheck.api import Json, LimitExceeded, Nonsense
from hostcheck_builtin.podman import toml_file
from hostcheck_builtin.podman.folders import File, Files
from hostcheck_builtin.podman.toml_file import Table
from hostcheck_builtin.system.bounds import PODMAN_LIST as MOST
from hostcheck_builtin.system.bounds import PODMAN_VALUE as LONGEST

NAME: Final = "containers.conf"
TEXTS: Final = ("apparmor_profile", "cgroupns", "cgroups", "ipcns", "netns", "pidns", "seccomp_profile", "umask", "userns", "utsns")
FLAGS: Final = ("env_host", "keyring", "label", "privileged")
NUMBERS: Final = ("pids_limit",)
LISTS: Final = ("default_capabilities", "devices", "mounts", "volumes")
ENGINE_FLAGS: Final = ("no_pivot_root",)
ENGINE_LISTS: Final = ("hooks_dir",)
CAPABILITIES: Final = "CHOWN DAC_OVERRIDE FOWNER FSETID KILL NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID SYS_CHROOT".split()
BUILT_IN: Final[dict[str, tuple[str, ...]]] = {
    "containers.default_capabilities": tuple(f"CAP_{name}" for name in CAPABILITIES),
    "engine.hooks_dir": ("/usr/share/containers/oci/hooks.d",),
}
"""What Podman's own lists have, to which a file may append; they stand under no file."""
Setting = tuple[Any, str]
"""A value, and the file that it is from."""


def anyone(_: str) -> bool:
    """Let every file count, and Podman's own lists."""
    return True


class Settings(NamedTuple):
    """What the files set: single values and lists, each with the files they are from, and which files were read."""

    files: list[str]
    single: dict[str, Setting]
    lists: dict[str, list[Setting]]
    appends: dict[str, bool]


def files(vendor: Files, *others: Files) -> list[File]:
    """Return the files of these directories in the order in which they count."""
    found = [vendor.file(NAME)]
    for folder in others:
        found += [folder.file(NAME), *folder.drop_ins(f"{NAME}.d")]
    return [file for file in found if file is not None]


def read(vendor: Files, *others: Files) -> Settings:
    """Return what the files of these directories set; raises as reading them does, for one that cannot be read keeps Podman from starting."""
    return merged(files(vendor, *others))


def merged(given: Iterable[File]) -> Settings:
    """Return what files set that are read in this order; raises Nonsense where Podman would refuse one."""
    settings = Settings([], {}, {}, {})
    for path, raw in given:
        document = toml_file.document(path, raw)
        settings.files.append(path)
        _take(settings, path, "containers", toml_file.table(path, document, "containers"), (TEXTS, FLAGS, NUMBERS, LISTS))
        _take(settings, path, "engine", toml_file.table(path, document, "engine"), ((), ENGINE_FLAGS, (), ENGINE_LISTS))
    return settings


def _take(settings: Settings, path: str, section: str, table: Table, names: tuple[tuple[str, ...], ...]) -> None:
    texts, flags, numbers, lists = names
    for kind, read in ((texts, _text), (flags, toml_file.flag), (numbers, toml_file.number)):
        for name in kind:
            value = read(path, table, name)
            if value is not None:
                settings.single[f"{section}.{name}"] = (value, path)
    for name in lists:
        _extend(settings, path, f"{section}.{name}", toml_file.member(path, table, name))


def _text(path: str, table: Table, name: str) -> str | None:
    value = toml_file.text(path, table, name)
    return value if value is None else _short(path, name, value)


def _short(path: str, name: str, value: str) -> str:
    if len(value) > LONGEST:
        raise LimitExceeded(f"{path}: {name}: longer than {LONGEST}")
    return value


def _extend(settings: Settings, path: str, name: str, value: Any) -> None:
    """Take a list as attributedstring of containers/common does."""
    if value is None:
        return
    if not isinstance(value, list):
        raise Nonsense(f"{path}: {name} is no list, so Podman refuses the file")
    added: list[Setting] = []
    for one in value:
        if isinstance(one, str):
            added.append((_short(path, name, one), path))
        elif isinstance(one, dict) and set(one) <= {"append"} and all(isinstance(flag, bool) for flag in one.values()):
            settings.appends.update(dict.fromkeys([name] if one else [], bool(one.get("append"))))
        else:
            raise Nonsense(f"{path}: {name} has what is no text, so Podman refuses the file")
    before = settings.lists.get(name, [(one, "") for one in BUILT_IN.get(name, ())]) if settings.appends.get(name) else []
    settings.lists[name] = [*before, *added]
    if len(settings.lists[name]) > MOST:
        raise LimitExceeded(f"{path}: {name}: more than {MOST}")


def stated(settings: Settings, counts: Callable[[str], bool] = anyone) -> dict[str, Json]:
    """State what is set by the files that count here; where that is not all of them, a list to which none adds is left out."""
    lists = {name: [{"value": _shown(name, value), "file": path} for value, path in values if counts(path)] for name, values in settings.lists.items()}
    return {
        "files": [path for path in settings.files if counts(path)],
        "settings": {name: {"value": value, "file": path} for name, (value, path) in settings.single.items() if counts(path)},
        "lists": {name: values for name, values in lists.items() if values or counts is anyone},
    }


def _shown(name: str, value: str) -> str:
    """Return a member of a list: a capability with its whole name, of what is mounted only from where and to where, as options may hold passwords."""
    kind = name.rpartition(".")[2]
    if kind == "default_capabilities":
        return value.upper() if value.lower().startswith("cap_") else f"CAP_{value.upper()}"
    if kind == "mounts":
        return _ends(value)
    return ":".join(value.split(":")[:2]) if kind in ("devices", "volumes") else value


def _ends(mount: str) -> str:
    """Return where a mount as of --mount is from and to."""
    options = dict(one.partition("=")[::2] for one in mount.split(","))
    source, target = (next((options[name] for name in names if name in options), "") for names in (("source", "src"), ("destination", "dst", "target")))
    return f"{source}:{target}" if source else f"{options.get('type', 'volume')}:{target}"
