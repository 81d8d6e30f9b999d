"""What is shown of names that whoever wants to be overlooked has chosen: each of them, on one line."""

from hypothesis import given
from hypothesis import strategies as st

from hostcheck.visible import all_visible, visible

ODD = st.text(alphabet=st.sampled_from([*"\\x1bu20 ", "\x1b", "\u202e"]), max_size=6)


@given(st.dictionaries(ODD, st.integers()))
def test_no_member_is_lost_because_its_name_looks_like_another(members: dict[str, int]) -> None:
    shown = all_visible(members)
    assert list(shown.values()) == list(members.values())
    assert all(name.isprintable() for name in shown)


def test_names_that_look_alike_are_numbered() -> None:
    assert all_visible({"\x1b": 1, "\\x1b": 2, "b": ["\x1b"]}) == {"\\x1b": 1, "\\x1b (2)": 2, "b": ["\\x1b"]}
    assert visible("plain text") == "plain text"
