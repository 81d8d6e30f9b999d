"""Capabilities have the names that the kernel gives their bits."""

from hypothesis import given
from hypothesis import strategies as st

from hostcheck_builtin.system import capability_names


@given(st.sets(st.integers(0, 63)))
def test_the_names_of_capabilities_are_those_of_the_bits(bits: set[int]) -> None:
    told = capability_names.names(sum(1 << bit for bit in bits))
    assert [capability_names.CAPABILITIES.index(name[4:]) if not name[4:].isdigit() else int(name[4:]) for name in told] == sorted(bits)
