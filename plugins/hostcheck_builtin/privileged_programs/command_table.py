"""Programs that give whoever may run them as root more than their name says: a shell, any file, any program, or an engine.

They are those of the catalogue (leads/programs). Whether a rule allows any arguments, none, or some that are fixed decides what is left: `systemctl restart
nginx` is no shell, and `vi /etc/hosts` is one, because vi has a command for it.
"""

from typing import Final

from hostcheck_builtin.leads.program_entries import LeadProgram, all_programs
from hostcheck_builtin.system.program_names import base_name

SHELL: Final = "shell"
WRITE: Final = "write-any-file"
ENGINE: Final = "engine"
READ: Final = "read-any-file"
LIMITED: Final = "limited"
COMMANDS: Final = {name: one for name, one in all_programs().items() if one.gives}


SYSTEM: Final = frozenset(("", "/bin", "/sbin", "/usr/bin", "/usr/sbin"))
"""Where a program is the one of its name; elsewhere, anybody's own may be called `sync` or `groups`."""


def known_name(path: str) -> str:
    """Return by which name of the catalogue a program is known, "" where it is not; what gives nothing is known only where distributions put it."""
    folder, _, called = path.rpartition("/")
    name = base_name(called, COMMANDS)
    return name if name and (COMMANDS[name].gives != LIMITED or folder in SYSTEM) else ""


def of_program(path: str) -> LeadProgram | None:
    """Return what a program gives, by its name; None where no way is known."""
    return COMMANDS.get(known_name(path))
