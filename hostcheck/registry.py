"""Find what plugins contribute, and keep them apart: nobody's failure or name takes anything from another.

Entry points are read from the `*.dist-info` folders on `sys.path` themselves: importlib.metadata alone would take longer than the
interpreter and everything else of a scan (docs/decisions), and nothing of a plugin may be imported before it is known whose it is.
"""

import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Final

import pluggy

from hostcheck import __version__, hookspecs
from hostcheck.documents import compact, digest
from hostcheck.model import Analysis, Format, HostcheckError, Json, Probe, clean

OWN: Final = "hostcheck-scanner"
MODULES: Final = "hostcheck_builtin."
LIMIT: Final = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """An installed distribution with entry points in our group."""

    name: str
    version: str
    entry_points: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """What is contributed, by id, and what was refused, with the reason."""

    probes: dict[str, Probe] = field(default_factory=dict)
    analyses: dict[str, Analysis] = field(default_factory=dict)
    benchmarks: list[str] = field(default_factory=list)
    formats: dict[str, Format] = field(default_factory=dict)
    refused: list[dict[str, Json]] = field(default_factory=list)


def distributions(path: list[str]) -> Iterator[Distribution]:
    """Yield the distributions on `path` that have entry points in our group; of two with one name the first on the path, as Python imports."""
    seen: set[str] = set()
    for folder in path:
        for name, place in _metadata_folders(folder):
            project, _, version = name.removesuffix(".dist-info").partition("-")
            project = project.replace("_", "-").lower()
            if project in seen:
                continue
            seen.add(project)
            entry_points = tuple(_entry_points(place))
            if entry_points:
                yield Distribution(name=clean(project), version=clean(version), entry_points=entry_points)


def _metadata_folders(folder: str) -> list[tuple[str, str]]:
    try:
        names = sorted(name for name in os.listdir(folder or ".") if name.endswith(".dist-info"))
    except OSError:  # what Python cannot look into it cannot import from either
        return []
    return [(name, os.path.join(folder, name)) for name in names]


def _entry_points(place: str) -> Iterator[tuple[str, str]]:
    """Yield the name and module of each entry point in our group (packaging.python.org, entry points specification)."""
    try:
        with open(os.path.join(place, "entry_points.txt"), encoding="utf-8", errors="replace") as file:
            text = file.read(LIMIT)
    except OSError:
        return
    group = ""
    for line in text.splitlines():
        line = line.strip()
        if line.startswith("[") and line.endswith("]"):
            group = line[1:-1].strip()
        elif group == hookspecs.GROUP and "=" in line and not line.startswith(("#", ";")):
            name, _, module = line.partition("=")
            yield clean(name.strip()), clean(module.partition("[")[0].strip())


def load(path: list[str] | None = None) -> Registry:
    """Return everything that the allowed plugins contribute; raises HostcheckError where hostcheck itself is not installed."""
    registry = Registry()
    manager = pluggy.PluginManager("hostcheck")
    manager.add_hookspecs(hookspecs)
    found = False
    for distribution in distributions(sys.path if path is None else path):
        if distribution.name == OWN:
            found = True
            _register(manager, distribution, registry)
        else:
            reason = "this version loads no plugins but its own"
            registry.refused.append({"distribution": distribution.name, "version": distribution.version, "reason": reason})
    if not found:
        raise HostcheckError("hostcheck is not installed, so its probes are not registered; run `pip install .` in its folder")
    _gather(manager, registry)
    registry.refused.sort(key=lambda refusal: str(refusal))
    return registry


def _register(manager: pluggy.PluginManager, distribution: Distribution, registry: Registry) -> None:
    for name, module in sorted(distribution.entry_points):
        label = f"{distribution.name}:{name}"
        if not module.startswith(MODULES):
            _refuse(registry, label, f"{module!r} is not one of its modules")
            continue
        try:
            manager.register(import_module(module), name=label)
        except Exception as error:  # a plugin that cannot be imported costs what it would have added
            _refuse(registry, label, f"cannot be imported: {type(error).__name__}: {error}")


def _refuse(registry: Registry, plugin: str, reason: str) -> None:
    distribution, _, name = plugin.partition(":")
    registry.refused.append({"distribution": distribution, "entry_point": name, "reason": reason})


CONTRIBUTED: Final[tuple[tuple[str, type[Probe] | type[Analysis] | type[str] | type[Format]], ...]] = (
    ("hostcheck_probes", Probe),
    ("hostcheck_analyses", Analysis),
    ("hostcheck_benchmarks", str),
    ("hostcheck_formats", Format),
)


def _gather(manager: pluggy.PluginManager, registry: Registry) -> None:
    for hook, kind in CONTRIBUTED:
        for plugin, item in _contributions(manager, hook, registry):
            if isinstance(item, kind):
                _keep(registry, plugin, item)
            else:
                _refuse(registry, plugin, f"{hook} returned {type(item).__name__}, not {kind.__name__}")
    registry.benchmarks.sort()


def _contributions(manager: pluggy.PluginManager, hook: str, registry: Registry) -> Iterator[tuple[str, Any]]:
    """Yield what each implementation returns, each called on its own: pluggy would lose everybody's results to one that raises."""
    for implementation in sorted(getattr(manager.hook, hook).get_hookimpls(), key=lambda found: found.plugin_name):
        plugin = implementation.plugin_name
        if implementation.wrapper or implementation.hookwrapper:
            _refuse(registry, plugin, f"{hook} is a wrapper; a plugin adds, it does not change what others gave")
            continue
        yield from _called(implementation.function, plugin, registry)


def _called(contribute: Callable[[], Any], plugin: str, registry: Registry) -> list[tuple[str, Any]]:
    try:
        return [(plugin, item) for item in contribute()]
    except Exception as error:  # an implementation that raises costs what it would have added
        _refuse(registry, plugin, f"{type(error).__name__}: {error}")
        return []


def _keep(registry: Registry, plugin: str, item: Probe | Analysis | Format | str) -> None:
    if isinstance(item, str):
        registry.benchmarks.append(item)
        return
    kept: dict[str, Any] = registry.probes if isinstance(item, Probe) else registry.analyses if isinstance(item, Analysis) else registry.formats
    name = item.name if isinstance(item, Format) else item.id
    taken = name in kept or (not isinstance(item, Format) and name in {**registry.probes, **registry.analyses})
    if taken:
        _refuse(registry, plugin, f"{name!r} is contributed twice")
    else:
        kept[name] = item


def describe() -> list[dict[str, Json]]:
    """Return the plugins in use, each with version and the digest of the files that ran."""
    package = os.path.dirname(os.path.abspath(__file__))
    builtin = os.path.dirname(os.path.abspath(import_module(MODULES.rstrip(".")).__file__ or ""))
    files = {**_digests(package, "hostcheck"), **_digests(builtin, "hostcheck_builtin")}
    return [{"distribution": OWN, "version": __version__, "sha256": digest(compact(files))}]


def _digests(folder: str, label: str) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        for name in sorted(names):
            with open(os.path.join(place, name), "rb") as file:
                found[os.path.relpath(os.path.join(place, name), folder).join((label + "/", ""))] = digest(file.read())
    return found
