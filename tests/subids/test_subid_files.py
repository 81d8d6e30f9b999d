"""Whose ranges overlap is told of one file by the owners' numbers, and apart from that for those whose number is certain."""

from subids.coverage import GROUPS, LDAP, USERS, ranges

from hostcheck.model import Hole, OpenArray, incomplete


def test_ranges_that_overlap() -> None:
    found = ranges("ann:100000:65536\nbob:165535:10\nbob:300000:10\n1001:300005:1\nbobby:300006:1\ngone:165544:1\n")
    assert {key: (one["overlap_count"], one["overlaps"], one["repeats"]) for key, one in found.items()} == {
        "subuid:ann:100000": (1, ["subuid:bob:165535"], 0),
        "subuid:bob:165535": (2, ["subuid:ann:100000", "subuid:gone:165544"], 0),
        "subuid:bob:300000": (0, [], 2),
        "subuid:1001:300005": (0, [], 1),
        "subuid:bobby:300006": (0, [], 1),
        "subuid:gone:165544": (1, ["subuid:bob:165535"], 0),
    }


def test_the_two_files_do_not_overlap_each_other() -> None:
    assert all(one["overlap_count"] == 0 for one in ranges("ann:100000:10\n", "bob:100000:10\n").values())


def test_an_overlap_of_somebody_not_known_may_be_the_same_owners() -> None:
    found = ranges("bob:100:10\ncarol:100:10\nann:105:1\n", nss={"users": incomplete(USERS, LDAP), "groups": GROUPS})
    assert isinstance(found["subuid:carol:100"]["overlap_count"], Hole) and found["subuid:carol:100"]["overlaps"] == []
    bob = found["subuid:bob:100"]
    assert isinstance(bob["overlap_count"], Hole) and bob["overlaps"] == ["subuid:ann:105"] and isinstance(bob["overlaps"], OpenArray)
