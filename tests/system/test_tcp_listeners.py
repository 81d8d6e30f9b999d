"""Who listens on the ports of engines: the kernel's tables read whole, and a process that is named only where it is proved."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck.host import Host, LimitExceeded, Nonsense
from hostcheck.host.answers import Process, Stat, TcpListener, TcpSocket, VsockListener
from hostcheck.host.local import LocalHost
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole, OpenObject, Why
from hostcheck.testing.hindrances import delays
from hostcheck.testing.probes import cut, denials, hinder, stated
from hostcheck_builtin.system import bounds
from hostcheck_builtin.system import tcp_listeners as reader

HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
MOUNTS = "22 1 0:21 / /proc rw - proc proc rw\n27 1 254:0 / / rw - ext4 /dev/vda rw\n"
ALL, LOOPBACK, ONE = "00000000", "0100007F", "0" * 24 + "01000000"
DENIED, LIMITED, NONSENSE = PermissionError(13, "no"), LimitExceeded("too large"), Nonsense("no text")


def row(address: str, port: int, uid: int, state: str = "0A", inode: int = 4711) -> str:
    return f"   0: {address}:{port:04X} {'0' * len(address)}:0000 {state} 00000000:00000000 00:00000000 00000000 {uid:5}        0 {inode} 1 00 100 0 0 10 0\n"


def process(pid: int, exe: str, uid: int = 0, **more: Any) -> Process:
    name = exe.rpartition("/")[2][:15]
    return Process(pid=pid, ppid=1, name=name, uids=(uid,) * 4, gids=(uid,) * 4, groups=(), cap_effective=0, exe=exe, host_mounts=True, **more)


def held(inode: int, pid: int | None, started: int = 0, network: int = 0) -> TcpListener:
    return TcpListener(address="0.0.0.0", port=2375, inode=inode if pid else 0, pid=pid, started=started, network=network)


def host(tcp: Any = HEAD, tcp6: Any = HEAD, files: dict[str, Any] | None = None, **more: Any) -> MemoryHost:
    usual = {"/proc/net/tcp": tcp, "/proc/net/tcp6": tcp6, "/proc/self/mountinfo": MOUNTS, **(files or {})}
    return MemoryHost({path: text for path, text in usual.items() if text is not None}, **{"processes": (), "tcp_listeners": (), **more})


def facts(*args: Any, **kwargs: Any) -> Any:
    return stated(reader.listeners, host(*args, **kwargs))


def named(told: Any) -> dict[str, tuple[str, int, int]]:
    return {name: (one["address"], one["uid"], one["inode"]) for name, one in told.items()}


# The tables


@pytest.mark.parametrize(("init", "away"), [(7, False), (8, True)])
def test_there_may_be_others_where_process_1_is_in_another_network(init: int, away: bool) -> None:
    stats = {f"/proc/{who}/net/unix": Stat(type="file", uid=0, gid=0, mode=0o444, ino=number) for who, number in (("self", 7), ("1", init))}
    told = facts(HEAD + row(ALL, 2375, 0), stats=stats)
    assert named(told) and isinstance(told, OpenObject) is away


def test_who_listens_by_address_and_port() -> None:
    tcp = HEAD + row(LOOPBACK, 2375, 1000) + row(ALL, 2376, 0) + row(LOOPBACK, 2375, 1001, state="01") + row(LOOPBACK, 22, 0)
    tcp6 = HEAD + row("0" * 32, 2375, 0, inode=9) + row("0000000000000000FFFF00000100007F", 2376, 33)
    told = facts(tcp, tcp6)
    assert {name: {key: one[key] for key in ("address", "port", "uid", "inode")} for name, one in told.items()} == {
        "127.0.0.1:2375": {"address": "127.0.0.1", "port": 2375, "uid": 1000, "inode": 4711},
        "0.0.0.0:2376": {"address": "0.0.0.0", "port": 2376, "uid": 0, "inode": 4711},
        "[::]:2375": {"address": "::", "port": 2375, "uid": 0, "inode": 9},
        "[::ffff:127.0.0.1]:2376": {"address": "::ffff:127.0.0.1", "port": 2376, "uid": 33, "inode": 4711},
    }


@pytest.mark.parametrize("port", sorted(reader.PORTS))
def test_every_port_of_an_engine_is_looked_at(port: int) -> None:
    assert list(facts(HEAD + row(ALL, port, 0))) == [f"0.0.0.0:{port}"]
    assert facts(HEAD + row(ALL, port + 10_000, 0)) == {}


def test_nobody_hides_root_who_listens_on_the_same_port() -> None:
    """As one may on another device; the name that is root's alone stays root's, however many sockets others have."""
    roots, anns = row(ALL, 2375, 0, inode=1), row(ALL, 2375, 1000, inode=2)
    for table in (roots + anns + anns, anns + anns + roots):
        told = facts(HEAD + table, tcp_listeners=[held(1, 8), held(2, 9)], processes=[process(8, "/usr/bin/dockerd"), process(9, "/bin/nc", uid=1000)])
        assert named(told) == {"0.0.0.0:2375": ("0.0.0.0", 0, 1), "0.0.0.0:2375#2": ("0.0.0.0", 1000, 2)}
        assert [one["process"]["exe"] for one in told.values()] == ["/usr/bin/dockerd", "/bin/nc"]


def test_a_kernel_without_ipv6_has_one_table() -> None:
    told = facts(HEAD + row(LOOPBACK, 2375, 5), None)
    assert list(told) == ["127.0.0.1:2375"] and not isinstance(told, OpenObject)


@pytest.mark.parametrize(("tcp", "tcp6"), [(DENIED, HEAD), (HEAD, LIMITED), (None, HEAD), (None, None), (HEAD[:-1], HEAD), (HEAD, HEAD[:-1])])
def test_a_table_that_cannot_be_read_leaves_the_list_open(tcp: Any, tcp6: Any) -> None:
    assert isinstance(facts(tcp, tcp6), OpenObject)


def test_of_two_tables_that_cannot_be_read_the_worse_hole_is_told() -> None:
    for tcp, tcp6, why in ((DENIED, NONSENSE, Why.DENIED), (NONSENSE, DENIED, Why.DENIED), (LIMITED, DENIED, Why.LIMIT)):
        assert facts(tcp, tcp6).hole.why is why


def test_a_long_table_is_read_to_its_end() -> None:
    assert facts(HEAD + row(LOOPBACK, 22, 0) * 12_000 + row(LOOPBACK, 2375, 5))["127.0.0.1:2375"]["uid"] == 5
    assert facts(tcp6=HEAD + row("0" * 32, 22, 0) * 12_000 + row("0" * 32, 2375, 5))["[::]:2375"]["uid"] == 5


@given(st.text("0123456789ABCDEF: \n", max_size=200))
def test_no_table_breaks_it(text: str) -> None:
    assert facts(HEAD + text) == facts(tcp6=HEAD + text) == {}


ROWS = st.lists(
    st.tuples(
        st.sampled_from([ALL, LOOPBACK, "0" * 32, "0000000000000000FFFF00000100007F"]),
        st.sampled_from([22, 2375, 8080]),
        st.sampled_from([0, 5]),
        st.integers(1, 9),
    ),
    max_size=8,
)


@given(ROWS)
def test_the_kernels_list_says_what_its_tables_say(drawn: list[tuple[str, int, int, int]]) -> None:
    """Rows in the order of the list, so that of two of one user the same one counts."""
    address = {digits: reader._address(digits) for digits, *_ in drawn}
    drawn.sort(key=lambda one: (one[1], address[one[0]], one[2], one[3]))
    tables = {size: HEAD + "".join(row(digits, port, uid, inode=inode) for digits, port, uid, inode in drawn if len(digits) == size) for size in (8, 32)}
    sockets = [TcpSocket(address=address[digits], port=port, uid=uid, inode=inode) for digits, port, uid, inode in drawn]
    listed = facts(DENIED, DENIED, tcp_sockets=sockets)
    assert listed == facts(tables[8], tables[32]) and list(listed) == list(facts(tables[8], tables[32]))
    assert not isinstance(listed, OpenObject)


@pytest.mark.parametrize("answer", [None, DENIED, LIMITED, NONSENSE, TimeoutError("slow")])
def test_where_the_kernel_gives_no_list_its_tables_count(answer: Any) -> None:
    told = facts(HEAD + row(LOOPBACK, 2375, 5), tcp_sockets=answer)
    assert list(told) == ["127.0.0.1:2375"] and not isinstance(told, OpenObject)


# The process


def test_the_process_is_named_by_the_kernel() -> None:
    dockerd = process(9, "/usr/bin/dockerd (deleted)", started=77)
    told = facts(HEAD + row(ALL, 2375, 1000, inode=5), tcp_listeners=[held(5, 9, started=77)], processes=[dockerd])
    assert told["0.0.0.0:2375"]["process"] == {"pid": 9, "uid": 0, "exe": "/usr/bin/dockerd (deleted)"}


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ([held(5, None)], Why.DENIED),
        ([], Why.DENIED),
        ([held(6, 9)], Why.DENIED),
        ([held(5, 9, network=7)], Why.DENIED),
        ([held(5, 9, started=1)], Why.LIMIT),
        ([held(5, 10)], Why.LIMIT),
        (DENIED, Why.DENIED),
        (TimeoutError("slow"), Why.TIMEOUT),
        (None, Why.UNSUPPORTED),
    ],
)
def test_a_process_that_is_not_proved_is_a_hole_and_the_listener_stays(answer: Any, why: Why) -> None:
    told = facts(HEAD + row(ALL, 2375, 0, inode=5), tcp_listeners=answer, processes=[process(9, "/usr/bin/dockerd")])
    assert named(told) == {"0.0.0.0:2375": ("0.0.0.0", 0, 5)} and not isinstance(told, OpenObject)
    hole = told["0.0.0.0:2375"]["process"]
    assert isinstance(hole, Hole) and hole.why is why


class Asked(MemoryHost):
    """A host that notes who asks for processes."""

    asked: list[Any]

    def tcp_listeners(self, ports: Any, pid: int = 0) -> list[TcpListener]:
        self.__dict__.setdefault("asked", []).append((tuple(ports), pid))
        return super().tcp_listeners(ports, pid)

    def process(self, pid: int) -> Process:
        self.__dict__.setdefault("asked", []).append(pid)
        return super().process(pid)


def test_nobody_is_asked_where_no_port_of_an_engine_is_open() -> None:
    made = Asked({"/proc/net/tcp": HEAD + row(ALL, 22, 0) + row(ALL, 2375, 0, state="01"), "/proc/net/tcp6": HEAD})
    assert reader.listeners(made) == {} and "asked" not in made.__dict__
    made = Asked({"/proc/net/tcp": HEAD + row(ALL, 8080, 0) + row(LOOPBACK, 2375, 0) + row(ALL, 2375, 0), "/proc/net/tcp6": HEAD}, tcp_listeners=())
    reader.listeners(made)
    assert made.asked == [((2375, 8080), 0)]


def test_a_user_with_very_many_listeners_hides_neither_root_nor_the_time() -> None:
    many = range(1000, 1000 + 3 * bounds.LISTENERS_TOLD_APART)
    rows = "".join(row(f"{number:08X}", 2375, 1000, inode=number) for number in many)
    people = [process(number, "/bin/nc", uid=1000) for number in many]
    listening = [held(number, number) for number in many]
    made = Asked(
        {"/proc/net/tcp": HEAD + rows + row(ALL, 2376, 0, inode=7), "/proc/net/tcp6": HEAD},
        processes=[*people, process(7, "/usr/bin/dockerd")],
        tcp_listeners=[*listening, replace(held(7, 7), port=2376)],
    )
    told: Any = reader.listeners(made)
    assert told["0.0.0.0:2376"]["process"]["exe"] == "/usr/bin/dockerd"
    holes = [one for one in told.values() if isinstance(one["process"], Hole)]
    assert (len(told), len(holes), {one["process"].why for one in holes}) == (len(many) + 1, 2 * bounds.LISTENERS_TOLD_APART + 1, {Why.LIMIT})
    assert len(made.asked) == 1 + bounds.LISTENERS_TOLD_APART


@pytest.mark.parametrize(
    ("exe", "engine"),
    [
        ("/usr/bin/dockerd", "docker"),
        ("/usr/bin/dockerd (deleted)", "docker"),
        ("/snap/lxd/1/bin/lxd", "lxd"),
        ("/usr/local/bin/k3s", "k3s"),
        ("/usr/bin/dockerd-proxy", ""),
        ("/dockerd/x", ""),
        ("dockerd", ""),
        ("", ""),
    ],
)
def test_which_engine_a_program_is(exe: str, engine: str) -> None:
    assert reader.engine_of(exe) == engine


# Any port

FOUR = TcpSocket(address="0.0.0.0", port=23750, uid=0, inode=5)
SIX = TcpSocket(address="::1", port=2376, uid=0, inode=6)
ANNS = TcpSocket(address="127.0.0.1", port=2376, uid=1000, inode=7)
EVERYBODYS = {
    "tcp": HEAD + row(ALL, 23750, 0, inode=5) + row(LOOPBACK, 2376, 1000, inode=7) + row(ALL, 9, 0, state="01"),
    "tcp6": HEAD + row(ONE, 2376, 0, inode=6),
}


@pytest.mark.parametrize("made", [host(**EVERYBODYS), host(tcp=DENIED, tcp_sockets=[ANNS, FOUR, SIX])])
def test_what_root_listens_on_whatever_the_port_is(made: MemoryHost) -> None:
    assert sorted(reader.of_user(made, 0), key=lambda one: one.inode) == [FOUR, SIX]
    assert sorted(reader.on_ports(made, {2376, 99}), key=lambda one: one.inode) == [SIX, ANNS]


def test_what_cannot_be_read_is_a_hole_in_both() -> None:
    for read in (lambda made: reader.of_user(made, 0), lambda made: reader.on_ports(made, [2376])):
        for broken in (host(tcp=DENIED), host(tcp6=HEAD[:-1]), host(tcp=None)):
            assert isinstance(read(broken), Hole)


def test_the_tables_of_another_namespace() -> None:
    made = host(files={"/proc/9/net/tcp": EVERYBODYS["tcp"], "/proc/9/net/tcp6": EVERYBODYS["tcp6"]}, tcp_sockets=[ANNS])
    assert reader.inside(made, "/proc/9/net") == [FOUR, ANNS, SIX]


# vsock


def vsocked(*sockets: VsockListener, links: dict[str, str] | None = None, **more: Any) -> Any:
    opened = {"/proc/9/fd/3": "socket:[7]"} if links is None else links
    people = [process(8, "/bin/sh"), process(9, "/usr/bin/dockerd")]
    return host(vsock_listeners=sockets, links=opened, **{"processes": people, **more})


def test_who_listens_on_vsock() -> None:
    told = reader.vsock(vsocked(VsockListener(cid=reader.ANY_CID, port=2375, inode=7), VsockListener(cid=3, port=1024, inode=8)))
    assert list(told) == ["3:1024", "any:2375"]
    assert told["any:2375"] == {"cid": reader.ANY_CID, "port": 2375, "inode": 7, "process": {"pid": 9, "uid": 0, "exe": "/usr/bin/dockerd"}}
    assert isinstance(told["3:1024"]["process"], Hole) and told["3:1024"]["process"].why is Why.DENIED


def test_of_very_many_on_vsock_few_are_asked_for() -> None:
    told = reader.vsock(vsocked(*(VsockListener(cid=3, port=port, inode=7) for port in range(1, 3 + bounds.VSOCK_LISTENERS_ASKED))))
    assert [isinstance(one["process"], Hole) for one in told.values()] == [False] * bounds.VSOCK_LISTENERS_ASKED + [True] * 2


def test_a_kernel_that_does_not_tell_vsock_is_a_hole() -> None:
    assert reader.vsock(host(vsock_listeners=())) == {}
    for answer in (None, DENIED):
        assert isinstance(reader.vsock(host(vsock_listeners=answer)), Hole)


# The laws

HOSTS: dict[str, tuple[Callable[[Host], Any], MemoryHost]] = {
    "own": (
        reader.listeners,
        host(HEAD + row(ALL, 2375, 0, inode=5) + row(ALL, 8080, 0), tcp_listeners=[held(5, 9)], processes=[process(9, "/usr/bin/dockerd")]),
    ),
    "listed": (
        reader.listeners,
        host(tcp_sockets=[TcpSocket(address="::", port=2375, uid=0, inode=5)], tcp_listeners=[held(5, 9)], processes=[process(9, "/usr/bin/dockerd")]),
    ),
    "none": (reader.listeners, host(tcp6=None)),
    "vsock": (reader.vsock, vsocked(VsockListener(cid=3, port=1024, inode=7))),
}


@pytest.mark.parametrize("what", HOSTS)
def test_denying_delaying_or_cutting_any_answer_only_makes_holes(what: str) -> None:
    read, made = HOSTS[what]
    assert list(denials(read, made)) == []
    assert list(hinder(read, made, cut)) == []
    assert list(hinder(read, made, delays)) == []


def test_a_listener_whose_process_is_swallowed_is_among_the_cuts() -> None:
    read, made = HOSTS["own"]
    (after,) = (stated(read, other) for words, other in cut(read, made) if "tcp_listeners" in words)
    assert isinstance(after["0.0.0.0:2375"]["process"], Hole)


@pytest.mark.parametrize("read", [reader.listeners, reader.vsock])
def test_this_machine_states_something(read: Callable[[Host], Any]) -> None:
    assert isinstance(stated(read, LocalHost()), dict | Hole)
