"""Paths that containerd, CRI-O, BuildKit and what podman shares with them are told in TOML, by the key under which each stands, in whatever table.

CNI's, NRI's and runtimes' keys stand in tables that are named after plugins, other ones in each version of containerd's configuration.
"""

import posixpath
from collections.abc import Callable, Iterator
from typing import Any, Final

from hostcheck.api import Hole, Host, attempt
from hostcheck_builtin.files import places
from hostcheck_builtin.system import bounds, candidates
from hostcheck_builtin.system.presence import absent_as

FILES: Final = {
    "/etc/containerd/config.toml": "runtime_configuration",
    "/etc/buildkit/buildkitd.toml": "runtime_configuration",
    "/etc/crio/crio.conf": "runtime_configuration",
    "/usr/share/containers/containers.conf": "containers_configuration",
    "/etc/containers/containers.conf": "containers_configuration",
    "/usr/share/containers/storage.conf": "containers_configuration",
    "/etc/containers/storage.conf": "containers_configuration",
}
FOLDERS: Final = ("/etc/crio/crio.conf.d", "/etc/containers/containers.conf.d", "/usr/share/containers/containers.conf.d")
KEYS: Final = {
    "root": "data",
    "graphroot": "data",
    "bin_dir": "plugins",
    "bin_dirs": "plugins",
    "conf_dir": "plugins",
    "plugin_path": "plugins",
    "plugin_config_path": "plugins",
    "cdi_spec_dirs": "plugins",
    "specdirs": "plugins",
    "netavark_plugin_dirs": "plugins",
    "plugin_dirs": "plugins",
    "network_dir": "plugins",
    "cni_plugin_dirs": "plugins",
    "hooks_dir": "plugins",
    "nri_plugin_dir": "plugins",
    "nri_plugin_config_dir": "plugins",
    "binaryname": "programs",
    "runtime_path": "programs",
    "runtime_type": "programs",
    "compose_providers": "programs",
    "monitor_path": "programs",
    "conmon": "programs",
    "conmon_path": "programs",
    "pinns_path": "programs",
    "mount_program": "programs",
    "network_cmd_path": "programs",
    "init_path": "programs",
    "binary": "programs",
    "runtime_engine": "programs",
    "cnibinarypath": "plugins",
    "cniconfigpath": "plugins",
    "config_path": "runtime_configuration",
    "helper_binaries_dir": "program_folders",
    "network_config_dir": "containers_configuration",
    "signature_policy": "containers_configuration",
    "ca": "certificates",
    "cert": "certificates",
    "key": "keys",
    "tls_cert_file": "certificates",
    "tls_key_file": "keys",
}
"""In small letters, as BinaryName is one of them."""
KINDS: Final = tuple(dict.fromkeys(KEYS.values()))
TABLES: Final = {"runtimes": "programs"}
"""Tables whose keys are names that somebody chose, and whose values are paths or lists of them: [engine.runtimes] of containers.conf(5)."""
SEVERAL: Final = "config_path"
"""Of registries, whose value may be several directories with colons between (hosts.md of containerd)."""
Add = Callable[[str, str, str], None]
Lack = Callable[..., None]


def take(host: Host, add: Add, lack: Lack, more: tuple[str, ...]) -> None:
    """Take what these files name, and `more`, which engines were told to read; files that they import are configuration themselves."""
    for path in dict.fromkeys((*FILES, *_listed(host, lack), *more)):
        found = {} if _is_folder(host, path) else attempt(candidates.documents, host, path)
        if isinstance(found, Hole):
            lack(found, *KINDS, FILES.get(path, "runtime_configuration"))
            continue
        for name, document in found.items():
            if name != path and posixpath.dirname(name) != posixpath.dirname(path):
                add(FILES.get(path, "runtime_configuration"), name, path)
            for kind, one in _paths(document, 0):
                add(kind, one, name)


def _is_folder(host: Host, path: str) -> bool:
    """Say whether a path that an engine was told to read is certainly a directory, as CRI-O's --config-dir is."""
    return absent_as(False, attempt, lambda: host.stat(path).type == "dir") is True


def _listed(host: Host, lack: Lack) -> Iterator[str]:
    """Yield the files of the directories that are read beside them."""
    for folder in FOLDERS:
        names = absent_as([], attempt, host.list_dir, folder)
        if isinstance(names, Hole):
            lack(names, *KINDS)
        else:
            yield from (f"{folder}/{name}" for name in names[: bounds.CONTAINERD_IMPORTS])


def _paths(document: dict[str, Any], depth: int, named: str = "") -> Iterator[tuple[str, str]]:
    """Yield the paths of a table and of those in it; `named` is what those are whose keys are names."""
    for key, value in document.items():
        kind = named or KEYS.get(key.lower(), "")
        if key.lower() == "hooks_dir" and value == []:
            yield from ((kind, path) for path in places.HOOKS)
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, dict) and depth < bounds.TOML_TABLES:
                yield from _paths(one, depth + 1, TABLES.get(key, ""))
            elif isinstance(one, str) and key.lower() == "runtime_type":
                yield from ((kind, path) for path in ([one] if one.startswith("/") else places.shims(one)))
            elif isinstance(one, str) and kind:
                yield from ((kind, path) for path in (one.split(":") if key == SEVERAL else [one]) if path.startswith("/"))
