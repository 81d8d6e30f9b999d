"""Rules of polkit: to whom they grant an action by which one becomes root, such as running a program by pkexec or a unit by systemd-run.

The rules are programs in JavaScript; the part of the language that real ones use is read here, and nothing of it is run.
"""

from typing import Final

from hostcheck_builtin.system.contributions import analysis, contributes, probe

PROBES: Final = (probe(__name__, id="polkit", title="Rules of polkit about actions by which one becomes root"),)
ANALYSES: Final = (
    analysis(__name__, id="polkit-access", title="Which users polkit lets do something that makes them root", reads=("host", "nss", "polkit", "principals")),
)
hostcheck_probes = contributes(PROBES)
hostcheck_analyses = contributes(ANALYSES)
