"""The installed hostcheck of tests/engines, and scans of a throwaway host from every posture at once.

The three scans of a host run side by side: they only read, and the lock in /run/hostcheck is root's alone.
"""

from collections.abc import Callable
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
    """Scan a world from each posture."""

    def run(world: World, *options: str) -> dict[str, Scan]:
        with ThreadPoolExecutor(len(POSTURES)) as pool:
            started = {user: pool.submit(scan, world, *options, user=user) for user in POSTURES}
        return {user: one.result() for user, one in started.items()}

    return run
