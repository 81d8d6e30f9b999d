"""What a command with arguments does, as a sentence: its kind, and the files that decide what it does."""

from hostcheck_builtin.privileged_programs.command_arguments import does


def done(command: str) -> str:
    """Return what the words of a command do."""
    program, *words = command.split()
    found = does(program, tuple(words))
    return str(found) if found is None else " ".join((found.kind, *found.runs))
