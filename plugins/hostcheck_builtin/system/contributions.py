"""What a domain contributes, found by its id: the probe `user-sockets` is the function `collect` of the module `probe_user_sockets` of its domain.

The analysis `socket-access` is the function `derive` of `analysis_socket_access`. The schema of its facts stands beside each.
"""

import os
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

from hostcheck.api import Analysis, Probe, beside, deferred, hookimpl

DOMAINS: Final = os.path.dirname(os.path.dirname(__file__))
Item = TypeVar("Item", Probe, Analysis)


def probe(domain: str, *, id: str, title: str, **more: Any) -> Probe:
    """Return the probe `id` of the package `domain`; `more` is what else `Probe` takes."""
    name = f"probe_{id.replace('-', '_')}"
    return Probe(id=id, title=title, facts_schema=_schema(domain, name), collect=deferred(f"{domain}.{name}", "collect"), **more)


def analysis(domain: str, *, id: str, title: str, reads: tuple[str, ...], **more: Any) -> Analysis:
    """Return the analysis `id` of the package `domain`; `more` is what else `Analysis` takes."""
    name = f"analysis_{id.replace('-', '_')}"
    return Analysis(id=id, title=title, reads=reads, facts_schema=_schema(domain, name), derive=deferred(f"{domain}.{name}", "derive"), **more)


def _schema(domain: str, name: str) -> str:
    return beside(f"{DOMAINS}/{domain.rpartition('.')[2]}/{name}.py", f"{name}.facts.json")


def contributes(items: Sequence[Item]) -> Callable[[], Sequence[Item]]:
    """Return the implementation of the hook that gives `items`."""
    return hookimpl(lambda: items)
