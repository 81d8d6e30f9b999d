"""What Docker's daemon is told: what runs, what its files say, and what a restart or a reboot would give.

Three answers that should be one; where they differ, the difference is a fact of its own.
"""

from typing import Final

from hostcheck_builtin.system.contributions import analysis, contributes, probe

PROBES: Final = (
    probe(__name__, id="docker-daemons", title="Docker daemons of the system"),
    probe(__name__, id="user-docker-daemons", title="Docker daemons of users", share=20, users=True),
)
ANALYSES: Final = (
    analysis(
        __name__,
        id="daemon-config",
        title="What each Docker daemon runs with, and what a restart would give",
        reads=("docker-daemons", "engine-scope", "engines", "host", "nss", "principals", "subids", "user-docker-daemons", "user-engines"),
        fills={"restart": ""},
    ),
)
hostcheck_probes = contributes(PROBES)
hostcheck_analyses = contributes(ANALYSES)
