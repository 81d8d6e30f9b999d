"""What this host is, what it is there for, and from where the scanner looks at it.

Only what root owns may say that a rule about root's engine does not apply.
"""

from collections.abc import Sequence
from typing import Final

from hostcheck.api import Analysis, Probe, beside, deferred, hookimpl

PROBES: Final = (
    Probe(
        id="host",
        title="Scan context and host identity",
        facts_schema=beside(__file__, "probe_host.facts.json"),
        collect=deferred(f"{__name__}.probe_host", "collect"),
    ),
)
ANALYSES: Final = (
    Analysis(
        id="host-role",
        title="What this host is there for",
        reads=("host", "user-engines"),
        facts_schema=beside(__file__, "analysis_host_role.facts.json"),
        derive=deferred(f"{__name__}.analysis_host_role", "derive"),
        fills={"role": ""},
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
