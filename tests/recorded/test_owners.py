"""The owner's law on every built-in probe, analysis and rule: on the recorded hosts, and on hosts where users live side by side."""

from functools import cache
from itertools import chain, cycle, islice
from typing import Final

import pytest
from contract.everything import everything
from contract.neighbours import FIRST, THINGS, Thing, host, kubeconfigs, neighbours_job
from hypothesis import given
from hypothesis import strategies as st
from recorded.test_probes import FAKES, FULL, RECORDED, REGISTRY, hosts_of

from hostcheck.testing import OwnersContract
from hostcheck.testing.findings import Whole
from hostcheck.testing.laws import worse
from hostcheck.testing.owners import CROWD, MULTITUDE, WORST
from hostcheck.testing.whose import UNTOLD

pytestmark = pytest.mark.laws
BESIDE: Final = {FIRST: THINGS, FIRST + 1: THINGS[:8], FIRST + 2: THINGS[8:]}


class Owners(OwnersContract):
    __test__ = False
    path = REGISTRY.benchmarks[0]
    profile = "level2"


class TestRecorded(Owners):
    """Of the users of a recorded host two are tried, whose things are not alike; with HOSTCHECK_TEST_FULL=1 all of all hosts."""

    hosts = {name: {probe: hosts_of(probe)[name] for probe in REGISTRY.probes if probe in RECORDED[name]} for name in FAKES if FULL or name == "weak-as-root"}
    uids = () if FULL else (4001, 4002)


class TestEverything(Owners):
    hosts = {"everything": dict.fromkeys(REGISTRY.probes, everything())}


class TestNeighbours(Owners):
    hosts = {"three": dict.fromkeys(REGISTRY.probes, host(BESIDE))}


@cache
def crowd(count: int, things: int) -> Whole:
    """Return a host with so many users, each of whom has laid so many things."""
    some = cycle(thing for thing in THINGS if thing.__name__ not in ("neighbours_job", "unit"))
    return dict.fromkeys(REGISTRY.probes, host({uid: [*islice(some, things)] for uid in range(FIRST, FIRST + count)}))


def test_what_fifty_of_fifty_one_lay_changes_nothing_about_the_last() -> None:
    assert [*Owners()._together(crowd(CROWD, 3), CROWD)] == []


def test_what_a_thousand_lay_makes_no_failure_a_pass() -> None:
    law, whole = Owners(), crowd(MULTITUDE, 1)
    before, charged = law.state(whole), law.charged(whole)
    uids = frozenset(chain.from_iterable(charged.values()))
    assert len(uids) >= MULTITUDE
    for worst in UNTOLD.values() if FULL else (UNTOLD["limit"],):
        assert [*worse(law.judge(before), law.judge(law.laid(whole, before, charged, uids, worst)))] == []


def apart(things: set[Thing]) -> set[Thing]:
    """Return things without a kubeconfig of whom a neighbour's job leads to root.

    Once the neighbour hides the job, what is left of that user is what is not known of the kubeconfig, which the law takes for new.
    """
    return {thing for thing in things if thing is not kubeconfigs or neighbours_job not in things}


@given(
    st.lists(st.sets(st.sampled_from(THINGS), max_size=4).map(apart), min_size=3, max_size=3),
    st.integers(0, 2),
    st.integers(1, 2),
    st.sampled_from(sorted(WORST)),
)
def test_whatever_three_users_lay_it_is_theirs_alone(laid: list[set[Thing]], first: int, count: int, worst: str) -> None:
    law = Owners()
    whole = dict.fromkeys(REGISTRY.probes, host({FIRST + number: sorted(things, key=THINGS.index) for number, things in enumerate(laid)}))
    uids = [FIRST + (first + number) % 3 for number in range(count)]
    before = law.state(whole)
    after = law.laid(whole, before, law.charged(whole), frozenset(uids), WORST[worst])
    assert [*law.broken(law.about(whole, uids), before, after, told=worst in ("garbage", "huge"))] == []
