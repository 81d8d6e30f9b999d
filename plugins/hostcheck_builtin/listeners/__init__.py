"""Who listens on the network for an engine, what a client has to show there, and which programs of root's hand an engine on.

That an engine was told to speak TLS proves nothing: what counts is what it demands of who connects.
"""

from collections.abc import Sequence
from typing import Final

from hostcheck.api import Analysis, Probe, beside, deferred, hookimpl

PROBES: Final[tuple[Probe, ...]] = (
    Probe(
        id="listeners",
        title="Who listens on TCP and vsock for engines",
        facts_schema=beside(__file__, "probe_listeners.facts.json"),
        collect=deferred(f"{__name__}.probe_listeners", "collect"),
    ),
)
ANALYSES: Final[tuple[Analysis, ...]] = (
    Analysis(
        id="remote-apis",
        title="Who reaches an engine over the network or through a relay",
        reads=("engines", "group-grants", "host", "listeners", "nss", "principals", "socket-access", "socket-units", "sockets", "user-clients", "user-engines"),
        facts_schema=beside(__file__, "analysis_remote_apis.facts.json"),
        derive=deferred(f"{__name__}.analysis_remote_apis", "derive"),
        fills={"network": ""},
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
