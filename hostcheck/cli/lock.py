"""Keep two scans of root from running at once: cron starts the next one whether or not the last has ended."""

import fcntl
import os
import stat

from hostcheck.model import LockedError, TrustError

FOLDER = "/run/hostcheck"


def acquire() -> int | None:
    """Take the lock of this host and return its descriptor, which holds it until it is closed; None where this is not root, or /run cannot be written."""
    if os.geteuid() != 0:
        return None
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
        raise TrustError(f"{FOLDER} is not a directory that only root writes; `rm -r {FOLDER}`")
