"""What a program lets its caller do with the rights that it has from its setuid bit or its capabilities, though it was not made for that.

Sources: GTFOBins (https://gtfobins.github.io, the functions SUID and Capabilities of each program), and for all that a usual host has the tests in
tests/hosts, where each is run as nobody. A shell lays the rights down unless it is told -p (bash(1), dash(1)), so that what runs its commands by a shell
alone, as awk, vi and tar do, gives none of that: it writes files.
"""

import re
from typing import Final

from hostcheck.api import pattern

CALLS: Final = "calls"
"""Makes any system call, as setuid(2): an interpreter, a debugger."""
RUNS: Final = "runs"
"""Runs any command with the effective user's rights."""
WRITES: Final = "writes"
"""Writes any file, as /etc/passwd."""
OWNERS: Final = "owners"
MODES: Final = "modes"
"""Changes the owner, or the mode, of any file."""
READS: Final = "reads"
"""Reads any file, as /etc/shadow: passwords have to be guessed, and keys to be there."""
ASKS: Final = "asks"
"""Runs a command if something else does as it asks, or if it was built so."""

_WRITERS: Final = (
    "awk cp cpio curl dd ed emacs gawk install lua mawk mv nano openssl pico rsync scp sed sort split tar tee unzip vi view vim vimdiff wget xxd zip"
)
_RUNNERS: Final = (
    "aa-exec ash capsh chroot choom chrt cpulimit csh dash env expect find fish flock gosu ip ionice java ksh ld.so linux64 logsave make mksh nice nohup perf "
    "posh prlimit rbash rlwrap run-parts setarch setpriv sh socat softlimit ssh-agent start-stop-daemon stdbuf strace su-exec taskset tclsh tcsh time timeout "
    "wish watch xargs yash zsh"
)
_READERS: Final = "base64 cat comm cut diff file fold grep head hexdump less more nl od paste strings tac tail uniq wc"
_CALLERS: Final = "gdb guile irb jjs jrunscript julia node nodejs perl php python ruby"

ABILITIES: Final[dict[str, frozenset[str]]] = {
    **{name: frozenset({READS}) for name in _READERS.split()},
    **{name: frozenset({WRITES, READS}) for name in _WRITERS.split()},
    **{name: frozenset({RUNS}) for name in _RUNNERS.split()},
    **{name: frozenset({CALLS, RUNS, WRITES, READS}) for name in _CALLERS.split()},
    **{name: frozenset({RUNS, WRITES, READS}) for name in ("bash", "dash", "ksh", "mksh", "sh", "tclsh", "zsh")},
    **{"setpriv": frozenset({CALLS, RUNS}), "capsh": frozenset({CALLS, RUNS})},
    **{"chown": frozenset({OWNERS}), "chgrp": frozenset({OWNERS}), "chmod": frozenset({MODES}), "setfacl": frozenset({MODES})},
    **{name: frozenset({ASKS}) for name in ("busybox", "toybox", "systemctl", "systemd-run", "machinectl")},
}
"""By name. BusyBox and Toybox may lay the rights down for each of their programs but a few, as they were built."""

NUMBERED: Final = pattern(r"([a-z][a-z+-]*?)[-.]?[0-9][0-9.]*[dm]{0,2}", re.ASCII)
"""python3.13, lua5.4, tclsh8.6."""
VARIANT: Final = pattern(r"(vim|emacs|busybox|bash|perl|ksh|nano)[.-][a-z0-9.+-]+", re.ASCII)
"""vim.tiny, emacs-nox, busybox-static."""
LOADER: Final = pattern(r"ld(-[a-z0-9._-]+)?\.so(\.[0-9]+)?", re.ASCII)
"""The dynamic loader, which runs the program that it is given (ld.so(8))."""


def called(name: str) -> str:
    """Return the name in the table of a program that is called so, "" where none is."""
    if name in ABILITIES:
        return name
    if LOADER.fullmatch(name):
        return "ld.so"
    found = NUMBERED.fullmatch(name) or VARIANT.fullmatch(name)
    return found[1] if found is not None and found[1] in ABILITIES else ""
