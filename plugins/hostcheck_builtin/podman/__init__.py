"""What Podman, Buildah and Skopeo are told by the files in /etc/containers and below it, and in the homes of users.

Later files and directories win over earlier ones, in an order that is each file's own.
"""

from collections.abc import Sequence
from typing import Final

from hostcheck.api import Analysis, Probe, beside, deferred, hookimpl

PROBES: Final = (
    Probe(
        id="podman-config",
        title="Podman: what root's is told",
        facts_schema=beside(__file__, "probe_podman_config.facts.json"),
        collect=deferred(f"{__name__}.probe_podman_config", "collect"),
    ),
    Probe(
        id="user-podman-config",
        title="Podman: what users tell their own",
        facts_schema=beside(__file__, "probe_user_podman_config.facts.json"),
        collect=deferred(f"{__name__}.probe_user_podman_config", "collect"),
        share=30,
        owners={"/homes": "uid"},
        users=True,
    ),
)
ANALYSES: Final = (
    Analysis(
        id="podman-settings",
        title="Podman: what it is told for root and by users",
        reads=("engines", "kernel", "nss", "podman-config", "principals", "subids", "user-podman-config"),
        facts_schema=beside(__file__, "analysis_podman_settings.facts.json"),
        derive=deferred(f"{__name__}.analysis_podman_settings", "derive"),
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
