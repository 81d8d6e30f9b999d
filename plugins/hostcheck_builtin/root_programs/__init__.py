"""What root runs by itself, and who can change it: jobs of cron, units, helpers of the kernel, what is read when root logs in.

Whoever can change one of these files becomes root when it is run the next time. Those of engines are the domain `files`.
"""

from typing import Final

from hostcheck_builtin.leads import PLACES
from hostcheck_builtin.system.contributions import analysis, contributes, probe

PROBES: Final = (
    probe(
        __name__,
        id="root-programs",
        title="Files that root runs and believes by itself",
        share=100,
        leads=PLACES,
        owners=dict.fromkeys(("/cron/files", "/kernel/files", "/logins/files", "/units/files", "/users/*/files"), "owner_uid"),
    ),
)
ANALYSES: Final = (
    analysis(
        __name__,
        id="root-program-access",
        title="Who can change the files that root runs and believes by itself",
        reads=("containers", "group-grants", "host", "nss", "principals", "root-programs"),
    ),
)
hostcheck_probes = contributes(PROBES)
hostcheck_analyses = contributes(ANALYSES)
