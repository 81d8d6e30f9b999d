"""Subordinate user and group ids: who owns which range, and what else the ids are used for.

A range that covers somebody's real uid gives that account away.
"""

from collections.abc import Sequence
from typing import Final

from hostcheck.api import Analysis, Probe, beside, deferred, hookimpl

PROBES: Final = (
    Probe(
        id="subids",
        title="Subordinate ids, and the programs that map them",
        facts_schema=beside(__file__, "probe_subids.facts.json"),
        collect=deferred(f"{__name__}.probe_subids", "collect"),
    ),
)
ANALYSES: Final = (
    Analysis(
        id="subid-coverage",
        title="What the ranges of subordinate ids give away",
        reads=("engine-scope", "engines", "host", "nss", "principals", "subids", "user-clients"),
        facts_schema=beside(__file__, "analysis_subid_coverage.facts.json"),
        derive=deferred(f"{__name__}.analysis_subid_coverage", "derive"),
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
