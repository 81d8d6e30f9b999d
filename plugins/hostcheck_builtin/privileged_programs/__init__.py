"""Programs that give rights to whoever runs them, by the setuid bit or file capabilities.

Most are meant to: su, sudo, mount. A copy of a shell or the client of an engine that gives root's rights is a way to root for all who can execute it.
"""

from collections.abc import Sequence
from typing import Final

from hostcheck.api import Analysis, Probe, beside, deferred, hookimpl

PROBES: Final = (
    Probe(
        id="setuid-programs",
        title="Programs with the setuid bit or file capabilities",
        facts_schema=beside(__file__, "probe_setuid_programs.facts.json"),
        collect=deferred(f"{__name__}.probe_setuid_programs", "collect"),
    ),
)
ANALYSES: Final = (
    Analysis(
        id="setuid-access",
        title="Who can execute programs that give rights, and what they give",
        reads=("group-grants", "host", "nss", "principals", "setuid-programs"),
        facts_schema=beside(__file__, "analysis_setuid_access.facts.json"),
        derive=deferred(f"{__name__}.analysis_setuid_access", "derive"),
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
