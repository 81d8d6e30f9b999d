"""The benchmarks of plugins: each was validated when its plugin was pinned, or is validated before a rule of it looks at a fact.

A pin says by one digest what was validated: all that validation looks at, so that a change of any of it is noticed, and a change of anything else is not.
"""

from collections.abc import Sequence
from dataclasses import replace

from hostcheck import __version__
from hostcheck.benchmark import Benchmark, declared_values, load
from hostcheck.documents import compact, digest, read_bytes
from hostcheck.facts_schema import files_of
from hostcheck.model import HostcheckError
from hostcheck.registry import BROKEN, OWN, Plugin, Registry, facts_schema_paths
from hostcheck.registry.admission import its_own


def judged_by(registry: Registry, ours: Sequence[Benchmark]) -> list[Benchmark]:
    """Return the benchmarks of plugins that can be judged by; the others cost their distribution their rules, and are named."""
    found: list[tuple[Plugin, Benchmark]] = []
    for plugin in registry.plugins:
        known = as_pinned(plugin, registry)
        for path in plugin.benchmarks:
            try:
                benchmark = known[path] if path in known else _validated(path, registry)
                for source in sorted(set(benchmark.sources.values())):
                    its_own(plugin, source)
                found.append((plugin, benchmark))
            except HostcheckError as error:
                registry.refuse(plugin.distribution, BROKEN, str(error)[:500], version=plugin.version)
    kept = []
    for plugin, benchmark in found:
        rivals = [(OWN, other) for other in ours] + [(other.distribution, one) for other, one in found if one is not benchmark]
        problem = next((text for name, rival in rivals if (text := _clash(benchmark, rival, name))), "")
        if problem:
            registry.refuse(plugin.distribution, BROKEN, problem, version=plugin.version)
        else:
            kept.append(benchmark)
    return sorted(kept, key=lambda benchmark: benchmark.id)


def _validated(path: str, registry: Registry) -> Benchmark:
    from hostcheck.lint import load_foreign  # a scan without it is 4 ms shorter

    return load_foreign(path, registry)


def as_pinned(plugin: Plugin, registry: Registry) -> dict[str, Benchmark]:
    """Return the benchmarks of a plugin by path, if its pin says that they were validated as they are now; else none."""
    if not plugin.validated:
        return {}
    try:
        # Not as what is shipped: a site sets its values, and what they are bound into is checked when it is bound.
        found = {path: replace(load(path, shipped=True), shipped=False) for path in plugin.benchmarks}
        return found if validation(registry, list(found.values())) == plugin.validated else {}
    except (HostcheckError, LookupError, TypeError, AttributeError, ValueError, RecursionError):  # what has another form was never validated
        return {}


def validation(registry: Registry, benchmarks: Sequence[Benchmark]) -> str:
    """Return the digest over what a plugin's benchmarks are validated by: hostcheck's version, their bytes, and each facts schema that is named in them."""
    text = compact([[benchmark.rules, benchmark.notchecked, benchmark.values] for benchmark in benchmarks]).decode()
    schemas = {name: [digest(read_bytes(file)) for file in files_of(path)] for name, path in facts_schema_paths(registry).items() if name in text}
    return digest(compact([__version__, sorted(benchmark.sha256 for benchmark in benchmarks), schemas]))


def _clash(benchmark: Benchmark, rival: Benchmark, name: str) -> str:
    """Say what two benchmarks both claim: a report tells findings apart by these names, and a value is set for all."""
    if benchmark.id == rival.id:
        return f"its benchmark is called {benchmark.id!r}, the same as one of {name}"
    if both := sorted(benchmark.rules.keys() & rival.rules.keys()):
        return f"its benchmark {benchmark.id!r} has a rule {both[0]}, and so has {rival.id!r} of {name}"
    mine, theirs = declared_values(benchmark), declared_values(rival)
    differ = sorted(value for value in mine.keys() & theirs.keys() if type(mine[value]) is not type(theirs[value]))
    return f"its value {differ[0]!r} has another type than that of {rival.id!r} of {name}" if differ else ""
