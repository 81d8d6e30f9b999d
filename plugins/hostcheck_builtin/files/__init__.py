"""The files that root's engines run, read and write, and those that hold the keys to engines: who can change them, and who can read them.

What root's engine runs or believes is root's word: whoever can write it is root.
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
