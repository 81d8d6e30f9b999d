"""What gives a user a group other than a line of /etc/group: PAM, units, tools that make users.

A group that somebody will get tomorrow counts as well as one that is held today.
"""

from collections.abc import Sequence
from typing import Final

from hostcheck.api import Probe, beside, deferred, hookimpl

PROBES: Final = (
    Probe(
        id="group-grants",
        title="What gives users groups beside /etc/group",
        facts_schema=beside(__file__, "probe_group_grants.facts.json"),
        collect=deferred(f"{__name__}.probe_group_grants", "collect"),
        share=30,
        owners={"/setgid_files": "owner_uid"},
    ),
)


@hookimpl
def hostcheck_probes() -> Sequence[Probe]:
    """Return the probes of this domain."""
    return PROBES
