"""The container engines that run, and for whom each of them runs.

An engine is placed by what the kernel says of its process, never by its arguments.
"""

from collections.abc import Sequence
from typing import Final

from hostcheck.api import Analysis, Probe, beside, deferred, hookimpl

PROBES: Final = (
    Probe(
        id="engines",
        title="Engines of the system",
        facts_schema=beside(__file__, "probe_engines.facts.json"),
        collect=deferred(f"{__name__}.probe_engines", "collect"),
    ),
    Probe(
        id="user-engines",
        title="Engines of users",
        facts_schema=beside(__file__, "probe_user_engines.facts.json"),
        collect=deferred(f"{__name__}.probe_user_engines", "collect"),
        share=50,
        owners={"/sockets": "owner_uid"},
        users=True,
    ),
)
ANALYSES: Final = (
    Analysis(
        id="engine-scope",
        title="Which engines run, and for whom",
        reads=("engines", "host", "kernel", "nss", "principals", "socket-access", "sockets", "user-clients", "user-engines", "user-sockets"),
        facts_schema=beside(__file__, "analysis_engine_scope.facts.json"),
        derive=deferred(f"{__name__}.analysis_engine_scope", "derive"),
    ),
)


@hookimpl
def hostcheck_probes() -> Sequence[Probe]:
    """Return the probes of this domain."""
    return PROBES


@hookimpl
def hostcheck_analyses() -> Sequence[Analysis]:
    """Return the analyses of this domain."""
    return ANALYSES
