"""Which engine a user's client is told to talk to, and what systemd starts for that user.

Settings are read as the programs themselves read them; nothing of a user's is executed.
"""

from typing import Final

from hostcheck_builtin.system.contributions import contributes, probe

PROBES: Final = (probe(__name__, id="user-clients", title="Clients of users, and what systemd starts for them", share=30, users=True),)
hostcheck_probes = contributes(PROBES)
