"""The catalogue of programs: each entry is whole, and nothing that GTFOBins tells of is missing.

gtfobins.json has the names of its entries, and of their functions by context, at the commit that it names; a setuid shell that lays the rights down has a
context of its own there.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from hostcheck_builtin import leads
from hostcheck_builtin.leads.program_entries import all_programs
from hostcheck_builtin.privileged_programs.command_effects import of_command
from hostcheck_builtin.privileged_programs.command_table import LIMITED, of_program
from hostcheck_builtin.privileged_programs.setuid_abilities import called
from hostcheck_builtin.privileged_programs.setuid_kinds import ENGINES

GTFOBINS: dict[str, dict[str, Any]] = json.loads(Path(__file__).with_name("gtfobins.json").read_text(encoding="utf-8"))["programs"]
SENDS = {"upload", "download"}
"""What sends files over the network is told where it reads or writes any, and is no way by itself."""
PAGERS = {"inherit"}
"""What only starts a pager or an editor has the rights of a setuid bit where that keeps them: of that GTFOBins says nothing."""
TRIED = {"apropos", "chattr", "top", "whatis"}
"""Run by sudo with any arguments they gave nothing."""
UNTRIED = {
    **dict.fromkeys(("chattr", "setcap", "unsquashfs"), "lets somebody prepare another file, and is not a way by itself"),
}
"""Setuid programs of which it is not said that they give rights, and why."""


def test_a_program_has_one_entry() -> None:
    rows = json.loads(Path(leads.PROGRAMS).read_text(encoding="utf-8"))["programs"]
    names = [name for row in rows for name in row["program"]]
    assert len(names) == len(set(names)) == len(all_programs())


def test_an_entry_is_whole() -> None:
    for name, one in all_programs().items():
        assert (one.gives or one.starts) and one.source and one.how, name
        assert not (one.gives == LIMITED and (one.bare or one.fixed or one.setuid)), name


@pytest.mark.parametrize("name", [name for name, one in GTFOBINS.items() if set(one.get("sudo", ())) - SENDS])
def test_a_program_that_sudo_makes_dangerous_is_known(name: str) -> None:
    assert of_program(f"/usr/bin/{name}") is not None
    effect = of_command(f"/usr/bin/{name}", "plain", "any")
    assert (effect.gives == LIMITED) == (name in TRIED), effect


@pytest.mark.parametrize("name", [name for name, one in GTFOBINS.items() if "alias" in one])
def test_another_name_of_a_program_is_known(name: str) -> None:
    assert of_program(f"/usr/bin/{name}") is not None


@pytest.mark.parametrize("name", [name for name, one in GTFOBINS.items() if set(one.get("suid", ())) - SENDS - PAGERS])
def test_a_program_that_a_setuid_bit_makes_dangerous_is_known(name: str) -> None:
    assert (bool(called(name)) or name in ENGINES) != (name in UNTRIED)
