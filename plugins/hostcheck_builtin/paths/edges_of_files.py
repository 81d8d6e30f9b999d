"""Edges of files: whoever writes what root's engine runs or believes is root when it does, and whoever writes what a user's command runs is that user."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final, NamedTuple

from hostcheck.api import Hole, View, attempt, worst_hole
from hostcheck_builtin.paths import who
from hostcheck_builtin.paths.graph import OTHERS, ROOT, USER, Change, Edge, Strength


class Kind(NamedTuple):
    """What a kind of files is to root, when that has an effect, and how sure that it makes one root."""

    does: str
    waits: str
    strength: Strength
    technique: str


RESTART: Final = "restart"
REMADE: Final = ("/dev/", "/run/")
"""What is made anew at boot, by udev or by who listens there, so that a command does not last."""
OF_USERS: Final = "commands"
"""What users have too, each in their home."""
KINDS: Final[Mapping[str, Kind]] = {
    "programs": Kind("root's engines run it", "wait", Strength.CERTAIN, "T1574.010"),
    "commands": Kind("docker's command runs it", "wait", Strength.CERTAIN, "T1574"),
    "plugins": Kind("root's engines load what it says", "wait", Strength.CERTAIN, "T1574"),
    "units": Kind("systemd runs as root what it says", RESTART, Strength.CERTAIN, "T1543.002"),
    "environments": Kind("root's engine gets its variables", RESTART, Strength.CERTAIN, "T1574.007"),
    "daemon_json": Kind("dockerd obeys it", RESTART, Strength.CERTAIN, "T1574"),
    "runtime_configuration": Kind("root's engine obeys it", RESTART, Strength.CERTAIN, "T1574"),
    "containers_configuration": Kind("root's engine obeys it", RESTART, Strength.CERTAIN, "T1574"),
    "directories": Kind("root's engine reads what is in it", RESTART, Strength.LIKELY, "T1574"),
    "data": Kind("root's engine runs containers from it", "wait", Strength.LIKELY, "T1565"),
    "certificates": Kind("root's engine believes who has a certificate of it", RESTART, Strength.LIKELY, "T1553.004"),
    "keys": Kind("root's engine proves by it who it is", "wait", Strength.LIKELY, "T1552.004"),
}
"""By the names that file-access gives them."""
QUADLETS: Final = "/containers/systemd"
"""How directories end whose files Podman's generator makes units of (podman-systemd.unit(5))."""
ASKED_FOR: Final = "/docker/plugins"
"""How directories end whose plugins dockerd calls by name, for a container, a network or a volume that names one (docs.docker.com, Plugin discovery)."""


def edges(facts: Mapping[str, Any]) -> Iterator[Edge]:
    """Yield the edges of all files that engines run and believe."""
    whose = who.owners(facts)
    for name, kind in KINDS.items():
        edge = Edge(kind="writes", origin=OTHERS, to=ROOT, because="change a file that root's engines run or believe", technique=kind.technique)
        of_users = whose if name == OF_USERS else None
        yield from who.each(facts, "file-access", name, edge, partial(of_file, kind=kind, whose=of_users), of_users)


def of_file(one: View, path: str, pointer: str, *, kind: Kind, whose: who.Whose | None) -> Iterator[Edge]:
    """Yield the edges of one file, or of a directory and of what is in it."""
    told: str | Hole = attempt(lambda: ROOT if one["of"] == 0 else f"{USER}{one['of_whom']}")
    owner = whose(path) if whose else ""
    to = told if not isinstance(told, Hole) else f"{USER}{owner}" if owner else ROOT
    certain: bool | Hole = attempt(lambda: one["certain"] if "certain" in one else True)
    by: str | Hole = attempt(lambda: one["named_by"] if "named_by" in one else "")
    hole = worst_hole(told, certain, by)
    if path.endswith(ASKED_FOR) or not certain:
        kind = kind._replace(strength=Strength.LIKELY)
    if hole is not None:
        kind = kind._replace(strength=Strength.POTENTIAL)
    elif path.endswith(QUADLETS):
        kind = kind._replace(does="systemd makes units of root's of it", waits="reboot")
    elif by:
        kind = kind._replace(does=f"root's engines run or ask it, as {by} says")
    found = list(_writers(one, path, pointer, kind))
    yield from found
    for node in sorted({edge.to for edge in found} - {ROOT}):
        because = f"{kind.does} ({node.partition(':')[2]})"
        step = Edge(kind="runs", origin=node, to=to, because=because, evidence=(pointer,), strength=kind.strength, technique=kind.technique)
        yield replace(step, waits=kind.waits, hole=hole)


def _writers(one: View, path: str, pointer: str, kind: Kind) -> Iterator[Edge]:
    edge = Edge(kind="writes", origin=OTHERS, to=f"file:{path}", because=f"change {path}", technique=kind.technique)
    told = attempt(one.__getitem__, "changed_by")
    yield from who.edges(told, f"{pointer}/changed_by", replace(edge, changes=closing(told, path)))
    members: View | Hole = attempt(one.__getitem__, "members")
    if isinstance(members, Hole):
        yield who.unseen(edge, members, f"{pointer}/members")
    else:
        yield from who.inside(members, f"{pointer}/members", edge, partial(_member, folder=path, edge=edge, kind=kind))


def _member(one: View, name: str, pointer: str, *, folder: str, edge: Edge, kind: Kind) -> Iterator[Edge]:
    path = name if name.startswith("/") else f"{folder.rstrip('/')}/{name}"
    yield from who.edges(one, pointer, replace(edge, to=f"file:{path}", because=f"change {path}", changes=closing(one, path)))


def closing(told: View | Hole, path: str) -> tuple[Change, ...]:
    """Return the change that closes a file: at the topmost place that lets somebody, since what is below it stays open.

    What somebody owns who is not meant to change it has to be root's first; a home and a directory that users share stay as they are.
    """
    cause: View | Hole | None = told if isinstance(told, Hole) else attempt(lambda: told["cause"] if "cause" in told else None)
    if cause is None or isinstance(cause, Hole):
        return (Change(f"file {path}", f"let only root and its owner change {path}", "file", path=path),)
    shown = attempt(lambda: str(cause["path"]))
    place = path if isinstance(shown, Hole) else shown
    own, personal, sticky, root_only = (attempt(cause.__getitem__, name) is True for name in ("own", "personal", "sticky", "root_only"))
    if not own and (personal or sticky):
        return (Change(f"file {place}", f"move what root runs or reads out of {place}, which is for users to write to", "place", path=place),)
    owned = not own and attempt(lambda: cause["owner_uid"] != 0) is True
    what = f"give {place} to root, and let nobody else change it" if owned else f"let only root and its owner change {place}"
    kept = root_only and not place.startswith(REMADE)
    return (Change(f"file {place}", what, "owner" if owned else "file", path=place, root_only=kept),)
