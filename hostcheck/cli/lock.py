"""Keep two scans of root from running at once: cron starts the next one whether or not the last has ended."""

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager

from hostcheck.model import LockedError, TrustError
from hostcheck.trust import is_root

FOLDER = "/run/hostcheck"


@contextmanager
def held() -> Iterator[None]:
    """Hold the lock of this host; raises LockedError where another scan of root does. Nothing is held where this is not root, or /run cannot be written."""
    descriptor = _acquire() if is_root() else None
    try:
        yield
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _acquire() -> int | None:
    try:
        os.makedirs(FOLDER, mode=0o700, exist_ok=True)
        _require_own(os.lstat(FOLDER))
        descriptor = os.open(f"{FOLDER}/lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError:  # a read-only /run: nothing to take turns on
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise LockedError(f"another scan is running (it holds {FOLDER}/lock); wait for it to end") from None
    return descriptor


def _require_own(found: os.stat_result) -> None:
    if found.st_uid != 0 or not stat.S_ISDIR(found.st_mode) or found.st_mode & 0o022:
        raise TrustError(f"{FOLDER} is not a directory that only root can write; remove it: `rm -r {FOLDER}`")
