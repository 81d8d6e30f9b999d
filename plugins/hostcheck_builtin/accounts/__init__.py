"""Who there is: users and groups, as the account files and the name service state them, and the processes that run as them.

What is worked out here of people and permissions is asked by every domain that says who can reach something.
"""

from typing import Final

from hostcheck_builtin.system.contributions import contributes, probe

PROBES: Final = (
    probe(__name__, id="nss", title="Users and groups by the name service", alone=True),
    probe(__name__, id="principals", title="Users, groups and the groups of living processes"),
)
hostcheck_probes = contributes(PROBES)
