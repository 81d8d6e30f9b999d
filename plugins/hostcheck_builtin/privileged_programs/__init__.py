"""Programs that run other programs with the rights of root: sudo and doas, and to whom they give what.

Who may become root by them with a password, or without, is what their administrator decided; a rule may give more than its author meant.
"""

from collections.abc import Sequence
from typing import Final

from hostcheck.api import Analysis, Probe, beside, deferred, hookimpl

PROBES: Final = (
    Probe(
        id="sudo",
        title="Rules of sudo",
        facts_schema=beside(__file__, "probe_sudo.facts.json"),
        collect=deferred(f"{__name__}.probe_sudo", "collect"),
    ),
    Probe(
        id="doas",
        title="Rules of doas",
        facts_schema=beside(__file__, "probe_doas.facts.json"),
        collect=deferred(f"{__name__}.probe_doas", "collect"),
    ),
)
ANALYSES: Final = (
    Analysis(
        id="sudo-rights",
        title="Who may become whom by sudo and doas",
        reads=("doas", "group-grants", "host", "nss", "principals", "sudo"),
        facts_schema=beside(__file__, "analysis_sudo_rights.facts.json"),
        derive=deferred(f"{__name__}.analysis_sudo_rights", "derive"),
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
