"""One process by its directory in /proc: its files, its links and the fields of its status.

The directory is held, and never stands for a later process of the same number.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from hostcheck.host import MIB, LimitExceeded, Nonsense, lenient

LOOK: Final = os.O_PATH | os.O_CLOEXEC | os.O_DIRECTORY


READ: Final = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY


GONE: Final = (FileNotFoundError, ProcessLookupError)


@contextmanager
def held(pid: int) -> Iterator[int]:
    """Hold a process by its directory, which never stands for a later one."""
    folder = os.open(f"/proc/{pid}", LOOK)
    try:
        yield folder
    except OSError as error:
        error.filename = f"/proc/{pid}/{lenient(error.filename or b'status')}"
        raise
    finally:
        os.close(folder)


def read_file(folder: int, name: bytes) -> bytes:
    """Return a file of a process; raises LimitExceeded where it is too large, and what open(2) raises."""
    handle = os.open(name, READ, dir_fd=folder)
    chunks, room = list[bytes](), MIB
    try:
        while room > 0 and (chunk := os.read(handle, 1 << 16)):
            chunks.append(chunk)
            room -= len(chunk)
    finally:
        os.close(handle)
    if room <= 0:
        raise LimitExceeded(f"/proc/PID/{lenient(name)}: more than {MIB} bytes")
    return b"".join(chunks)


def field(data: bytes, key: bytes) -> bytes:
    """Return what stands behind `key` in a status; raises Nonsense where that is not there."""
    start = data.find(key) + len(key)
    if start < len(key):
        raise Nonsense(f"/proc/PID/status: without {lenient(key.strip())}")
    return data[start : data.index(b"\n", start)]


def four_ids(data: bytes, key: bytes) -> tuple[int, int, int, int]:
    """Return the real, effective, saved and file-system id behind `key` in a status."""
    real, effective, saved, of_files = map(int, field(data, key).split())
    return real, effective, saved, of_files


def name_of(data: bytes) -> str:
    r"""Return the name; ``\n`` and ``\\`` are escaped in it, so that none can pass for a line of its own (proc_pid_status(5))."""
    escaped = field(data, b"Name:\t")
    return lenient(escaped.replace(b"\\\\", b"\0").replace(b"\\n", b"\n").replace(b"\0", b"\\"))


def link_of(folder: int, name: bytes, denied: str | None = None) -> str:
    """Return where a link of a process points, "" for a zombie or a kernel thread; psutil would believe argv[0] instead, which anyone can write."""
    try:
        return lenient(os.readlink(name, dir_fd=folder))
    except PermissionError:
        if denied is None:
            raise
        return denied
    except GONE:
        os.stat(b"status", dir_fd=folder)
        return ""


def started(folder: int) -> int:
    """Return when a process began; its name, in brackets, may hold brackets and spaces too."""
    try:
        return int(read_file(folder, b"stat").rpartition(b")")[2].split()[19])
    except FileNotFoundError:
        os.stat(b"status", dir_fd=folder)
        return 0
