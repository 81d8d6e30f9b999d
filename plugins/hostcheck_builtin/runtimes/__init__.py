"""What containerd, CRI-O and BuildKit are told by their configuration, by options and by what runs.

The file of a runtime that is not there is a file like any other: each fact says whether its runtime is there.
"""

from collections.abc import Sequence
from typing import Final

from hostcheck.api import Analysis, Probe, beside, deferred, hookimpl

PROBES: Final = (
    Probe(
        id="runtimes",
        title="What containerd, CRI-O and BuildKit are told",
        facts_schema=beside(__file__, "probe_runtimes.facts.json"),
        collect=deferred(f"{__name__}.probe_runtimes", "collect"),
    ),
)
ANALYSES: Final = (
    Analysis(
        id="runtime-sockets",
        title="Whose the sockets of runtimes will be after their next restart",
        reads=("group-grants", "host", "nss", "principals", "runtimes", "socket-access", "sockets", "user-sockets"),
        facts_schema=beside(__file__, "analysis_runtime_sockets.facts.json"),
        derive=deferred(f"{__name__}.analysis_runtime_sockets", "derive"),
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
