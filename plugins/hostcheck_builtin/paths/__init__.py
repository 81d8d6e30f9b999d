"""Who can become root, as a graph: edges from the facts of all domains, paths over them, and the smallest set of changes that leaves none.

The graph is made of facts alone, so that a saved host gives the same paths as a living one.
"""

from collections.abc import Sequence
from typing import Final

from hostcheck.api import Analysis, beside, deferred, hookimpl

READS: Final = (
    "container-escape",
    "credential-access",
    "engine-scope",
    "engines",
    "file-access",
    "group-grants",
    "host",
    "kernel",
    "listeners",
    "nss",
    "polkit-access",
    "principals",
    "remote-apis",
    "root-program-access",
    "setuid-access",
    "setuid-programs",
    "socket-access",
    "subid-coverage",
    "subids",
    "sudo-rights",
)
"""Facts that edges are made from; to these come those of plugins that state edges."""
ANALYSES: Final = (
    Analysis(
        id="access-paths",
        title="Who can become root, by which steps, and what stops them",
        reads=READS,
        facts_schema=beside(__file__, "analysis_access_paths.facts.json"),
        derive=deferred(f"{__name__}.analysis_access_paths", "derive"),
        fills={"cut": "/cut", "paths": "/paths", "reach": "/reach"},
    ),
    Analysis(
        id="not-judged",
        title="What was seen that may lead to root, and is not judged",
        reads=(
            *("access-paths", "group-grants", "host", "polkit-access", "root-program-access", "root-programs", "setuid-access"),
            *("socket-access", "sudo-rights"),
        ),
        facts_schema=beside(__file__, "analysis_not_judged.facts.json"),
        derive=deferred(f"{__name__}.analysis_not_judged", "derive"),
        fills={"not_judged": ""},
    ),
)


@hookimpl
def hostcheck_analyses() -> Sequence[Analysis]:
    """Return the analyses of this domain."""
    return ANALYSES
