"""Edges of engines' sockets: who connects gets what the engine has, and who can put another socket in its place gets what clients bring.

An engine of root's mounts the host's / into a container for whoever asks; one of a user's gives that user. A desktop product's machine is its user's.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final

from hostcheck.api import Hole, Json, View, attempt, known, worst_hole
from hostcheck_builtin.paths import who
from hostcheck_builtin.paths.asked_plugins import asked
from hostcheck_builtin.paths.graph import LOOPBACK, OTHERS, ROOT, USER, Change, Edge, Strength

OBEYS: Final = frozenset({"docker", "containerd", "crio", "cri-dockerd", "podman", "lxd", "incus"})
"""Engines that start a privileged container for whoever connects; of the others it depends on their configuration (polkit, entitlements)."""
FOR_SHIMS: Final = ".ttrpc"
"""How containerd's socket for its shims ends: it serves events, and no containers (containerd pull request 3195)."""
SOMEBODY: Final = "whoever listens there"
"""The owner of a user's socket of which nothing is known: a user can make as many of them as they like, which must not open what others can do."""
CONNECT: Final = Edge(kind="connects", origin=OTHERS, to=ROOT, because="connect to a socket of an engine", technique="T1610")


def edges(facts: Mapping[str, Any], trusted: Collection[str] = ()) -> Iterator[Edge]:
    """Yield the edges of all sockets, the system's and users'; of authorization plugins those are `trusted` that a site says refuse what leads to root."""
    owners = who.owners(facts)

    def whose(path: str) -> str:
        return owners(path) or SOMEBODY

    yield from who.each(facts, "socket-access", "sockets", CONNECT, partial(_system, facts=facts, trusted=trusted))
    yield from who.each(facts, "socket-access", "user_sockets", CONNECT, partial(_socket, users="users_other_than_owner", whose=whose), whose)
    yield from who.each(facts, "socket-access", "engine_groups", replace(CONNECT, kind="may-write"), _group)


def _plugins(facts: Mapping[str, Any], path: str) -> list[str]:
    """Return the authorization plugins that the engine behind a socket names; none where it was not asked, or is of a kind that has none."""
    sockets = attempt(lambda: facts["engines"]["sockets"])
    one = attempt(lambda: sockets[path]) if not isinstance(sockets, Hole) and path in known(sockets) else {}
    told = attempt(lambda: one["info"]["authorization_plugins"] if "info" in one else []) if not isinstance(one, Hole) else []
    return [] if isinstance(told, Hole) else list(told)


def _system(socket: View, path: str, pointer: str, *, facts: Mapping[str, Any], trusted: Collection[str]) -> Iterator[Edge]:
    """Yield the edges of a socket of the system's."""
    for edge in _socket(socket, path, pointer, users="users", whose=None):
        yield asked(edge, _plugins(facts, path), trusted) if edge.kind == "controls" else edge


def _socket(socket: View, path: str, pointer: str, *, users: str, whose: who.Whose | None) -> Iterator[Edge]:
    listens = attempt(lambda: socket["listening"] or socket["type"] == "planned")
    if listens is False:
        return
    node, kind = f"socket:{path}", attempt(socket.__getitem__, "type")
    waits = "reboot" if kind == "planned" else "nothing"
    owner = whose(path) if whose else ""
    yield _serves(socket, Edge(kind="controls", origin=node, to=f"{USER}{owner}" if owner else ROOT, because="", evidence=(pointer,), waits=waits))
    connect = replace(CONNECT, to=node, because=f"connect to {path}", waits=waits, changes=_closing(path, kind))
    if isinstance(listens, Hole):
        connect = replace(connect, strength=Strength.POTENTIAL, hole=listens)
    yield from who.edges(socket, pointer, connect, users)
    if kind == "abstract":
        yield replace(connect, origin=LOOPBACK, because=f"no permission keeps whoever is in its network from {path}", evidence=(pointer,))
    if users == "users":
        yield from _replacing(socket, path, pointer)


def _replacing(socket: View, path: str, pointer: str) -> Iterator[Edge]:
    """Yield who can answer root's clients in the engine's place: what root's docker command asks for there, and what it logs in with, is theirs."""
    node = f"clients of {path}"
    swap = replace(CONNECT, kind="replaces", to=node, because=f"put another socket in the place of {path}", waits="wait", technique="T1557")
    yield from who.edges(attempt(socket.__getitem__, "replaceable_by"), f"{pointer}/replaceable_by", swap)
    because = f"where root's clients use {path}, they trust what answers there"
    yield Edge(kind="trusts", origin=node, to=ROOT, because=because, evidence=(pointer,), strength=Strength.LIKELY, technique="T1557")


def _closing(path: str, kind: Json = "socket") -> tuple[Change, ...]:
    return () if kind == "abstract" else (Change(f"close {path}", f"let only root connect to {path}", "socket", path=path),)


def _serves(socket: View, edge: Edge) -> Edge:
    """Return the edge from an engine's socket to whom its engine is; `edge` leads to whom it is where that is not known."""
    told = {name: attempt(socket.__getitem__, name) for name in ("scope", "engine", "owner", "machine")}
    edge = replace(edge, technique="T1611")
    if (hole := worst_hole(*(one for one in told.values() if isinstance(one, Hole)))) is not None:
        return replace(edge, because=f"which engine this is, and whose, is not known ({hole.message})", strength=Strength.POTENTIAL, hole=hole)
    engine = told["engine"]
    if edge.origin.endswith(FOR_SHIMS) and told["scope"] == "rootful":
        because = f"{engine} runs as root, and takes reports on containers there, and what its plugins serve"
        return replace(edge, to=ROOT, because=because, strength=Strength.LIKELY)
    if told["scope"] == "rootful" and told["machine"] in ("none", None):
        sure = Strength.CERTAIN if engine in OBEYS else Strength.LIKELY
        return replace(edge, to=ROOT, because=f"{engine} runs as root, and starts a container with the host's / for whoever asks", strength=sure)
    return replace(edge, to=f"user:{told['owner']}", because=f"{engine} runs as {told['owner']}, and does in that user's name what it is asked for")


def _group(group: View, name: str, pointer: str) -> Iterator[Edge]:
    """Yield the edges from a group to the sockets to which it may write: for whoever has it otherwise than as its member.

    A group that is made for engines, or is root's, is meant to: who has it is changed, and not what it may do.
    """
    meant = name == ROOT or attempt(group.__getitem__, "for_engines") is True
    for path in known(group["sockets"]):
        because = f"group {name} may write to {path}"
        place = (f"{pointer}/sockets",)
        yield Edge(kind="may-write", origin=f"group:{name}", to=f"socket:{path}", because=because, evidence=place, changes=() if meant else _closing(path))
