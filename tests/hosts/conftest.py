"""The installed hostcheck of tests/engines, and scans of a throwaway host from several postures at once.

The scans of a host run side by side: they only read, and the lock in /run/hostcheck is root's alone.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from real_engines.conftest import installed, scan
from real_engines.scans import Scan, Scanner
from real_engines.world import World

__all__ = ["installed", "scan"]
POSTURES = ("root", "alice", "nobody")
"""Root, a member of the group docker, and a user with no group of note."""

Scans = Callable[..., dict[str, Scan]]


@pytest.fixture(scope="session")
def scans(scan: Scanner) -> Scans:
    """Scan a world from each posture, or from some."""

    def run(world: World, *options: str, users: Sequence[str] = POSTURES) -> dict[str, Scan]:
        with ThreadPoolExecutor(len(users)) as pool:
            started = {user: pool.submit(scan, world, *options, user=user) for user in users}
        return {user: one.result() for user, one in started.items()}

    return run
