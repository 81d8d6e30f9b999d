"""What this host is, what it is there for, and from where the scanner looks at it.

Only what root owns may say that a rule about root's engine does not apply.
"""

from typing import Final

from hostcheck_builtin.system.contributions import analysis, contributes, probe

PROBES: Final = (probe(__name__, id="host", title="Scan context and host identity"),)
ANALYSES: Final = (analysis(__name__, id="host-role", title="What this host is there for", reads=("host", "user-engines"), fills={"role": ""}),)
hostcheck_probes = contributes(PROBES)
hostcheck_analyses = contributes(ANALYSES)
