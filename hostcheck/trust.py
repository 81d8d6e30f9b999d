"""Say why root must not believe a file, or a distribution.

Whoever can write a file, or swap a directory or a link on the way to it, decides what it says; so the way is walked name by name.
"""

import os
import stat
import sys
from dataclasses import dataclass
from typing import Final

from hostcheck.documents import compact, digest
from hostcheck.installed import VOLATILE, Distribution, listed, read_regular, tops
from hostcheck.model import HostcheckError, TrustError
from hostcheck.parting import clean

CUSTOM: Final = ("sitecustomize.py", "usercustomize.py", "sitecustomize/__init__.py", "usercustomize/__init__.py")
"""What site of Python imports by itself."""
OURS: Final = frozenset(
    "hostcheck hostcheck_builtin hostcheck_reports pluggy psutil jinja2 markupsafe"
    " jsonschema jsonschema_specifications referencing rpds attr attrs typing_extensions".split()
)
"""What a plugin may import beside the standard library and itself: hostcheck, and what hostcheck itself needs."""
FILE: Final = 64 << 20
"""The largest file of a distribution that is looked at, in bytes."""
LINKS: Final = 40
"""MAXSYMLINKS of the kernel (path_resolution(7))."""


def is_root() -> bool:
    """Say whether this process is root of the host, and not of a user namespace, where the files of the real root belong to nobody (user_namespaces(7))."""
    if os.geteuid() != 0:
        return False
    try:
        with open("/proc/self/uid_map", encoding="utf-8") as file:
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
    rest = [name for name in (path if path.startswith("/") else os.path.join(os.getcwd(), path)).split("/") if name]
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
        raise TrustError(f"{path} {problem}; so root does not use it; to fix it: `chown root {path}; chmod go-w {path}`")


def _problem(found: os.stat_result) -> str:
    if found.st_uid != 0:
        return f"belongs to user id {found.st_uid}"
    if stat.S_ISLNK(found.st_mode):
        return ""
    sticky = stat.S_ISDIR(found.st_mode) and found.st_mode & stat.S_ISVTX
    return f"can be written by others (mode {stat.S_IMODE(found.st_mode):04o})" if found.st_mode & 0o022 and not sticky else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """What root allows: one distribution, in one version, with one content; `validated` says of which benchmarks and facts schemas it was seen to be valid."""

    distribution: str
    version: str
    sha256: str
    validated: str = ""


def content_sha256(distribution: Distribution) -> str:
    """Return the digest over path, digest and size of every file of a distribution that can be imported or read; raises OSError."""
    return digest(compact([list(_measured(distribution, one.path)) for one in listed(distribution)]))


def _measured(distribution: Distribution, path: str) -> tuple[str, str, int]:
    content = read_regular(os.path.join(distribution.site, path), FILE)
    if content is None:  # listed, and gone: an editable installation lists what it does not have
        return clean(path), "", -1
    return clean(path), digest(content), len(content)


def examine(distribution: Distribution, pin: Pin) -> tuple[str, str] | None:
    """Return status and reason why root must not import a pinned distribution, None where it may."""
    if problem := doubt(distribution):
        return "refused", problem
    if distribution.version != pin.version:
        remedy = f"`hostcheck plugins pin {distribution.name}` prints the new pin"
        return "mismatched", f"version {distribution.version} is installed, but {pin.version} is pinned; {remedy}"
    found = content_sha256(distribution)
    if found != pin.sha256:
        return "mismatched", f"the digest of its files is {found}, but the pin has another; if you know why they changed, pin it again"
    return None


def doubt(distribution: Distribution) -> str:
    """Say why the files of a distribution cannot be believed, whatever they hold: who could have written them, and what is there that nobody installed."""
    files = [one.path for one in listed(distribution)]
    if not files:
        return "has no RECORD of its files, so what belongs to it is unknown; install it from a wheel"
    if hooks := [path for path in files if path.endswith(".pth") or path in CUSTOM]:
        return f"{hooks[0]} runs whenever Python starts, before hostcheck can check it; install a wheel without it"
    if taken := sorted(tops(distribution) & (sys.stdlib_module_names | OURS)):
        return f"has a module {taken[0]!r}, the name of a module of Python or hostcheck, which it would replace"
    try:
        for path in files:
            require_trusted(os.path.join(distribution.site, path))
        for folder in sorted({os.path.join(distribution.site, os.path.dirname(path)) for path in files} | {distribution.site}):
            _require_closed(folder)
        strangers = _unlisted(distribution, files)
    except OSError as error:
        return f"cannot be checked: {error.filename}: {(error.strerror or '').lower()}"
    except HostcheckError as error:
        return str(error)
    if strangers:
        return f"{strangers[0]} is not in its RECORD, but could be imported; remove it, or reinstall the distribution"
    return ""


def _require_closed(folder: str) -> None:
    """Raise TrustError where others may put something into a folder that is searched by name: there the sticky bit does not help."""
    mode = stat.S_IMODE(os.stat(folder).st_mode)
    if is_root() and mode & 0o022:
        raise TrustError(f"{folder} can be written by others (mode {mode:04o}); so root does not import from it; to fix it: `chmod go-w {folder}`")


def _unlisted(distribution: Distribution, files: list[str]) -> list[str]:
    """Return what stands in the folders of a distribution, or would be imported for one of its modules, and is not its own."""
    known = set(files)
    folders = {os.path.dirname(path) for path in files} - {""}
    known |= {parent for folder in folders for parent in _parents(folder)}
    own = os.path.basename(distribution.metadata)
    found = [f"{folder}/{name}" for folder in sorted(folders) for name in sorted(os.listdir(os.path.join(distribution.site, folder)))]
    found = [path for path in found if os.path.basename(path) not in ("__pycache__", *(VOLATILE if os.path.dirname(path) == own else ()))]
    firsts = {name.partition(".")[0] for name in (path.partition("/")[0] for path in files) if not name.endswith(".dist-info")}
    found += [name for name in sorted(os.listdir(distribution.site)) if name.partition(".")[0] in firsts]
    return [path for path in found if path not in known]


def _parents(folder: str) -> list[str]:
    parts = folder.split("/")
    return ["/".join(parts[: count + 1]) for count in range(len(parts))]


def changed(distribution: Distribution) -> list[str]:
    """Return the files that are not what the RECORD of their distribution says that was installed."""
    import base64

    stated = {one.path: one.sha256 for one in listed(distribution) if one.sha256}
    found = {path: base64.urlsafe_b64encode(bytes.fromhex(_measured(distribution, path)[1])).decode().rstrip("=") for path in stated}
    return [path for path in sorted(stated) if stated[path] != found[path]]
