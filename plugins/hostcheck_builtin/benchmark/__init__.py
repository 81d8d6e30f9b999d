"""The benchmark that comes with hostcheck, compiled: its rules stand in the folders of their domains, `rules/HC-….yaml`.

`hostcheck compile` makes it of `benchmark.yaml`, those rules, and the base hosts that their examples patch.
"""

from collections.abc import Iterator

from hostcheck.api import beside, hookimpl


@hookimpl
def hostcheck_benchmarks() -> Iterator[str]:
    """Return the path of the built-in benchmark."""
    yield beside(__file__, "container-host.json")
