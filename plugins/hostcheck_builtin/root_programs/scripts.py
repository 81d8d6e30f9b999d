"""What a script names: its interpreter, and what it runs and reads where it is one of a shell.

A program in machine language names nothing; of a script in another language only the interpreter is told.
"""

from typing import Final

from hostcheck.api import pattern
from hostcheck_builtin.root_programs import shell_text
from hostcheck_builtin.root_programs.run_by_others import PATH, UNKNOWN, runs
from hostcheck_builtin.root_programs.shell_names import ShellName
from hostcheck_builtin.system import program_options

HOME: Final = {"HOME": "/root"}
"""Where root is at home: what other users run is not in it."""
ELF: Final = b"\x7fELF"
CHANGES: Final = pattern(r"chmod|chown|chgrp|setfacl|setxattr")
"""What code in whatever language names that changes permissions."""


def named(raw: bytes) -> list[ShellName]:
    """Return what a script names; nothing of a program in machine language, the interpreter alone of another language's.

    Of code that changes permissions no more is told than that it does.
    """
    if raw.startswith(ELF) or b"\0" in raw[:1024]:
        return []
    text = raw.decode("utf-8", "surrogateescape")
    words = text[2:].partition("\n")[0].split() if text.startswith("#!") else []
    run = [one.word for one in runs(words) if one.how == "runs"] if words else []
    programs = [ShellName(1, "runs", word, True) for word in run if word.startswith("/") and PATH.fullmatch(word)]
    is_shell = any(map(program_options.is_shell, run)) or not words
    if is_shell:
        return [*programs, *shell_text.named(text, HOME)]
    found = CHANGES.search(text)
    return [*programs, *([ShellName(text.count("\n", 0, found.start()) + 1, "changes", "", True, script=False, words=(UNKNOWN,))] if found else [])]
