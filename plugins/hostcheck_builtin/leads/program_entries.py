"""Programs that give more than their names say to whoever may run them with another's rights: the entries of programs/*.yaml, as programs.json has them."""

import json
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, NamedTuple

from hostcheck_builtin.leads import PROGRAMS


class Given(NamedTuple):
    """What a program does if its arguments are these; each condition that is "" or False holds for all.

    One of these options is there, the first operand is one of these words, nothing but these words is there, there are no operands or no words at all, or
    there are several operands. `does` is a kind of Does, or the name of what finds it out (privileged_programs/command_arguments.py).
    """

    does: str
    option: str = ""
    verb: str = ""
    only: str = ""
    without: str = ""
    several: bool = False


class LeadProgram(NamedTuple):
    """What a program gives: `gives` to whoever may run it as root with any arguments (see Gives), "" for nothing known.

    `setuid` is what its caller can do with the rights of its setuid bit or of its capabilities, and `likely` why what it gives is not certain.
    `starts` says what its operands are, `first` what those are before a command, and `options` the role of each option (system/program_options.py). `given`
    says in order what it does with its arguments; where `star` is true, any arguments among them may be options by which it gives all. `names` says whether
    names of files that it takes for options are enough for that: "certain", "likely" or "". What is `beside` a script that it runs is loaded.
    """

    source: str
    gives: str = ""
    how: str = ""
    engine: str = ""
    bare: bool = False
    fixed: bool = False
    setuid: tuple[str, ...] = ()
    likely: str = ""
    starts: str = ""
    first: str = ""
    alone: bool = False
    words: str = ""
    star: bool = False
    names: str = ""
    beside: bool = False
    options: Mapping[str, str] = MappingProxyType({})
    given: tuple[Given, ...] = ()


@cache
def all_programs() -> dict[str, LeadProgram]:
    """Return every entry of the catalogue by the name of the program."""
    with open(PROGRAMS, "rb") as file:
        rows = json.loads(file.read())["programs"]
    return {name: one for row in rows for one in [_program(row)] for name in row["program"]}


def _program(row: dict[str, Any]) -> LeadProgram:
    told: dict[str, Any] = {key: one for key, one in row.items() if key != "program"}
    options = {option: role for role, names in told.pop("options", {}).items() for option in names.split()}
    given = tuple(Given(**one) for one in told.pop("given", ()))
    return LeadProgram(**{**told, "setuid": tuple(told.get("setuid", ())), "options": options, "given": given})
