"""Edges of what listens on TCP: engines of root's and users' engines, and programs that hand an engine's socket on."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final

from hostcheck.api import Hole, View, attempt, known
from hostcheck_builtin.paths import who
from hostcheck_builtin.paths.asked_plugins import asked
from hostcheck_builtin.paths.graph import EVERYONE, LOOPBACK, NETWORK, OTHERS, ROOT, Change, Edge, Strength

OPEN: Final = frozenset({"none", "server"})
"""What lets in a client without a certificate."""


def edges(facts: Mapping[str, Any], trusted: Collection[str] = ()) -> Iterator[Edge]:
    """Yield the edges of all listeners; `trusted` as of sockets."""
    edge = Edge(kind="connects", origin=OTHERS, to=ROOT, because="connect to an engine over the network", technique="T1190")
    yield from who.each(facts, "remote-apis", "apis", edge, partial(_api, trusted=trusted))
    yield from who.each(facts, "remote-apis", "planned", edge, _planned)
    yield from who.each(facts, "remote-apis", "relays", edge, _relay)
    yield from who.each(facts, "remote-apis", "user_apis", edge, _user_api, who.owners(facts))
    if attempt(lambda: "exports" in facts["listeners"]) is not False:
        yield from who.each(facts, "listeners", "exports", replace(edge, because="write as root over NFS", technique="T1548.001"), _export)


def _export(one: View, name: str, pointer: str) -> Iterator[Edge]:
    """Yield the edges of a directory that root of another host writes as root here: likely, because a user here has to execute what is put there.

    From any port everybody may say to be root who can reach the server, also from here, where the client may be any host: they execute it themselves.
    """
    sure = Strength.CERTAIN if attempt(one.__getitem__, "executed") is True else Strength.LIKELY
    path, client = one["path"], one["client"]
    change = Change(f"export {name}", f"export {path} to {client} with root_squash ({one['place']})")
    edge = Edge(kind="connects", origin=NETWORK, to=f"export:{name}", because="", evidence=(pointer,), technique="T1548.001", changes=(change,))
    edge = edge if one["runs"] else replace(edge, waits="reboot")
    who_may = "any host" if client == "*" else client
    yield replace(edge, because=f"root of {who_may} may mount {path} of this host and write to it", strength=Strength.LIKELY)
    if one["any_port"] and client == "*":
        yield replace(edge, origin=EVERYONE, because=f"this host's NFS server takes whoever says to be root for root in {path}", strength=sure)
    because = f"root of {who_may} is root in {path} (no_root_squash), and may put a program with the setuid bit there for a local user"
    yield replace(edge, kind="controls", origin=edge.to, to=ROOT, because=because, strength=sure, changes=(), waits="nothing")


def _open(one: View, name: str, pointer: str, edge: Edge) -> Iterator[Edge]:
    """Yield who reaches it: on loopback every local user, on any other address the network too."""
    tls = attempt(one.__getitem__, "tls")
    if not isinstance(tls, Hole) and tls not in OPEN:
        return
    reach = attempt(one.__getitem__, "reach")
    other = attempt(lambda: "network" in one and one["network"] == "other")
    doubt = next((told for told in (tls, reach, other) if isinstance(told, Hole)), None)
    if doubt is not None:
        for origin in (edge.origin, LOOPBACK):
            yield who.unseen(replace(edge, origin=origin, because=f"connect to {name}"), doubt, pointer)
        return
    change = Change(f"close {name}", f"require a client certificate on {name}", "certificate")
    sure = Strength.LIKELY if other else Strength.CERTAIN
    to = replace(edge, evidence=(pointer,), strength=sure, changes=(change,))
    yield replace(to, origin=EVERYONE, because=f"every local user reaches {name}, which asks for no client certificate")
    if not other:
        yield replace(to, origin=LOOPBACK, because=f"{name} asks for no client certificate")
    if reach != "loopback":
        yield replace(to, origin=NETWORK, because=f"whoever reaches this host reaches {name}, which asks for no client certificate")


def _engine(one: View) -> str:
    engine = attempt(one.__getitem__, "engine")
    return "an engine" if isinstance(engine, Hole) else str(engine)


def _api(one: View, name: str, pointer: str, *, trusted: Collection[str]) -> Iterator[Edge]:
    serves = attempt(one.__getitem__, "serves")
    if not isinstance(serves, Hole) and serves != "api":
        return
    node, engine = f"api:{name}", _engine(one)
    plugins = attempt(lambda: list(one["plugins"]) if "plugins" in one else [])
    yield from _open(one, name, pointer, Edge(kind="connects", origin=OTHERS, to=node, because="", technique="T1190"))
    because = f"{engine} runs as root, and starts a container with the host's / for whoever asks"
    control = Edge(kind="controls", origin=node, to=ROOT, because=because, evidence=(pointer,), technique="T1611")
    yield asked(control, serves if isinstance(serves, Hole) else plugins, trusted)


def _planned(one: View, name: str, pointer: str) -> Iterator[Edge]:
    node = f"api:{name}"  # the name says that it is after a reboot
    edge = Edge(kind="connects", origin=OTHERS, to=node, because="", waits="reboot", technique="T1190")
    yield from _open(one, name, pointer, edge)
    yield Edge(kind="controls", origin=node, to=ROOT, because=f"{_engine(one)} will run as root", evidence=(pointer,), waits="reboot", technique="T1611")


def _relay(one: View, name: str, pointer: str) -> Iterator[Edge]:
    node = f"relay:{name}"
    edge = Edge(kind="connects", origin=OTHERS, to=node, because=f"connect to {name}", technique="T1090.001")
    close = Change(f"close {name}", f"let only root connect to {name}", "relay")
    yield from who.edges(one, pointer, replace(edge, changes=(close,))) if attempt(one.__getitem__, "kind") == "path" else _open(one, name, pointer, edge)
    all_ = attempt(one.__getitem__, "hands_on")
    sockets = attempt(one.__getitem__, "sockets")
    sure = Strength.CERTAIN if all_ is True else Strength.LIKELY if all_ is False else Strength.POTENTIAL
    for path in () if isinstance(sockets, Hole) else known(sockets):
        step = Edge(kind="hands-on", origin=node, to=f"socket:{path}", because=f"{name} is handed on to {path}", evidence=(pointer,), strength=sure)
        yield replace(step, hole=all_ if isinstance(all_, Hole) else None)


def _user_api(one: View, name: str, pointer: str) -> Iterator[Edge]:
    whose = one["who"]
    yield from _open(one, name, pointer, Edge(kind="connects", origin=OTHERS, to=f"api:{name}", because="", technique="T1190"))
    yield Edge(kind="controls", origin=f"api:{name}", to=f"user:{whose}", because=f"{_engine(one)} runs as {whose}", evidence=(pointer,), technique="T1610")
