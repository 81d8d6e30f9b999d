"""What the kernel lets a set of ids do with a file: the first class that fits decides, and a group that is not known may change no answer that is given."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck_builtin.accounts.dac import SEARCH, WRITE, Answer, Ids, Inode, Need, closed, decide, may

IDS = st.integers(0, 3)
BITS = st.integers(0, 7)
NAMED = st.tuples(st.sampled_from(["user", "group"]), IDS, BITS)
ACLS = st.builds(lambda named, owning, mask: (*named, ("group_obj", -1, owning), ("mask", -1, mask)), st.lists(NAMED, max_size=4), BITS, BITS)
INODES = st.builds(Inode, path=st.just("/s"), uid=IDS, gid=IDS, mode=st.integers(0, 0o777), acl=st.just(()) | ACLS)
NEEDS = st.lists(st.builds(Need, place=INODES, want=st.integers(1, 7), owner=st.booleans()), min_size=1, max_size=3).map(tuple)
LISTED = (("user", 7, 6), ("group_obj", -1, 0), ("group", 50, 7), ("mask", -1, 6))
EVERY = ((0, 1 << 32),)


@pytest.mark.parametrize(
    ("mode", "acl", "ids", "answer"),
    [
        (0o077, (), Ids(uid=5), (False, (("owner", -1),))),  # the class that owns decides, not the most generous one
        (0o060, (), Ids(uid=7, may={6}), (True, (("group", 6),))),
        (0o060, (), Ids(uid=7, may={9}), (False, (("other", -1),))),
        (0o606, (), Ids(uid=7, may={6}, must={6}), (False, (("other", -1),))),
        (0o606, (), Ids(uid=7, may={6}), (True, (("other", -1),))),  # who can lay the group down is as any other
        (0o660, LISTED, Ids(uid=7), (True, (("acl user", -1),))),
        (0o640, (*LISTED[:3], ("mask", -1, 4)), Ids(uid=7), (False, (("acl user", -1),))),
        (0o660, LISTED, Ids(uid=8, may={50}), (True, (("acl group", 50),))),
        (0o662, LISTED, Ids(uid=8, may={6}, must={6}), (False, (("other", -1),))),
        (0o602, (*LISTED[:3], ("mask", -1, 0)), Ids(uid=7), (True, (("other", -1),))),  # acl_permission_check() does not read it
    ],
)
def test_which_class_decides(mode: int, acl: tuple[tuple[str, int, int], ...], ids: Ids, answer: Answer) -> None:
    assert decide(Inode(path="/s", uid=5, gid=6, mode=mode, acl=acl), WRITE, ids) == answer


def test_an_answer_is_known_or_hangs_on_groups_that_are_not() -> None:
    here = Inode(path="/s", uid=0, gid=5, mode=0o060)
    there = (Need(place=here, want=2),)
    assert may(Ids(uid=7), there)[0] is False
    assert may(Ids(uid=7, more=True), there)[0] is None
    assert may(Ids(uid=7, may={5}, must={5}, more=True), there)[0] is True
    assert not closed(there)
    assert closed((Need(place=Inode(path="/s", uid=0, gid=5, mode=0o600), want=2),))
    refusing = (Need(place=Inode(path="/s", uid=0, gid=5, mode=0o606), want=2),)
    assert may(Ids(uid=7, more=True), refusing)[0] is None
    assert may(Ids(uid=7, may={5}, must={5}, more=True), refusing)[0] is False
    assert may(Ids(uid=7, may={5}, more=False), refusing)[0] is True


@pytest.mark.parametrize(
    ("ids", "want", "reasons"),
    [
        (Ids(uid=7, override=True, uids=EVERY, gids=EVERY), WRITE, ("dac_override",)),
        (Ids(uid=7, search=True, uids=EVERY, gids=EVERY), SEARCH, ("dac_override",)),
        (Ids(uid=7, search=True, uids=EVERY, gids=EVERY), WRITE, None),
        (Ids(uid=7, override=True, uids=((0, 5),), gids=EVERY), WRITE, None),  # 5 itself is beyond the range
        (Ids(uid=7, override=True, uids=EVERY, gids=((7, 9),)), WRITE, None),
        (Ids(uid=7, powers=("setuid",), uids=EVERY, gids=EVERY), WRITE, ("setuid",)),
        (Ids(uid=7, powers=("setuid",), uids=((5, 1),), gids=EVERY), WRITE, None),  # no root there to become
        (Ids(uid=7, inside=True), SEARCH, ("other",)),
        (Ids(uid=7, inside=True), WRITE, None),
    ],
)
def test_what_a_capability_is_enough_for(ids: Ids, want: int, reasons: tuple[str, ...] | None) -> None:
    verdict, how = may(ids, (Need(place=Inode(path="/s", uid=5, gid=6, mode=0), want=want),))
    assert (verdict, tuple(name for name, *_ in how)) == (reasons is not None, reasons or ())


@given(NEEDS, IDS, st.sets(IDS), st.sets(IDS), st.sets(IDS))
def test_an_answer_that_is_given_stays_whatever_groups_turn_up(needs: tuple[Need, ...], uid: int, held: set[int], more: set[int], kept: set[int]) -> None:
    early, _ = may(Ids(uid=uid, may=held, must=held & kept, more=True), needs)
    late, _ = may(Ids(uid=uid, may=held | more, must=(held | more) & kept), needs)
    assert early is None or early is late
