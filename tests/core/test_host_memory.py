"""A host in memory behaves as a real one, so that a probe tested on it is tested."""

import errno
import os
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck.host import Host, LimitExceeded, Nonsense, Unsupported
from hostcheck.host.answers import AclEntry, AuditRules, Demand, Group, Peer, Process, Stat, TcpListener, TcpSocket, UnixSocket, User, VsockListener
from hostcheck.host.local import LocalHost
from hostcheck.host.memory import MemoryHost

DENIED = PermissionError(errno.EACCES, "Permission denied", "/shut")


def process(pid: int, exe: str = "") -> Process:
    return Process(pid=pid, ppid=1, name="p", uids=(0, 0, 0, 0), gids=(0, 0, 0, 0), groups=(), cap_effective=0, exe=exe)


def outcome(ask: Callable[[], object]) -> object:
    """Return an answer, or what stands for the error that came instead."""
    try:
        return ask()
    except (OSError, Nonsense, LimitExceeded, Unsupported) as error:
        return (type(error), error.errno if isinstance(error, OSError) else None, str(error))


def test_directories_are_implied_and_what_was_not_given_is_absent() -> None:
    host: Host = MemoryHost({"/etc/passwd": "root", "/etc/docker/daemon.json": b"\xff"}, stats={"/run/empty": Stat(type="dir", uid=1, gid=2, mode=0o700)})
    assert host.kind == "memory"
    assert (host.list_dir("/"), host.list_dir("/etc"), host.list_dir("/run/empty")) == (["etc", "run"], ["docker", "passwd"], [])
    assert (host.read_text("/etc/passwd"), host.read_text("/etc/docker/daemon.json")) == ("root", "\udcff")
    assert (host.stat("/etc").mode, host.stat("/etc/passwd").mode, host.stat("/etc/passwd").size) == (0o755, 0o644, 4)
    for path, error in (("/none", FileNotFoundError), ("/none/below", FileNotFoundError), ("/etc/passwd/below", NotADirectoryError)):
        with pytest.raises(error):
            host.read_bytes(path)
        assert host.read_text(path, missing="-") == "-"


def test_an_empty_host_has_a_root() -> None:
    assert (MemoryHost().list_dir("/"), MemoryHost().stat("/").type) == ([], "dir")


def test_what_is_said_of_a_path_holds_and_things_have_inodes_of_their_own() -> None:
    acl = (AclEntry(tag="user", id=1, perms=6),)
    said = Stat(type="socket", uid=0, gid=105, mode=0o660, acl=acl)
    host = MemoryHost({"/a": "", "/b": ""}, stats={"/run/s": said, "/run/t": Stat(type="fifo", uid=0, gid=0, mode=0o600, dev=8, ino=9)})
    assert (host.stat("/run/s").gid, host.stat("/run/s").acl, host.stat("/run/t").ino) == (105, acl, 9)
    assert len({(host.stat(path).dev, host.stat(path).ino) for path in ("/", "/a", "/b", "/run", "/run/s", "/run/t")}) == 6
    with pytest.raises(Nonsense, match=r"/run/t: not a regular file \(fifo\)"):
        host.read_bytes("/run/t")


def test_an_error_in_files_is_what_every_verb_says_of_that_path() -> None:
    host = MemoryHost({"/shut": DENIED, "/slow": TimeoutError("slow"), "/list": LimitExceeded("many"), "/list/file": "x"})
    for verb in (host.read_bytes, host.read_text, host.stat, host.list_dir, host.read_link, host.peer):
        for path, error in (("/shut", PermissionError), ("/shut/below", PermissionError), ("/slow", TimeoutError), ("/slow/below", TimeoutError)):
            with pytest.raises(error):
                verb(path)
    with pytest.raises(LimitExceeded):
        host.list_dir("/list")
    assert host.read_text("/list/file") == "x"
    assert host.list_dir("/") == ["list", "shut", "slow"]


def test_an_error_raised_again_and_again_does_not_grow() -> None:
    host, depths = MemoryHost({"/shut": DENIED}), set()
    for _ in range(5):
        with pytest.raises(PermissionError) as raised:
            host.stat("/shut")
        depths.add(len(raised.traceback))
    assert len(depths) == 1


def test_a_denied_directory_hides_what_was_said_below() -> None:
    with pytest.raises(PermissionError):
        MemoryHost({"/shut": DENIED, "/shut/file": "x"}).read_text("/shut/file", missing="")


def test_links_lead_anywhere_and_loops_say_eloop() -> None:
    links = {"/var/run": "/run", "/run/a": "../etc/x", "/loop": "loop", "/dangling": "none", "/up": "../../../etc"}
    host = MemoryHost({"/etc/x": "x"}, links=links)
    assert host.read_text("/var/run/a") == host.read_text("/up/../up/./x") == "x"
    assert (host.read_link("/var/run"), host.stat("/var/run").type, host.stat("/var/run", follow=False).type) == ("/run", "dir", "link")
    for path, follow in (("/loop", True), ("/loop/x", True), ("/run/a", False)):
        with pytest.raises(OSError) as raised:
            host.read_text(path, follow=follow)
        assert raised.value.errno == errno.ELOOP
    with pytest.raises(FileNotFoundError):
        host.stat("/dangling")


def test_a_peer_answers_refuses_or_fails_and_a_socket_is_implied() -> None:
    peer = Peer(pid=1, uid=0, gid=0)
    host = MemoryHost({"/file": ""}, peers={"/run/s": peer, "/run/full": TimeoutError("full")}, links={"/s": "/run/s"})
    assert (host.peer("/run/s"), host.peer("/s"), host.stat("/run/full").type) == (peer, peer, "socket")
    for path, error in (("/run/full", TimeoutError), ("/file", ConnectionRefusedError), ("/none", FileNotFoundError)):
        with pytest.raises(error):
            host.peer(path)


def test_what_was_not_given_beside_files_is_unsupported_and_what_failed_fails() -> None:
    named = ("processes", "users", "groups", "unix_sockets", "tcp_listeners", "tcp_sockets", "vsock_listeners", "audit_rules")
    failing = MemoryHost(**dict.fromkeys(named, DENIED))  # type: ignore[arg-type]
    for host, error in ((MemoryHost(), Unsupported), (failing, PermissionError)):
        for ask in (host.processes, host.users, host.groups, host.unix_sockets, lambda host=host: host.process(1), lambda host=host: host.group_ids("a", 1)):
            with pytest.raises(error):
                ask()
        for ask in (lambda host=host: host.tcp_listeners([1]), lambda host=host: host.tcp_sockets([1]), host.vsock_listeners, host.audit_rules):
            with pytest.raises(error):
                ask()


def test_processes_users_and_groups_are_given_again() -> None:
    users = [User(name="b", uid=2, gid=2, home="/", shell="/"), User(name="a", uid=1, gid=1, home="/", shell="/")]
    groups = [Group(name="g", gid=7, members=("a", "b")), Group(name="h", gid=5, members=("a",))]
    host = MemoryHost(processes=(process(pid, "/sbin/init") for pid in (3, 1)), users=users, groups=groups)
    assert host.processes() == [process(1), process(3)] == host.processes()
    assert host.process(3) == process(3, "/sbin/init")
    with pytest.raises(ProcessLookupError):
        host.process(2)
    assert (host.users(), host.groups(), host.group_ids("a", 9), host.group_ids("c", 5)) == (users, groups, [5, 7, 9], [5])
    asked = MemoryHost(users=users, groups=groups, unlisted=[User(name="z", uid=9, gid=9, home="/", shell="/"), Group(name="k", gid=8, members=("z",))])
    assert (asked.user(2), asked.user("z").uid, asked.group("k").gid, asked.group(7).name, asked.group_ids("z", 9)) == (users[0], 9, 8, "g", [8, 9])
    assert (asked.users(), asked.groups()) == (users, groups)
    for ask in (asked.user, asked.group):
        with pytest.raises(FileNotFoundError):
            ask(77)


def test_unix_sockets_are_given_again_and_held_by_links() -> None:
    denied = {"/proc/9/fd": DENIED}
    known = [UnixSocket(inode=7, name="/run/s", listening=True, uid=0), UnixSocket(inode=3, name="\0x", peer=2)]
    host = MemoryHost(denied, links={"/proc/5/fd/3": "socket:[7]", "/proc/6/fd/1": "socket:[8]", "/proc/6/fd/2": "/x"}, unix_sockets=known)
    assert host.unix_sockets() == known[::-1]
    assert (host.holders({7, 1}, [6, 5, 4]), host.holders([], [5])) == ([5], [])
    with pytest.raises(PermissionError):
        host.holders([7], [5, 9])


def test_listeners_are_given_again_by_port_and_by_the_network_of_a_process() -> None:
    here, there = TcpListener(address="::", port=2375, pid=3), TcpListener(address="0.0.0.0", port=2375, pid=5, network=7)
    low, high = VsockListener(cid=3, port=1, inode=9), VsockListener(cid=2, port=2, inode=8)
    host = MemoryHost(processes=[process(3), replace(process(5), network=7)], tcp_listeners=[here, there], vsock_listeners=[high, low])
    assert (host.tcp_listeners([2375]), host.tcp_listeners({2375, 1}, 3), host.tcp_listeners([2375], 5)) == ([here], [here], [there])
    assert (host.tcp_listeners([2376]), host.tcp_listeners([1], 5), host.vsock_listeners()) == ([], [], [low, high])
    with pytest.raises(ProcessLookupError):
        host.tcp_listeners([2375], 9)


def test_audit_rules_are_given_again() -> None:
    rules = AuditRules(enabled=1, pid=7, rules=(b"x",))
    assert MemoryHost(audit_rules=rules).audit_rules() == rules


def test_what_a_server_demands_is_given_again() -> None:
    made = MemoryHost(demands={("127.0.0.1", 2375): Demand(tls="mutual"), ("::1", 2375): DENIED})
    assert made.tcp_demand("127.0.0.1", 2375) == Demand(tls="mutual")
    with pytest.raises(PermissionError):
        made.tcp_demand("::1", 2375)
    with pytest.raises(ConnectionRefusedError):
        made.tcp_demand("127.0.0.1", 2376)


def test_tcp_sockets_are_given_again_by_port() -> None:
    first, second, third = (TcpSocket(address=address, port=port, uid=0, inode=7) for address, port in (("::", 2), ("0.0.0.0", 3), ("::", 3)))
    assert MemoryHost(tcp_sockets=[third, second, first]).tcp_sockets([3, 2]) == [first, second, third]
    assert MemoryHost(tcp_sockets=[third, second, first]).tcp_sockets({2, 1}) == [first]
    assert MemoryHost(tcp_sockets=[third, second, replace(first, uid=7)]).tcp_sockets((), uid=7) == [replace(first, uid=7)]


@pytest.mark.parametrize(
    "given_twice",
    [{"files": {"relative": ""}}, {"files": {"/a/../b": ""}}, {"files": {"/a//b": ""}}, {"files": {"/a/": ""}}, {"links": {"/a\0": "b"}}]
    + [{"files": {"/a": ""}, "links": {"/a": "b"}}, {"files": {"/a": "", "/a/b": ""}}, {"links": {"/a": "b"}, "files": {"/a/b": ""}}],
)
def test_a_host_that_cannot_be_is_refused(given_twice: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="^'?/?"):
        MemoryHost(**given_twice)


NAMES = st.sampled_from(["a", "b", "c"])
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)
TARGETS = st.one_of(PATHS, PATHS.map("./{}".format), NAMES.map("../{}".format), PATHS.map("TREE/{}".format))
NODES = st.one_of(st.none(), st.binary(max_size=3), TARGETS)


def plant(tree: str, nodes: dict[str, bytes | str | None]) -> MemoryHost:
    """Make directories (None), files (bytes) and links (str) on disk and in memory; what does not fit is left out of both."""
    files: dict[str, str | bytes | Exception] = {}
    links, stats = {}, {tree: Stat(type="dir", uid=0, gid=0, mode=0o755)}
    for name, node in sorted(nodes.items()):
        path = f"{tree}/{name}"
        if any(str(parent) in files or str(parent) in links for parent in Path(path).parents):
            continue
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if isinstance(node, bytes):
            Path(path).write_bytes(node)
            files[path] = node
        elif isinstance(node, str):
            links[path] = node.replace("TREE", tree)
            os.symlink(links[path], path)
        else:
            os.makedirs(path)
            stats[path] = Stat(type="dir", uid=0, gid=0, mode=0o755)
    return MemoryHost(files, links=links, stats=stats)


@given(nodes=st.dictionaries(PATHS, NODES, max_size=6), asked=st.lists(PATHS, min_size=1, max_size=6), limit=st.integers(0, 3))
def test_memory_answers_as_the_kernel_does(nodes: dict[str, bytes | str | None], asked: list[str], limit: int) -> None:
    local = LocalHost()
    with tempfile.TemporaryDirectory() as folder:
        memory = plant(f"{folder}/tree", nodes)
        for path in (f"{folder}/tree/{name}" for name in asked):
            for follow in (True, False):
                assert outcome(lambda: memory.stat(path, follow=follow).type) == outcome(lambda: local.stat(path, follow=follow).type)  # noqa: B023
                real, ours = (outcome(lambda: host.read_bytes(path, follow=follow, limit=limit)) for host in (local, memory))  # noqa: B023
                assert ours == real
            for verb in ("read_link", "peer", "read_text"):
                assert outcome(lambda: getattr(memory, verb)(path)) == outcome(lambda: getattr(local, verb)(path))  # noqa: B023
            assert outcome(lambda: memory.list_dir(path, limit=limit)) == outcome(lambda: local.list_dir(path, limit=limit))  # noqa: B023
