"""The networks of engines: who reaches whom on them, and what of a host they serve."""

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
