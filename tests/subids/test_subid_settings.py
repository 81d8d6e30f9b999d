"""The settings of shadow are read as shadow reads them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck.host.memory import MemoryHost
from hostcheck_builtin.subids import subid_settings
from hostcheck_builtin.subids.subid_settings import named


@given(st.dictionaries(st.sampled_from(subid_settings.SETTINGS), st.integers(0, 1 << 32), max_size=5), st.text(" \t", min_size=1, max_size=3))
def test_login_defs_are_read_back(values: dict[str, int], blanks: str) -> None:
    text = "".join(f"{name}{blanks}{value}{blanks}\n" for name, value in values.items())
    assert subid_settings.login_defs(MemoryHost({"/etc/login.defs": f"# x\n{text}"})) == {"values": values, "malformed": {}}


@given(st.text(max_size=60))
def test_no_nsswitch_breaks_the_source_of_subids(text: str) -> None:
    name, _ = subid_settings.named(f"subid:{text}")
    assert not set(name) & set(" \t\n")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ("", False)),
        ("passwd: files\nsubid: sss\n", ("sss", True)),
        ("SubID:\tsss files\n", ("sss", True)),
        ("subid: sss", ("sss", False)),
        ("subid: sss ", ("sss", True)),
        ("#subid: sss\n subid: sss\nsubid:\nsubid: files\nsubid: sss\n", ("files", True)),
        ("subid:x", ("", False)),
        ("subid:x\n", ("x", True)),
        ("subid:\n", ("", False)),
        ("subid:\r sss\n", ("\r", True)),
        ("subid: sss x files\n", ("sss", True)),
    ],
)
def test_the_source_as_shadow_reads_it(text: str, found: tuple[str, bool]) -> None:
    assert named(text) == found
