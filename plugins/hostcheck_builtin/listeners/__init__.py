"""Who listens on the network for an engine, what a client has to show there, and which programs of root's hand an engine on.

That an engine was told to speak TLS proves nothing: what counts is what it demands of who connects.
"""

from typing import Final

from hostcheck_builtin.system.contributions import analysis, contributes, probe

PROBES: Final = (probe(__name__, id="listeners", title="Who listens on TCP and vsock for engines"),)
ANALYSES: Final = (
    analysis(
        __name__,
        id="remote-apis",
        title="Who reaches an engine over the network or through a relay",
        reads=(
            "engines",
            "group-grants",
            "host",
            "listeners",
            "nss",
            "principals",
            "runtimes",
            "socket-access",
            "socket-units",
            "sockets",
            "user-clients",
            "user-engines",
        ),
        fills={"network": ""},
    ),
)
hostcheck_probes = contributes(PROBES)
hostcheck_analyses = contributes(ANALYSES)
