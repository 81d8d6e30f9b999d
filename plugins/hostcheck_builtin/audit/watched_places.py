"""What an audit log of an engine has to be about: the programs, sockets, units, settings and data of engines that are there, and where rules lead.

A place is named by where it really is: the kernel follows no link at the end of a rule's path, so that a rule about a link says nothing of its target.
"""

from typing import Final

from hostcheck.api import Hole, Host, Json, attempt, incomplete
from hostcheck_builtin.audit.audit_rules import AuditRule
from hostcheck_builtin.dockerd import daemon_json, told
from hostcheck_builtin.engines.engine_programs import BINARIES, FOLDERS
from hostcheck_builtin.system.fact_members import sure
from hostcheck_builtin.system.mounts_to_avoid import slow_mounts
from hostcheck_builtin.system.ownership import foreign_ids, of_walked
from hostcheck_builtin.system.path_walk import LstatCache, WalkedPath, walk
from hostcheck_builtin.system.presence import absent_as
from hostcheck_builtin.system.units import Folders, listed

RUNTIME: Final = "runtime"
"""What several engines start; of interest where one of them is there."""
PROGRAMS: Final = {
    **{name: engine for engine, names in BINARIES.items() if engine != "rootlesskit" for name in names},
    **dict.fromkeys(("containerd-shim", "containerd-shim-runc-v1", "containerd-shim-runc-v2"), "containerd"),
    **dict.fromkeys(("conmon", "crun", "runc"), RUNTIME),
}
UNITS: Final = {
    **{"buildkit.service": "buildkit", "containerd.service": "containerd", "crio.service": "crio", "docker.service": "docker"},
    **{"docker.socket": "docker", "k3s.service": "k3s"},
}
SOCKETS: Final = {"/run/docker.sock": "docker", "/run/podman": "podman"}
MADE_LATER: Final = {"/run/buildkit": "buildkit", "/run/containerd": "containerd", "/run/crio": "crio", "/run/k3s": "k3s"}
"""Directories with sockets that an engine makes when it starts, after the audit rules were loaded."""
SETTINGS: Final = {
    **dict.fromkeys(("/etc/docker", "/etc/default/docker", "/etc/sysconfig/docker"), "docker"),
    **{"/etc/buildkit": "buildkit", "/etc/containerd/config.toml": "containerd", "/etc/containers": "podman", "/etc/crio": "crio", "/etc/rancher/k3s": "k3s"},
}
DATA: Final = {"/var/lib/buildkit": "buildkit", "/var/lib/containerd": "containerd", "/var/lib/containers": "podman", "/var/lib/rancher/k3s": "k3s"}
DOCKERS_DATA: Final = "/var/lib/docker"


class EnginePlaces:
    """Paths of this host, walked as far as root made the way, and past no file system that asks a server."""

    def __init__(self, host: Host) -> None:
        """Look at nothing yet."""
        self._host, self._lstats, self._slow = host, LstatCache(), attempt(slow_mounts, host)
        self._foreign = foreign_ids(host)

    def walked(self, path: str, *, follow: bool) -> WalkedPath:
        """Walk to a path; raises HoleError where the mounts are not known."""
        slow = sure(self._slow)
        return walk(self._host, path, self._lstats, lambda found: found.uid == 0, avoid=lambda here, _: here in slow, follow=follow)

    def found(self) -> Json:
        """State what is there, by path: whose it is, what it is for, where it really is, and whether it is a directory."""
        named = {f"{folder}/{name}": ("program", engine) for name, engine in PROGRAMS.items() for folder in FOLDERS}
        named |= {path: ("socket", engine) for path, engine in {**SOCKETS, **MADE_LATER}.items()}
        named |= {path: ("settings", engine) for path, engine in SETTINGS.items()}
        named |= {path: ("data", engine) for path, engine in DATA.items()}
        folders, data = attempt(listed, self._host), attempt(self._dockers_data)
        named |= {} if isinstance(folders, Hole) else dict(self._units(folders))
        named |= {} if isinstance(data, Hole) else {data: ("data", "docker")}
        stated = {path: attempt(self._place, path, kind, engine) for path, (kind, engine) in named.items()}
        there = {path: one for path, one in stated.items() if one is not None}
        return incomplete(there, next((one for one in (folders, data) if isinstance(one, Hole)), None))

    def _units(self, folders: Folders) -> list[tuple[str, tuple[str, str]]]:
        """Return the file of each unit that counts."""
        first = {unit: next((folder for folder, names in folders.items() if unit in names), "") for unit in UNITS}
        return [(f"{folder}/{unit}", ("unit", UNITS[unit])) for unit, folder in first.items() if folder]

    def _dockers_data(self) -> str:
        """Return where Docker keeps its data, by what it is told; what it would not start with says nothing."""
        raw = absent_as(None, self._host.read_bytes, daemon_json.DEFAULT)
        root = None if raw is None else attempt(lambda: told.of_file(daemon_json.DEFAULT, raw).value("data-root"))
        return root if isinstance(root, str) and root.startswith("/") else DOCKERS_DATA

    def _place(self, path: str, kind: str, engine: str) -> Json:
        walked = self.walked(path, follow=True)
        if walked.type in ("absent", "dangling", "loop") or (kind == "program" and walked.type != "file"):
            return None
        real = path if walked.type in ("closed", "link") else walked.realpath
        return {
            "kind": kind,
            "engine": engine,
            "realpath": real,
            "tree": walked.type == "dir",
            "made_later": is_made_later(real),
            "root_only": self._root_only(path, walked),
        }

    def _root_only(self, path: str, walked: WalkedPath) -> bool | Hole:
        """Say whether only root can put something else there; what others can write to, as a socket, stays what it is."""
        return self._foreign or (walked.type != "closed" and not set(of_walked(path, walked).others) - {walked.realpath})

    def resolved(self, rule: AuditRule) -> AuditRule:
        """Return a rule with the path to which its own leads, past links but one at its end."""
        walked = self.walked(rule.path, follow=False)
        return rule if walked.type == "closed" else rule._replace(path=walked.realpath)

    def at_boot(self, rule: AuditRule) -> tuple[AuditRule, str]:
        """Return a rule of a file as the kernel takes it at boot, and why it would not: what it names, or the directory of that, is not there then."""
        if not rule.path:
            return rule, ""
        end = self.walked(rule.path, follow=True)
        there = end.type not in ("absent", "dangling") and not is_made_later(end.realpath)
        tree = (there and end.type == "dir") if rule.tree is None else rule.tree
        rule = rule._replace(tree=tree)
        above = rule.path.rpartition("/")[0] or "/"
        if tree:
            return self.resolved(rule), "" if there else f"names {rule.path}, which is not there at boot"
        folder = self.walked(above, follow=True)
        if folder.type in ("absent", "dangling") or is_made_later(folder.realpath):
            return rule, f"names a file in {above}, which is not there at boot"
        return self.resolved(rule), ""


def is_made_later(path: str) -> bool:
    """Say whether an engine makes this when it starts."""
    return any(f"{path}/".startswith(f"{folder}/") for folder in MADE_LATER)
