"""Programs that give rights to whoever runs them: by the setuid bit, by file capabilities, or by the rules of sudo and doas.

Most are meant to, as su and mount. A copy of a shell gives root to all who can execute it, and a rule may give more than its author meant.
"""

from collections.abc import Sequence
from typing import Final

from hostcheck.api import Analysis, Probe, beside, deferred, hookimpl
from hostcheck_builtin.leads import PROGRAMS as LEADS

PROBES: Final = (
    Probe(
        id="setuid-programs",
        title="Programs with the setuid bit or file capabilities",
        facts_schema=beside(__file__, "probe_setuid_programs.facts.json"),
        collect=deferred(f"{__name__}.probe_setuid_programs", "collect"),
        share=70,
        owners={"/programs": "owner_uid"},
    ),
    Probe(
        id="setuid-programs-deep",
        title="Programs with the setuid bit or file capabilities anywhere on this host's file systems",
        facts_schema=beside(__file__, "probe_setuid_programs.facts.json"),
        collect=deferred(f"{__name__}.probe_setuid_programs_deep", "collect"),
        deep=True,
    ),
    Probe(
        id="sudo",
        title="Rules of sudo",
        facts_schema=beside(__file__, "probe_sudo.facts.json"),
        collect=deferred(f"{__name__}.probe_sudo", "collect"),
        share=20,
        leads=LEADS,
        owners={"/commands": "owner_uid"},
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
        id="setuid-access",
        title="Who can execute programs that give rights, and what they give",
        reads=("group-grants", "host", "kernel", "nss", "principals", "setuid-programs", "setuid-programs-deep"),
        facts_schema=beside(__file__, "analysis_setuid_access.facts.json"),
        derive=deferred(f"{__name__}.analysis_setuid_access", "derive"),
        fills={"not_examined": "/not_examined"},
    ),
    Analysis(
        id="sudo-rights",
        title="What users may run as another user by sudo and doas",
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
