"""Virtual machines of desktop products, seen from the host and from inside.

An engine inside a user's virtual machine is root there and nobody here, unless the machine shares the host's files.
"""

from typing import Final

from hostcheck_builtin.system.contributions import analysis, contributes, probe

PROBES: Final = (
    probe(__name__, id="desktop-vms", title="Desktop virtual machines: products, guests and what they share"),
    probe(__name__, id="user-desktop-vms", title="Desktop virtual machines of users", share=45, users=True),
)
ANALYSES: Final = (
    analysis(
        __name__,
        id="desktop-vm",
        title="Who has a desktop virtual machine, and what it shares",
        reads=(
            *("desktop-vms", "engine-scope", "engines", "host", "host-role", "nss", "principals", "sockets", "user-clients", "user-desktop-vms"),
            "user-sockets",
        ),
    ),
)
hostcheck_probes = contributes(PROBES)
hostcheck_analyses = contributes(ANALYSES)
