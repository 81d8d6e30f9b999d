"""Say why root must not believe a file.

Whoever can write a file, or swap a directory or a link on the way to it, decides what it says; so the way is walked name by name.
"""

import os
import stat
from typing import Final

from hostcheck.model import HostcheckError, TrustError

LINKS: Final = 40
"""MAXSYMLINKS of the kernel (path_resolution(7))."""


def is_root() -> bool:
    """Say whether this process is root of the host, and not of a user namespace, where the files of the real root belong to nobody (user_namespaces(7))."""
    if os.geteuid() != 0:
        return False
    try:
        with open("/proc/self/uid_map", encoding="ascii") as file:
            return file.read().split() == ["0", "0", "4294967295"]
    except OSError:  # no /proc, or a kernel without user namespaces
        return True


def require_trusted(path: str) -> None:
    """Raise TrustError where somebody but root could have written `path` and this process is root; names the place and the remedy."""
    if not is_root():
        return
    try:
        _walk(path)
    except OSError as error:
        raise HostcheckError(f"{path}: {(error.strerror or str(error)).lower()}") from None


def _walk(path: str) -> None:
    here = "/"
    rest = [name for name in os.path.join(os.getcwd(), path).split("/") if name]
    links = 0
    _require_roots(here)
    while rest:
        name = rest.pop(0)
        place = os.path.dirname(here) if name == ".." else os.path.join(here, name) if name != "." else here
        _require_roots(place)
        if not os.path.islink(place):
            here = place
            continue
        links += 1
        if links > LINKS:
            raise HostcheckError(f"{path}: more than {LINKS} symbolic links on the way")
        target = os.readlink(place)
        rest = [part for part in target.split("/") if part] + rest
        here = "/" if target.startswith("/") else here


def _require_roots(path: str) -> None:
    if problem := _problem(os.lstat(path)):
        raise TrustError(f"{path} {problem}; root does not act on it: `chown root {path}; chmod go-w {path}`")


def _problem(found: os.stat_result) -> str:
    if found.st_uid != 0:
        return f"belongs to user id {found.st_uid}"
    if stat.S_ISLNK(found.st_mode):
        return ""
    sticky = stat.S_ISDIR(found.st_mode) and found.st_mode & stat.S_ISVTX
    return f"can be written by others (mode {stat.S_IMODE(found.st_mode):04o})" if found.st_mode & 0o022 and not sticky else ""
