"""Write what a command made: whole or not at all, readable by its owner only.

A scan is started by root in places that others may write to: a name that is already there is replaced, never followed or written through.
"""

import errno
import os
import stat
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from hostcheck.model import HostcheckError

LINKS: Final = 40
SPECIAL: Final = ("/dev/", "/proc/", "/sys/")
WAY: Final = os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC
"""To pass through a directory takes search on it alone: /home is often 0711."""


def split(choice: str) -> tuple[str, str]:
    """Return name and path of ``NAME[=PATH]``; without a path, and with ``-``, it is standard output."""
    name, _, path = choice.partition("=")
    return name, path or "-"


def require_writable(paths: Sequence[str]) -> dict[str, str]:
    """Return what is wrong with those of `paths` that cannot be written and that others may have spoilt, before any work is done.

    Raises HostcheckError where nobody but root or this user can have caused it, or two outputs are the same.
    """
    real = {path: "-" if path == "-" else os.path.abspath(path) for path in _in_a_directory(paths)}
    spoilt = {}
    for path, place in real.items():
        if list(paths).count(path) > 1 or list(real.values()).count(place) > 1:
            raise HostcheckError(f"{'standard output' if place == '-' else place}: two outputs go there; give each a PATH of its own")
        if place != "-" and (problem := _problem(place)):
            if _is_named_special(place) or not _is_shared(place):
                raise HostcheckError(f"{place}: {problem}")
            spoilt[path] = problem
    return spoilt


def require_one_writable(path: str) -> None:
    """Raise HostcheckError, before any work is done, where `path`, the only output of a command, cannot be written."""
    for problem in require_writable([path]).values():
        raise HostcheckError(f"{path}: {problem}")


def _in_a_directory(paths: Sequence[str]) -> Sequence[str]:
    try:
        os.getcwd()
    except FileNotFoundError:
        if any(path != "-" and not path.startswith("/") for path in paths):
            raise HostcheckError("the working directory no longer exists; use absolute paths for outputs") from None
    return paths


def _problem(path: str) -> str:
    folder = os.path.dirname(path)
    if not os.path.isdir(folder):
        return f"the directory does not exist: {folder}"
    if os.path.isdir(path):
        return "is a directory; add the name of a file"
    if _is_special(path):
        return "is not a regular file, and would be replaced by one; write to standard output (=-) and redirect it instead"
    try:
        os.close(_open_folder(folder))
    except OSError as error:
        return _unwritten(error)
    return "" if os.access(folder, os.W_OK) else "cannot be written: the directory is read-only for this user"


def _unwritten(error: OSError) -> str:
    return f"cannot be written: {(error.strerror or str(error)).lower()}"


def _is_shared(path: str) -> bool:
    """Say whether somebody other than root and this user can put something in the place of `path`, or on the way to it."""
    ours = {0, os.geteuid()}
    for way in (path, os.path.realpath(path)):
        here = "/"
        for name in way.split("/")[1:]:
            there = os.path.join(here, name)
            try:
                around = os.stat(here)
            except OSError:
                break
            kept = around.st_mode & stat.S_ISVTX and os.path.lexists(there) and os.lstat(there).st_uid in ours
            if around.st_uid not in ours or (around.st_mode & 0o022 and not kept):
                return True
            here = there
    return False


def _is_named_special(path: str) -> bool:
    return path.startswith(SPECIAL) and not path.startswith("/dev/shm/")


def _is_special(path: str) -> bool:
    """Say whether a path, or what its links lead through, is no place for a file: /dev/stdout leads to a regular file where it is redirected."""
    for _ in range(LINKS):
        if _is_named_special(path):
            return True
        if not os.path.islink(path):
            break
        path = os.path.normpath(os.path.join(os.path.dirname(path), os.readlink(path)))
    return os.path.exists(path) and not os.path.isfile(path)


def columns() -> int:
    """Return how many columns a line may have: those that COLUMNS says, else those of the terminal, else 80, as shutil.get_terminal_size() does."""
    columns = 0
    with suppress(KeyError, ValueError):
        columns = int(os.environ["COLUMNS"])
    if columns <= 0:
        with suppress(OSError):
            columns = os.get_terminal_size(1).columns
    return columns or 80


def say(text: str) -> None:
    """Print `text` on standard output; a reader that has gone away is no error, and takes nothing from the exit code."""
    write("-", text.encode(errors="backslashreplace"))


def warn(text: str, end: str = "\n") -> None:
    """Print a line on standard error, if anybody listens there; past Python's buffer, which would be flushed once more at exit, and fail."""
    with suppress(OSError):
        os.write(2, (text + end).encode(errors="backslashreplace"))


def write(path: str, content: bytes) -> None:
    """Write `content` to `path` (``-`` is standard output) with mode 0600, by way of a temporary file beside it; raises HostcheckError."""
    if path == "-":
        _write_out(content)
        return
    folder, name = os.path.split(os.path.abspath(path))
    try:
        directory = _open_folder(folder)
        try:
            _replace(directory, name, content)
        finally:
            os.close(directory)
    except OSError as error:
        raise HostcheckError(f"{path}: {_unwritten(error)}") from None


def _write_out(content: bytes) -> None:
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what is still in the buffer must not raise again at exit
        raise HostcheckError(f"standard output: {_unwritten(error)}") from None


def _open_folder(folder: str) -> int:
    """Open a directory from the root down; a symbolic link on the way is followed only where nobody but root or this user can have put it there."""
    here = os.open("/", WAY)
    rest = [name for name in folder.split("/") if name]
    links = 0
    while rest:
        name = rest.pop(0)
        try:
            there = os.open(name, WAY | os.O_NOFOLLOW, dir_fd=here)
        except NotADirectoryError:
            links += 1
            target = _followed(here, name, links)
            rest = [part for part in target.split("/") if part] + rest
            there = os.open("/" if target.startswith("/") else ".", WAY, dir_fd=here)
        os.close(here)
        here = there
    return here


def _followed(here: int, name: str, links: int) -> str:
    ours = {0, os.geteuid()}
    around = os.fstat(here)
    safe = around.st_uid in ours and (not around.st_mode & 0o022 or around.st_mode & stat.S_ISVTX)
    if not safe or os.stat(name, dir_fd=here, follow_symlinks=False).st_uid not in ours or links > LINKS:
        raise OSError(errno.ELOOP, f"{name} is a symbolic link that others may have put there")
    return os.readlink(name, dir_fd=here)


def _replace(directory: int, name: str, content: bytes) -> None:
    temporary = f".{name[:200]}.{os.urandom(8).hex()}"  # no other user of the directory can guess and take it
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(temporary, flags, 0o600, dir_fd=directory)
    left = temporary
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        os.rename(temporary, name, src_dir_fd=directory, dst_dir_fd=directory)
        left = ""
    finally:
        if left:
            os.unlink(left, dir_fd=directory)
    with suppress(PermissionError):  # who may not read a directory cannot ask for it to be on disk
        whole = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=directory)
        try:
            os.fsync(whole)
        finally:
            os.close(whole)
