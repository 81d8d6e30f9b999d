"""Where engines keep images and containers: whose it is, on what file system, and who else can write there.

Who can change what root's engines keep is told by the domain `files`.
"""

from typing import Final

from hostcheck_builtin.system.contributions import analysis, contributes, probe

PROBES: Final = (
    probe(__name__, id="storage", title="Where root's engines keep images and containers"),
    probe(
        __name__,
        id="user-storage",
        title="Where users' own engines keep images and containers",
        share=30,
        owners={"/homes/*/data": "owner_uid", "/homes/*/stores": "owner_uid"},
        users=True,
    ),
)
ANALYSES: Final = (
    analysis(
        __name__,
        id="storage-separation",
        title="Which engines share storage, and who can change what they take images from",
        reads=("engine-files", "group-grants", "host", "nss", "principals", "storage", "user-files", "user-storage"),
    ),
)
hostcheck_probes = contributes(PROBES)
hostcheck_analyses = contributes(ANALYSES)
