"""What a program lets its caller do with the rights that it has from its setuid bit or its capabilities, though it was not made for that.

The programs are those of the catalogue (leads/programs), from GTFOBins (what has the context "suid" without "shell: true") and from tests/hosts, where what
a usual host has is run as nobody. A shell lays the rights down unless it is told -p (bash(1), dash(1)), so that what runs its commands by a shell alone, as awk
does, gives none of that: it writes files. Of what neither says anything for certain, or which asks something else, nothing is certain.
"""

from typing import Final

from hostcheck_builtin.leads.program_entries import all_programs
from hostcheck_builtin.system.program_names import base_name

CALLS: Final = "calls"
"""Makes any system call, as setuid(2): an interpreter, a debugger."""
RUNS: Final = "runs"
"""Runs any command with the effective user's rights."""
WRITES: Final = "writes"
"""Writes any file, as /etc/passwd."""
OWNERS: Final = "owners"
MODES: Final = "modes"
"""Changes the owner, or the mode, of any file."""
RIGHTS: Final = "rights"
"""Gives rights to an account or to a file, or makes devices, as root alone may."""
READS: Final = "reads"
"""Reads any file, as /etc/shadow: passwords have to be guessed, and keys to be there."""
ASKS: Final = "asks"
"""Runs a command if something else does as it asks, or if it was built so."""

ABILITIES: Final = {name: frozenset(one.setuid) for name, one in all_programs().items() if one.setuid}
"""By name. BusyBox and Toybox may lay the rights down for each of their programs but a few, as they were built."""


def called(name: str) -> str:
    """Return the name in the table of a program that is called so, "" where none is."""
    return base_name(name, ABILITIES)
