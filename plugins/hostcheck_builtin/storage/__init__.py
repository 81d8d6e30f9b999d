"""Where engines keep images and containers: whose it is, on what file system, and who else can write there.

Who can change what root's engines keep is told by the domain `files`.
"""

from collections.abc import Sequence
from typing import Final

from hostcheck.api import Analysis, Probe, beside, deferred, hookimpl

PROBES: Final = (
    Probe(
        id="storage",
        title="Where root's engines keep images and containers",
        facts_schema=beside(__file__, "probe_storage.facts.json"),
        collect=deferred(f"{__name__}.probe_storage", "collect"),
    ),
    Probe(
        id="user-storage",
        title="Where users' own engines keep images and containers",
        facts_schema=beside(__file__, "probe_user_storage.facts.json"),
        collect=deferred(f"{__name__}.probe_user_storage", "collect"),
        share=30,
        owners={"/homes/*/data": "owner_uid", "/homes/*/stores": "owner_uid"},
        users=True,
    ),
)
ANALYSES: Final = (
    Analysis(
        id="storage-separation",
        title="Which engines share storage, and who can change what they take images from",
        reads=("engine-files", "group-grants", "host", "nss", "principals", "storage", "user-files", "user-storage"),
        facts_schema=beside(__file__, "analysis_storage_separation.facts.json"),
        derive=deferred(f"{__name__}.analysis_storage_separation", "derive"),
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
