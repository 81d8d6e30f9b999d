"""Where programs are, and the name of one without its version or its variant: python for python3.13, vim for vim.tiny, ld.so for the dynamic loader."""

import re
from collections.abc import Container
from typing import Final

from hostcheck.api import pattern

PATH: Final = ("/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin", "/bin", "/sbin")
"""Where a program is that is called by its name alone (login.defs(5), ENV_SUPATH)."""
VERSIONED: Final = pattern(r"([A-Za-z][A-Za-z+._-]*?)[-.]?[0-9]+(?:\.[0-9]+)*(?:[a-z]|dm)?", re.ASCII)
"""python3.13, python3.13d, gcc-12, g++-12, lua5.4, node20."""
VARIANT: Final = pattern(r"(vim|emacs|busybox|bash|perl|ksh|nano|mkfs)[.-](?!addon)[a-z0-9.+-]+", re.ASCII)
"""vim.tiny, emacs-nox, busybox-static, mkfs.ext4; but vim-addons is another program."""
LOADER: Final = pattern(r"ld(-[a-z0-9._-]+)?\.so(\.[0-9]+)?", re.ASCII)
"""The dynamic loader, which runs the program that it is given (ld.so(8))."""


def base_name(name: str, known: Container[str]) -> str:
    """Return which of the known programs a program of this name is, "" where it is none."""
    if name in known:
        return name
    found = [match[1] for match in (VERSIONED.fullmatch(name), VARIANT.fullmatch(name)) if match]
    bases = ["ld.so"] if LOADER.fullmatch(name) else found
    return next((base for base in bases if base in known), "")
