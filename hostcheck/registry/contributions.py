"""Import the entry points of one distribution and ask its hooks, each apart: pluggy would lose everybody's results to one that raises.

This runs in the scanner for the built-in plugins, and in a child of its own for any other distribution.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Final

import pluggy

from hostcheck import hookspecs
from hostcheck.installed import Distribution
from hostcheck.model import Analysis, Format, Json, Probe
from hostcheck.parting import clean

Item = Probe | Analysis | Format | str
"""What a hook gives: a benchmark is the path of its document."""
HOOKS: Final[tuple[tuple[str, type[Probe] | type[Analysis] | type[str] | type[Format]], ...]] = (
    ("hostcheck_probes", Probe),
    ("hostcheck_analyses", Analysis),
    ("hostcheck_benchmarks", str),
    ("hostcheck_formats", Format),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contributions:
    """What one distribution gave, each with the entry point that it came by, and what of it is broken, as ``(entry point, reason)``."""

    items: list[tuple[str, Item]] = field(default_factory=list)
    broken: list[tuple[str, str]] = field(default_factory=list)


def gather(distribution: Distribution, is_its: Callable[[str], bool]) -> Contributions:
    """Return what the entry points of `distribution` contribute; `is_its` says whether a module is one of its own."""
    manager = pluggy.PluginManager("hostcheck")
    manager.add_hookspecs(hookspecs)
    found = Contributions()
    for name, module in sorted(distribution.entry_points):
        if ":" in module or not is_its(module):
            problem = "names an object; an entry point leads to a module" if ":" in module else "is not one of its modules"
            found.broken.append((name, f"{module!r} {problem}"))
            continue
        try:
            manager.register(import_module(module), name=name)
        except Exception as error:  # a plugin that cannot be imported costs what it would have added
            found.broken.append((name, f"cannot be imported: {_told(error)}"))
            continue
        hooks = [caller.name for caller in manager.get_hookcallers(manager.get_plugin(name)) or ()]
        if not set(hooks) & {hook for hook, _ in HOOKS}:
            has = f"it has {', '.join(hooks)}" if hooks else "no function of it has @hookimpl"
            found.broken.append((name, f"{module!r} contributes nothing: {has}; hooks are {', '.join(hook for hook, _ in HOOKS)}"))
    for hook, kind in HOOKS:
        for name, item in _contributed(manager, hook, found):
            if not isinstance(item, kind):
                found.broken.append((name, f"{hook} returned {type(item).__name__}, not {kind.__name__}"))
            elif isinstance(item, Analysis) and type(item.reads) not in (tuple, list):
                found.broken.append((name, f"the analysis {item.id!r}: `reads` is a tuple of names, such as ({item.reads!r},)"))
            else:
                found.items.append((name, item))
    return found


def _contributed(manager: pluggy.PluginManager, hook: str, found: Contributions) -> Iterator[tuple[str, Any]]:
    for implementation in sorted(getattr(manager.hook, hook).get_hookimpls(), key=lambda one: one.plugin_name):
        name = implementation.plugin_name
        if implementation.wrapper or implementation.hookwrapper:
            found.broken.append((name, f"{hook} is a wrapper; a plugin adds, it does not change what others gave"))
            continue
        try:
            given = implementation.function()
            items = [given] if isinstance(given, str) else list(given)
        except Exception as error:  # an implementation that raises costs what it would have added
            found.broken.append((name, f"{hook}: {_told(error)}"))
            continue
        yield from ((name, item) for item in items)


def _told(error: Exception) -> str:
    return clean(f"{type(error).__name__}: {error}")[:300]


def name_of(item: Probe | Analysis | Format) -> str:
    """Return the id of a probe or an analysis, the name of a format."""
    return item.name if isinstance(item, Format) else item.id


def describe(contributions: Contributions) -> dict[str, Json]:
    """Return contributions as JSON: what a child tells of what it has."""
    stated: dict[str, list[Json]] = {"probes": [], "analyses": [], "benchmarks": [], "formats": [], "broken": [list(one) for one in contributions.broken]}
    for name, item in contributions.items:
        if isinstance(item, Probe):
            described = {"id": item.id, "title": item.title, "facts_schema": os.fspath(item.facts_schema), "version": item.version}
            described |= {"deep": item.deep, "users": item.users}
            stated["probes"].append([name, described])
        elif isinstance(item, Analysis):
            described = {"id": item.id, "title": item.title, "facts_schema": os.fspath(item.facts_schema), "edges": item.edges}
            stated["analyses"].append([name, {**described, "reads": list(item.reads), "fills": dict(item.fills)}])
        elif isinstance(item, Format):
            stated["formats"].append([name, {"name": item.name, "media_type": item.media_type}])
        else:
            stated["benchmarks"].append([name, item])
    return {kind: list(items) for kind, items in stated.items()}
