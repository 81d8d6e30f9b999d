"""Where a path of the host that a user's container has leads to now: past a link of that user's too, since it speaks of nobody else."""

from hostcheck.api import Host
from hostcheck_builtin.containers.host_paths import HostPaths
from hostcheck_builtin.system.path_walk import WalkedPath


class UserPaths(HostPaths):
    """Walks to paths that one user was asked for."""

    def __init__(self, host: Host, uid: int) -> None:
        """Look at nothing yet."""
        super().__init__(host)
        self._uid = uid

    def trusted(self, path: str, walked: WalkedPath) -> WalkedPath:
        """Return a way that is known, past links of this user's as far as they lead to what is that user's."""
        if walked.type == "link" and walked.end.uid == self._uid:
            walked = self.follow(path, walked)
            if walked.type not in ("link", "loop"):
                return walked
        return super().trusted(path, walked)
