"""One module a probe: what each reads is its own, and what it states is described in the facts schema beside it.

Each module is imported in the child that runs it, so that no probe costs another its start.
"""

from collections.abc import Callable, Iterator
from importlib import import_module

from hostcheck.api import Host, Json, Probe, beside, hookimpl

TITLES = {
    "engines": "Engines of the system",
    "host": "Scan context and host identity",
    "kernel": "Kernel, namespaces, control groups and security modules",
    "nss": "Users and groups by the name service",
    "principals": "Users, groups and the groups of living processes",
    "sockets": "Engine sockets of the system",
    "subids": "Subordinate ids, and the programs that map them",
    "user-engines": "Engines of users",
    "user-sockets": "Engine sockets of users",
}


@hookimpl
def hostcheck_probes() -> Iterator[Probe]:
    """Return the built-in probes."""
    for name, title in TITLES.items():
        yield Probe(id=name, title=title, facts_schema=beside(__file__, f"{name}.facts.json"), collect=_collect(name))


def _collect(name: str) -> Callable[[Host], Json]:
    def collect(host: Host) -> Json:
        return import_module(f"{__name__}.{name.replace('-', '_')}").collect(host)

    return collect
