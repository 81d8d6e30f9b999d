"""What the kernel's command line makes the next boot run, as long as the boot loader says the same then: kernel-parameters(7), systemd(1).

rdinit= is left out, which names a program of the initial RAM disk and not of the host's files.
"""

from typing import Final

from hostcheck.api import pattern
from hostcheck_builtin.root_programs.root_files import RootFiles
from hostcheck_builtin.root_programs.uses import RootUse
from hostcheck_builtin.system.bounds import KERNEL_LINE_BYTES

LINE: Final = "/proc/cmdline"
WORD: Final = pattern(r'(?:[^\s"]|"[^"]*"?)+')
"""A word, in which quotes keep blanks together (next_arg() of lib/cmdline.c)."""
USE: Final = RootUse("boot-script", "the kernel", "runs", LINE, "boot")


def _words(files: RootFiles) -> list[str]:
    return [word.replace('"', "") for word in WORD.findall(files.text(LINE, limit=KERNEL_LINE_BYTES))]


def init(files: RootFiles) -> str:
    """Return the program that the kernel is told to run first, "" where it is told none; of several the last counts, and none behind --."""
    words = _words(files)
    words = words[: words.index("--")] if "--" in words else words
    told = [word.removeprefix("init=") for word in words if word.startswith("init=")]
    return f"/{told[-1].lstrip('/')}" if told and told[-1] else ""


def units(files: RootFiles) -> frozenset[str]:
    """Return the units that systemd is told to start beside, or in place of, its default."""
    told = [word.partition("=") for word in _words(files)]
    return frozenset(value for name, _, value in told if name in ("systemd.unit", "systemd.wants") and value)


def take(files: RootFiles) -> None:
    """Take the commands that systemd is told to run at boot (systemd-run-generator(8))."""
    for word in _words(files):
        name, _, command = word.partition("=")
        if name == "systemd.run":
            files.shell(command, USE._replace(by="systemd"))
