"""Say why root must not believe a file.

Whoever can write a file, or swap one of the directories that lead to it, decides what it says.
"""

import os
import stat

from hostcheck.model import HostcheckError, TrustError


def require_trusted(path: str) -> None:
    """Raise TrustError where somebody but root could have written `path` and this process is root; names the place and the remedy."""
    if os.geteuid() != 0:
        return
    try:
        real = os.path.realpath(path, strict=True)
        for place in (os.path.abspath(path), real):
            _require_chain(place)
    except OSError as error:
        raise HostcheckError(f"{path}: {(error.strerror or str(error)).lower()}") from None


def _require_chain(path: str) -> None:
    while True:
        found = os.lstat(path)
        if problem := _problem(found):
            raise TrustError(f"{path} {problem}; root does not act on it: `chown root {path}; chmod go-w {path}`")
        parent = os.path.dirname(path)
        if parent == path:
            return
        path = parent


def _problem(found: os.stat_result) -> str:
    if found.st_uid != 0:
        return f"belongs to user id {found.st_uid}"
    if stat.S_ISLNK(found.st_mode):
        return ""
    sticky = stat.S_ISDIR(found.st_mode) and found.st_mode & stat.S_ISVTX
    return f"can be written by others (mode {stat.S_IMODE(found.st_mode):04o})" if found.st_mode & 0o022 and not sticky else ""
