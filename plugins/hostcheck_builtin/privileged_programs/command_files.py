"""What programs do with arguments that write files or change accounts: whether root acts on what is written, and who says where it goes."""

from collections.abc import Mapping
from fnmatch import fnmatchcase
from posixpath import basename, dirname, normpath
from typing import Final

from hostcheck.api import pattern
from hostcheck_builtin.leads import place_entries as places
from hostcheck_builtin.privileged_programs.command_effects import edits_roots
from hostcheck_builtin.privileged_programs.command_table import of_program
from hostcheck_builtin.privileged_programs.command_words import (
    FREE,
    HARMLESS,
    HERE,
    PROMPT,
    ROOTS,
    UNKNOWN,
    Call,
    Does,
    Judge,
    Words,
    is_free,
    taken,
    worst,
)
from hostcheck_builtin.system import permission_changes
from hostcheck_builtin.system.mount_views import covers

DATA: Final = ("/usr/share/", "/usr/local/share/", "/usr/src/", "/usr/games/")
"""Below /usr, but nothing that root runs."""
SHARED: Final = ("/tmp", "/var/tmp", "/dev/shm")
"""Where the kernel follows no link of somebody else's (fs.protected_symlinks in proc(5))."""
DISKS: Final = ("/dev/sd*", "/dev/vd*", "/dev/xvd*", "/dev/nvme*", "/dev/mmcblk*", "/dev/dm-*", "/dev/mapper/*", "/dev/mem", "/dev/disk/*")
READS: Final = pattern(r"0?[0-7][0145]{2}|[ugoa]*[-+=][rxX]*(?:,[ugoa]*[-+=][rxX]*)*")
"""Modes that let nobody write but the owner, and set no other bit (chmod(1))."""
PATTERN: Final = frozenset("*?[")
KERNELS: Final = ("/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe", "/proc/sys/fs/binfmt_misc/register")
"""What names programs that the kernel runs as root (core(5), proc(5))."""
GROUPS: Final = frozenset("root sudo wheel admin docker podman lxd incus incus-admin libvirt disk shadow kmem".split())
"""Whose members are root, or as good as root."""
SECRETS: Final = (
    "/etc/shadow*",
    "/etc/gshadow*",
    "/root/*",
    "/etc/ssh/*key",
    "*private*",
    "*.key",
    "*secret*",
    "*/.ssh/*",
    "/etc/sudoers*",
    "/proc/*/environ",
    "/etc/mysql/debian.cnf",
)
SHOWN: Final = ("/etc/motd", "/etc/issue", "/etc/issue.net")
"""What is shown to whoever logs in (login(1), issue(5)), and neither run nor obeyed; who reads it anyhow."""
LOGS: Final = "/var/log/"
OPEN: Final = (LOGS, "/proc/", "/sys/", "/etc/", "/usr/", "/run/")
"""Where only root makes files, as distributions ship them."""


def acts_on(path: str) -> bool:
    """Say whether root acts on what is in a file, or a disk is behind it."""
    plain = normpath(path)
    told = plain if plain != path.rstrip("/") or not path.endswith("/") else path
    if any(fnmatchcase(told, one) for one in DISKS) or plain in KERNELS:
        return True
    return edits_roots(told) and not plain.startswith(DATA)


def target(path: str) -> Does:
    """Return what it is to write to a file: whoever can put a link into its directory says which file that is."""
    if is_free(path):
        return FREE
    if not path.startswith("/"):
        return HERE
    if acts_on(path):
        return ROOTS
    folder = dirname(normpath(path))
    return UNKNOWN._replace(runs=() if folder in SHARED else taken(folder).runs)


def _written(path: str) -> Does:
    """Return what it is to write to a file; what is shown at a login, and a log, make nobody root."""
    found, plain = target(path), normpath(path)
    return found._replace(kind=HARMLESS.kind) if found.kind == UNKNOWN.kind and (plain in SHOWN or plain.startswith(LOGS)) else found


def _copy(call: Call) -> Does:
    """Return what cp, mv, install and ln do: what comes from where the caller says, and goes to where root acts on it."""
    folder = call.value("-t --target-directory")
    sources, to = (call.rest, folder) if folder else (call.rest[:-1], call.rest[-1] if call.rest else "")
    return _moved(sources, to) if sources else (UNKNOWN if call.words else HARMLESS)


def _moved(sources: Words, to: str) -> Does:
    if any(map(is_free, (*sources, to))):
        return FREE
    given = taken(*sources)
    places = (to, *(f"{to.rstrip('/')}/{basename(one)}" for one in sources))
    if any(map(acts_on, places)):
        return ROOTS if given == PROMPT else given
    if given in (HERE, PROMPT):
        return target(to)
    return UNKNOWN


def _dd(call: Call) -> Does:
    told = dict(word.partition("=")[::2] for word in call.words)
    return _moved((told.get("if", "/dev/stdin"),), told["of"]) if "of" in told else UNKNOWN


def _chmod(call: Call) -> Does:
    """Return what chmod does: the setuid bit on a shell, or a right to write to what root acts on."""
    if len(call.rest) < 2:
        return UNKNOWN if call.words else HARMLESS
    mode, *files = call.rest
    if any(map(is_free, call.rest)):
        return FREE
    bits = permission_changes.added(mode)
    if bits is None:
        return UNKNOWN
    setuid, write = bool(bits & 0o4000), bool(bits & 0o022)
    if not setuid and not write:
        plain = not call.told and READS.fullmatch(mode) and all(normpath(file) in SHOWN for file in files)
        return worst(map(_written, files)) if plain else UNKNOWN
    return worst(ROOTS if setuid and of_program(file) and file.startswith("/") else _opened(file, write=write) for file in files)


def _opened(file: str, *, write: bool) -> Does:
    found = target(file)
    return UNKNOWN if found == ROOTS and not write else found


def _chown(call: Call) -> Does:
    """Return what chown and chgrp do: to give a file to root is none of what is looked for."""
    if len(call.rest) < 2:
        return UNKNOWN if call.words else HARMLESS
    if call.rest[0].partition(":")[0].partition(".")[0] in ("root", "0"):
        return UNKNOWN
    return worst(map(target, call.rest[1:])) if not is_free(call.rest[0]) else FREE


def _reader(call: Call) -> Does:
    """Return what a program does that shows files: one that others may read in most cases is harmless."""
    files = [word for word in call.rest if word.startswith("/")]
    secret = any(is_free(file) or not file.startswith(OPEN) or _is_secret(normpath(file)) for file in files)
    return HARMLESS if not call.words or (files and not secret) else UNKNOWN


def _is_secret(path: str) -> bool:
    """Say whether only root is to know what is in a file, by its name or by the catalogue; of a place as wide as /etc most of what is there is open."""
    kept = [place for alone in (False, True) for place in places.of("read", alone=alone) if place.count("/") > 1]
    return any(fnmatchcase(path, one) for one in SECRETS) or any(covers(place, path) for place in kept) or places.by_pattern(path, "read") is not None


def _passwd(call: Call) -> Does:
    """Return what passwd does: without a name it changes that of whoever runs it, and that is root."""
    if any(map(is_free, call.rest)):
        return FREE if fnmatchcase("root", call.rest[0]) else UNKNOWN
    return ROOTS if "root" in call.rest else UNKNOWN


def _account(call: Call) -> Does:
    """Return what a program does that makes or changes accounts and groups: whether somebody gets into a group that is root's equal, or gets root's uid."""
    named = {one for value in (*(one.value for one in call.told), *call.rest) for one in value.split(",")}
    joins = call.has("-G -g -a -A -M --groups --gid --ingroup") or len(call.rest) > 1
    return ROOTS if (joins and GROUPS & named) or call.value("-u --uid") == "0" else UNKNOWN if call.words else HARMLESS


def _mounted(call: Call) -> Does:
    """Return what mount does: with nothing but one directory it does what root's fstab says of that (mount(8))."""
    plain = len(call.words) == 1 and call.words[0].startswith("/") and not PATTERN & set(call.words[0])
    return HARMLESS._replace(runs=taken(dirname(normpath(call.words[0]))).runs) if plain else UNKNOWN


JUDGES: Final[Mapping[str, Judge]] = {
    "written": lambda call: worst(map(_written, call.rest)),
    "copied": _copy,
    "copied-blocks": _dd,
    "mode": _chmod,
    "owner": _chown,
    "last-file": lambda call: target(call.words[-1]) if len(call.words) > 1 else UNKNOWN,
    "read": _reader,
    "password": _passwd,
    "account": _account,
    "mount-point": _mounted,
    "first-file": lambda call: taken(call.rest[0]),
    "all-files": lambda call: taken(*call.rest),
}
