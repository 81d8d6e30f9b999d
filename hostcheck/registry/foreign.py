"""A distribution that did not come with hostcheck, imported once in a child of its own that answers with JSON and does the work of its plugins.

What it does to itself while it is imported (hang, exit, change `json` or `os`) costs that distribution alone; each probe, analysis and format
then runs in a limited child of that child.
"""

import atexit
import math
import os
import select
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from hostcheck import isolate
from hostcheck.documents import DocumentError, compact, parse
from hostcheck.installed import Distribution
from hostcheck.model import FormatError, Hole, Json, Why
from hostcheck.pace import Stopped
from hostcheck.parting import entry_of, part_by_origin, unite
from hostcheck.registry.child import ANALYSE, IMPORT, WRITE, Gate, serve
from hostcheck.registry.pipe import Pipe
from hostcheck.view import View, inside


@dataclass(slots=True, kw_only=True, eq=False)
class Foreign:
    """One distribution at work: the guarded child, how to talk to it, and why it is of no more use, once it is not; nobody waits for it beyond `until`."""

    distribution: Distribution
    job: isolate.Job
    pipe: Pipe
    patience: list[float]
    lost: Hole | None = None
    wanted: int = 0
    until: float = math.inf
    answers: list[bytes] = field(default_factory=list)

    def ask(self, count: int, **request: Json) -> None:
        """Send a request that has `count` answers; where that fails it is lost."""
        self.wanted, self.answers = count, []
        if self.lost is None:
            try:
                self.pipe.tell(compact(request), time.monotonic() + 1)
            except OSError as error:
                self.lose(Why.CRASHED, str(error))

    def descriptors(self) -> tuple[int, ...]:
        """Return what another child needs to talk to it."""
        return () if self.job.answer < 0 else (self.job.answer, self.pipe.hears, self.pipe.tells)

    def lose(self, why: Why, message: str) -> None:
        """Give it up: end its child, and all that it started."""
        self.close()
        self.lost = self.lost or Hole(why=why, message=f"{self.distribution.name}: {message}")

    def close(self, patience: float = 0.0) -> str:
        """End its child, and return what is told of how it ended, if that comes within `patience` seconds."""
        if self.job.answer < 0:
            return ""
        job, self.job = self.job, isolate.Job()
        self.pipe.close()
        RUNNING.remove(self)
        stated = isolate.gather([job], time.monotonic() + patience)[0]
        return stated.message if isinstance(stated, Hole) else "it ended"

    def hear(self) -> None:
        """Take what it says; it is lost where it has gone, or says too much."""
        try:
            self.pipe.listen()
            while len(self.answers) < self.wanted and (message := self.pipe.take()) is not None:
                self.answers.append(message)
        except EOFError:
            self.lose(Why.CRASHED, self.close(isolate.GRACE))
        except OSError as error:
            self.lose(Why.LIMIT, str(error))

    def answer(self, deadline: float) -> bytes | Hole:
        """Return the one answer that was asked for."""
        listen([self], min(deadline, self.until))
        return self.answers[0] if self.answers else self.lost or Hole(why=Why.TIMEOUT, message=f"{self.distribution.name}: no answer in time")


RUNNING: Final[list[Foreign]] = []


@atexit.register
def close_all() -> None:
    """End what runs for other distributions; for whoever ends a process without the handlers of Python's exit."""
    for one in list(RUNNING):
        one.close()


def listen(foreigns: Sequence[Foreign], deadline: float) -> None:
    """Hear all of `foreigns` until each has given the answers that it was asked for, or is lost; who is late is lost at `deadline`."""
    poller = select.poll()
    waiting = {one.pipe.hears: one for one in foreigns if one.lost is None and len(one.answers) < one.wanted}
    for descriptor in waiting:
        poller.register(descriptor, select.POLLIN)
    while waiting and (ready := poller.poll(max(0.0, deadline - time.monotonic()) * 1000)):
        for descriptor, _ in ready:
            one = waiting[descriptor]
            one.hear()
            if one.lost or len(one.answers) >= one.wanted:
                poller.unregister(descriptor)
                del waiting[descriptor]
    for one in waiting.values():
        one.lose(Why.TIMEOUT, "did not answer in time")


def start(distributions: Sequence[Distribution], modules: Mapping[str, frozenset[str]], gate: Gate | None) -> list[Foreign]:
    """Import each distribution in a child of its own, all at once; its first answer describes it.

    `modules` are the names, by distribution, that its modules may have; `gate` is what root lets in, None where this is not root.
    """
    patience = [ANALYSE]
    started = [_start(distribution, modules[distribution.name], gate, patience) for distribution in distributions]
    listen(started, time.monotonic() + IMPORT)
    return started


def _start(distribution: Distribution, modules: frozenset[str], gate: Gate | None, patience: list[float]) -> Foreign:
    hears, theirs = isolate.pipe()
    mine, tells = isolate.pipe()
    pipe = Pipe(mine, theirs)
    work = partial(serve, distribution, modules, gate, (hears, tells))
    job = isolate.start(work, isolate.Limits(wall=3600.0), keep=(hears, tells))
    os.close(hears)
    os.close(tells)
    one = Foreign(distribution=distribution, job=job, pipe=pipe, patience=patience, wanted=1, lost=job.hole)
    RUNNING.append(one)
    return one


def collect(one: Foreign, probes: Sequence[str], wall: float, times: float = 1.0) -> None:
    """Have `probes` state what they see within `wall` seconds, with so many `times` each account's share; `stated` returns it."""
    one.ask(len(probes), do="collect", what=list(probes), wall=wall, times=times)


def stated(one: Foreign, count: int) -> list[bytes | Hole]:
    """Return what each of the probes asked for stated, in their order."""
    missing = one.lost or Hole(why=Why.TIMEOUT, message="did not answer before the deadline")
    return [*map(_unmarked, one.answers), *[missing] * (count - len(one.answers))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Derive:
    """An analysis of another distribution, as a function like any other."""

    foreign: Foreign
    name: str

    def __call__(self, facts: Mapping[str, Any], values: Mapping[str, Json]) -> Json:
        """Return the facts that the analysis derives, holes in them."""
        before = time.monotonic()
        if self.foreign.patience[0] <= 0:
            return Hole(why=Why.TIMEOUT, message="the analyses of other distributions took more time than they have")
        given = {name: part_by_origin(stated) for name, stated in inside(facts).items()} if isinstance(facts, View) else {}
        self.foreign.ask(1, do="derive", what=self.name, given={name: list(stated) for name, stated in given.items()}, values=dict(values))
        try:
            answer = self.foreign.answer(before + self.foreign.patience[0])
        except Stopped:  # it is in the middle of a word
            self.foreign.lose(Why.TIMEOUT, "did not answer in time")
            raise
        self.foreign.patience[0] -= time.monotonic() - before
        answer = answer if isinstance(answer, Hole) else _unmarked(answer)
        if isinstance(answer, Hole):
            return answer
        sent = parse(answer, self.name)
        origins = {self.name, *given} | {hole["at"].partition("/")[0] for _, holes in given.values() for hole in holes}
        return unite(sent["facts"], [_entry(hole, origins) for hole in sent["holes"]], self.name)


def _entry(hole: Mapping[str, Any], origins: set[str]) -> dict[str, Json]:
    """Return a hole of an analysis in form; it may say that it comes from facts that the analysis was given, and from no others."""
    at = str(hole.get("at") or "")
    stated = entry_of(hole)
    return {**stated, "at": at} if at.partition("/")[0] in origins else stated


@dataclass(frozen=True, slots=True, kw_only=True)
class Render:
    """A format of another distribution, as a function like any other."""

    foreign: Foreign
    name: str

    def __call__(self, report: dict[str, Any]) -> str:
        """Return the report as the format writes it; raises FormatError."""
        self.foreign.ask(1, do="render", what=self.name, report=report)
        answer = self.foreign.answer(time.monotonic() + WRITE + 1)
        answer = answer if isinstance(answer, Hole) else _unmarked(answer)
        if isinstance(answer, Hole):
            raise FormatError(answer.message)
        return answer.decode()


def _unmarked(answer: bytes) -> bytes | Hole:
    """Return an answer, or the hole that it tells of."""
    if answer[:1] == b"+":
        return answer[1:]
    try:
        stated = parse(answer[1:], "answer")
        return Hole(why=Why(stated["why"]), message=str(stated["message"]))
    except (DocumentError, ValueError, KeyError, TypeError):
        return Hole(why=Why.NONSENSE, message="answered in no known form")
