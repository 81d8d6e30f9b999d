"""Directories whose files root of another host writes as root here, because the NFS server of the kernel takes its uid 0 for root: exports(5).

The files are read where the server is there, by its file system, or starts at boot; what it exports now is what exportfs(8) made of them. By default uid 0
is nobody (root_squash), and clients only read (ro). Of a host several entries may hold; each is stated.
"""

from collections.abc import Iterator
from typing import Final

from hostcheck.api import Hole, Host, Json, LimitExceeded, Why, attempt, incomplete, pattern, worst_hole
from hostcheck_builtin.system import bounds, mountinfo, path_walk
from hostcheck_builtin.system.mountinfo import Mount
from hostcheck_builtin.system.path_walk import LstatCache
from hostcheck_builtin.system.presence import absent_as, is_there

FILE: Final = "/etc/exports"
FOLDER: Final = "/etc/exports.d"
SERVER: Final = "nfsd"
STARTED: Final = tuple(f"/etc/systemd/system/multi-user.target.wants/{name}.service" for name in ("nfs-server", "nfs-kernel-server"))
"""Links by which systemd starts it at boot."""
WORD: Final = pattern(r'"[^"]*"|\S+')
ESCAPED: Final = pattern(r"\\([0-7]{3})")
PAIRS: Final = (("ro", "rw"), ("root_squash", "no_root_squash"), ("no_all_squash", "all_squash"), ("secure", "insecure"))
"""Options of which one holds, the first where neither is there."""
OPPOSITES: Final = {one: other for pair in PAIRS for one, other in (pair, pair[::-1])}


def stated(host: Host) -> dict[str, Json]:
    """Return ``{exports}`` with what is exported to be written as root, by path and client; nothing where no server is there."""
    table = attempt(mountinfo.mounts, host)
    if isinstance(table, Hole):
        return {} if table.why is Why.UNSUPPORTED else {"exports": table}  # as on a Mac, which has a server of its own
    runs = any(mount.fstype == SERVER for mount in table)
    if not runs and not any(is_there(host, path, follow=False) for path in STARTED):
        return {}
    names = absent_as([], attempt, host.list_dir, FOLDER)
    inner = [] if isinstance(names, Hole) else [f"{FOLDER}/{name}" for name in sorted(names) if name.endswith(".exports") and not name.startswith(".")]
    found, unread = dict[str, Json](), names if isinstance(names, Hole) else None
    for path in (FILE, *inner):
        told = attempt(_take, host, path, found, table, runs=runs)
        unread = worst_hole(unread, told)
    return {"exports": incomplete(found, unread)}


def _take(host: Host, path: str, found: dict[str, Json], table: list[Mount], *, runs: bool) -> None:
    text = absent_as(b"", host.read_bytes, path, limit=bounds.ROOTS_TABLE_BYTES).decode("utf-8", "surrogateescape")
    for line, folder, client, options in entries(text):
        if {"rw", "no_root_squash"} <= options and "all_squash" not in options:
            if len(found) >= bounds.NFS_EXPORTS:
                raise LimitExceeded(f"more than {bounds.NFS_EXPORTS} exports that root of other hosts may write")
            any_port = "insecure" in options
            executed = attempt(_everybody_executes, host, folder, table)
            more: dict[str, Json] = {"any_port": any_port, "executed": executed, "runs": runs}
            found[f"{folder} to {client}"] = {"path": folder, "client": client, "place": f"{path}:{line}", **more}


def _everybody_executes(host: Host, folder: str, table: list[Mount]) -> bool:
    """Say whether every local user gets into a directory, whose own mode a client changes, and programs with the setuid bit count there."""
    way = path_walk.walk(host, folder, LstatCache())
    if way.type != "dir":
        return False
    options = frozenset(mountinfo.mount_of(way.realpath, table).options.split(","))
    return options.isdisjoint(("nosuid", "noexec")) and all(one.mode & 0o001 for one in way.parents.values())


def entries(text: str) -> Iterator[tuple[int, str, str, frozenset[str]]]:
    """Yield each client of each directory with its options, and the line; a client without a name is everybody."""
    lines, begin = list[str](), 1
    for number, line in enumerate(text.split("\n"), 1):
        begin = begin if lines else number
        lines.append(line.removesuffix("\\"))
        if line.endswith("\\"):
            continue
        words, lines = WORD.findall("".join(lines).partition("#")[0]), []
        given = list[str]()
        for word in words[1:]:
            if word.startswith("-"):
                given = word[1:].split(",")
                continue
            client, _, own = word.partition("(")
            yield begin, ESCAPED.sub(lambda found: chr(int(found[1], 8)), words[0].strip('"')), client or "*", _in_force([*given, *own.rstrip(")").split(",")])


def _in_force(options: list[str]) -> frozenset[str]:
    """Return the options that hold, of which the last of two opposite ones does."""
    found = {first for first, _ in PAIRS}
    for one in options:
        found -= {OPPOSITES.get(one, "")}
        found.add(one)
    return frozenset(found)
