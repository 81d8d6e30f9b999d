"""Which variables of the environment make a script run other code, by the interpreter that its first line names (execve(2), "Interpreter scripts")."""

from collections.abc import Mapping
from typing import Final

from hostcheck_builtin.system.program_names import base_name

READ: Final[Mapping[str, tuple[str, ...]]] = {
    "python": ("PYTHONPATH", "PYTHONHOME"),
    "perl": ("PERL5OPT",),
    "ruby": ("RUBYOPT",),
    "node": ("NODE_OPTIONS",),
    "bash": ("BASH_ENV",),
}
"""The variables by which every script of an interpreter runs what somebody wants who sets them, whatever is in it.

Python imports sitecustomize from PYTHONPATH before anything else (site in its library reference); perlrun(1), ruby(1), node(1), bash(1).
"""
IGNORED: Final[Mapping[str, frozenset[str]]] = {"python": frozenset("IE"), "perl": frozenset("tT"), "bash": frozenset("p")}
"""The options of one letter by which an interpreter reads none of them."""
FIRST_LINE: Final = 256
"""Bytes of the first line that Linux reads (BINPRM_BUF_SIZE)."""


def interpreter(raw: bytes) -> list[str]:
    """Return the words of the first line of a script, the path of its interpreter first; none where it names none."""
    line = raw[:FIRST_LINE].partition(b"\n")[0]
    return line[2:].decode("utf-8", "surrogateescape").split() if line.startswith(b"#!") else []


def variables(raw: bytes) -> tuple[str, ...]:
    """Return the variables by which a script surely runs other code; none where that is not known."""
    words = interpreter(raw)
    if words and words[0].rpartition("/")[2] == "env":
        words = [word for word in words[1:] if word != "-S"]
    if not words:
        return ()
    name = base_name(words[0].rpartition("/")[2], READ)
    options = [word for word in words[1:] if word.startswith("-")]
    if not name or any(word.startswith("--") or IGNORED.get(name, frozenset()) & set(word) for word in options):
        return ()
    return READ[name]
