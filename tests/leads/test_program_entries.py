"""The catalogue of programs: each entry is whole, and nothing that GTFOBins tells of is missing.

gtfobins.json has the names of its entries, and of their functions by context, at the commit that it names; a setuid shell that lays the rights down has a
context of its own there.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from hosts.trials import TRIALS

from hostcheck_builtin import leads
from hostcheck_builtin.leads.program_entries import all_programs
from hostcheck_builtin.privileged_programs.command_effects import of_command
from hostcheck_builtin.privileged_programs.command_table import ENGINE, LIMITED, READ, of_program
from hostcheck_builtin.privileged_programs.setuid_abilities import called
from hostcheck_builtin.privileged_programs.setuid_kinds import ENGINES

GTFOBINS: dict[str, dict[str, Any]] = json.loads(Path(__file__).with_name("gtfobins.json").read_text(encoding="utf-8"))["programs"]
SENDS = {"upload", "download"}
"""What sends files over the network is told where it reads or writes any, and is no way by itself."""
PAGERS = {"inherit"}
"""What only starts a pager or an editor has the rights of a setuid bit where that keeps them: of that GTFOBins says nothing."""
TRIED = {"apropos", "chattr", "top", "whatis"}
"""Run by sudo with any arguments they gave nothing."""
SAME = {
    **dict.fromkeys(("i586", "i686", "uname26"), "setarch"),
    **dict.fromkeys(("elvis", "gvim", "nvi", "vim.nox"), "vim"),
    **dict.fromkeys(("emacs-gtk", "emacs-nox"), "emacs"),
    **dict.fromkeys(("jpico", "jstar"), "joe"),
    **dict.fromkeys(("ncat", "netcat"), "nc"),
    **dict.fromkeys(("mailx", "s-nail"), "mail"),
    **dict.fromkeys(("dnf5", "microdnf", "tdnf"), "dnf"),
    **dict.fromkeys(("apachectl", "httpd"), "apache2ctl"),
    **{"batch": "at", "fd": "fdfind", "groupdel": "chfn", "pwck": "chfn", "sensible-editor": "editor", "zmore": "more"},
    **{"7za": "7z", "alternatives": "update-alternatives", "groupmems": "gpasswd", "pypy": "python", "toybox": "busybox"},
    **{"ansible": "ansible-playbook", "bat": "batcat", "mariadb": "mysql", "Rscript": "R", "see": "run-mailcap"},
}
"""Other names or makes of a program: what one gives, the other gives."""
NO_WAY = {
    "tcpdump": "lays the rights down before it opens a file",
    "chattr": "lets somebody prepare another file, and is not a way by itself",
}
"""Setuid programs of which it is not said that they give rights, and why."""


def test_a_program_has_one_entry() -> None:
    rows = json.loads(Path(leads.PROGRAMS).read_text(encoding="utf-8"))["programs"]
    names = [name for row in rows for name in row["program"]]
    assert len(names) == len(set(names)) == len(all_programs())


def test_an_entry_is_whole() -> None:
    for name, one in all_programs().items():
        assert (one.gives or one.starts) and one.source and one.how, name
        assert not (one.gives == LIMITED and (one.bare or one.fixed)), name


@pytest.mark.parametrize("name", [name for name, one in GTFOBINS.items() if set(one.get("sudo", ())) - SENDS])
def test_a_program_that_sudo_makes_dangerous_is_known(name: str) -> None:
    assert of_program(f"/usr/bin/{name}") is not None
    effect = of_command(f"/usr/bin/{name}", "plain", "any")
    assert (effect.gives == LIMITED) == (name in TRIED), effect


def test_what_is_certain_was_tried() -> None:
    """By a test, or by what GTFOBins publishes; of what was not, the entry says so, and it is likely. What engines of each kind give is tried with engines."""
    for name, one in all_programs().items():
        if one.gives not in ("", LIMITED, READ, ENGINE):
            same = SAME.get(name, name)
            assert bool(one.likely) or same in TRIALS or is_published(same), name
            assert not (one.likely and name in TRIALS), name
            assert of_command(f"/usr/bin/{name}", "plain", "any").certain != bool(one.likely), name


def is_published(name: str) -> bool:
    """Say whether GTFOBins has a way to root by sudo with a program."""
    one = GTFOBINS.get(name, {})
    return bool(set(GTFOBINS.get(one.get("alias", ""), one).get("sudo", ())) - SENDS - {"file-read"})


@pytest.mark.parametrize("name", [name for name, one in GTFOBINS.items() if "alias" in one])
def test_another_name_of_a_program_is_known(name: str) -> None:
    assert of_program(f"/usr/bin/{name}") is not None


@pytest.mark.parametrize("name", [name for name, one in GTFOBINS.items() if set(one.get("suid", ())) - SENDS - PAGERS])
def test_a_program_that_a_setuid_bit_makes_dangerous_is_known(name: str) -> None:
    assert (bool(called(name)) or name in ENGINES) != (name in NO_WAY)
