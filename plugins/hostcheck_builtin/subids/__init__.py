"""Subordinate user and group ids: who owns which range, and what else the ids are used for.

A range that covers somebody's real uid gives that account away.
"""

from typing import Final

from hostcheck_builtin.system.contributions import analysis, contributes, probe

PROBES: Final = (probe(__name__, id="subids", title="Subordinate ids, and the programs that map them"),)
ANALYSES: Final = (
    analysis(
        __name__,
        id="subid-coverage",
        title="What the ranges of subordinate ids give away",
        reads=("engine-scope", "engines", "host", "nss", "principals", "subids", "user-clients"),
    ),
)
hostcheck_probes = contributes(PROBES)
hostcheck_analyses = contributes(ANALYSES)
