"""What Podman, Buildah and Skopeo are told by the files in /etc/containers and below it, and in the homes of users.

Later files and directories win over earlier ones, in an order that is each file's own.
"""

from typing import Final

from hostcheck_builtin.system.contributions import analysis, contributes, probe

PROBES: Final = (
    probe(__name__, id="podman-config", title="Podman: what root's is told"),
    probe(__name__, id="user-podman-config", title="Podman: what users tell their own", share=30, owners={"/homes": "uid"}, users=True),
)
ANALYSES: Final = (
    analysis(
        __name__,
        id="podman-settings",
        title="Podman: what it is told for root and by users",
        reads=("engines", "kernel", "nss", "podman-config", "principals", "storage", "subids", "user-podman-config"),
    ),
)
hostcheck_probes = contributes(PROBES)
hostcheck_analyses = contributes(ANALYSES)
