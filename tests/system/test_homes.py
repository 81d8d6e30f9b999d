"""Which homes are looked into and whose they are; one on a server only where its user has a process."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck.host.answers import Process, Stat
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole, Why
from hostcheck_builtin.system import bounds, homes
from hostcheck_builtin.system.homes import Home
from hostcheck_builtin.system.procfs import MAC, is_mac

TABLE = "22 1 0:21 / /proc rw - proc proc rw\n27 1 254:0 / / rw - ext4 /dev/vda rw\n"
SERVED = TABLE + "30 27 0:50 / /home rw - nfs4 server:/home rw\n"
PASSWD = "root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\nbob:x:1001:1001:://home//bob/:/bin/sh\nbin:x:2:2::/bin:/bin/sh\nno:x:3:3::/none:/x\n"
DENIED = PermissionError(13, "no")
ANNS, BOBS = (Stat(type="dir", uid=uid, gid=uid, mode=0o700) for uid in (1000, 1001))
FOUND = {"/home/ann": ({1000}, "/home/ann"), "/home/bob": ({1001}, "/home/bob")}


def process(uid: int, **more: Any) -> Process:
    return Process(pid=9, ppid=1, name="x", uids=(uid,) * 4, gids=(uid,) * 4, groups=(), cap_effective=0, host_mounts=more.pop("host", True), **more)


def looked(files: dict[str, Any] | None = None, *, table: Any = TABLE, spared: frozenset[str] = frozenset(), kind: Any = MemoryHost, **more: Any) -> Any:
    usual = {"/proc/self/mountinfo": table, "/etc/passwd": PASSWD, "/bin/x": "", "/root/x": ""}
    stats = {"/home/ann": ANNS, "/home/bob": BOBS, **more.pop("stats", {})}
    found, hole = homes.homes(kind({**usual, **(files or {})}, stats=stats, **{"processes": (), **more}), {}, spared)
    return {one.name: (set(one.uids), one.place if isinstance(one.place, str) else one.place.why) for one in found}, hole


def test_the_homes_of_users_are_neither_roots_nor_the_systems_nor_missing() -> None:
    assert looked() == (FOUND, None)
    twice = looked({"/etc/passwd": PASSWD + "cat:x:1002:1002::/home/ann:/bin/sh\nrel:x:1003:1003::home/x:/bin/sh\ntop:x:1004:1004::/:/bin/sh\n"})
    assert twice == ({**FOUND, "/home/ann": ({1000, 1002}, "/home/ann")}, None)


@pytest.mark.parametrize(("mode", "found"), [(0o755, False), (0o2775, True), (0o777, True)])
def test_a_home_of_roots_counts_where_others_may_write(mode: int, found: bool) -> None:
    told, _ = looked(stats={"/home/ann": Stat(type="dir", uid=0, gid=50, mode=mode)})
    assert ("/home/ann" in told) is found


def test_a_link_is_followed_where_root_made_it() -> None:
    passwd = {"/etc/passwd": PASSWD.replace("/home/ann", "/home/x")}
    for uid, place in ((0, "/home/ann"), (1000, Why.UNSUPPORTED)):
        told, _ = looked(passwd, links={"/home/x": "/home/ann"}, stats={"/home/x": Stat(type="link", uid=uid, gid=0, mode=0o777)})
        assert told["/home/x"] == ({1000}, place)


@pytest.mark.parametrize(("error", "why"), [(DENIED, Why.DENIED), (TimeoutError("the server does not answer"), Why.TIMEOUT)])
def test_a_home_that_cannot_be_looked_at_is_a_hole_of_its_own(error: Exception, why: Why) -> None:
    assert looked({"/home/bob": error}) == ({**FOUND, "/home/bob": ({1001}, why)}, None)


class Untouched(MemoryHost):
    """A host whose server does not answer."""

    def stat(self, path: str, *, follow: bool = True) -> Stat:
        assert not path.startswith("/home"), path
        return super().stat(path, follow=follow)


def test_a_home_on_a_server_is_left_alone_unless_its_user_has_a_process() -> None:
    assert looked(table=SERVED, kind=Untouched) == ({}, None)
    assert looked(table=SERVED, processes=[process(1000)]) == ({"/home/ann": FOUND["/home/ann"]}, None)
    for more in ({"table": SERVED, "processes": DENIED}, {"table": DENIED, "processes": DENIED}):
        told, hole = looked(kind=Untouched, **more)
        assert told == {} and hole.why is Why.DENIED
    told, hole = looked(table=DENIED, processes=[process(1000)])
    assert told == {"/home/ann": FOUND["/home/ann"]} and hole.why is Why.DENIED


def test_a_list_of_processes_that_is_cut_short_may_lack_that_one() -> None:
    assert looked(table=SERVED, processes=[process(1000), process(-1, lost=True)])[1].why is Why.DENIED
    assert looked(processes=[process(-1, lost=True)]) == (FOUND, None)
    assert looked(table=SERVED, processes=[process(1000), process(1001), process(-1, lost=True)]) == (FOUND, None)


def test_a_home_below_a_mount_that_is_spared_is_a_hole() -> None:
    told, hole = looked(spared=frozenset({"/home/ann"}))
    assert told["/home/ann"] == ({1000}, Why.LIMIT) and told["/home/bob"] == FOUND["/home/bob"] and hole is None


@pytest.mark.parametrize(
    ("conf", "one", "opened"),
    [
        ("passwd: files systemd\n", process(5001), False),
        ("passwd: files sss\n", process(5001), True),
        ("passwd: files sss\n", process(1000), False),
        ("passwd: files sss\n", process(5001, host=False), False),
        ("passwd: files sss\n", process(5001, lost=True), False),
        (DENIED, process(5001), True),
    ],
)
def test_users_whose_home_nobody_tells_leave_the_list_open(conf: Any, one: Process, opened: bool) -> None:
    told, hole = looked({"/etc/nsswitch.conf": conf}, processes=[one])
    assert told == FOUND and isinstance(hole, Hole) is opened


def test_a_passwd_that_cannot_be_read_is_no_empty_one() -> None:
    told, hole = looked({"/etc/passwd": DENIED})
    assert told == {} and hole.why is Why.DENIED


CROWD = "".join(f"u{uid}:x:{uid}:{uid}::/home/u{uid}:/bin/sh\n" for uid in range(2000, 2000 + bounds.HOMES_LOOKED_AT))


class Counted(MemoryHost):
    """A host on which no home of the crowd's is looked at."""

    def stat(self, path: str, *, follow: bool = True) -> Stat:
        assert not path.startswith("/home/u"), path
        return super().stat(path, follow=follow)


def test_homes_that_are_not_there_cost_nothing_where_many_are_named_in_a_directory_of_roots() -> None:
    files = {"/etc/passwd": PASSWD + CROWD}
    assert looked(files, kind=Counted) == (FOUND, None)
    nowhere = {"/etc/passwd": PASSWD + CROWD.replace("/home/", "/net/home/")}
    assert looked(nowhere) == (FOUND, None)


@pytest.mark.parametrize("mode", [0o1777, 0o775])
def test_homes_in_a_directory_that_others_may_write_are_looked_at_each(mode: int) -> None:
    with pytest.raises(AssertionError, match="/home/u2000"):
        looked({"/etc/passwd": PASSWD + CROWD}, kind=Counted, stats={"/home": Stat(type="dir", uid=0, gid=50, mode=mode)})


def test_a_directory_that_cannot_be_listed_tells_of_no_absence() -> None:
    class Unlisted(MemoryHost):
        def list_dir(self, path: str, *, limit: int = 100_000, fair: bool = False) -> list[str]:
            if path == "/home":
                raise DENIED
            return super().list_dir(path, limit=limit)

    assert looked({"/etc/passwd": PASSWD + CROWD}, kind=Unlisted) == (FOUND, None)


def test_a_name_that_differs_only_by_case_may_be_the_same() -> None:
    """Ext4 with casefold, and vfat, tell no letters apart by case."""
    gone = homes.absent(MemoryHost({"/home/ANN/x": ""}), [f"/home/u{one}" for one in range(30)] + ["/home/Ann", "/home/\u00e4nn"], {}, frozenset())
    assert gone == {f"/home/u{one}" for one in range(30)}


def test_thousands_of_homes_on_an_automount_that_is_not_mounted_leave_nothing_open() -> None:
    table = TABLE + "30 27 0:50 / /home rw - autofs systemd-1 rw\n"
    crowd = "".join(f"u{uid}:x:{uid}:{uid}::/home/u{uid}:/bin/sh\n" for uid in range(2000, 5000))
    assert looked({"/etc/passwd": PASSWD + crowd}, table=table, kind=Untouched) == ({}, None)
    found, hole = looked({"/etc/passwd": PASSWD + crowd}, table=table, processes=[process(1000)])
    assert (found, hole) == ({"/home/ann": FOUND["/home/ann"]}, None)


def test_a_mac_has_the_homes_of_users_that_belong_to_somebody() -> None:
    assert not is_mac(MemoryHost()) and is_mac(MemoryHost({MAC: ""})) and not is_mac(MemoryHost({MAC: DENIED}))
    stats = {"/Users/ann": ANNS, "/Users/Shared": Stat(type="dir", uid=0, gid=0, mode=0o1777), "/Users/link": Stat(type="link", uid=1000, gid=0, mode=0o777)}
    mac = MemoryHost({MAC: "", "/etc/passwd": PASSWD}, stats=stats, links={"/Users/link": "/Users/ann"}, processes=())
    assert homes.homes(mac, {}) == ([Home(frozenset({1000}), "/Users/ann", "/Users/ann")], None)
    found, hole = homes.homes(MemoryHost({MAC: "", "/Users": DENIED}), {})
    assert found == [] and isinstance(hole, Hole) and hole.why is Why.DENIED


@given(st.binary(max_size=120))
def test_no_passwd_breaks_it(raw: bytes) -> None:
    found, hole = looked({"/etc/passwd": PASSWD.encode() + raw})
    assert FOUND.keys() <= found.keys() and hole is None
