"""What guards and workers need of the kernel, and Python has no word for, or says in another way."""

import ctypes
import os
import resource
from collections.abc import Iterable
from contextlib import suppress
from signal import SIGKILL
from typing import Final

LIBC: Final = ctypes.CDLL(None, use_errno=True)
PDEATHSIG: Final = 1  # linux/prctl.h
CHILD_SUBREAPER: Final = 36
DESCRIPTORS: Final = 4096  # numbers that are closed where /proc does not say which are open


def prctl(option: int, value: int) -> None:
    """Set an attribute of this process (prctl(2)); raises OSError."""
    if LIBC.prctl(option, ctypes.c_ulong(value)) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def kill(pid: int, number: int = SIGKILL) -> None:
    """Send a signal to who may have ended."""
    with suppress(OSError):
        os.kill(pid, number)


def close(*descriptors: int) -> None:
    """Close what may be closed already."""
    for descriptor in descriptors:
        with suppress(OSError):
            os.close(descriptor)


def pipe() -> tuple[int, int]:
    """Return the reading and the writing end of a new pipe; neither is a standard stream."""
    ends = os.pipe()
    if min(ends) > 2:
        return ends
    try:
        return pipe()  # a parent without standard streams would print into its guard
    finally:
        close(*ends)


def open_descriptors() -> Iterable[int]:
    """Return what may be open: closerange() of a Python built for an old libc tries every number, which is done where there is no /proc."""
    try:
        return [int(name) for name in os.listdir("/proc/self/fd")]
    except OSError:
        return range(min(resource.getrlimit(resource.RLIMIT_NOFILE)[0], DESCRIPTORS))
