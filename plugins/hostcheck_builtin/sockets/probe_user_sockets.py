"""Engine sockets of users: where they are, who may reach them, and who listens.

What a user can plant is a probe of its own, so that it costs no fact about root's sockets.
"""

from hostcheck.api import Host, Json
from hostcheck_builtin.sockets.user_discovery import discover


def collect(host: Host) -> Json:
    """State ``{sockets}``: by path, whoever's they are but root's."""
    return {"sockets": discover(host)}
