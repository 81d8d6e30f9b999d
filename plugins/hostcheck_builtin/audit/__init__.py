"""What would tell of an intrusion later, and what should have been updated: audit rules, versions, restarts that are due.

An audit rule in a file is not yet one of the kernel's; a distribution's package is not judged by the number of its upstream.
"""

from collections.abc import Sequence
from typing import Final

from hostcheck.api import Analysis, Probe, beside, deferred, hookimpl

PROBES: Final = (
    Probe(
        id="audit",
        title="Audit rules of the kernel and of files",
        facts_schema=beside(__file__, "probe_audit.facts.json"),
        collect=deferred(f"{__name__}.probe_audit", "collect"),
    ),
    Probe(
        id="versions",
        title="Programs of engines, their packages, and restarts that are due",
        facts_schema=beside(__file__, "probe_versions.facts.json"),
        collect=deferred(f"{__name__}.probe_versions", "collect"),
    ),
)
ANALYSES: Final = (
    Analysis(
        id="audit-coverage",
        title="Whether changes of engines are recorded",
        reads=("audit", "engines", "host"),
        facts_schema=beside(__file__, "analysis_audit_coverage.facts.json"),
        derive=deferred(f"{__name__}.analysis_audit_coverage", "derive"),
    ),
    Analysis(
        id="version-support",
        title="Whether engines are versions that get fixes",
        reads=("engines", "versions"),
        facts_schema=beside(__file__, "analysis_version_support.facts.json"),
        derive=deferred(f"{__name__}.analysis_version_support", "derive"),
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
