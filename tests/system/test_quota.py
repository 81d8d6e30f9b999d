"""So many are looked at of each account, of users without one together, and all of root's; what is left names whose it is."""

from hostcheck.host.memory import MemoryHost
from hostcheck_builtin.system.quota import Quota

PASSWD = "root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\nbob:x:1001:1001::/home/bob:/bin/sh\n"
HOST = MemoryHost({"/etc/passwd": PASSWD, "/etc/subuid": "ann:100000:65536\nbob:165536:10\ncat:500000:9\n"})


def test_each_user_has_as_many_and_root_all() -> None:
    quota = Quota(HOST, 2, 3)
    assert [quota.takes(uid) for uid in (1000, 1000, 1000, 1001, 0, 0, 0, 1000)] == [True, True, False, True, True, True, True, False]
    assert {uid: (hole.message, hole.owners) for uid, hole in quota.left("sockets").items()} == {
        1000: ("uid 1000 has 4 sockets, and not all of them are looked at", (1000,))
    }


def test_users_without_an_account_share() -> None:
    quota = Quota(HOST, 2, 3)
    assert [quota.takes(uid) for uid in (7, 7, 500_001, 8, 9, 1000)] == [True, True, True, False, False, True]
    assert {uid: (hole.message, hole.owners) for uid, hole in quota.left("x").items()} == {
        8: ("users who have no account have 5 x, and not all of them are looked at", ())
    }


def test_subordinate_ids_are_their_owners() -> None:
    quota = Quota(HOST, 2, 3)
    assert [quota.takes(uid) for uid in (100_000, 165_535, 1000, 165_536, 1001)] == [True, True, False, True, True]
    assert {uid: hole.owners for uid, hole in quota.left("x").items()} == {1000: (1000,)}


def test_where_it_is_not_known_who_has_an_account_each_counts_alone() -> None:
    quota = Quota(MemoryHost({"/etc/passwd": PermissionError(13, "no")}), 1, 1)
    assert [quota.takes(uid) for uid in (7, 8, 8)] == [True, True, False]
