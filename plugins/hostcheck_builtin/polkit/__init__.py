"""Rules of polkit: to whom they grant an action by which one becomes root, such as running a program by pkexec or a unit by systemd-run.

The rules are programs in JavaScript; the part of the language that real ones use is read here, and nothing of it is run.
"""

from collections.abc import Sequence
from typing import Final

from hostcheck.api import Analysis, Probe, beside, deferred, hookimpl

PROBES: Final = (
    Probe(
        id="polkit",
        title="Rules of polkit about actions by which one becomes root",
        facts_schema=beside(__file__, "probe_polkit.facts.json"),
        collect=deferred(f"{__name__}.probe_polkit", "collect"),
    ),
)
ANALYSES: Final = (
    Analysis(
        id="polkit-access",
        title="Which users polkit lets do something that makes them root",
        reads=("host", "nss", "polkit", "principals"),
        facts_schema=beside(__file__, "analysis_polkit_access.facts.json"),
        derive=deferred(f"{__name__}.analysis_polkit_access", "derive"),
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
