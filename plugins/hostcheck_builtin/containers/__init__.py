"""The containers of root's engines and of users', running or not, and how somebody inside gets to the host.

What an engine was told about a container counts, not what a process in it has kept: `docker exec` gives all of it again. What processes show counts too,
where no engine tells of the container, or where it is more than was given.
"""

from typing import Final

from hostcheck_builtin.system.contributions import analysis, contributes, probe

PROBES: Final = (
    probe(__name__, id="containers", title="Containers of root's engines", owners={"/containers/*/starts": "owner_uid"}),
    probe(__name__, id="container-processes", title="Containers as the kernel shows them", share=40),
    probe(__name__, id="user-containers", title="Containers of users' engines", share=125, users=True),
)
ANALYSES: Final = (
    analysis(
        __name__,
        id="container-escape",
        title="What a container has of its host",
        reads=(
            *("container-processes", "containers", "engine-files", "engine-scope", "engines", "host", "kernel", "kubeconfigs", "principals"),
            *("root-programs", "sockets", "user-containers", "user-engines", "user-sockets"),
        ),
        fills={"containers": ""},
    ),
)
hostcheck_probes = contributes(PROBES)
hostcheck_analyses = contributes(ANALYSES)
