"""What containerd, CRI-O and BuildKit are told by their configuration, by flags and by what runs.

Without an engine of its own the file of a runtime is a file like any other: what judges it asks whether the runtime is there.
"""

from collections.abc import Sequence
from typing import Final

from hostcheck.api import Analysis, Probe, hookimpl

PROBES: Final[tuple[Probe, ...]] = ()
ANALYSES: Final[tuple[Analysis, ...]] = ()


@hookimpl
def hostcheck_probes() -> Sequence[Probe]:
    """Return the probes of this domain."""
    return PROBES


@hookimpl
def hostcheck_analyses() -> Sequence[Analysis]:
    """Return the analyses of this domain."""
    return ANALYSES
