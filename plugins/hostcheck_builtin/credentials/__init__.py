"""Credentials and jobs that lead to root on this host: administrators' keys to a cluster that it is a node of, and what CI runners let jobs do.

Who administers a cluster starts a pod with all rights on any of its nodes. No key, token or certificate is ever stated.
"""

from collections.abc import Sequence
from typing import Final

from hostcheck.api import Analysis, Probe, beside, deferred, hookimpl

PROBES: Final = (
    Probe(
        id="ci-runners",
        title="Runners of CI jobs, and what jobs may do",
        facts_schema=beside(__file__, "probe_ci_runners.facts.json"),
        collect=deferred(f"{__name__}.probe_ci_runners", "collect"),
    ),
    Probe(
        id="kubeconfigs",
        title="Files by which root and users log in to clusters",
        facts_schema=beside(__file__, "probe_kubeconfigs.facts.json"),
        collect=deferred(f"{__name__}.probe_kubeconfigs", "collect"),
        share=60,
        owners={"/roots": "owner_uid", "/homes/*/kubeconfigs": "owner_uid"},
        users=True,
    ),
)
ANALYSES: Final = (
    Analysis(
        id="credential-access",
        title="Who can read the keys of a cluster's administrators, and what jobs of CI runners may do",
        reads=("ci-runners", "group-grants", "host", "kubeconfigs", "nss", "principals"),
        facts_schema=beside(__file__, "analysis_credential_access.facts.json"),
        derive=deferred(f"{__name__}.analysis_credential_access", "derive"),
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
