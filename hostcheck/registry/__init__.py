"""Find what plugins contribute, and keep them apart: nobody's failure or name takes anything from another.

The built-in plugins live in this process; any other distribution is imported in a child of its own, and as root only where a pin allows it.
"""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from hostcheck import __version__
from hostcheck.documents import compact, digest
from hostcheck.installed import Distribution, distributions
from hostcheck.model import Analysis, Format, HostcheckError, Json, Probe
from hostcheck.registry.contributions import Item, gather, name_of

if TYPE_CHECKING:
    from hostcheck.registry.foreign import Foreign
    from hostcheck.trust import Pin

OWN: Final = "hostcheck-scanner"
MODULES: Final = "hostcheck_builtin."
IGNORED: Final = "ignored"
REFUSED: Final = "refused"
MISMATCHED: Final = "mismatched"
BROKEN: Final = "broken"
UNTRUSTED: Final = frozenset({REFUSED, MISMATCHED})
"""What root must not believe: it makes the exit code 5."""


@dataclass(slots=True, kw_only=True)
class Plugin:
    """One distribution in use: how it came to be allowed, and what it contributes.

    `benchmarks` are paths; `files` are what a pin covers, by their real paths, and `validated` is what it says of the benchmarks; `child` is where it
    runs, None for our own and for one that others need.
    """

    distribution: str
    version: str
    sha256: str
    allowed: str
    benchmarks: list[str] = field(default_factory=list)
    files: frozenset[str] = frozenset()
    validated: str = ""
    names: dict[str, list[str]] = field(default_factory=lambda: {"analyses": [], "formats": [], "probes": []})
    child: "Foreign | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """What is contributed, by id; `benchmarks` are the built-in ones, `plugins` the other distributions in use; `refused` says what is not, and why."""

    probes: dict[str, Probe] = field(default_factory=dict)
    analyses: dict[str, Analysis] = field(default_factory=dict)
    benchmarks: list[str] = field(default_factory=list)
    formats: dict[str, Format] = field(default_factory=dict)
    plugins: list[Plugin] = field(default_factory=list)
    refused: list[dict[str, Json]] = field(default_factory=list)

    def refuse(self, distribution: str, status: str, reason: str, **more: Json) -> None:
        """Note that something of `distribution` is not used; the list stays sorted, and says nothing twice."""
        stated = {"distribution": distribution, "status": status, "reason": reason, **{key: value for key, value in more.items() if value}}
        if stated not in self.refused:
            self.refused.append(stated)
            self.refused.sort(key=str)

    def close(self) -> None:
        """End what runs for other distributions."""
        for plugin in self.plugins:
            if plugin.child:
                plugin.child.close()


def load(pins: Sequence["Pin"] = (), *, path: Sequence[str] | None = None) -> Registry:
    """Return everything that the allowed plugins contribute, by the `pins` of root's configuration; raises HostcheckError where hostcheck is not installed."""
    import sys

    found = list(distributions(list(sys.path if path is None else path), {pin.distribution for pin in pins}))
    own = next((one for one in found if one.name == OWN), None)
    if own is None:
        raise HostcheckError("hostcheck is not installed, so its probes are not registered; run `pip install .` in its folder")
    registry = Registry()
    _register(own, registry)
    others = [one for one in found if one.name != OWN]
    if others or pins:
        from hostcheck.registry.admission import admit

        admit(registry, others, pins)
    return registry


def _register(distribution: Distribution, registry: Registry) -> None:
    contributions = gather(distribution, lambda module: module.startswith(MODULES))
    for name, reason in contributions.broken:
        registry.refuse(OWN, BROKEN, reason, entry_point=name)
    for name, item in contributions.items:
        if isinstance(item, str):
            registry.benchmarks.append(item)
        elif name_of(item) in place_of(registry, item):
            registry.refuse(OWN, BROKEN, f"{name_of(item)!r} is contributed twice", entry_point=name)
        else:
            keep(registry, item)
    registry.benchmarks.sort()


def place_of(registry: Registry, item: Item) -> Mapping[str, object]:
    """Return what has the names that `item` could clash with: probes and analyses share theirs."""
    return registry.formats if isinstance(item, Format) else {**registry.probes, **registry.analyses}


def keep(registry: Registry, item: Probe | Analysis | Format) -> None:
    """Put `item` in its place."""
    kept: dict[str, Any] = registry.probes if isinstance(item, Probe) else registry.analyses if isinstance(item, Analysis) else registry.formats
    kept[name_of(item)] = item


def closure(names: Iterable[str], analyses: Mapping[str, Analysis]) -> frozenset[str]:
    """Return `names` with all that the analyses among them read, and what those read in turn."""
    found: set[str] = set()
    left = list(names)
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            left += analyses[name].reads if name in analyses else ()
    return frozenset(found)


def facts_schema_paths(registry: Registry) -> dict[str, str]:
    """Return the path of the facts schema of each probe and analysis, by id."""
    probes, analyses = registry.probes.values(), registry.analyses.values()
    return {**{probe.id: probe.facts_schema for probe in probes}, **{analysis.id: analysis.facts_schema for analysis in analyses}}


def describe(registry: Registry) -> list[dict[str, Json]]:
    """Return the plugins in use, each with its version, the digest of its files, and what it contributes."""
    package = os.path.dirname(os.path.abspath(__file__ + "/.."))
    builtin = os.path.dirname(os.path.abspath(import_module(MODULES.rstrip(".")).__file__ or ""))
    files = {**_digests(package, "hostcheck"), **_digests(builtin, "hostcheck_builtin")}
    foreign = {name for plugin in registry.plugins for names in plugin.names.values() for name in names}
    places: dict[str, Iterable[str]] = {"analyses": registry.analyses, "formats": registry.formats, "probes": registry.probes}
    names = {kind: [name for name in place if name not in foreign] for kind, place in places.items()}
    own = Plugin(distribution=OWN, version=__version__, sha256=digest(compact(files)), allowed="built-in", benchmarks=registry.benchmarks, names=names)
    return [_described(plugin) for plugin in (own, *registry.plugins)]


def _described(plugin: Plugin) -> dict[str, Json]:
    contributes: dict[str, Json] = {kind: sorted(names) for kind, names in plugin.names.items()}
    contributes["benchmarks"] = sorted(_benchmark_ids(plugin.benchmarks))
    return {
        "distribution": plugin.distribution,
        "version": plugin.version,
        "sha256": plugin.sha256,
        "allowed": plugin.allowed,
        "contributes": contributes,
    }


def _benchmark_ids(paths: list[str]) -> Iterator[str]:
    from hostcheck.documents import read_own

    for path in paths:
        try:
            head = read_own(path)[0]
            stated = str(head["id"])
            yield stated if len(stated) <= 80 and stated.isprintable() else path
        except (HostcheckError, KeyError, TypeError):  # whoever judges by it says what is wrong with it
            yield path


@cache
def _digests(folder: str, label: str) -> Mapping[str, Json]:
    """Return the digest of each file below `folder`: this process has imported them, so what they are later says nothing of it."""
    found: dict[str, Json] = {}
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        for name in sorted(names):
            with open(os.path.join(place, name), "rb") as file:
                found[os.path.relpath(os.path.join(place, name), folder).join((label + "/", ""))] = digest(file.read())
    return found
