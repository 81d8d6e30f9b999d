"""What programs do with arguments that write files or change accounts: whether root acts on what is written, and who says where it goes."""

from fnmatch import fnmatchcase
from posixpath import basename, dirname, normpath
from typing import Final

from hostcheck_builtin.privileged_programs.argument_words import (
    FREE,
    HARMLESS,
    HERE,
    PROMPT,
    ROOTS,
    UNKNOWN,
    Again,
    Does,
    Words,
    anywhere,
    is_free,
    taken,
    worst,
)
from hostcheck_builtin.privileged_programs.command_effects import edits_roots
from hostcheck_builtin.privileged_programs.shell_commands import of_program

DATA: Final = ("/usr/share/", "/usr/local/share/", "/usr/src/", "/usr/games/")
"""Below /usr, but nothing that root runs."""
SHARED: Final = ("/tmp", "/var/tmp", "/dev/shm")
"""Where the kernel follows no link of somebody else's (fs.protected_symlinks in proc(5))."""
DISKS: Final = ("/dev/sd*", "/dev/vd*", "/dev/xvd*", "/dev/nvme*", "/dev/mmcblk*", "/dev/dm-*", "/dev/mapper/*", "/dev/mem", "/dev/disk/*")
KERNELS: Final = ("/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe", "/proc/sys/fs/binfmt_misc/register")
"""What names programs that the kernel runs as root (core(5), proc(5))."""
GROUPS: Final = frozenset("root sudo wheel admin docker podman lxd incus incus-admin libvirt disk shadow kmem".split())
"""Whose members are root, or as good as root."""
SECRETS: Final = ("/etc/shadow*", "/etc/gshadow*", "/root/*", "/etc/ssh/*key", "*private*", "*.key", "*secret*", "*/.ssh/*", "/etc/sudoers*", "/proc/*/environ")
OPEN: Final = ("/var/log/", "/proc/", "/sys/", "/etc/", "/usr/", "/run/")
"""Where only root makes files, as distributions ship them."""
NO_CHANGE: Final = ("-S", "--status", "-l", "--lock", "-e", "--expire", "-h", "--help")
ACCOUNT_VALUES: Final = ("-G", "-g", "-p", "-u", "-s", "-d", "-c", "-e", "-f", "-l", "--groups", "--gid", "--uid", "--ingroup", "--shell")
GROUP_VALUES: Final = {"gpasswd": ("-a", "-d", "-M", "-A"), "groupmems": ("-a", "-d", "-g")}


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
        return Does(FREE)
    if not path.startswith("/"):
        return Does(HERE)
    if acts_on(path):
        return Does(ROOTS)
    folder = dirname(normpath(path))
    return Does(UNKNOWN, () if folder in SHARED else taken(folder).runs)


def of_tee(_: str, words: Words, __: Again) -> Does:
    """Return what tee does: it writes what its caller says."""
    return worst(map(target, anywhere(words).rest))


def of_copy(_: str, words: Words, __: Again) -> Does:
    """Return what cp, mv, install and ln do: what comes from where the caller says, and goes to where root acts on it."""
    parted = anywhere(words, ("-t", "-S", "-m", "-o", "-g", "--target-directory"))
    folder = parted.value("-t", "--target-directory")
    sources, to = (parted.rest, folder) if folder else (parted.rest[:-1], parted.rest[-1] if parted.rest else "")
    return _moved(sources, to) if sources else Does(UNKNOWN if words else HARMLESS)


def _moved(sources: Words, to: str) -> Does:
    if any(map(is_free, (*sources, to))):
        return Does(FREE)
    given = taken(*sources)
    places = (to, *(f"{to.rstrip('/')}/{basename(one)}" for one in sources))
    if any(map(acts_on, places)):
        return Does(ROOTS) if given.kind == PROMPT else given
    if given.kind in (HERE, PROMPT):
        return target(to)
    return Does(UNKNOWN)


def of_dd(_: str, words: Words, __: Again) -> Does:
    """Return what dd does."""
    told = dict(word.partition("=")[::2] for word in words)
    return _moved((told.get("if", "/dev/stdin"),), told["of"]) if "of" in told else Does(UNKNOWN if words else HARMLESS)


def of_chmod(_: str, words: Words, __: Again) -> Does:
    """Return what chmod does: the setuid bit on a shell, or a right to write to what root acts on."""
    rest = anywhere(words).rest
    if len(rest) < 2:
        return Does(UNKNOWN if words else HARMLESS)
    mode, files = rest[0], rest[1:]
    if is_free(mode) or any(map(is_free, files)):
        return Does(FREE)
    setuid, write = _opens(mode)
    if not setuid and not write:
        return Does(UNKNOWN)
    return worst(Does(ROOTS) if setuid and of_program(file) and file.startswith("/") else _opened(file, write=write) for file in files)


def _opened(file: str, *, write: bool) -> Does:
    found = target(file)
    return Does(UNKNOWN) if found.kind == ROOTS and not write else found


def _opens(mode: str) -> tuple[bool, bool]:
    """Say whether a mode sets the setuid bit, and whether it lets others write."""
    if mode.isdigit() and not set(mode) & set("89"):
        bits = int(mode, 8)
        return bool(bits & 0o4000), bool(bits & 0o022)
    clauses = [one for one in mode.split(",") if "+" in one or "=" in one]
    whom = [(one.partition("+")[0] if "+" in one else one.partition("=")[0], one) for one in clauses]
    return any("s" in one for _, one in whom), any("w" in one and (not who or set(who) & set("goa")) for who, one in whom)


def of_chown(_: str, words: Words, __: Again) -> Does:
    """Return what chown and chgrp do: to give a file to root is none of what is looked for."""
    rest = anywhere(words).rest
    if len(rest) < 2:
        return Does(UNKNOWN if words else HARMLESS)
    if rest[0].partition(":")[0].partition(".")[0] in ("root", "0"):
        return Does(UNKNOWN)
    return worst(map(target, rest[1:])) if not is_free(rest[0]) else Does(FREE)


def of_rights(_: str, words: Words, __: Again) -> Does:
    """Return what setfacl and setcap do with the file that stands last."""
    return target(words[-1]) if len(words) > 1 else Does(UNKNOWN if words else HARMLESS)


def of_reader(_: str, words: Words, __: Again) -> Does:
    """Return what a program does that shows files: one that others may read in most cases is harmless."""
    files = [word for word in anywhere(words, ("-n", "-c", "-e", "-f")).rest if word.startswith("/")]
    secret = any(is_free(file) or not file.startswith(OPEN) or any(fnmatchcase(normpath(file), one) for one in SECRETS) for file in files)
    return Does(HARMLESS if not words or (files and not secret) else UNKNOWN)


def of_passwd(_: str, words: Words, __: Again) -> Does:
    """Return what passwd does: without a name it changes that of whoever runs it, and that is root."""
    parted = anywhere(words, ("-n", "-x", "-w", "-i", "-R", "-P"))
    if parted.has(*NO_CHANGE):
        return Does(HARMLESS)
    if any(map(is_free, parted.rest)):
        return Does(FREE if fnmatchcase("root", parted.rest[0]) else UNKNOWN)
    return Does(ROOTS if not parted.rest or "root" in parted.rest else UNKNOWN)


def of_account_lines(_: str, words: Words, __: Again) -> Does:
    """Return what chpasswd and newusers do: what they are told from a file, else by their caller."""
    rest = anywhere(words, ("-c", "-s", "-R", "-P")).rest
    return taken(*rest) if rest else Does(ROOTS)


def of_account(name: str, words: Words, __: Again) -> Does:
    """Return what a program does that makes or changes accounts and groups: whether somebody gets into a group that is root's equal, or gets root's uid."""
    if not words:
        return Does(HARMLESS)
    parted = anywhere(words, GROUP_VALUES.get(name, ACCOUNT_VALUES))
    if any(map(is_free, words)):
        return Does(FREE)
    named = {one for value in (*parted.options.values(), *parted.rest) for one in value.split(",")}
    joins = parted.has("-G", "-g", "-a", "-A", "-M", "--groups", "--gid", "--ingroup") or len(parted.rest) > 1
    return Does(ROOTS if (joins and GROUPS & named) or parted.value("-u", "--uid") == "0" else UNKNOWN)


def of_crontab(_: str, words: Words, __: Again) -> Does:
    """Return what crontab does: it starts an editor, or takes jobs from a file."""
    parted = anywhere(words, ("-u",))
    if parted.has("-e"):
        return Does(PROMPT)
    return taken(parted.rest[0]) if parted.rest else Does(HARMLESS if parted.has("-l", "-r") else PROMPT)


def of_at(_: str, words: Words, __: Again) -> Does:
    """Return what at does: it takes a job from a file, else from its caller."""
    parted = anywhere(words, ("-f", "-q", "-t", "-o"))
    if parted.has("-l", "-r", "-d", "-c", "-V"):
        return Does(HARMLESS)
    return taken(parted.value("-f")) if parted.has("-f") else Does(PROMPT)


READERS: Final = "cat tac head tail nl od hexdump hd strings cut paste fold fmt rev grep egrep fgrep zgrep zcat bzcat xzcat diff cmp comm join column".split()
FUNCTIONS: Final = {
    **dict.fromkeys(("cp", "mv", "install", "ln"), of_copy),
    **dict.fromkeys(("chown", "chgrp"), of_chown),
    **dict.fromkeys(("setfacl", "setcap"), of_rights),
    **dict.fromkeys(READERS, of_reader),
    **dict.fromkeys(("chpasswd", "newusers"), of_account_lines),
    **dict.fromkeys(("usermod", "useradd", "adduser", "gpasswd", "groupmems", "groupadd", "groupmod"), of_account),
    **{"tee": of_tee, "sponge": of_tee, "dd": of_dd, "chmod": of_chmod, "passwd": of_passwd, "crontab": of_crontab, "at": of_at, "batch": of_at},
}
