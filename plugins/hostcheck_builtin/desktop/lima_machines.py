"""The machines of Lima, and of Colima and Rancher Desktop, which keep theirs as Lima does in directories of their own.

What a machine is given stands in up to three files: the user's defaults, its own lima.yaml, and what the user overrides.
"""

from collections.abc import Callable
from posixpath import basename
from typing import Final

from hostcheck.api import Hole, Json, LimitExceeded, Nonsense, Why, attempt
from hostcheck_builtin.desktop.lima_mounts import mounts
from hostcheck_builtin.system.account_files import keep
from hostcheck_builtin.system.bounds import DIRECTORIES_FOR_MACHINES as DIRECTORIES
from hostcheck_builtin.system.bounds import MACHINES_OF_A_USER as EACH
from hostcheck_builtin.system.home_dir import Folder, Found, Place, expanded, given_to, too_many, with_socket
from hostcheck_builtin.system.presence import absent_as
from hostcheck_builtin.system.procfs import number

DEFAULTS: Final = ("default.yaml", "override.yaml")
"""What Lima lays below and above every lima.yaml (_config)."""
AGENT: Final = "limactl"
DELETED: Final = " (deleted)"
Named = Callable[[str, list[str]], tuple[str, list[str]]]


def lima(place: Place) -> Found:
    """Return Lima's machines."""
    return _instances(place, (".lima",), lambda name, inner: (name, [f"sock/{one}" for one in inner if one.endswith(".sock")]))


def colima(place: Place) -> Found:
    """Return Colima's profiles, whose machines are Lima's, with names of their own."""
    base = (".colima",) if ".colima" in place.names else (".config", "colima")
    home = "/".join((place.path, *base))

    def named(name: str, _: list[str]) -> tuple[str, list[str]]:
        profile = "default" if name == "colima" else name.removeprefix("colima-")
        old = [f"{home}/docker.sock"] if profile == "default" else []
        return profile, [f"{home}/{profile}/docker.sock", f"{home}/{profile}/containerd.sock", *old]

    return _instances(place, (base[0], "/".join((*base[1:], "_lima"))), named)


def rancher_desktop(place: Place) -> Found:
    """Return Rancher Desktop's one machine, which is Lima's and is called 0; ~/.rd alone, which it leaves when it is removed, shows none."""
    folder = place.folder(".rd")
    sockets = [f"{place.path}/.rd/docker.sock"]
    for base in ((".local", "share/rancher-desktop/lima"), ("Library", "Application Support/rancher-desktop/lima")):
        found = _instances(place, base, lambda name, _: (name, sockets))
        if "0" in found:
            return {"rancher-desktop": found["0"]}
    unknown = Hole(why=Why.UNSUPPORTED, message="Rancher Desktop: its lima.yaml is not at a place that is known")
    return {} if folder is None else with_socket({"rancher-desktop": folder.machine([folder.path], sockets, unknown)})


def _instances(place: Place, base: tuple[str, ...], named: Named) -> Found:
    """Return the machines of a directory of Lima's, by the names and with the sockets that `named` gives them."""
    folder = place.folder(*base)
    names = [] if folder is None else [name for name in folder.names() if name[0] not in "._"]
    found: Found = {}
    for name in names[:EACH]:
        inner = place.folder(base[0], "/".join((*base[1:], name)))
        listed = [] if inner is None else inner.names()
        if inner is not None and "lima.yaml" in listed:
            sock = place.folder(base[0], "/".join((*base[1:], name, "sock"))) if "sock" in listed else None
            key, sockets = named(name, [] if sock is None else sock.names()[:EACH])
            keep(found, key, _instance(inner, listed, "/".join((*base[1:], "_config")), base[0], sockets))
    return too_many(found) if len(names) > EACH else found


def _instance(inner: Folder, listed: list[str], config: str, first: str, sockets: list[str]) -> Json:
    more = {"agent": attempt(_agent, inner)} if "ha.pid" in listed else {}
    return inner.machine([f"{inner.path}/lima.yaml"], sockets, attempt(_lima_mounts, inner, first, config), **more)


def _agent(inner: Folder) -> Json:
    """Say whether the process that a pidfile names is the user's and runs Lima."""
    text = inner.read("ha.pid")
    pid = number((text or b"").decode("ascii", "replace").strip())
    if pid is None or pid <= 0:
        raise Nonsense(f"{inner.path}/ha.pid: holds no process id")
    process = absent_as(None, inner.place.host.process, pid)
    if process is None:
        return {"pid": pid, "running": False}
    program = basename(process.exe.removesuffix(DELETED)).partition(".")[0]
    return {"pid": pid, "exe": process.exe, "running": process.uids[1] == inner.uid and program == AGENT}


def _lima_mounts(inner: Folder, first: str, config: str) -> Json:
    """Return what a machine is given: by its own file, over the user's defaults and under what the user overrides (FillDefault of Lima)."""
    defaults = inner.place.folder(first, config)
    below, above = (None if defaults is None else defaults.read(name) for name in DEFAULTS)
    own = inner.read("lima.yaml")
    if own is None:
        raise Nonsense(f"{inner.path}: gone between two looks")
    found: dict[str, bool] = {}
    for name, raw in zip((DEFAULTS[0], "lima.yaml", DEFAULTS[1]), (below, own, above), strict=True):
        for mount in mounts(f"{inner.path}: {name}", raw or b""):
            location = expanded(inner.place, mount.location.replace("{{.Home}}", "~"), "~")
            found[location] = found.get(location, False) if mount.writable is None else mount.writable
    if len(found) > DIRECTORIES:
        raise LimitExceeded(f"{inner.path}: more than {DIRECTORIES} mounts")
    return given_to(inner.place, found.items(), len(found))
