"""Who there is: users and groups, as the account files and the name service state them, and the processes that run as them.

What is worked out here of people and permissions is asked by every domain that says who can reach something.
"""

from collections.abc import Sequence
from typing import Final

from hostcheck.api import Probe, beside, hookimpl
from hostcheck_builtin.accounts import probe_nss, probe_principals

PROBES: Final = (
    Probe(
        id="nss",
        title="Users and groups by the name service",
        facts_schema=beside(__file__, "probe_nss.facts.json"),
        collect=probe_nss.collect,
        alone=True,
    ),
    Probe(
        id="principals",
        title="Users, groups and the groups of living processes",
        facts_schema=beside(__file__, "probe_principals.facts.json"),
        collect=probe_principals.collect,
    ),
)


@hookimpl
def hostcheck_probes() -> Sequence[Probe]:
    """Return the probes of this domain."""
    return PROBES
