"""mounts.conf: directories whose files are copied into every container, as RHEL does with its subscription.

Only the first file that is there is read: of the home, for a user's Podman alone; then of /etc, then of the vendor.
"""

from typing import Final

from hostcheck.api import Json, LimitExceeded
from hostcheck_builtin.podman.folders import File, Files
from hostcheck_builtin.system.bounds import PODMAN_LIST as MOST

NAME: Final = "mounts.conf"


def read(*folders: Files) -> File | None:
    """Return the first file that is there."""
    return next((file for folder in folders if (file := folder.file(NAME)) is not None), None)


def stated(file: File | None) -> dict[str, Json]:
    """State which directories a file names, as HOST:CONTAINER; what does not begin with a slash is passed over."""
    if file is None:
        return {"file": "", "directories": []}
    path, raw = file
    lines = [line.strip() for line in raw.decode("utf-8", "surrogateescape").split("\n")]
    found = [":".join(line.split(":")[:2]) for line in lines if line.startswith("/")]
    if len(found) > MOST:
        raise LimitExceeded(f"{path}: more than {MOST} lines")
    return {"file": path, "directories": found}
