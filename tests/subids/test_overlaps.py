"""What a span overlaps, counted without looking at the pairs, is what looking at every pair finds."""

from hypothesis import example, given
from hypothesis import strategies as st

from hostcheck_builtin.subids.overlaps import Span, overlaps


def span(first: int, size: int, who: str) -> Span:
    return Span(first=first, last=first + size, who=who)


SPANS = st.lists(st.builds(span, st.integers(0, 30), st.integers(0, 12), st.sampled_from("abc")), max_size=20)


@given(SPANS)
@example([span(0, 9, "a")] * 3)
def test_overlaps_are_those_that_looking_at_every_pair_finds(spans: list[Span]) -> None:
    for place, (span, found) in enumerate(zip(spans, overlaps(spans), strict=True)):
        meeting = {other for other, one in enumerate(spans) if other != place and one.first <= span.last and one.last >= span.first}
        others = {other for other in meeting if spans[other].who != span.who}
        assert (found.others, found.own) == (len(others), len(meeting) - len(others))
        assert set(found.examples) <= others and bool(found.examples) == bool(others) and len(set(found.examples)) == len(found.examples)
