"""The credentials of living processes, each set once, and what of the host those see that live in other mounts."""

from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from system.process_host import CHROOTED, CONTAINER, OVERRIDE, SANDBOX, TABLE, host, process, roots

from hostcheck.host.answers import Process, Stat
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole, OpenObject, Why
from hostcheck_builtin.system import bounds, mount_views
from hostcheck_builtin.system.credentials import SYS_PTRACE, credentials
from hostcheck_builtin.system.later_processes import ROUNDS


def held(*args: Any, **kwargs: Any) -> Any:
    return credentials(host(*args, **kwargs))


def test_credentials_are_stated_once() -> None:
    told = held(processes=[process(1, 0, 0), process(7, 1000, 1000, 27, 999), process(8, 1000, 1000, 999, 27), process(9, 1000, 1000)])
    assert set(told) == {"1000:1000:", "1000:1000:27,999"}
    assert told["1000:1000:27,999"] == {
        **{"uids": [1000] * 4, "gids": [1000] * 4, "groups": [27, 999], "count": 2, "pids": [7, 8]},
        **{"host_mounts": True, "host_paths": [], "user_mounts": False, "containers": {}, "dac_override": False, "dac_read_search": False, "powers": []},
    }


ID = "ab" * 32
ENGINES = f"0::/system.slice/docker-{ID}.scope\n"
CGROUP = "40 30 0:30 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"
ROOTS = {path: Stat(type="dir", uid=0, gid=0, mode=0o755) for path in ("/sys/fs/cgroup", "/sys/fs/cgroup/system.slice")}


@pytest.mark.parametrize(
    ("cgroup", "stats", "said"),
    [
        (ENGINES, ROOTS, {"docker:abababababab": {"count": 1, "pids": [7], "host_paths": [], "traceable": False}}),
        (f"0::/user.slice/user-1000.slice/docker-{ID}.scope\n", ROOTS, {}),
        (ENGINES, {**ROOTS, "/sys/fs/cgroup/system.slice": Stat(type="dir", uid=1000, gid=1000, mode=0o755)}, {}),
        ("0::/system.slice/x.service\n", ROOTS, {}),
        ("", ROOTS, {}),
    ],
)
def test_a_process_in_a_container_of_roots_is_told_by_its_control_group(cgroup: str, stats: dict[str, Stat], said: dict[str, Any]) -> None:
    files = {"/proc/self/mountinfo": TABLE.format("") + CGROUP, "/proc/7/mountinfo": CONTAINER, "/proc/7/cgroup": cgroup, "/proc/8/cgroup": ENGINES}
    told = held(files, processes=[roots(7, 5555, 5555, 999), process(8, 1000, 1000)], stats=stats)
    assert told["5555:5555:999"]["containers"] == said and told["1000:1000:"]["containers"] == {}


def test_of_each_container_it_is_told_what_that_one_sees_and_the_others_stand_alone() -> None:
    run = CONTAINER + "52 50 0:24 / /host-run rw - tmpfs tmpfs rw\n"
    other = f"0::/system.slice/docker-{'cd' * 32}.scope\n"
    files = {"/proc/self/mountinfo": TABLE.format("") + CGROUP, "/proc/7/mountinfo": run, "/proc/8/mountinfo": CONTAINER, "/proc/9/mountinfo": CONTAINER}
    files |= {"/proc/7/cgroup": ENGINES, "/proc/8/cgroup": other, "/proc/9/cgroup": other}
    inside = [roots(pid, 5555, 5555, 999, mounts=f"mnt:[{pid}]") for pid in (7, 8, 9)]
    told = held(files, processes=[*inside, process(10, 5555, 5555, 999)], stats=ROOTS)["5555:5555:999"]
    assert told["containers"] == {
        "docker:abababababab": {"count": 1, "pids": [7], "host_paths": ["/run"], "traceable": False},
        "docker:cdcdcdcdcdcd": {"count": 2, "pids": [8, 9], "host_paths": [], "traceable": False},
    }
    assert (told["count"], told["pids"], told["host_mounts"], told["host_paths"]) == (1, [10], True, [])


def test_whose_container_a_process_is_in_may_not_be_known() -> None:
    usual = {"/proc/7/mountinfo": CONTAINER, "/proc/7/cgroup": ENGINES}
    denied = PermissionError(13, "Permission denied")
    for files in ({**usual, "/proc/7/cgroup": denied}, {**usual, "/proc/self/mountinfo": denied}, usual):
        found = held(files, processes=[roots(7, 5555, 5555, 999)])["5555:5555:999"]
        assert found["containers"] == {} and isinstance(found["containers"], OpenObject)
        assert all(isinstance(found[name], Hole) for name in ("count", "pids", "host_paths", "host_mounts", "traceable", "user_mounts"))


def test_of_many_processes_the_first_are_named() -> None:
    told = held(processes=[process(pid, 1000, 1000) for pid in range(130, 100, -1)])["1000:1000:"]
    assert (told["count"], told["pids"]) == (30, list(range(101, 121)))


def setuid(name: str = "x", uids: Any = (1000, 0, 0, 0), **more: Any) -> Process:
    return replace(process(5, 1000, 1000, 999, caps=(1 << 41) - 1), name=name, uids=uids, **more)


@pytest.mark.parametrize("uids", [(1000, 0, 0, 0), (1000, 1000, 0, 1000), (1000, 1000, 1000, 0), (1000, 0, 0, 1000)])
def test_a_program_that_is_setuid_root_is_its_users_without_roots_capabilities(uids: Any) -> None:
    (told,) = held(processes=[setuid(uids=uids)]).values()
    assert (told["uids"], told["groups"], told["pids"]) == (list(uids), [999], [5])
    assert (told["dac_override"], told["dac_read_search"], told["powers"]) == (False, False, []) and "mapped_uids" not in told


def test_what_root_runs_is_roots_whoever_it_acts_for() -> None:
    assert held(processes=[setuid(uids=uids) for uids in ((0, 1000, 0, 1000), (0, 1000, 1000, 1000), (0,) * 4)]) == {}


def test_a_setgid_program_is_told_apart() -> None:
    assert set(held(processes=[replace(process(6, 1000, 1000), gids=(1000, 999, 999, 999))])) == {"1000:1000/999/999/999:"}


OF_ROOT = {path: Stat(type="dir", uid=0, gid=0, mode=0o755) for path in ("/", "/usr", "/usr/bin")}
SU = Stat(type="file", uid=0, gid=0, mode=0o4755)


@pytest.mark.parametrize(
    ("exe", "stat", "more", "counts"),
    [
        ("/usr/bin/su", SU, {}, False),
        ("/usr/bin/su (deleted)", SU, {}, False),
        ("/usr/bin/su", SU, {"name": "newgrp"}, True),
        ("/usr/bin/newgrp", SU, {}, True),
        ("/usr/bin/su", replace(SU, uid=1000), {}, True),
        ("/usr/bin/su", SU, {"uids": (1000, 1000, 0, 1000)}, True),
        ("/usr/bin/su", SU, {"host_mounts": False}, True),
        ("", SU, {}, True),
    ],
)
def test_su_has_the_groups_of_whom_it_became(exe: str, stat: Any, more: Any, counts: bool) -> None:
    """As its parent process, which waits for the shell; nothing that is only called so."""
    stats = {**OF_ROOT, "/usr/bin/su": stat, "/usr/bin/newgrp": SU}
    told = held(stats=stats, processes=[setuid(**{"name": "su", "exe": exe, **more})])
    assert bool(told) is counts


@pytest.mark.parametrize(("error", "counts"), [(ProcessLookupError(3, "No such process"), "1000/0/0/0:1000:999"), (PermissionError(13, "no"), "1000:su")])
def test_what_is_called_su_and_cannot_be_looked_at_counts(error: OSError, counts: str) -> None:
    class Gone(MemoryHost):
        def process(self, pid: int) -> Process:
            raise error

    files = {"/proc/self/mountinfo": TABLE.format(""), "/proc/self/status": "Name:\tx\nCapEff:\t0\n"}
    told = credentials(Gone(files, processes=[setuid("su")]))
    assert set(told) == {counts} and isinstance(told[counts]["groups"], Hole) is (counts == "1000:su")


GONE: list[Any] = [FileNotFoundError(2, "No such file or directory"), ProcessLookupError(3, "No such process"), OSError(22, "Invalid argument")]


@pytest.mark.parametrize(
    ("table", "sees"), [(CONTAINER, False), (SANDBOX, True), ("", None), (CHROOTED, None), (PermissionError(13, "no"), None), *((one, None) for one in GONE)]
)
@pytest.mark.parametrize(
    "one", [process(7, 1000, 1000, host=False), process(7, 1000, 1000, host=None), roots(7, 1000, 1000)], ids=["other", "unknown", "root's"]
)
def test_a_process_counts_where_it_sees_the_hosts_root_and_run(table: Any, sees: bool | None, one: Process) -> None:
    found = held({"/proc/7/mountinfo": table}, processes=[one])["1000:1000:"]
    assert isinstance(found["host_mounts"], Hole) if sees is None else found["host_mounts"] is sees


def test_a_process_in_the_hosts_namespace_counts_whatever_its_root_is() -> None:
    processes = [process(7, 1000, 1000, mounts="mnt:[1]"), process(8, 1001, 1001, mounts="mnt:[1]"), process(9, 1002, 1002, mounts="mnt:[1]")]
    found = held({"/proc/7/mountinfo": CHROOTED, "/proc/8/mountinfo": CONTAINER}, processes=processes)
    assert [one["host_mounts"] for one in found.values()] == [True, True, True]


def test_one_process_that_sees_them_is_enough_whatever_the_others_hide() -> None:
    files = {"/proc/7/mountinfo": PermissionError(13, "no"), "/proc/8/mountinfo": SANDBOX}
    found = held(files, processes=[process(7, 1000, 1000, host=None), process(8, 1000, 1000, host=None)])
    assert found["1000:1000:"]["host_mounts"] is True


def test_one_in_the_hosts_mounts_is_enough_where_the_scanners_own_are_not_known() -> None:
    processes = [process(7, 1000, 1000), process(8, 1000, 1000, host=None), process(9, 1001, 5, host=None)]
    found = held({"/proc/self/mountinfo": PermissionError(13, "no")}, processes=processes)
    assert isinstance(found, OpenObject) and found["1000:1000:"]["host_mounts"] is True and isinstance(found["1001:5:"]["host_mounts"], Hole)


@pytest.mark.parametrize("table", [CHROOTED, *GONE])
def test_one_that_ended_or_is_in_a_chroot_of_roots_sees_what_its_namespace_shows(table: Any) -> None:
    files = {"/proc/7/mountinfo": table, "/proc/8/mountinfo": CONTAINER, "/proc/9/mountinfo": table, "/proc/10/mountinfo": CONTAINER}
    processes = [roots(7, 1000, 5), roots(8, 0, 0), roots(9, 1001, 5, mounts="mnt:[6]"), roots(10, 0, 0, mounts="mnt:[6]"), roots(11, 0, 0, mounts="mnt:[6]")]
    found = held({**files, "/proc/11/mountinfo": SANDBOX}, processes=processes)
    assert [one["host_mounts"] for one in found.values()] == [False, True]


@pytest.mark.parametrize("table", [CHROOTED, CONTAINER, *GONE])
def test_what_a_user_made_tells_nothing_of_others(table: Any) -> None:
    """As after unshare -U and chroot(2) in a service's namespace, which shows the host."""
    hider = roots(7, 1000, 5, user_view=True)
    found = held({"/proc/7/mountinfo": table, "/proc/8/mountinfo": SANDBOX}, processes=[hider, roots(8, 1001, 5)])
    assert found["1001:5:"]["host_mounts"] is True
    assert (found["1000:5:"]["user_mounts"], found["1001:5:"]["user_mounts"]) == (True, False)


def test_two_in_namespaces_of_no_name_tell_nothing_of_each_other() -> None:
    found = held({"/proc/7/mountinfo": CHROOTED, "/proc/8/mountinfo": SANDBOX}, processes=[roots(7, 1000, 5, mounts=""), roots(8, 1001, 5, mounts="")])
    told = found
    assert isinstance(told["1000:5:"]["host_mounts"], Hole) and told["1001:5:"]["host_mounts"] is True


def test_two_roots_in_one_namespace_see_each_their_own() -> None:
    files = {"/proc/7/mountinfo": CONTAINER + "60 50 0:24 /docker.sock /d rw - tmpfs tmpfs rw\n", "/proc/8/mountinfo": SANDBOX}
    stats = {f"/proc/{pid}/root": Stat(type="dir", uid=0, gid=0, mode=0o755, dev=1, ino=pid) for pid in (7, 8)}
    found = held(files, stats=stats, processes=[roots(7, 1000, 5), roots(8, 1001, 5)])
    assert [(one["host_mounts"], one["host_paths"]) for one in found.values()] == [(False, ["/run/docker.sock"]), (True, [])]


def test_one_that_ended_is_told_what_all_of_its_namespace_show() -> None:
    files = {
        "/proc/7/mountinfo": GONE[0],
        "/proc/8/mountinfo": CONTAINER + "60 50 0:24 /docker.sock /d rw - tmpfs tmpfs rw\n",
        "/proc/9/mountinfo": CONTAINER + "60 50 254:0 /srv /srv rw - ext4 /dev/vda rw\n",
    }
    found = held(files, processes=[roots(7, 1000, 5), roots(8, 0, 0), roots(9, 0, 0)])
    assert {key: one["host_paths"] for key, one in found.items()} == {"1000:5:": ["/run/docker.sock", "/srv"]}


def test_a_run_of_its_own_is_not_the_hosts() -> None:
    table = TABLE.format("").replace("0:24 / /run", "0:55 / /run")
    (one,) = held({"/proc/7/mountinfo": table}, processes=[roots(7, 1000, 5)]).values()
    assert one["host_mounts"] is False


def test_a_root_is_not_looked_at_where_a_user_may_have_made_it() -> None:
    class Trap(MemoryHost):
        def stat(self, path: str, *, follow: bool = True) -> Stat:
            assert path != "/proc/7/root", "asked a FUSE mount"
            return super().stat(path, follow=follow)

    files = {"/proc/self/mountinfo": TABLE.format(""), "/proc/self/status": "Name:\tx\nCapEff:\t0\n", "/proc/7/mountinfo": CONTAINER}
    for user_view in (None, True):
        told = credentials(Trap(files, processes=[roots(7, 1000, 5, user_view=user_view)]))
        assert [one["host_mounts"] for one in told.values()] == [False]


def test_a_root_that_cannot_be_looked_at_keeps_nobody_from_the_table() -> None:
    files = {"/proc/7/root": PermissionError(13, "no"), "/proc/7/mountinfo": CONTAINER}
    (one,) = held(files, processes=[roots(7, 1000, 5)]).values()
    assert one["host_mounts"] is False


def test_a_long_mount_table_is_read() -> None:
    long = CONTAINER + "".join(f"{index} 50 0:9 / /{'x' * 1000} rw - tmpfs t rw\n" for index in range(60, 2060))
    (one,) = held({"/proc/7/mountinfo": long}, processes=[roots(7, 1000, 5)]).values()
    assert one["host_mounts"] is False


def test_whether_users_made_it_may_not_be_known() -> None:
    processes = [process(7, 1000, 5, host=None), roots(8, 1000, 5), process(9, 1001, 5, host=None), roots(10, 1001, 5, user_view=True)]
    found = held({f"/proc/{pid}/mountinfo": CONTAINER for pid in (7, 8, 9, 10)}, processes=processes)
    assert isinstance(found["1000:5:"]["user_mounts"], Hole)
    assert found["1001:5:"]["user_mounts"] is True


def test_what_of_the_host_is_mounted_in_a_container_is_told() -> None:
    lines = "60 50 0:24 /docker.sock /var/run/docker.sock rw - tmpfs tmpfs rw\n61 50 254:0 /srv/a\\040b /data rw - ext4 /dev/vda rw\n"
    lines += "62 50 254:0 /var/lib/docker/volumes/x/_data /v rw - ext4 /dev/vda rw\n63 50 0:77 / /other rw - tmpfs tmpfs rw\n"
    files = {"/proc/7/mountinfo": CONTAINER + lines, "/proc/8/mountinfo": CONTAINER + "60 50 0:24 / /host/run rw - tmpfs tmpfs rw\n"}
    found = held(files, processes=[roots(7, 1000, 5), roots(8, 1001, 5, mounts="mnt:[6]"), roots(9, 1001, 5, mounts="mnt:[6]")])
    assert [(one["host_mounts"], one["host_paths"]) for one in found.values()] == [(False, ["/run/docker.sock", "/srv/a b"]), (False, ["/run"])]
    both = held(files, processes=[roots(7, 1000, 5), roots(8, 1000, 5, mounts="mnt:[6]")])["1000:5:"]
    assert both["host_paths"] == ["/run", "/run/docker.sock", "/srv/a b"]


@pytest.mark.parametrize("count", [bounds.MOUNTS_SHOWN, bounds.MOUNTS_SHOWN + 1])
def test_so_much_of_what_the_host_has_may_be_mounted(count: int) -> None:
    lines = "".join(f"{index} 50 254:0 /d{index} /m{index} rw - ext4 /dev/vda rw\n" for index in range(100, 100 + count))
    (one,) = held({"/proc/7/mountinfo": CONTAINER + lines}, processes=[roots(7, 1000, 5)]).values()
    assert len(one["host_paths"]) == count if count == bounds.MOUNTS_SHOWN else one["host_paths"].why == Why.LIMIT


def test_processes_that_always_end_before_they_are_read_leave_the_list_open() -> None:
    lost = Process(pid=9, ppid=0, name="", uids=(-1,) * 4, gids=(-1,) * 4, groups=(), cap_effective=0, lost=True)
    told = held(processes=[process(7, 1000, 5), lost])
    assert isinstance(told, OpenObject) and told.hole.why == Why.LIMIT
    assert set(told) == {"1000:5:"}


def test_more_mount_tables_than_can_be_read_are_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = bounds.ALL_MOUNTS_SEEN_BYTES // 2
    monkeypatch.setattr(mount_views, "MountViews", partial(mount_views.MountViews, left=kept + len(TABLE.format("")) + 10))
    processes = [*(process(pid, 1000 + pid, 5, host=None) for pid in (7, 8)), roots(9, 1009, 5)]
    told = held({f"/proc/{one.pid}/mountinfo": CONTAINER for one in processes}, processes=processes)
    assert [str(one["host_mounts"].why) if isinstance(one["host_mounts"], Hole) else one["host_mounts"] for one in told.values()] == [False, "limit", False]


@pytest.mark.parametrize("user_view", [False, True])
def test_what_a_namespace_shows_is_read_once(user_view: bool) -> None:
    processes = [roots(7, 1000, 5, user_view=user_view), roots(8, 1001, 5, user_view=user_view)]
    links = {"/proc/7/root": "/", "/proc/8/root": "/"}
    files = {"/proc/7/mountinfo": CONTAINER, "/proc/8/mountinfo": PermissionError(13, "asked again")}
    found = held(files, links=links, processes=processes)
    assert [one["host_mounts"] for one in found.values()] == [False, False]


def test_a_capability_is_stated_with_the_ids_it_reaches() -> None:
    files = {"/proc/7/uid_map": "         0       1000          1\n         1     100000      65536\n", "/proc/7/gid_map": "0 1000 1\n"}
    (told,) = held(files, processes=[process(7, 1000, 1000, caps=OVERRIDE)]).values()
    assert (told["dac_override"], told["mapped_uids"], told["mapped_gids"]) == (True, [[1000, 1], [100000, 65536]], [[1000, 1]])


@pytest.mark.parametrize("permitted", [False, True])
def test_capabilities_that_are_in_force_or_permitted_are_stated(permitted: bool) -> None:
    files = {"/proc/7/uid_map": "0 0 4294967295\n", "/proc/7/gid_map": "0 0 4294967295\n"}
    mask = 1 << 6 | 1 << 7 | 1 << 1 | 1 << 12
    one = process(7, 1000, 1000, caps=0 if permitted else mask, cap_permitted=mask)
    ((key, told),) = held(files, processes=[one]).items()
    assert (key, told["dac_override"], told["powers"]) == ("1000:1000::dac_override:cap_setgid:cap_setuid", True, ["cap_setgid", "cap_setuid"])
    assert told["mapped_gids"] == [[0, 4294967295]]


ENDED = process(7, 1000, 1000, caps=OVERRIDE)
MAPS = {"uid_map": "0 1000 1\n", "gid_map": "0 1000 1\n"}
WIDE = {"uid_map": "0 1000 1\n1 100000 65536\n", "gid_map": "0 1000 1\n1 100000 65536\n"}


def one_in(pid: int, maps: dict[str, str], uid: int = 1000, caps: int = OVERRIDE) -> dict[str, Any]:
    status = f"Name:\tx\nUid:\t{uid}\t{uid}\t{uid}\t{uid}\nCapPrm:\t{caps:016x}\nCapEff:\t{caps:016x}\n"
    return {f"/proc/{pid}/status": status, **{f"/proc/{pid}/{name}": text for name, text in maps.items()}}


def test_one_of_many_that_ended_leaves_the_others_known() -> None:
    (told,) = held(one_in(8, MAPS), processes=[ENDED, process(8, 1000, 1000, caps=OVERRIDE)]).values()
    assert told["mapped_uids"] == told["mapped_gids"] == [[1000, 1]]


def test_who_has_ended_reaches_nothing() -> None:
    (told,) = held(processes=[ENDED]).values()
    assert told["mapped_uids"] == told["mapped_gids"] == []


def test_for_one_that_ended_stands_who_came_after_it() -> None:
    """As where a loop starts them: of the same user, and with a power of it."""
    after = {**one_in(9, WIDE), **one_in(10, MAPS, uid=1001), **one_in(11, {**MAPS, "uid_map": "0 0 4294967295\n"}, caps=1 << 12)}
    (told,) = held(after, processes=[ENDED]).values()
    assert told["mapped_uids"] == told["mapped_gids"] == [[1000, 1], [100000, 65536]]


def test_a_process_that_lives_and_whose_ids_are_hidden_has_not_ended() -> None:
    (told,) = held(one_in(7, {}), processes=[ENDED]).values()
    assert isinstance(told["mapped_uids"], Hole) and isinstance(told["mapped_gids"], Hole)


class Forking(MemoryHost):
    """A host on which each list has processes that end before they are read, until `rounds` are over."""

    rounds = 0

    def list_dir(self, path: str, *, limit: int = 100_000, fair: bool = False) -> list[str]:
        if path != "/proc" or self.rounds <= 0:
            return super().list_dir(path, limit=limit)
        self.rounds -= 1
        return [*super().list_dir(path, limit=limit), str(1000 + self.rounds)]


@pytest.mark.parametrize(("rounds", "known"), [(ROUNDS - 1, True), (ROUNDS, False)])
def test_where_some_end_whenever_all_are_listed_the_ids_are_not_known(rounds: int, known: bool) -> None:
    made = host(one_in(9, WIDE), processes=[ENDED])
    made.__class__, made.rounds = Forking, rounds  # type: ignore[assignment,attr-defined]
    (told,) = credentials(made).values()
    assert (told["mapped_gids"] == [[1000, 1], [100000, 65536]]) if known else isinstance(told["mapped_gids"], Hole)


@pytest.mark.parametrize(
    ("hidepid", "caps", "opened"),
    [("", 0, False), ("0", 0, False), ("off", 0, False), ("2", 0, True), ("invisible", 0, True), ("ptraceable", SYS_PTRACE, False)],
)
def test_hidden_processes_leave_the_list_open(hidepid: str, caps: int, opened: bool) -> None:
    assert isinstance(held(hidepid=hidepid, caps=caps), OpenObject) is opened
