"""Hide every fact of a document that an analysis reads, in every way: nothing but holes comes of it, and what is derived obeys its schema.

The contract of the public kit asks for the first only: it is tried on recorded hosts, and these documents are made to be harder.
"""

import os
from collections.abc import Collection, Mapping
from typing import Any

from hostcheck.derive import judge_of
from hostcheck.model import Analysis, Hole, Json
from hostcheck.parting import part, unite
from hostcheck.testing.analyses import derived, facts_in, hide, ways
from hostcheck.testing.laws import breaches
from hostcheck.testing.reading import Place, noting

FILES = {("principals", "users"), ("principals", "groups")}
"""What was read whole, or not at all."""


def hide_each(analysis: Analysis, told: Mapping[str, Any], files: Collection[Place] = FILES) -> int:
    """Assert that of each fact, and return in how many ways one can be hidden; with HOSTCHECK_TEST_FULL=1 all are tried, and else every second."""
    given: dict[str, Json] = {name: value if isinstance(value, Hole) else unite(*part(value), name) for name, value in told.items()}
    obeys, read, count = judge_of(analysis.facts_schema), set[Place](), 0
    before = derived(analysis, noting(given, read), {})
    for at, fact in facts_in(given):
        for how in ways(fact, at in files) if at in read else ():
            count += 1
            if count % 2 and not os.environ.get("HOSTCHECK_TEST_FULL"):
                continue
            after = derived(analysis, hide(given, at, how), {})
            broken = list(breaches(before, after))
            assert not broken, f"{how} {at}: {broken[:5]}"
            assert obeys(after) is not False, f"{how} {at}: {after}"
    return count
