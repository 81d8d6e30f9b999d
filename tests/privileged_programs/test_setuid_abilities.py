"""Programs are known by their usual names, with a version or a variant, and none by a name that only begins alike."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck_builtin.privileged_programs import setuid_abilities
from hostcheck_builtin.privileged_programs.setuid_abilities import ABILITIES, called


@pytest.mark.parametrize(
    ("name", "known"),
    [("bash", "bash"), ("python3", "python"), ("python3.13", "python"), ("python3.13d", "python"), ("perl5.40.1", "perl"), ("lua5.4", "lua")]
    + [("tclsh8.6", "tclsh"), ("vim.tiny", "vim"), ("emacs-nox", "emacs"), ("busybox-static", "busybox"), ("bash-static", "bash"), ("ruby3.1", "ruby")]
    + [("ld.so", "ld.so"), ("ld-linux-x86-64.so.2", "ld.so"), ("ld-musl-x86_64.so.1", "ld.so"), ("ld-linux.so.2", "ld.so"), ("nodejs", "nodejs")]
    + [
        ("su", ""),
        ("passwd", ""),
        ("bashful", ""),
        ("pythonic", ""),
        ("ld", ""),
        ("", ""),
        ("python3-config", ""),
        ("mount.nfs", ""),
        ("chfn", ""),
        ("umount", ""),
    ],
)
def test_names(name: str, known: str) -> None:
    assert called(name) == known


@given(st.text(alphabet="abdehlnopsty-.3\n", max_size=12))
def test_a_name_is_one_of_the_table_or_none(name: str) -> None:
    assert called(name) in ("", *ABILITIES)


def test_each_program_has_some_ability_that_is_described() -> None:
    told = {
        setuid_abilities.CALLS,
        setuid_abilities.RUNS,
        setuid_abilities.WRITES,
        setuid_abilities.OWNERS,
        setuid_abilities.MODES,
        setuid_abilities.RIGHTS,
        setuid_abilities.READS,
        setuid_abilities.ASKS,
    }
    assert all(able and able <= told for able in ABILITIES.values())
