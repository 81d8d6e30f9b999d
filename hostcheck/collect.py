"""Run probes and turn what they return, or how they break, into evidence.

Imports neither jsonschema nor jinja2: this half runs as root on every host, and forks its probes before anything else is loaded.
"""

import math
import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import partial
from operator import attrgetter
from typing import Any, Final

from hostcheck import __version__, isolate
from hostcheck.deferred import prepare
from hostcheck.documents import DocumentError, parse
from hostcheck.facts_schema import facts_schema_digest
from hostcheck.host.accounts import Accounts
from hostcheck.host.charges import WORK, Charges
from hostcheck.host.local import LocalHost
from hostcheck.host.once import Once
from hostcheck.host.processes import Known
from hostcheck.host.record import Recorder
from hostcheck.invoke import run, state
from hostcheck.model import SHARES, Hole, HostcheckError, Json, Probe, Why
from hostcheck.parting import FactsError, clean, entry_of, part, unite
from hostcheck.registry import Plugin, Registry, describe

SCHEMA: Final = "hostcheck.evidence/2"
SHARE: Final = 0.75
"""The part of the deadline in which probes answer; the rest is for judging and writing."""
MARGIN: Final = 0.25
"""Seconds of it that are kept for stopping what hangs."""
LAST: Final = 1.0
"""Seconds of it, or a tenth if that is less, in which a probe is told nothing more, and states what it has."""
EACH: Final = 32 << 20
"""Bytes that the facts of one probe may have: those of 100,000 users have less."""
ALL: Final = 112 << 20
"""Bytes that all facts may have together; if they have more, the largest are left out."""
SPEED: Final = 5 << 20
"""Bytes of facts for each second that a scan has: the scanner itself reads some 20 MiB in a second, and nothing ends it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """Probes of ours, in the order in which they are begun, and the crew that does them until `deadline` (of `time.monotonic`)."""

    probes: tuple[Probe, ...]
    crew: isolate.Crew[Once]
    deadline: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """Probes at work: our own, those that look deep apart; and the plugins whose children run theirs, with the names of these."""

    teams: tuple[Team, ...]
    plugins: tuple[tuple[Plugin, list[str]], ...]
    started: float
    deadline: float
    clock: str

    @property
    def size(self) -> int:
        """Count the probes."""
        return sum(len(team.probes) for team in self.teams) + sum(len(names) for _, names in self.plugins)


def start(registry: Registry, seconds: float, wanted: Set[str] | None = None, *, deep: float = 0.0, times: float = 1.0) -> Collection:
    """Start the probes of `registry`, or those that are `wanted`, in children; they have their share of the `seconds` that a scan has.

    Probes that look deep are left out, or have `deep` seconds. Each account has so many `times` its share.
    """
    import hashlib  # noqa: F401 - before the forks: 4 ms once, and not once in every child that reads a file

    wall = max(SHARE * seconds - MARGIN, SHARE * seconds / 2)
    asked = {name for name, probe in registry.probes.items() if (wanted is None or name in wanted) and (deep or not probe.deep)}
    given = ((plugin, [name for name in plugin.names["probes"] if name in asked]) for plugin in registry.plugins)
    plugins = tuple((plugin, names) for plugin, names in given if names)
    elsewhere = {name for _, names in plugins for name in names}
    ours = (replace(probe, share=round(probe.share * times)) for probe in (registry.probes[name] for name in asked - elsewhere))
    probes = sorted(ours, key=attrgetter("users", "id"))  # what users lay takes no time of the others
    prepare(*(probe.collect for probe in probes))  # before the forks: probes have half of their modules in common
    now = time.monotonic()
    deadline = now + SHARE * seconds
    teams = [_team([probe for probe in probes if not probe.deep], isolate.Limits(wall=wall, output=EACH), deadline)]
    if slow := [probe for probe in probes if probe.deep]:
        teams.append(_team(slow, isolate.Limits(wall=deep, cpu=math.ceil(deep), output=EACH), now + deep + MARGIN))
    for plugin, names in plugins:
        _begin(plugin, names, wall, times)
    return Collection(teams=tuple(teams), plugins=plugins, started=now, deadline=deadline, clock=clock())


def _team(probes: Sequence[Probe], limits: isolate.Limits, deadline: float) -> Team:
    alone = {number for number, probe in enumerate(probes) if probe.alone}
    once = partial(_once, end=time.monotonic() + limits.wall - min(LAST, limits.wall / 10))
    crew = isolate.hire([partial(_run, probe) for probe in probes], once, limits, alone=alone, doubts=_broke)
    return Team(probes=tuple(probes), crew=crew, deadline=deadline)


def _once(notes: isolate.Notes, end: float) -> Once:
    """Return what the probes of one worker share: what was read of processes, and a few files; they have time until `end`."""
    known: dict[int, Known] = {}
    accounts = Accounts()
    return Once(lambda room: LocalHost(notes, known, end, Charges(accounts, room)), end=end)


def _run(probe: Probe, once: Once) -> bytes:
    with once.look(probe.share * WORK / SHARES) as host:
        return run(probe, host)


def _broke(answer: bytes) -> bool:
    """Say whether a probe stated nothing but that it crashed, or met a limit: for that a probe before it, in the same process, may be to blame."""
    if not answer.startswith(b'{"facts":null,'):
        return False
    return any(hole["pointer"] == "" and hole["why"] in (Why.CRASHED, Why.LIMIT) for hole in parse(answer, "answer")["holes"])


def _begin(plugin: Plugin, names: list[str], wall: float, times: float) -> None:
    from hostcheck.registry import foreign

    if plugin.child:
        foreign.collect(plugin.child, names, wall - MARGIN / 2, times)


def _elsewhere(plugins: Iterable[tuple[Plugin, list[str]]], deadline: float) -> dict[str, bytes | Hole]:
    """Return what the probes of other distributions stated, heard all at once."""
    from hostcheck.registry import foreign

    children = [(plugin.child, names) for plugin, names in plugins if plugin.child]
    foreign.listen([child for child, _ in children], deadline)
    return {name: answer for child, names in children for name, answer in zip(names, foreign.stated(child, len(names)), strict=True)}


def clock() -> str:
    """Return the time of this host: UTC, to the second, as RFC 3339 writes it."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def finish(collection: Collection, registry: Registry, waiting: Callable[[Sequence[str]], None] = lambda _: None) -> dict[str, Any]:
    """Wait for the probes, no longer than their deadline, and return the evidence document; `waiting` is told now and then for which probes."""
    about = {"plugins": describe(registry), "schemas": {name: _schema_digest(probe) for name, probe in registry.probes.items()}}
    answers: dict[str, bytes | Hole] = {}
    for team in collection.teams:
        probes = [probe.id for probe in team.probes]
        seen = partial(_left, probes, waiting)
        answers |= zip(probes, isolate.finish(team.crew, team.deadline, seen), strict=True)
    if collection.plugins:
        answers |= _elsewhere(collection.plugins, collection.deadline)
    room = min(ALL, SPEED + int(SPEED * (collection.deadline - collection.started) / SHARE))
    answers |= _beyond({name: len(answer) for name, answer in answers.items() if isinstance(answer, bytes)}, room)
    received = {name: _received(registry.probes[name], answer) for name, answer in sorted(answers.items())}
    stated = {name: answer for name, (answer, _) in received.items()}
    stated |= {name: _nothing(hole) for name, hole in _beyond({name: size for name, (_, size) in received.items()}, room).items()}
    target = {"kind": "local", "name": clean(os.uname().nodename)}
    return assemble(stated, about, registry, target=target, clock=collection.clock, euid=os.geteuid(), capabilities=_capabilities())


def _left(probes: Sequence[str], waiting: Callable[[Sequence[str]], None], answered: Set[int]) -> None:
    waiting([probe for number, probe in enumerate(probes) if number not in answered])


def _beyond(sizes: Mapping[str, int], room: int) -> dict[str, Hole]:
    """Return the hole of each answer that does not fit, the largest first."""
    left, beyond = room, dict[str, Hole]()
    for size, name in sorted((size, name) for name, size in sizes.items()):
        left -= size
        if size > EACH or left < 0:
            beyond[name] = Hole(
                why=Why.LIMIT,
                message=f"its facts have {size >> 20} MiB; one probe may state {EACH >> 20} MiB, all together {room >> 20} MiB, more with a later --deadline",
            )
    return beyond


def assemble(
    stated: Mapping[str, dict[str, Any]],
    about: Mapping[str, Any],
    registry: Registry,
    *,
    target: Mapping[str, Json],
    clock: str,
    euid: int,
    capabilities: str,
) -> dict[str, Any]:
    """Return the evidence document made of what each probe stated ``{facts, holes, sources}``."""
    probes = {name: {"version": registry.probes[name].version, "schema_sha256": about["schemas"][name], **answer} for name, answer in sorted(stated.items())}
    return {
        "schema": SCHEMA,
        "tool": {"name": "hostcheck", "version": __version__},
        "plugins": about["plugins"],
        "refused": registry.refused,
        "target": dict(target),
        "clock": clock,
        "euid": euid,
        "capabilities": capabilities,
        "probes": probes,
    }


def _schema_digest(probe: Probe) -> str:
    try:
        return facts_schema_digest(probe.facts_schema)
    except (FactsError, HostcheckError) as error:
        raise HostcheckError(f"probe {probe.id}: its facts schema cannot be read: {error}") from error


def _capabilities() -> str:
    """Return the effective capabilities of this process as the kernel writes them, in hexadecimal (proc_pid_status(5))."""
    try:
        with open("/proc/self/status", encoding="utf-8", errors="replace") as file:
            return next((line.split()[1] for line in file if line.startswith("CapEff:")), "")
    except OSError:
        return ""


def _received(probe: Probe, answer: bytes | Hole) -> tuple[dict[str, Any], int]:
    """Return what a probe's child sent, brought into form again, and its size: the child may be anybody's."""
    if isinstance(answer, Hole):
        return _nothing(answer), 0
    try:
        sent = parse(answer, probe.id)
        stated, size = _facts(sent, len(answer))
        facts, holes = part(unite(stated, [entry_of(hole) for hole in sent["holes"]]))
        return {"facts": facts, "holes": holes, "sources": _sources(sent["sources"])}, size
    except (DocumentError, FactsError, KeyError, TypeError, ValueError) as error:
        return _nothing(Hole(why=getattr(error, "why", Why.NONSENSE), message=f"the probe's answer cannot be read: {error}")), 0


def _facts(sent: dict[str, Any], size: int) -> tuple[Json, int]:
    """Return the facts of an answer of that size, and what they have where those of a crowd are unpacked."""
    if "shared" not in sent:
        return sent["facts"], size
    from hostcheck.unpacking import unpack_facts

    return unpack_facts(sent["facts"], sent["shared"])


def _nothing(hole: Hole) -> dict[str, Any]:
    facts, holes = part(hole)
    return {"facts": facts, "holes": holes, "sources": []}


def _sources(sources: Json) -> list[dict[str, Json]]:
    plain = part(sources)[0]
    if not isinstance(plain, list) or not all(isinstance(source, dict) for source in plain):
        raise ValueError("its sources are not a list of objects")
    return plain


def record(registry: Registry) -> dict[str, Any]:
    """Return a recording of this host: every answer that each probe was given, for `replay`. Holds what probes read, so it is not for sending around."""
    probes: dict[str, Json] = {}
    for name, probe in sorted((name, probe) for name, probe in registry.probes.items() if not probe.deep):
        recorder = Recorder(LocalHost(), keep=True)
        state(probe, recorder)
        probes[name] = recorder.recording()
    target = {"kind": "local", "name": clean(os.uname().nodename)}
    return {"target": target, "clock": clock(), "euid": os.geteuid(), "capabilities": _capabilities(), "probes": probes}


def replay(registry: Registry, recorded: Mapping[str, Any], order: Iterable[str] = ()) -> dict[str, Any]:
    """Return the evidence of a recorded host; the bytes are the same whenever, wherever and in whatever order its probes run."""
    from hostcheck.host.replay import Replay

    stated: dict[str, dict[str, Any]] = {}
    for name in order or sorted(recorded["probes"]):
        recorder = Recorder(Replay(recorded["probes"][name]))
        facts, holes = state(registry.probes[name], recorder)
        stated[name] = {"facts": facts, "holes": holes, "sources": _sources(recorder.sources)}
    about = {"plugins": describe(registry), "schemas": {name: _schema_digest(registry.probes[name]) for name in stated}}
    kept = {key: recorded[key] for key in ("target", "clock", "euid", "capabilities")}
    return assemble(stated, about, registry, **kept)
