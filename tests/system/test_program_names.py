"""A program is known by its usual name, with a version or a variant, to all tables alike."""

import pytest

from hostcheck_builtin.privileged_programs import command_table, setuid_abilities
from hostcheck_builtin.privileged_programs.setuid_abilities import CALLS, MODES, OWNERS, RUNS, WRITES
from hostcheck_builtin.privileged_programs.setuid_kinds import ENGINES
from hostcheck_builtin.system.program_names import base_name

KNOWN = frozenset(("bash", "busybox", "g++", "gcc", "ld.so", "less", "perl", "python", "vim", "7z", "ksh93"))


@pytest.mark.parametrize(
    ("name", "base"),
    [("bash", "bash"), ("bash-static", "bash"), ("busybox-static", "busybox"), ("busybox.static", "busybox"), ("vim.tiny", "vim"), ("7z", "7z")]
    + [("python3", "python"), ("python3.13", "python"), ("python3.13d", "python"), ("python2.7dm", "python"), ("perl5.40.1", "perl"), ("ksh93", "ksh93")]
    + [("gcc-12", "gcc"), ("g++-12", "g++"), ("ld.so", "ld.so"), ("ld-linux-x86-64.so.2", "ld.so"), ("ld-musl-aarch64.so.1", "ld.so")]
    + [("", ""), ("bashful", ""), ("vim-addons", ""), ("vim-addon-manager", ""), ("ld", ""), ("python3-config", ""), ("unknown3", ""), ("less\n", "")],
)
def test_names(name: str, base: str) -> None:
    assert base_name(name, KNOWN) == base


def test_no_name_stands_for_a_program_that_is_not_known() -> None:
    assert base_name("ld.so", frozenset()) == base_name("bash-static", frozenset()) == ""


def test_what_is_dangerous_as_setuid_root_is_dangerous_by_sudo() -> None:
    deciding = {name for name, able in setuid_abilities.ABILITIES.items() if able & {CALLS, RUNS, WRITES, OWNERS, MODES}}
    assert deciding <= command_table.COMMANDS.keys() and ENGINES <= command_table.COMMANDS.keys()
    for name in ("bash-static", "busybox-static", "ld-linux-x86-64.so.2", "python3.13d", "ruby-3.1"):
        assert setuid_abilities.called(name) and command_table.of_program(f"/usr/bin/{name}"), name
