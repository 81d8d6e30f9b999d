"""What a script names: its interpreter, and what it runs and reads where it is one of a shell.

A program in machine language names nothing; of a script in another language only the interpreter is told.
"""

import re
from typing import Final

from hostcheck.api import pattern
from hostcheck_builtin.shell import shell_text
from hostcheck_builtin.shell.run_by_others import PATH, UNKNOWN, runs
from hostcheck_builtin.shell.shell_names import ShellName
from hostcheck_builtin.system import program_options

HOME: Final = {"HOME": "/root"}
"""Where root is at home: what other users run is not in it."""
IMPORT: Final = pattern(r"^([ \t]*)(?:from[ \t]+([A-Za-z_]\w*)[\w.]*[ \t]+import\b|import[ \t]+([\w., \t]+))", re.MULTILINE | re.ASCII)
QUOTED: Final = pattern(r"\"\"\"(?s:.*?)\"\"\"|'''(?s:.*?)'''")
SHIELDED: Final = frozenset(
    "abc array atexit binascii builtins cmath codecs encodings errno faulthandler fcntl gc genericpath grp importlib io itertools linecache marshal math "
    "ntpath os posix posixpath pwd pyexpat runpy select site sitecustomize stat sys syslog time unicodedata zipimport zlib".split()
)
"""Modules that Python has in itself, or loads before it looks beside a program (sys.builtin_module_names; the initialization of the import system)."""
ELF: Final = b"\x7fELF"
CHANGES: Final = pattern(r"chmod|chown|chgrp|setfacl|setxattr")
"""What code in whatever language names that changes permissions."""


def named(raw: bytes, path: str = "") -> list[ShellName]:
    """Return what a script at a path names; nothing of a program in machine language, the interpreter alone of another language's.

    Of code that changes permissions no more is told than that it does.
    """
    if raw.startswith(ELF) or b"\0" in raw[:1024]:
        return []
    text = raw.decode("utf-8", "surrogateescape")
    words = text[2:].partition("\n")[0].split() if text.startswith("#!") else []
    told = list(runs([*words, path] if path else words)) if words else []
    run = [one.word for one in told if one.how == "runs" and one.word != path]
    programs = [ShellName(1, "runs", word, True) for word in run if word.startswith("/") and PATH.fullmatch(word)]
    is_shell = any(map(program_options.is_shell, run)) or not words
    programs += [ShellName(1, one.how, path, True, False) for one in told if one.how == "beside" and one.word == path]
    if is_shell:
        return [*programs, *shell_text.named(text, HOME)]
    found = CHANGES.search(text)
    return [*programs, *([ShellName(text.count("\n", 0, found.start()) + 1, "changes", "", True, script=False, words=(UNKNOWN,))] if found else [])]


def imported(raw: bytes) -> dict[str, bool]:
    """Return the modules that a program in Python imports and that may come from beside it, each with whether that is done each time."""
    found = dict[str, bool]()
    for indent, first, listed in IMPORT.findall(QUOTED.sub("", raw.decode("utf-8", "surrogateescape"))):
        for name in [first] if first else [one.split(" as ")[0].strip().partition(".")[0] for one in listed.split(",")]:
            if name and name not in SHIELDED:
                found[name] = found.get(name, False) or not indent
    return found
