"""What a script of root's that a rule names does with what its caller says: the most that one of its commands surely does."""

from typing import Final

from hostcheck_builtin.privileged_programs import command_arguments
from hostcheck_builtin.privileged_programs.command_effects import RANKS, Effect, of_call
from hostcheck_builtin.privileged_programs.command_table import ENGINE, SHELL, WRITE
from hostcheck_builtin.privileged_programs.command_words import FREE, is_free
from hostcheck_builtin.shell import script_calls

GIVE: Final = (SHELL, ENGINE, WRITE)


def done(raw: bytes) -> tuple[str, str] | None:
    """Return a program and what it does, by the kinds of `command_words`; None where no command surely makes root of the caller."""
    found: list[tuple[Effect, str, str]] = []
    for words in script_calls.calls(raw):
        program, told = ("sh", FREE) if is_free(words[0]) else (words[0], command_arguments.does(words[0], words[1:]))
        effect = of_call(program, told.kind) if told else None
        if told and effect and effect.gives in GIVE and effect.certain:
            found.append((effect, program, told.kind))
    best = min(found, key=lambda one: RANKS.index(one[0].gives), default=None)
    return best and (best[1].rpartition("/")[2], best[2])
