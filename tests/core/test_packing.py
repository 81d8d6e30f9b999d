"""What is packed comes back as it was, whatever it is called; what repeats is there once, and few bytes are few bytes however many members there are."""

import json
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from hostcheck.documents import canonical, compact, parse, written
from hostcheck.packing import MANY, SHORT, pack, pack_facts
from hostcheck.unpacking import unpack, unpack_facts

NAMES = st.sampled_from(["a", "b", "", "$", "$shared", "$table", "$list", "$all", "$paths", "$object", "names", "columns", "count", "/etc/passwd"]) | st.text()
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | NAMES
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner), max_leaves=20)
LONG = "x" * SHORT
"""A text that is not short where something repeats."""


def again(facts: Any) -> Any:
    """Return facts as they come back from a file."""
    return unpack_facts(parse(compact(pack_facts(facts, small=-1)), "x"))


def same(one: Any, other: Any) -> bool:
    """Say whether two values are written alike: True is not 1, nor 1.0."""
    return compact(one) == compact(other)


@st.composite
def crowds(draw: st.DrawFn) -> Any:
    """Return a collection with many members, some of which are alike, in one of the forms."""
    kinds = draw(st.lists(VALUES | st.dictionaries(NAMES, VALUES, min_size=1, max_size=3), min_size=1, max_size=3))
    keys = draw(st.lists(NAMES, min_size=1, max_size=3, unique=True))
    members = [draw(st.sampled_from(kinds)) if number % 7 == 0 else {key: draw(SCALARS) for key in keys} for number in range(MANY + 10)]
    members = draw(st.sampled_from([members, [one for one in members if isinstance(one, dict) and one.keys() == set(keys)], [*map(str, members)]]))
    if draw(st.booleans()):
        return members
    return {draw(NAMES) + str(number): member for number, member in enumerate(members)}


@given(VALUES | crowds() | st.tuples(crowds(), crowds(), VALUES).map(list))
@example([{"$shared": 0}, {"$object": {"$all": 1}}, {"$table": [{}]}])
@example([[LONG, 1], [LONG, True], [LONG, 1.0], [LONG, 1], [LONG, -0.0], [LONG, 0.0]])
@example([{LONG: number} for number in (1, True, 1.0, 0, False) * MANY])
def test_what_is_packed_comes_back_as_it_was(facts: Any) -> None:
    before = compact(facts)
    assert same(again(facts), json.loads(before))
    assert compact(facts) == before, "what is packed is not changed"
