"""What containerd, CRI-O and BuildKit are told by their configuration, by options and by what runs.

The file of a runtime that is not there is a file like any other: each fact says whether its runtime is there.
"""

from typing import Final

from hostcheck_builtin.system.contributions import analysis, contributes, probe

PROBES: Final = (probe(__name__, id="runtimes", title="What containerd, CRI-O and BuildKit are told"),)
ANALYSES: Final = (
    analysis(
        __name__,
        id="runtime-sockets",
        title="Whose the sockets of runtimes will be after their next restart",
        reads=("group-grants", "host", "nss", "principals", "runtimes", "socket-access", "sockets", "user-sockets"),
    ),
)
hostcheck_probes = contributes(PROBES)
hostcheck_analyses = contributes(ANALYSES)
