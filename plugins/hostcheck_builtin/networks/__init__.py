"""The networks of engines: who reaches whom on them, and what of a host they serve."""

from collections.abc import Sequence
from typing import Final

from hostcheck.api import Analysis, Probe, beside, deferred, hookimpl

PROBES: Final = (
    Probe(
        id="networks",
        title="Networks of root's engines",
        facts_schema=beside(__file__, "probe_networks.facts.json"),
        collect=deferred(f"{__name__}.probe_networks", "collect"),
    ),
)
ANALYSES: Final = (
    Analysis(
        id="container-networks",
        title="What containers reach over their networks",
        reads=("container-escape", "containers", "engine-scope", "kernel", "networks"),
        facts_schema=beside(__file__, "analysis_container_networks.facts.json"),
        derive=deferred(f"{__name__}.analysis_container_networks", "derive"),
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
