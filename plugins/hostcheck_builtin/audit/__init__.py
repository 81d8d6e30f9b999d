"""What would tell of an intrusion later, and what should have been updated: audit rules, versions, restarts that are due.

An audit rule in a file is not yet one of the kernel's; a distribution's package is not judged by the number of its upstream.
"""

from typing import Final

from hostcheck_builtin.system.contributions import analysis, contributes, probe

PROBES: Final = (
    probe(__name__, id="audit", title="Audit rules of the kernel and of files"),
    probe(__name__, id="versions", title="Programs of engines, their packages, and restarts that are due"),
)
ANALYSES: Final = (
    analysis(__name__, id="audit-coverage", title="Whether changes of engines are recorded", reads=("audit", "engines", "host")),
    analysis(__name__, id="version-support", title="Whether engines are versions that get fixes", reads=("engines", "versions")),
)
hostcheck_probes = contributes(PROBES)
hostcheck_analyses = contributes(ANALYSES)
