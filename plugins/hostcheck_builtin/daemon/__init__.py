"""What Docker's daemon is told: what runs, what its files say, and what a restart or a reboot would give.

Three answers that should be one; where they differ, the difference is a fact of its own.
"""

from collections.abc import Sequence
from typing import Final

from hostcheck.api import Analysis, Probe, beside, deferred, hookimpl

PROBES: Final = (
    Probe(
        id="docker-daemons",
        title="Docker daemons of the system",
        facts_schema=beside(__file__, "probe_docker_daemons.facts.json"),
        collect=deferred(f"{__name__}.probe_docker_daemons", "collect"),
    ),
    Probe(
        id="user-docker-daemons",
        title="Docker daemons of users",
        facts_schema=beside(__file__, "probe_user_docker_daemons.facts.json"),
        collect=deferred(f"{__name__}.probe_user_docker_daemons", "collect"),
        share=20,
        users=True,
    ),
)
ANALYSES: Final = (
    Analysis(
        id="daemon-config",
        title="What each Docker daemon runs with, and what a restart would give",
        reads=("docker-daemons", "engine-scope", "engines", "host", "nss", "principals", "subids", "user-docker-daemons", "user-engines"),
        facts_schema=beside(__file__, "analysis_daemon_config.facts.json"),
        derive=deferred(f"{__name__}.analysis_daemon_config", "derive"),
        fills={"restart": ""},
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
