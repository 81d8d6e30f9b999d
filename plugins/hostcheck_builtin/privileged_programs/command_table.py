"""Programs that give whoever may run them as root more than their name says: a shell, any file, any program, or an engine.

They are those of the catalogue (leads/programs). Whether a rule allows any arguments, none, or some that are fixed decides what is left: `systemctl restart
nginx` is no shell, and `vi /etc/hosts` is one, because vi has a command for it.
"""

from typing import Final, NamedTuple

from hostcheck_builtin.leads.program_entries import all_programs
from hostcheck_builtin.system.program_names import base_name

SHELL: Final = "shell"
WRITE: Final = "write-any-file"
ENGINE: Final = "engine"
READ: Final = "read-any-file"


class Gives(NamedTuple):
    """What a program gives with any arguments; `bare` whether also with none, `fixed` whether also with those that a rule names.

    `how` follows the name of the program in a sentence.
    """

    gives: str
    how: str
    source: str
    engine: str = ""
    bare: bool = False
    fixed: bool = False


COMMANDS: Final = {name: Gives(one.gives, one.how, one.source, one.engine, bare=one.bare, fixed=one.fixed) for name, one in all_programs().items() if one.gives}


def of_program(path: str) -> Gives | None:
    """Return what a program gives, by its name; None where no way is known."""
    return COMMANDS.get(base_name(path.rpartition("/")[2], COMMANDS))
