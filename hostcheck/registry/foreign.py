"""A distribution that did not come with hostcheck, imported once in a child of its own that answers with JSON and does the work of its plugins.

What it does to itself while it is imported (hang, exit, change `json` or `os`) costs that distribution alone; each probe, analysis and format
then runs in a limited child of that child.
"""

import atexit
import os
import select
import sys
import sysconfig
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from importlib.machinery import BuiltinImporter, FrozenImporter, ModuleSpec, PathFinder
from typing import Any, Final

from hostcheck import invoke, isolate
from hostcheck.documents import DocumentError, compact, parse
from hostcheck.host.local import LocalHost
from hostcheck.installed import Distribution
from hostcheck.model import Analysis, Format, FormatError, Hole, Json, Probe, Why, part_by_origin, unite
from hostcheck.registry.contributions import describe, gather, name_of
from hostcheck.trust import OURS
from hostcheck.view import View, inside

IMPORT: Final = 3.0
"""Seconds in which all distributions together are imported and described."""
ANALYSE: Final = 5.0
"""Seconds that all analyses of other distributions together may take."""
WRITE: Final = 10.0
"""Seconds that a format may take."""
OUTPUT: Final = 64 << 20
HEADER: Final = 8
NOWHERE: Final = "/dev/null/pycache"
"""No directory can be there: no compiled module is believed, whatever its time and size say (importlib of Python; a RECORD does not guard them)."""


class Pipe:
    """Both ends of a talk in messages: eight bytes of size, then the message."""

    def __init__(self, hears: int, tells: int) -> None:
        """Talk over two descriptors."""
        self.hears, self.tells, self._heard = hears, tells, bytearray()
        os.set_blocking(hears, False)
        os.set_blocking(tells, False)

    def tell(self, message: bytes, deadline: float) -> None:
        """Send `message` by `deadline`; raises OSError."""
        left = memoryview(len(message).to_bytes(HEADER) + message)
        poller = select.poll()
        poller.register(self.tells, select.POLLOUT)
        while left:
            if not poller.poll(max(0.0, deadline - time.monotonic()) * 1000):
                raise TimeoutError("it does not listen")
            left = left[os.write(self.tells, left) :]

    def take(self) -> bytes | None:
        """Return the next whole message of what was heard, None where there is none yet; raises OSError where it is too large."""
        size = int.from_bytes(self._heard[:HEADER])
        if len(self._heard) < HEADER:
            return None
        if size > OUTPUT:
            raise OSError(f"answered with more than {OUTPUT} bytes")
        if len(self._heard) < HEADER + size:
            return None
        message = bytes(memoryview(self._heard)[HEADER : HEADER + size])
        self._heard = self._heard[HEADER + size :]
        return message

    def listen(self) -> None:
        """Hear what is there; raises EOFError where the other has gone."""
        chunk = os.read(self.hears, isolate.CHUNK)
        if not chunk:
            raise EOFError("it has ended")
        self._heard += chunk

    def close(self) -> None:
        """Close both ends."""
        os.close(self.hears)
        os.close(self.tells)


@dataclass(slots=True, kw_only=True, eq=False)
class Foreign:
    """One distribution at work: the guarded child, how to talk to it, and why it is of no more use, once it is not."""

    distribution: Distribution
    job: isolate.Job
    pipe: Pipe
    patience: list[float]
    lost: Hole | None = None
    wanted: int = 0
    answers: list[bytes] = field(default_factory=list)

    def ask(self, count: int, **request: Json) -> None:
        """Send a request that has `count` answers; where that fails it is lost."""
        self.wanted, self.answers = count, []
        if self.lost is None:
            try:
                self.pipe.tell(compact(request), time.monotonic() + 1)
            except OSError as error:
                self.lose(Why.CRASHED, str(error))

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
        atexit.unregister(self.close)
        told = isolate.gather([job], time.monotonic() + patience)[0]
        return told.message if isinstance(told, Hole) else "it ended"

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
        listen([self], deadline)
        return self.answers[0] if self.answers else self.lost or Hole(why=Why.TIMEOUT, message=f"{self.distribution.name}: no answer in time")


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


def start(distributions: Sequence[Distribution], modules: Mapping[str, frozenset[str]], gate: "Gate | None") -> list[Foreign]:
    """Import each distribution in a child of its own, all at once; its first answer describes it.

    `modules` are the names, by distribution, that its modules may have; `gate` is what root lets in, None where this is not root.
    """
    patience = [ANALYSE]
    started = [_start(distribution, modules[distribution.name], gate, patience) for distribution in distributions]
    listen(started, time.monotonic() + IMPORT)
    return started


def _start(distribution: Distribution, modules: frozenset[str], gate: "Gate | None", patience: list[float]) -> Foreign:
    hears, theirs = isolate.pipe()
    mine, tells = isolate.pipe()
    pipe = Pipe(mine, theirs)
    work = partial(_serve, distribution, modules, gate, (hears, tells))
    job = isolate.start(work, isolate.Limits(wall=3600.0), keep=(hears, tells))
    os.close(hears)
    os.close(tells)
    one = Foreign(distribution=distribution, job=job, pipe=pipe, patience=patience, wanted=1, lost=job.hole)
    atexit.register(one.close)
    return one


def collect(one: Foreign, probes: Sequence[str], wall: float) -> None:
    """Have `probes` state what they see within `wall` seconds; `stated` returns it."""
    one.ask(len(probes), do="collect", what=list(probes), wall=wall)


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
            return Hole(why=Why.TIMEOUT, message=f"the analyses of other distributions took more than {ANALYSE:g} s")
        given = {name: part_by_origin(stated) for name, stated in inside(facts).items()} if isinstance(facts, View) else {}
        self.foreign.ask(1, do="derive", what=self.name, given={name: list(stated) for name, stated in given.items()}, values=dict(values))
        answer = self.foreign.answer(before + self.foreign.patience[0])
        self.foreign.patience[0] -= time.monotonic() - before
        answer = answer if isinstance(answer, Hole) else _unmarked(answer)
        if isinstance(answer, Hole):
            return answer
        sent = parse(answer, self.name)
        origins = {self.name, *given} | {hole["at"].partition("/")[0] for _, holes in given.values() for hole in holes}
        return unite(sent["facts"], [_entry(hole, origins) for hole in sent["holes"]], self.name)


def _entry(hole: Mapping[str, Any], origins: set[str]) -> dict[str, str]:
    """Return a hole of an analysis in form; it may say that it comes from facts that the analysis was given, and from no others."""
    at = str(hole.get("at") or "")
    told = {key: str(hole[key]) for key in ("pointer", "kind", "why", "message")}
    return {**told, "at": at} if at.partition("/")[0] in origins else told


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
        told = parse(answer[1:], "answer")
        return Hole(why=Why(told["why"]), message=str(told["message"]))
    except (DocumentError, ValueError, KeyError, TypeError):
        return Hole(why=Why.NONSENSE, message="answered in no known form")


# What follows runs in the child.


def _serve(distribution: Distribution, modules: frozenset[str], gate: "Gate | None", ends: tuple[int, int]) -> bytes:
    pipe = Pipe(*ends)
    if gate is not None:
        sys.meta_path.insert(0, gate)
    sys.pycache_prefix, sys.dont_write_bytecode = NOWHERE, True
    contributions = gather(distribution, lambda module: gate is None or module.partition(".")[0] in modules)
    pipe.tell(compact(describe(contributions)), time.monotonic() + IMPORT)
    items = {(type(item), name_of(item)): item for _, item in contributions.items if not isinstance(item, str)}
    for request in _requests(pipe):
        for answer in _answers(items, request):
            pipe.tell(answer, time.monotonic() + 3600)
    return b""


def _requests(pipe: Pipe) -> Iterator[dict[str, Any]]:
    poller = select.poll()
    poller.register(pipe.hears, select.POLLIN)
    while True:
        while (message := pipe.take()) is None:
            poller.poll()
            try:
                pipe.listen()
            except EOFError:
                return
        yield parse(message, "request")


def _answers(items: dict[tuple[type, str], Any], request: dict[str, Any]) -> list[bytes]:
    jobs, wall = [], ANALYSE
    if request["do"] == "collect":
        wall = request["wall"]
        jobs = [isolate.start(partial(_run, items, name), isolate.Limits(wall=wall)) for name in request["what"]]
    elif request["do"] == "derive":
        jobs = [isolate.start(partial(_derive, items, request), isolate.Limits(wall=wall, file=0))]
    else:
        wall = WRITE
        jobs = [isolate.start(partial(_render, items, request), isolate.Limits(wall=wall, file=0))]
    answers = isolate.gather(jobs, time.monotonic() + wall)
    return [b"-" + compact({"why": one.why, "message": one.message}) if isinstance(one, Hole) else b"+" + one for one in answers]


def _run(items: dict[tuple[type, str], Any], name: str) -> bytes:
    return invoke.run(items[Probe, name], LocalHost())


def _derive(items: dict[tuple[type, str], Any], request: dict[str, Any]) -> bytes:
    given = {name: unite(plain, holes, name) for name, (plain, holes) in request["given"].items()}
    facts, holes = invoke.derive(items[Analysis, request["what"]], given, request["values"])
    return compact({"facts": facts, "holes": holes})


def _render(items: dict[tuple[type, str], Any], request: dict[str, Any]) -> bytes:
    return invoke.render(items[Format, request["what"]], request["report"])


class Gate:
    """The first finder of modules in a child that runs as root: what no pin covers is not imported, file by file."""

    def __init__(self, pinned: Mapping[str, str], files: frozenset[str]) -> None:
        """Let in the modules of pinned distributions, by name and site, that stand in one of `files`; besides them Python's own and hostcheck's."""
        self._pinned, self._files = pinned, files
        roots = {sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")}
        self._stdlib = [place for place in sys.path if any(place == root or place == f"{root}/lib-dynload" for root in roots)]

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: object = None) -> ModuleSpec | None:
        """Return where a module is, None for one that hostcheck itself would import; raises ModuleNotFoundError for any other."""
        top = name.partition(".")[0]
        if top in OURS:
            return None
        if top in sys.stdlib_module_names:
            return self._of_python(name, path)
        if top not in self._pinned or "__pycache__" in name.split("."):
            raise ModuleNotFoundError(f"{top!r} belongs to no pinned distribution; `hostcheck plugins pin` the one that has it", name=name)
        spec = PathFinder.find_spec(name, path or [self._pinned[top]])
        if spec is None:
            raise ModuleNotFoundError(f"no module named {name!r} in {self._pinned[top]}", name=name)
        if spec.origin is not None and os.path.realpath(spec.origin) not in self._files:
            raise ModuleNotFoundError(f"{spec.origin} belongs to no pinned distribution", name=name)
        return spec

    def _of_python(self, name: str, path: Sequence[str] | None) -> ModuleSpec:
        for finder in (BuiltinImporter, FrozenImporter):
            if spec := finder.find_spec(name, path):
                return spec
        within = [place for place in path or self._stdlib if path is None or any(place.startswith(root) for root in self._stdlib)]
        if spec := PathFinder.find_spec(name, within):
            return spec
        raise ModuleNotFoundError(f"this Python has no module {name!r}", name=name)
