"""What Podman, Buildah and Skopeo are told by the files in /etc/containers and below it, and in the homes of users.

Later files and directories win over earlier ones, in an order that is each file's own.
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
