"""What runs in the child of another distribution: it imports that, describes it, and does the work of its plugins, each in a limited child of its own.

As root a gate stands before everything that it imports: what no pin covers is not let in.
"""

import os
import select
import sys
import sysconfig
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from importlib.machinery import BuiltinImporter, FrozenImporter, ModuleSpec, PathFinder
from typing import Any, Final

from hostcheck import invoke, isolate
from hostcheck.documents import compact, parse
from hostcheck.host.accounts import Accounts
from hostcheck.host.charges import WORK, Charges
from hostcheck.host.local import LocalHost
from hostcheck.installed import Distribution
from hostcheck.model import SHARES, Analysis, Format, Hole, Probe
from hostcheck.parting import part_by_origin, unite
from hostcheck.registry.contributions import describe, gather, name_of
from hostcheck.registry.pipe import Pipe
from hostcheck.trust import OURS

IMPORT: Final = 3.0
"""Seconds in which all distributions together are imported and described."""
ANALYSE: Final = 5.0
"""Seconds that all analyses of other distributions together may take."""
WRITE: Final = 10.0
"""Seconds that a format may take."""
MOST: Final = 100
"""What a probe of another distribution may have of the SHARES of each account, whatever it says."""
NOWHERE: Final = "/dev/null/pycache"
"""No directory can be there: no compiled module is believed, whatever its time and size say (importlib of Python; a RECORD does not guard them)."""


def serve(distribution: Distribution, modules: frozenset[str], gate: "Gate | None", ends: tuple[int, int]) -> bytes:
    """Import a distribution, tell what it contributes, and answer requests until the scanner goes away; `gate` is what root lets in."""
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
        jobs = [isolate.start(partial(_run, items, name, request["times"]), isolate.Limits(wall=wall)) for name in request["what"]]
    elif request["do"] == "derive":
        jobs = [isolate.start(partial(_derive, items, request), isolate.Limits(wall=wall, file=0))]
    else:
        wall = WRITE
        jobs = [isolate.start(partial(_render, items, request), isolate.Limits(wall=wall, file=0))]
    answers = isolate.gather(jobs, time.monotonic() + wall)
    return [b"-" + compact({"why": one.why, "message": one.message}) if isinstance(one, Hole) else b"+" + one for one in answers]


def _run(items: dict[tuple[type, str], Any], name: str, times: float) -> bytes:
    probe = items[Probe, name]
    probe = replace(probe, share=round(max(1, min(probe.share, MOST)) * times))
    return invoke.run(probe, LocalHost(charges=Charges(Accounts(), probe.share * WORK / SHARES)))


def _derive(items: dict[tuple[type, str], Any], request: dict[str, Any]) -> bytes:
    given = {name: unite(plain, holes, name) for name, (plain, holes) in request["given"].items()}
    facts, holes = part_by_origin(invoke.derive(items[Analysis, request["what"]], given, request["values"]))
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
