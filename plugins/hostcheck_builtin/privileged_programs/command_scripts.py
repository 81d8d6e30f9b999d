"""What a script of root's that a rule names does with what its caller says: the most that one of its commands surely does."""

from hostcheck_builtin.privileged_programs import command_arguments
from hostcheck_builtin.privileged_programs.command_effects import RANKS, Effect, of_call
from hostcheck_builtin.privileged_programs.command_table import ENGINE, SHELL, WRITE
from hostcheck_builtin.privileged_programs.command_words import FREE, is_free
from hostcheck_builtin.shell import script_calls

GIVE: tuple[str, ...] = (SHELL, ENGINE, WRITE)


def done(raw: bytes) -> tuple[str, str] | None:
    """Return a program and what it does, by the kinds of `command_words`; None where no command surely makes root of the caller."""
    found: list[tuple[Effect, str, str]] = []
    for words in script_calls.calls(raw):
        program, kind = words[0], FREE.kind if is_free(words[0]) else ""
        told = None if kind else command_arguments.does(program, words[1:])
        kind = told.kind if told else kind
        effect = of_call("sh" if is_free(program) else program, kind) if kind else None
        if effect is not None and effect.gives in GIVE and effect.certain:
            found.append((effect, "sh" if is_free(program) else program, kind))
    best = min(found, key=lambda one: RANKS.index(one[0].gives), default=None)
    return best and (best[1].rpartition("/")[2], best[2])
