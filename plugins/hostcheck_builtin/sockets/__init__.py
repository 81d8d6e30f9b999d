"""The sockets that engines listen on, and who can connect to each.

A socket is root's if root listens on it, whatever the program behind it is called.
"""

from typing import Final

from hostcheck_builtin.system.contributions import analysis, contributes, probe

PROBES: Final = (
    probe(__name__, id="sockets", title="Engine sockets of the system", share=20, owners={"/sockets": "owner_uid"}),
    probe(__name__, id="socket-units", title="What makes engines' sockets at the next boot"),
    probe(__name__, id="user-sockets", title="Engine sockets of users", share=60, owners={"/sockets": "owner_uid"}, users=True),
)
ANALYSES: Final = (
    analysis(
        __name__,
        id="socket-access",
        title="Who can connect to which engine",
        reads=("containers", "group-grants", "host", "nss", "principals", "root-programs", "socket-units", "sockets", "user-sockets"),
        fills={"access": ""},
    ),
)
hostcheck_probes = contributes(PROBES)
hostcheck_analyses = contributes(ANALYSES)
