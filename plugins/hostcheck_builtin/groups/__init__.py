"""What gives a user a group other than a line of /etc/group: PAM, units, tools that make users.

A group that somebody will get tomorrow counts as well as one that is held today.
"""

from typing import Final

from hostcheck_builtin.system.contributions import contributes, probe

PROBES: Final = (probe(__name__, id="group-grants", title="What gives users groups beside /etc/group", share=30, owners={"/setgid_files": "owner_uid"}),)
hostcheck_probes = contributes(PROBES)
