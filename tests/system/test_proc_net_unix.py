"""What the kernel's tables of unix sockets say, in the scanner's namespace and in those that programs of root live in."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck.host.answers import Process, Stat, UnixSocket
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole, Why
from hostcheck_builtin.system import bounds
from hostcheck_builtin.system.proc_net_unix import UNIX, Table, away, everywhere, missed, name_of, own

HEAD = "Num       RefCount Protocol Flags    Type St Inode Path\n"
AWAY = 77
PATH = "/srv/e/x.sock"
ENGINE = Process(pid=500, ppid=1, name="dockerd", uids=(0,) * 4, gids=(0,) * 4, groups=(), cap_effective=0, exe="/usr/bin/dockerd", network=AWAY)
PROXY = replace(ENGINE, pid=400, name="dnsmasq", network=78, host_mounts=True)
DENIED = PermissionError(13, "no")


def row(name: str, inode: int, flags: str = "00010000", state: str = "01") -> str:
    return f"0000000000000000: 00000002 00000000 {flags} 0001 {state} {inode:5}{' ' * bool(name)}{name}\n"


BOUND = HEAD + row(PATH, 42)


def table(text: str, network: int = 0) -> Table:
    found = Table()
    found.add(text, network)
    return found


def spread(*processes: Process, networks: dict[int, int] | None = None, **tables: Any) -> Table:
    """Return the table of a host with these processes, each with the table of its namespace, mostly an empty one."""
    texts = {f"/proc/{one.pid}/net/unix": tables.get(f"of_{one.pid}", HEAD) for one in processes if one.network is not None}
    stats = {
        path: Stat(type="file", uid=0, gid=0, mode=0o444, ino=(networks or {}).get(one.pid, one.network or 0))
        for one in processes
        if (path := f"/proc/{one.pid}/net/unix") in texts and texts[path] is not None
    }
    files = {path: text for path, text in texts.items() if text is not None}
    return everywhere(MemoryHost({UNIX: HEAD, **files}, links={"/proc/self/ns/mnt": "mnt:[1]"}, stats=stats, processes=processes))


def test_only_sockets_that_listen_have_a_name_to_connect_to() -> None:
    found = table(HEAD + row(PATH, 42) + row("/run//x/./y", 43) + row("@a", 44) + row("/gone", 45, "00000000") + row("/c", 46, "00000000", "03") + row("", 47))
    assert dict(found.inodes) == {PATH: {42}, "/run/x/y": {43}, "@a": {44}}
    assert found.connected == {"/c"} and found.trusts(42) and not found.trusts(48)
    assert table(row("/c", 46, "00000000", "03"), AWAY).connected == set()


def test_a_row_in_a_name_costs_the_socket_that_it_claims_its_trust() -> None:
    found = table(HEAD + row("/run/dbus", 42) + row("x\n" + row("/run/docker.sock", 42).rstrip("\n"), 77))
    assert not found.trusts(42) and found.trusts(77)
    assert found.rows[42] == {0: ["/run/dbus", "/run/docker.sock"]}


def test_a_table_that_is_not_there_is_hidden() -> None:
    with pytest.raises(PermissionError):
        own(MemoryHost())
    assert own(MemoryHost({UNIX: BOUND})).own == {PATH}


@given(st.text(max_size=200))
def test_no_table_breaks_it_or_takes_a_socket_out(text: str) -> None:
    assert 42 in table(BOUND + text).inodes[PATH]


def test_what_root_binds_in_another_namespace_is_found_where_it_sees_the_hosts_mounts() -> None:
    assert spread(ENGINE, of_500=BOUND).inodes[PATH] == {42} and spread(ENGINE, of_500=BOUND).own == frozenset()
    inside = replace(PROXY, host_mounts=False, mounts="mnt:[9]")
    for one, found in ((PROXY, True), (inside, False), (replace(inside, mounts="mnt:[1]"), True), (replace(inside, name="dockerd"), True)):
        assert (PATH in spread(one, of_400=BOUND).inodes) is found
    users = [replace(PROXY, pid=9000 + number, uids=(1000,) * 4, network=1000 + number) for number in range(bounds.NETWORK_NAMESPACES + 1)]
    told = spread(ENGINE, *users, of_500=BOUND, **{f"of_{one.pid}": HEAD + row("/tmp/theirs", one.pid) for one in users})
    assert set(told.inodes) == {PATH} and told.unread is None


def test_too_many_namespaces_are_a_limit_and_engines_come_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "NETWORK_NAMESPACES", 2)
    others = [replace(PROXY, pid=100 + number, network=1000 + number) for number in range(3)]
    told = spread(*others, ENGINE, of_500=BOUND)
    assert PATH in told.inodes and isinstance(told.unread, Hole) and told.unread.why is Why.LIMIT
    assert spread(others[0], ENGINE, of_500=BOUND).unread is None


def test_a_namespace_is_read_through_whoever_is_left_in_it() -> None:
    ended = replace(ENGINE, pid=300)
    assert PATH in spread(ended, ENGINE, of_300=None, of_500=BOUND).inodes
    assert PATH in spread(ended, ENGINE, of_500=BOUND, networks={300: 1}).inodes  # its pid is another's by now
    gone = spread(ENGINE, of_500=BOUND, networks={500: AWAY + 1})
    assert PATH not in gone.inodes and gone.unread is None


@pytest.mark.parametrize("text", [DENIED, "x" * 99])
def test_a_namespace_that_cannot_be_read_leaves_the_table_open(text: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "OTHER_UNIX_SOCKETS_BYTES", 50)
    assert isinstance(spread(ENGINE, of_500=text).unread, Hole)


def test_all_tables_together_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    for room, opens in ((len(BOUND) + len(HEAD), False), (len(BOUND) + len(HEAD) - 1, True)):
        monkeypatch.setattr(bounds, "OTHER_UNIX_SOCKETS_BYTES", room)
        told = spread(PROXY, ENGINE, of_500=BOUND)
        assert PATH in told.inodes and isinstance(told.unread, Hole) is opens


def test_a_namespace_that_is_not_known_and_processes_that_are_not_leave_the_table_open() -> None:
    told = spread(replace(ENGINE, network=None))
    assert isinstance(told.unread, Hole) and told.unread.why is Why.DENIED
    assert isinstance(everywhere(MemoryHost({UNIX: BOUND}, processes=DENIED)).unread, Hole)


@pytest.mark.parametrize(
    ("init", "engine", "hidden"),
    [
        (77, {}, True),
        (78, {}, False),
        (0, {"network": 0}, False),
        (None, {"network": None}, True),
        (77, {"name": "sshd"}, False),
        (77, {"uids": (1000,) * 4}, False),
    ],
)
def test_a_scanner_away_from_process_1_does_not_see_its_engines(init: int | None, engine: dict[str, Any], hidden: bool) -> None:
    host = MemoryHost(processes=[replace(ENGINE, pid=1, name="systemd", network=init), replace(ENGINE, **engine)])
    assert isinstance(away(host), Hole) is hidden
    assert isinstance(away(MemoryHost(processes=DENIED)), Hole)


@pytest.mark.parametrize(("init", "name", "hidden"), [(77, "@/run/docker.sock", True), (77, "@/tmp/.X11-unix/X0", False), (0, "@/run/docker.sock", False)])
def test_an_abstract_name_of_the_network_of_process_1_may_be_an_engines(init: int, name: str, hidden: bool) -> None:
    systemd = replace(ENGINE, pid=1, name="systemd", network=init, host_mounts=True)
    rows = HEAD + row(name, 9)
    stats = {"/proc/1/net/unix": Stat(type="file", uid=0, gid=0, mode=0o444, ino=init)}
    host = MemoryHost({UNIX: HEAD, "/proc/1/net/unix": rows}, links={"/proc/self/ns/mnt": "mnt:[1]"}, stats=stats, processes=[systemd])
    assert isinstance(missed(host, everywhere(host)), Hole) is hidden


def test_an_abstract_name_has_an_at_sign_for_each_nul() -> None:
    assert [name_of(UnixSocket(inode=1, name=name)) for name in ("\0a\0", "/run//x", "")] == ["@a@", "/run/x", ""]
