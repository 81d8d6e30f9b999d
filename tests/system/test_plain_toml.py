import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck.host import Nonsense
from hostcheck_builtin.system.plain_toml import tables


def test_tables_are_read() -> None:
    assert tables("/x", "a = 1\n[b.c]\nd = ['e']\n") == {"a": 1, "b": {"c": {"d": ["e"]}}} and tables("/x", "") == {}


@pytest.mark.parametrize("text", ["a", "a = 1\na = 2", "[b\n", "a = " + "[" * 10_000])
def test_what_is_none_is_told_by_its_name_alone(text: str) -> None:
    with pytest.raises(Nonsense, match="^/x: no TOML") as caught:
        tables("/x", "secret = 'hunter2'\n" + text)
    assert "hunter2" not in str(caught.value)


@given(st.text("[]{}=.'\"\n a1#", max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        assert isinstance(tables("/x", text), dict)
    except Nonsense:
        pass
