"""What a script names: its interpreter, and what it runs and reads where it is one of a shell.

A program in machine language names nothing; of a script in another language only the interpreter is told.
"""

from typing import Final

from hostcheck_builtin.root_programs import shell_text
from hostcheck_builtin.root_programs.run_by_others import PATH, runs
from hostcheck_builtin.root_programs.shell_names import ShellName
from hostcheck_builtin.system import program_options

HOME: Final = {"HOME": "/root"}
"""Where root is at home: what other users run is not in it."""
ELF: Final = b"\x7fELF"


def named(raw: bytes) -> list[ShellName]:
    """Return what a script names; nothing of a program in machine language, the interpreter alone of another language's."""
    if raw.startswith(ELF) or b"\0" in raw[:1024]:
        return []
    text = raw.decode("utf-8", "surrogateescape")
    words = text[2:].partition("\n")[0].split() if text.startswith("#!") else []
    run = [one.word for one in runs(words) if one.how == "runs"] if words else []
    programs = [ShellName(1, "runs", word, True) for word in run if word.startswith("/") and PATH.fullmatch(word)]
    is_shell = any(map(program_options.is_shell, run)) or not words
    return [*programs, *(shell_text.named(text, HOME) if is_shell else [])]
