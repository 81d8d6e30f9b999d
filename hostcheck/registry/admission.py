"""Let other distributions in: root those that it pinned, any other user whatever is installed; and see that none takes what is another's.

What a child says of its plugins is checked before it is believed, and of two strangers who want one name neither gets it.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final

from hostcheck.deferred import pattern
from hostcheck.documents import DocumentError, parse
from hostcheck.facts_schema import files_of, load_facts_schema
from hostcheck.host import Unsupported
from hostcheck.installed import Distribution, listed, tops
from hostcheck.model import SECTIONS, Analysis, Format, HostcheckError, Json, Probe, Why
from hostcheck.parting import FactsError
from hostcheck.registry import BROKEN, IGNORED, MISMATCHED, OWN, Plugin, Registry, closure, foreign, keep, place_of
from hostcheck.registry.child import Gate
from hostcheck.registry.contributions import Item, name_of
from hostcheck.registry.foreign import Foreign
from hostcheck.schema import check, inline
from hostcheck.trust import Pin, content_sha256, examine, is_root, require_trusted

NAME: Final = pattern(r"[a-z0-9][a-z0-9._-]{0,79}")
"""What a probe, an analysis or a format may be called: it stands in pointers, on command lines and in pages."""
MOST: Final = 200
"""Most contributions of one kind that one distribution may have."""
TITLE: Final = 200
SCHEMA: Final = 1 << 20
"""The largest facts schema, in bytes."""
PATHS: Final = "paths"
"""The section of the report that tells how somebody can become root."""
CHAIN: Final = 32
"""How many analyses may read each other in a row."""

Claim = tuple[Plugin, str, Item]
"""Who contributes something, by which entry point, and what."""


def admit(registry: Registry, others: Sequence[Distribution], pins: Sequence[Pin]) -> None:
    """Add to `registry` what the allowed ones of `others` contribute, and note what is not allowed, not what was pinned, or broken."""
    root = is_root()
    plugins = _pinned(registry, others, pins) if root else [_unpinned(one) for one in others if one.entry_points]
    modules = {one.name: tops(one) for _, one in plugins}
    gate = None
    if root:
        sites = {name: one.site for _, one in plugins for name in modules[one.name]}
        gate = Gate(sites, frozenset(path for plugin, _ in plugins for path in plugin.files))
    registry.plugins.extend(plugin for plugin, _ in plugins)
    running = [(plugin, one) for plugin, one in plugins if one.entry_points]
    claims: list[Claim] = []
    for (plugin, _), child in zip(running, foreign.start([one for _, one in running], modules, gate), strict=True):
        plugin.child = child
        claims += _claims(registry, plugin, child)
    _settle(registry, claims)
    _break_circles(registry)
    _join_edges(registry)


def _unpinned(one: Distribution) -> tuple[Plugin, Distribution]:
    return Plugin(distribution=one.name, version=one.version, sha256=content_sha256(one), allowed="unpinned"), one


def _pinned(registry: Registry, others: Sequence[Distribution], pins: Sequence[Pin]) -> list[tuple[Plugin, Distribution]]:
    wanted = {pin.distribution: pin for pin in pins if pin.distribution != OWN}
    admitted: list[tuple[Plugin, Distribution]] = []
    for one in others:
        pin = wanted.pop(one.name, None)
        if pin is None:
            reason = f"root has not allowed it; `hostcheck plugins pin {one.name}` prints what to add to the configuration"
            registry.refuse(one.name, IGNORED, reason, version=one.version)
        elif problem := examine(one, pin):
            registry.refuse(one.name, *problem, version=one.version)
        else:
            files = frozenset(os.path.realpath(os.path.join(one.site, each.path)) for each in listed(one))
            plugin = Plugin(distribution=one.name, version=one.version, sha256=pin.sha256, allowed="pinned", files=files, validated=pin.validated)
            admitted.append((plugin, one))
    for name in sorted(wanted):
        registry.refuse(name, MISMATCHED, "is pinned but not installed; install it, or remove its pin from the configuration")
    return admitted


def _claims(registry: Registry, plugin: Plugin, child: Foreign) -> list[Claim]:
    """Return what a child says that it has, as far as that can be used."""
    try:
        if child.lost or not child.answers:
            raise DocumentError(f"could not be imported: {child.lost.message if child.lost else 'no answer'}")
        stated = parse(child.answers[0], plugin.distribution)
        for name, reason in stated.pop("broken")[:MOST]:
            registry.refuse(plugin.distribution, BROKEN, str(reason)[:500], version=plugin.version, entry_point=str(name)[:80])
        if any(len(items) > MOST for items in stated.values()):
            raise DocumentError(f"contributes more than {MOST} of a kind")
        return [
            claim for kind, items in sorted(stated.items()) for entry, said in items for claim in _claim(registry, plugin, child, kind, str(entry)[:80], said)
        ]
    except (HostcheckError, ValueError, TypeError, KeyError, AttributeError) as error:
        child.lose(Why.NONSENSE, "gave no description of itself")
        reason = str(error) if isinstance(error, HostcheckError) else f"describes itself in no known form ({type(error).__name__})"
        registry.refuse(plugin.distribution, BROKEN, reason[:500], version=plugin.version)
        return []


def _claim(registry: Registry, plugin: Plugin, child: Foreign, kind: str, entry: str, said: Json) -> list[Claim]:
    try:
        item = _item(plugin, child, kind, said)
    except (HostcheckError, FactsError) as error:
        registry.refuse(plugin.distribution, BROKEN, str(error)[:500], version=plugin.version, entry_point=entry)
        return []
    return [(plugin, entry, item)]


def _item(plugin: Plugin, child: Foreign, kind: str, said: Json) -> Item:
    """Return one contribution as what it is for the scanner: its functions are calls of the child."""
    if kind == "benchmarks":
        return its_own(plugin, _text(said, 4096))
    if kind == "formats":
        name = _name(said["name"])
        return Format(name=name, media_type=_text(said["media_type"], 100), render=foreign.Render(foreign=child, name=name))
    name, title, schema = _name(said["id"]), _text(said["title"], TITLE), _text(said["facts_schema"], 4096)
    if sum(os.path.getsize(its_own(plugin, file)) for file in files_of(its_own(plugin, schema))) > SCHEMA:
        raise DocumentError(f"{schema}: larger than {SCHEMA >> 10} KiB")
    found = load_facts_schema(schema)
    check(found, schema)
    inline(found, schema)  # by references a small schema may stand for one without end
    if kind == "probes":
        if type(said["version"]) is not int or said["version"] < 1:
            raise DocumentError(f"{name}: its version must be a whole number from 1")
        collect = partial(_elsewhere, name)
        return Probe(
            id=name, title=title, facts_schema=schema, collect=collect, version=said["version"], deep=said["deep"] is True, users=said["users"] is True
        )
    derive, reads = foreign.Derive(foreign=child, name=name), tuple(map(_name, said["reads"]))
    fills = {_text(section, 80): _text(pointer, 4096) for section, pointer in said["fills"].items()}
    return Analysis(id=name, title=title, reads=reads, facts_schema=schema, derive=derive, fills=fills, edges=said["edges"] is True)


def _elsewhere(name: str, host: Any) -> Json:
    raise Unsupported(f"the probe {name!r} runs in the child of its distribution")


def _name(said: Json) -> str:
    if not isinstance(said, str) or not NAME.fullmatch(said):
        raise DocumentError(f"{str(said)[:80]!r} is not a valid name: use lower case letters, digits, '.', '_' and '-'")
    return said


def _text(said: Json, most: int) -> str:
    if not isinstance(said, str) or len(said) > most or "\0" in said:
        raise DocumentError(f"{str(said)[:80]!r} is not a text of at most {most} characters")
    return said


def its_own(plugin: Plugin, path: str) -> str:
    """Return the path of a document if that is one of the files that the plugin's pin covers; without a pin, if it is a file."""
    if not os.path.isfile(path):
        raise DocumentError(f"{path}: is not a file; is it missing from package_data?")
    require_trusted(path)
    if plugin.allowed == "pinned" and os.path.realpath(path) not in plugin.files:
        raise DocumentError(f"{path}: is not one of the files of {plugin.distribution}, so its pin does not cover it")
    return path


def _settle(registry: Registry, claims: Sequence[Claim]) -> None:
    """Give each claim its name, if nobody else wants it: what is ours stays ours, and of two strangers neither gets it."""
    wanted: dict[tuple[bool, str], list[str]] = {}
    sections: dict[str, list[str]] = {}
    for plugin, _, item in claims:
        if not isinstance(item, str):
            wanted.setdefault((isinstance(item, Format), name_of(item)), []).append(plugin.distribution)
        if isinstance(item, Analysis):
            for section in item.fills:
                sections.setdefault(section, []).append(f"{item.id} of {plugin.distribution}")
    ours = {section: name for name, analysis in registry.analyses.items() for section in analysis.fills}
    for plugin, entry, item in claims:
        if isinstance(item, str):
            plugin.benchmarks.append(item)
            continue
        name = name_of(item)
        rivals = wanted[isinstance(item, Format), name]
        if name in place_of(registry, item) and not _is_foreign(registry, name, item):
            problem = f"{name!r} is a name that {OWN} uses already"
        elif len(rivals) > 1:
            problem = f"{name!r} is contributed by {' and by '.join(sorted(rivals))}; none of them is used"
        elif isinstance(item, Analysis) and (found := _section_problem(item, ours, sections)):
            problem = found
        else:
            keep(registry, item)
            plugin.names[_kind(item)].append(name)
            continue
        registry.refuse(plugin.distribution, BROKEN, problem, version=plugin.version, entry_point=entry)


def _section_problem(analysis: Analysis, ours: Mapping[str, str], wanted: Mapping[str, Sequence[str]]) -> str:
    """Say why an analysis may not fill a section of the report: it is none, or another fills it as well."""
    for section in sorted(analysis.fills):
        if section not in SECTIONS:
            return f"{analysis.id!r} fills {section!r}, which is not a section of a report; the sections are {', '.join(SECTIONS)}"
        if section in ours:
            return f"{analysis.id!r} fills the section {section!r}, which {ours[section]!r} of {OWN} fills already"
        if len(wanted[section]) > 1:
            return f"the section {section!r} is filled by {' and by '.join(sorted(wanted[section]))}; none of them is used"
    return ""


def _break_circles(registry: Registry) -> None:
    """Take out the analyses that read each other in a circle, or in a chain without end, and whatever reads those."""
    waiting = dict(registry.analyses)
    for _ in range(CHAIN):
        for name in [name for name, analysis in waiting.items() if not waiting.keys() & set(analysis.reads)]:
            del waiting[name]
    for plugin in registry.plugins:
        for name in sorted(waiting.keys() & set(plugin.names["analyses"])):
            problem = f"the analysis {name!r} reads itself through {', '.join(waiting[name].reads)}, or through more than {CHAIN} others"
            _take_out(registry, plugin, name, problem)


def _join_edges(registry: Registry) -> None:
    """Let the analysis that tells paths to root read all that state edges, but for those that read what it says."""
    for name, analysis in [(name, one) for name, one in registry.analyses.items() if PATHS in one.fills]:
        stating = []
        for plugin in registry.plugins:
            for one in [one for one in plugin.names["analyses"] if registry.analyses[one].edges]:
                if name in closure([one], registry.analyses):
                    problem = f"the analysis {one!r} states edges, and reads {name!r}, which reads them"
                    _take_out(registry, plugin, one, problem)
                else:
                    stating.append(one)
        registry.analyses[name] = replace(analysis, reads=(*analysis.reads, *sorted(stating)))


def _take_out(registry: Registry, plugin: Plugin, name: str, problem: str) -> None:
    del registry.analyses[name]
    plugin.names["analyses"].remove(name)
    registry.refuse(plugin.distribution, BROKEN, problem, version=plugin.version)


def _is_foreign(registry: Registry, name: str, item: Item) -> bool:
    kinds: Mapping[str, object] = {"formats": 0} if isinstance(item, Format) else {"probes": 0, "analyses": 0}
    return any(name in plugin.names[kind] for plugin in registry.plugins for kind in kinds)


def _kind(item: Item) -> str:
    return "probes" if isinstance(item, Probe) else "analyses" if isinstance(item, Analysis) else "formats"
