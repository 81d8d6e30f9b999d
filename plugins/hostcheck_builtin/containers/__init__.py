"""The containers of root's engines and of users', running or not, and how somebody inside gets to the host.

What an engine was told about a container counts, not what a process in it has kept: `docker exec` gives all of it again. What processes show counts too,
where no engine tells of the container, or where it is more than was given.
"""

from collections.abc import Sequence
from typing import Final

from hostcheck.api import Analysis, Probe, beside, deferred, hookimpl

PROBES: Final = (
    Probe(
        id="containers",
        title="Containers of root's engines",
        facts_schema=beside(__file__, "probe_containers.facts.json"),
        collect=deferred(f"{__name__}.probe_containers", "collect"),
    ),
    Probe(
        id="container-processes",
        title="Containers as the kernel shows them",
        facts_schema=beside(__file__, "probe_container_processes.facts.json"),
        collect=deferred(f"{__name__}.probe_container_processes", "collect"),
        share=40,
    ),
    Probe(
        id="user-containers",
        title="Containers of users' engines",
        facts_schema=beside(__file__, "probe_user_containers.facts.json"),
        collect=deferred(f"{__name__}.probe_user_containers", "collect"),
        share=150,
        users=True,
    ),
)
ANALYSES: Final = (
    Analysis(
        id="container-escape",
        title="What a container has of its host",
        reads=(
            *("container-processes", "containers", "engine-files", "engine-scope", "engines", "host", "kernel", "kubeconfigs", "principals"),
            *("root-programs", "sockets", "user-containers", "user-engines", "user-sockets"),
        ),
        facts_schema=beside(__file__, "analysis_container_escape.facts.json"),
        derive=deferred(f"{__name__}.analysis_container_escape", "derive"),
        fills={"containers": ""},
    ),
)


@hookimpl
def hostcheck_probes() -> Sequence[Probe]:
    """Return the probes of this domain."""
    return PROBES


@hookimpl
def hostcheck_analyses() -> Sequence[Analysis]:
    """Return the analyses of this domain."""
    return ANALYSES
