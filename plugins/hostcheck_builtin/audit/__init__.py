"""What would tell of an intrusion later, and what should have been updated: audit rules, versions, restarts that are due.

An audit rule in a file is not yet one of the kernel's; a distribution's package is not judged by the number of its upstream.
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
