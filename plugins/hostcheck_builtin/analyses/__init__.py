"""One module an analysis: new facts out of those of several probes, without looking at the host again."""

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Any

from hostcheck.api import Analysis, Json, beside, hookimpl

READS = {
    "desktop-vm": (
        "Who has a desktop virtual machine, and what it shares",
        ("desktop-vms", "engine-scope", "engines", "host", "host-role", "nss", "principals", "sockets", "user-clients", "user-desktop-vms", "user-sockets"),
    ),
    "engine-scope": (
        "Which engines run, and for whom",
        ("engines", "host", "kernel", "nss", "principals", "socket-access", "sockets", "user-clients", "user-engines", "user-sockets"),
    ),
    "host-role": ("What this host is there for", ("host",)),
    "socket-access": ("Who can connect to which engine", ("group-grants", "host", "nss", "principals", "sockets", "user-sockets")),
    "subid-coverage": ("What the ranges of subordinate ids give away", ("engine-scope", "engines", "host", "nss", "principals", "subids")),
}


@hookimpl
def hostcheck_analyses() -> Iterator[Analysis]:
    """Return the built-in analyses."""
    for name, (title, reads) in READS.items():
        yield Analysis(id=name, title=title, reads=reads, facts_schema=beside(__file__, f"{name}.facts.json"), derive=_derive(name))


def _derive(name: str) -> Callable[[Mapping[str, Any], Mapping[str, Json]], Json]:
    def derive(facts: Mapping[str, Any], values: Mapping[str, Json]) -> Json:
        return import_module(f"{__name__}.{name.replace('-', '_')}").derive(facts, values)

    return derive
