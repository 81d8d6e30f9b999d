"""Programs that give more than their names say to whoever may run them with another's rights: the entries of programs/*.yaml, as programs.json has them."""

import json
from functools import cache
from typing import Any, NamedTuple

from hostcheck_builtin.leads import PROGRAMS


class LeadProgram(NamedTuple):
    """What a program gives: `gives` to whoever may run it as root with any arguments (see Gives), "" for nothing known.

    `setuid` is what its caller can do with the rights of its setuid bit or of its capabilities.
    """

    source: str
    gives: str = ""
    how: str = ""
    engine: str = ""
    bare: bool = False
    fixed: bool = False
    setuid: tuple[str, ...] = ()


@cache
def all_programs() -> dict[str, LeadProgram]:
    """Return every entry of the catalogue by the name of the program."""
    with open(PROGRAMS, "rb") as file:
        rows = json.loads(file.read())["programs"]
    return {name: one for row in rows for one in [_program(row)] for name in row["program"]}


def _program(row: dict[str, Any]) -> LeadProgram:
    told: dict[str, Any] = {key: tuple(one) if isinstance(one, list) else one for key, one in row.items() if key != "program"}
    return LeadProgram(**told)
