"""The benchmarks that come with hostcheck: JSON documents, a folder each."""

from collections.abc import Iterator

from hostcheck.api import beside, hookimpl


@hookimpl
def hostcheck_benchmarks() -> Iterator[str]:
    """Return the paths of the built-in benchmarks."""
    yield beside(__file__, "container_host/benchmark.json")
