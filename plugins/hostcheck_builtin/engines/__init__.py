"""The container engines that run, and for whom each of them runs.

An engine is placed by what the kernel says of its process, never by its arguments.
"""

from typing import Final

from hostcheck_builtin.system.contributions import analysis, contributes, probe

PROBES: Final = (
    probe(__name__, id="engines", title="Engines of the system"),
    probe(__name__, id="user-engines", title="Engines of users", share=50, owners={"/sockets": "owner_uid"}, users=True),
)
ANALYSES: Final = (
    analysis(
        __name__,
        id="engine-scope",
        title="Which engines run, and for whom",
        reads=("engines", "host", "kernel", "nss", "principals", "socket-access", "sockets", "user-clients", "user-engines", "user-sockets"),
    ),
)
hostcheck_probes = contributes(PROBES)
hostcheck_analyses = contributes(ANALYSES)
