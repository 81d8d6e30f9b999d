"""The networks of engines: who reaches whom on them, and what of a host they serve."""

from typing import Final

from hostcheck_builtin.system.contributions import analysis, contributes, probe

PROBES: Final = (probe(__name__, id="networks", title="Networks of root's engines"),)
ANALYSES: Final = (
    analysis(
        __name__,
        id="container-networks",
        title="What containers reach over their networks",
        reads=("container-escape", "containers", "engine-scope", "kernel", "networks"),
    ),
)
hostcheck_probes = contributes(PROBES)
hostcheck_analyses = contributes(ANALYSES)
