"""Whose engine serves a socket, and who root in its containers is on the host: by who listens and by what the running engine says.

A configuration key proves nothing. userns-remap onto a range that begins at 0 starts without a word of warning, and root stays root; and whatever a
user other than root serves is believed to be rootless only if the engine itself says so, for it may hand on to an engine of root's. One that says so
runs in a user namespace; where a process outside of any serves it, the engine is in a virtual machine, or on another host.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from hostcheck.api import Hole, HoleError, View, Why, pattern

HTTP: Final = ("docker", "podman")
RANGE: Final = pattern(r".*/([0-9]{1,10})\.([0-9]{1,10})", re.DOTALL)
"""How the data directory of a dockerd with userns-remap ends (moby, daemon.go, setupDaemonRoot)."""
WHOLE: Final = [[0, 0, 4294967295]]
"""The uid_map of the first user namespace (user_namespaces(7))."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Rootful, remapped, rootless or elsewhere; the uid that root in a container has on the host, at most; and how that is known."""

    scope: str
    root_is_uid: int
    known_by: tuple[str, ...]


def engine(socket: View) -> str:
    """Return which engine serves a socket: what it says itself, where it is one that is asked; raises HoleError."""
    named: str = socket["named"]
    return str(socket["engine"]) if named in HTTP else named


def information(socket: View) -> View:
    """Return what docker says of itself; raises HoleError where it was not asked, as behind a socket that is called after podman."""
    if "info" not in socket:
        raise HoleError(Hole(why=Why.NONSENSE, message=f"docker answers at a socket that is called after {socket['named']}, where its /info is not asked for"))
    info: View = socket["info"]
    return info


def runs(socket: View) -> bool:
    """Say whether an engine runs behind a socket; raises HoleError."""
    return bool(socket["listening"]) and "served" in socket and bool(socket["served"])


def scope(socket: View) -> Scope:
    """Return the scope of the engine that serves a socket; raises HoleError where it is not known."""
    uid, kind = socket["uid"], engine(socket)
    listens = f"uid {uid} listens"
    if uid == 0:
        return _of_docker(information(socket), listens) if kind == "docker" else Scope(scope="rootful", root_is_uid=0, known_by=(listens,))
    if kind not in HTTP:
        return _in_namespace(socket, uid, kind, listens)
    stated, what = _says_rootless(socket, kind)
    if stated and "process" in socket and is_hosts(socket["process"]["uid_map"]):
        known_by = (listens, f"{what} says rootless, and who listens is in no user namespace, so it hands on to an engine elsewhere")
        return Scope(scope="elsewhere", root_is_uid=uid, known_by=known_by)
    if stated:
        return Scope(scope="rootless", root_is_uid=uid, known_by=(listens, f"{what} says so"))
    return Scope(scope="rootful", root_is_uid=0, known_by=(listens, f"{what} does not say rootless, so it may be root's engine that answers through it"))


def _says_rootless(socket: View, kind: str) -> tuple[bool, str]:
    if kind == "podman":
        return bool(socket["libpod"]["rootless"]), "podman"
    return "name=rootless" in information(socket)["security_options"], "SecurityOptions"


def _in_namespace(socket: View, uid: int, kind: str, listens: str) -> Scope:
    """Return the scope of an engine that is not asked: one that runs as a user needs a user namespace, and the kernel shows that."""
    if "process" not in socket or is_hosts(socket["process"]["uid_map"]):
        raise HoleError(Hole(why=Why.NONSENSE, message=f"{listens} outside of any user namespace, where {kind} does not run: what it is cannot be told"))
    return Scope(scope="rootless", root_is_uid=uid, known_by=(listens, "its uid_map is that of a user namespace"))


def is_hosts(uid_map: Iterable[Iterable[int]]) -> bool:
    """Say whether a uid_map is that of the first user namespace."""
    return [list(line) for line in uid_map] == WHOLE


def _of_docker(info: View, listens: str) -> Scope:
    """Return the scope of root's dockerd: remapped where it says userns and the uid that it gave its data directory is not 0; whose gid is 0 is not root."""
    if "name=userns" not in info["security_options"]:
        return Scope(scope="rootful", root_is_uid=0, known_by=(listens, "SecurityOptions lacks name=userns"))
    uid, gid = remapped_to(info)
    known_by = (listens, f"SecurityOptions has name=userns, and DockerRootDir ends with {uid}.{gid}")
    return Scope(scope="remapped" if uid else "rootful", root_is_uid=uid, known_by=known_by)


def remapped_to(info: View) -> tuple[int, int]:
    """Return the ids that a dockerd which says name=userns gave its data directory; raises HoleError where it names none."""
    place = str(info["root_dir"])
    ids = RANGE.fullmatch(place)
    if ids is None:
        raise HoleError(Hole(why=Why.NONSENSE, message=f"SecurityOptions has name=userns, and DockerRootDir {place} names no range"))
    return int(ids[1]), int(ids[2])
