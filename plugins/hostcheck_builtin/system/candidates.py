"""Where engine sockets may be: the paths that engines use unasked, and those that their configuration names.

A path that somebody configured is as good as a well-known one, wherever it is.
"""

import posixpath
from fnmatch import fnmatchcase
from typing import Any, Final

from hostcheck.api import Host, LimitExceeded
from hostcheck_builtin.system.bounds import CONTAINERD_IMPORTS as IMPORTS
from hostcheck_builtin.system.plain_toml import tables
from hostcheck_builtin.system.presence import absent_as

DEFAULT: Final = "/var/run/docker.sock"
"""Where docker goes when nobody says anything (client.DefaultDockerHost of moby)."""
WELL_KNOWN: Final = {
    "/run/docker.sock": "docker",
    "/run/docker/docker.sock": "docker",
    "/run/user/0/docker.sock": "docker",
    "/root/.docker/run/docker.sock": "docker",
    "/root/.docker/desktop/docker.sock": "docker",
    "/run/podman/podman.sock": "podman",
    "/run/user/0/podman/podman.sock": "podman",
    "/run/containerd/containerd.sock": "containerd",
    "/run/containerd/containerd.sock.ttrpc": "containerd",
    "/run/docker/containerd/containerd.sock": "containerd",
    "/run/docker/containerd/containerd.sock.ttrpc": "containerd",
    "/run/k3s/containerd/containerd.sock": "containerd",
    "/run/k3s/containerd/containerd.sock.ttrpc": "containerd",
    "/run/k0s/containerd.sock": "containerd",
    "/run/user/0/containerd/containerd.sock": "containerd",
    "/var/snap/microk8s/common/run/containerd.sock": "containerd",
    "/run/crio/crio.sock": "crio",
    "/run/cri-dockerd.sock": "cri-dockerd",
    "/run/dockershim.sock": "cri-dockerd",
    "/run/nri/nri.sock": "nri",
    "/run/buildkit/buildkitd.sock": "buildkit",
    "/run/user/0/buildkit/buildkitd.sock": "buildkit",
    "/var/lib/lxd/unix.socket": "lxd",
    "/var/snap/lxd/common/lxd/unix.socket": "lxd",
    "/run/incus/unix.socket": "incus",
    "/var/lib/incus/unix.socket": "incus",
    "/run/libvirt/libvirt-sock": "libvirt",
}
NAMES: Final = {
    "docker.sock": "docker",
    "podman.sock": "podman",
    "containerd.sock": "containerd",
    "crio.sock": "crio",
    "cri-dockerd.sock": "cri-dockerd",
    "nri.sock": "nri",
    "buildkitd.sock": "buildkit",
    "libvirt-sock": "libvirt",
}
"""What the last part of a path says of the engine behind it."""
PROGRAMS: Final = {
    "dockerd": "docker",
    "containerd": "containerd",
    "crio": "crio",
    "buildkitd": "buildkit",
    "podman": "podman",
    "cri-dockerd": "cri-dockerd",
}
"""By the name of the program; a process has it as its name too, unless it was started by another."""
SHIMS: Final = "@/containerd-shim/"
"""What containerd called the sockets of its shims before 1.3.9 and 1.4.3, for everybody in the network of the host to connect to (CVE-2020-15257)."""
UNITS: Final = {
    "docker": "docker",
    "podman": "podman",
    "containerd": "containerd",
    "crio": "crio",
    "cri-docker": "cri-dockerd",
    "cri-dockerd": "cri-dockerd",
    "buildkit": "buildkit",
    "buildkitd": "buildkit",
    "lxd": "lxd",
    "incus": "incus",
    "libvirtd": "libvirt",
}
TOML: Final = {"/etc/containerd/config.toml": "containerd", "/etc/buildkit/buildkitd.toml": "buildkit"}
WILD: Final = frozenset("*?[")


def plain(path: str) -> str:
    """Return a path without what the kernel passes over: a slash or a dot too many; ".." stays, since it may follow a link."""
    if not path.startswith("/") or ("//" not in path and "/." not in path and not path.endswith("/")):
        return path
    return "/" + "/".join(name for name in path.split("/") if name not in ("", "."))


def canonical(path: str) -> str:
    """Return a path below /var/run as one below /run."""
    path = plain(path)
    return path.removeprefix("/var") if path.startswith("/var/run/") else path


def named(path: str, *units: str) -> str:
    """Return the engine that the name of a unit or of a path tells, "unknown" where none does."""
    stated = (UNITS.get(unit.removesuffix(".socket").removesuffix(".service")) for unit in units)
    return next((engine for engine in stated if engine), NAMES.get(path.rpartition("/")[2], "unknown"))


def abstract(name: str) -> str:
    """Return the engine that an abstract name tells, as `ss` shows it: with an at sign for each NUL."""
    return "containerd" if name.startswith(SHIMS) else named(name.rstrip("@"))


def toml(host: Host, path: str, engine: str) -> dict[str, str]:
    """Return the sockets that a TOML file and those that it imports name, none where there is no file; raises Nonsense where one is not TOML.

    containerd listens beside its address, unless told otherwise, on the same with .ttrpc behind it (containerd-config.toml(5)).
    """
    return {address: engine for document in documents(host, path).values() for address in _sockets(document, engine)}


def documents(host: Host, path: str) -> dict[str, dict[str, Any]]:
    """Return a TOML file and those that it imports, by path; one that is not there is empty. Raises Nonsense where one is not TOML."""
    files, done = [path], dict[str, dict[str, Any]]()
    while files:
        name = files.pop(0)
        if name not in done:
            if len(done) >= IMPORTS:
                raise LimitExceeded(f"{path}: more than {IMPORTS} imports")
            done[name] = document = tables(name, text) if (text := absent_as("", host.read_text, name)) else {}
            files += [one for pattern in _texts(document.get("imports")) for one in _matching(host, posixpath.join(posixpath.dirname(name), pattern))]
    return done


def _matching(host: Host, pattern: str) -> list[str]:
    """Return the files that an import means, a name or a pattern for the last part of one."""
    folder, _, last = pattern.rpartition("/")
    if WILD.isdisjoint(pattern):
        return [pattern]
    if not WILD.isdisjoint(folder):
        raise LimitExceeded(f"{pattern}: a pattern for a directory")
    return [f"{folder}/{name}" for name in absent_as([], host.list_dir, folder or "/") if fnmatchcase(name, last)]


def _sockets(document: dict[str, Any], engine: str) -> list[str]:
    grpc, ttrpc = (table if isinstance(table := document.get(name), dict) else {} for name in ("grpc", "ttrpc"))
    served = [address for one in _texts(grpc.get("address")) if (address := _address(one))]
    if engine == "containerd":
        own = [address for one in _texts(ttrpc.get("address")) if (address := _address(one))]
        served += own or [f"{address}.ttrpc" for address in served]
    return served


def _texts(stated: Any) -> list[str]:
    return [one for one in (stated if isinstance(stated, list) else [stated]) if isinstance(one, str)]


def _address(text: str) -> str:
    """Return the absolute path that an address means, "" where it is no unix socket or depends on where the daemon was started."""
    scheme, mark, rest = text.strip().partition("://")
    if not mark:
        return text.strip() if text.startswith("/") else ""
    path = rest if scheme == "unix" else ""
    return path if path.startswith("/") else ""
