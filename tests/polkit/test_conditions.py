from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck.host import LimitExceeded
from hostcheck_builtin.polkit.conditions import ALWAYS, MAYBE, NEVER, Condition, all_of, any_of, atom, opposite

A, B, C = (atom("group", name) for name in "abc")
TREES = st.recursive(
    st.sampled_from("abc"),
    lambda inner: st.one_of(st.tuples(st.just("!"), inner), st.tuples(st.sampled_from("&|"), inner, inner)),
    max_leaves=6,
)


def made(tree: object) -> Condition:
    if isinstance(tree, str):
        return atom("group", tree)
    assert isinstance(tree, tuple)
    parts = [made(one) for one in tree[1:]]
    return opposite(parts[0]) if tree[0] == "!" else all_of(*parts) if tree[0] == "&" else any_of(*parts)


def holds(tree: object, given_: dict[str, bool]) -> bool:
    if isinstance(tree, str):
        return given_[tree]
    assert isinstance(tree, tuple)
    parts = [holds(one, given_) for one in tree[1:]]
    return not parts[0] if tree[0] == "!" else all(parts) if tree[0] == "&" else any(parts)


@given(TREES)
def test_a_condition_holds_when_what_it_was_made_of_does(tree: object) -> None:
    for values in product((True, False), repeat=3):
        given_ = dict(zip("abc", values, strict=True))
        met = any(all(given_[one[-1]] is not one.startswith("!") for one in term) for term in made(tree))
        assert met is holds(tree, given_)


def test_constants() -> None:
    assert all_of() == ALWAYS and any_of() == NEVER and opposite(ALWAYS) == NEVER and opposite(NEVER) == ALWAYS
    assert any_of(A, ALWAYS) == ALWAYS and all_of(A, NEVER) == NEVER and all_of(A, opposite(A)) == NEVER and opposite(MAYBE) == MAYBE


@pytest.mark.parametrize("name", ["x" * 201, "a\nb", "a\x1b[2J"])
def test_a_name_that_is_none_is_not_worked_out(name: str) -> None:
    assert atom("group", name) == MAYBE


def test_a_condition_that_grows_too_long_is_given_up() -> None:
    many = any_of(*(atom("user", f"u{number}") for number in range(400)))
    assert len(many) == 400 and len(opposite(many)) == 1
    with pytest.raises(LimitExceeded):
        all_of(many, any_of(*(atom("group", f"g{number}") for number in range(400))))
    with pytest.raises(LimitExceeded):
        any_of(*(atom("user", f"u{number}") for number in range(501)))
