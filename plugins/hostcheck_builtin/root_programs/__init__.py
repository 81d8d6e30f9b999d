"""What root runs by itself, and who can change it: jobs of cron, units, helpers of the kernel, what is read when root logs in.

Whoever can change one of these files becomes root when it is run the next time. Those of engines are the domain `files`.
"""

from collections.abc import Sequence
from typing import Final

from hostcheck.api import Analysis, Probe, beside, deferred, hookimpl
from hostcheck_builtin.leads import PLACES

PROBES: Final = (
    Probe(
        id="root-programs",
        title="Files that root runs and believes by itself",
        facts_schema=beside(__file__, "probe_root_programs.facts.json"),
        collect=deferred(f"{__name__}.probe_root_programs", "collect"),
        share=70,
        leads=PLACES,
        owners=dict.fromkeys(("/cron/files", "/kernel/files", "/logins/files", "/units/files", "/users/*/files"), "owner_uid"),
    ),
)
ANALYSES: Final = (
    Analysis(
        id="root-program-access",
        title="Who can change the files that root runs and believes by itself",
        reads=("group-grants", "host", "nss", "principals", "root-programs"),
        facts_schema=beside(__file__, "analysis_root_program_access.facts.json"),
        derive=deferred(f"{__name__}.analysis_root_program_access", "derive"),
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
