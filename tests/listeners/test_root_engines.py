"""Which processes are root's, and what each of them listens on."""

from dataclasses import replace
from typing import Any

from listeners.listener_host import DENIED, FAR, HEAD, dockerd, host, process, row, tcp

from hostcheck.host.answers import Stat
from hostcheck.model import Hole
from hostcheck_builtin.listeners.root_engines import NAMESPACES, PROCESSES, HeldSocket, Sockets, abroad, engine_of, find, held_by, who_listens


def test_roots_processes_and_those_that_are_called_like_engines() -> None:
    running: Any = {**dockerd(), process(10, "/bin/sh"): (("sh",), ()), process(11, "/usr/bin/dockerd", uid=1000): (("x",), ())}
    kernels = {process(2, ""): (("",), ()), replace(process(12, ""), name="dockerd", ppid=2): (("",), ())}
    found = find(host({**running, **kernels}, [tcp(5, 2375)]))
    assert ([one.pid for one in found.roots], [one.pid for one in found.named], found.unread) == ([9, 10], [9], None)
    assert found.sockets.held == {5: HeldSocket(tcp(5, 2375), 0)}


def test_too_many_are_a_hole() -> None:
    many = {process(number, "/usr/bin/podman"): (("podman",), ()) for number in range(100, 101 + PROCESSES)}
    assert isinstance(find(host(many)).unread, Hole)
    sockets = Sockets()
    abroad(host(), sockets, [process(number, "/usr/bin/podman", network=number) for number in range(1, 2 + NAMESPACES)])
    assert isinstance(sockets.unread, Hole)


def test_of_a_namespace_one_that_lives_is_asked_and_another_of_that_pid_is_not_believed() -> None:
    files = {"/proc/9/net/tcp": HEAD + row(5, 2375), "/proc/9/net/tcp6": HEAD, "/proc/9/net/unix": ""}
    for ino, held in ((FAR, {5: HeldSocket(tcp(5, 2375), FAR)}), (1, {})):
        made = host(files=files, stats={"/proc/9/net/unix": Stat(type="file", uid=0, gid=0, mode=0o444, ino=ino)})
        sockets = Sockets()
        abroad(made, sockets, [process(8, "/usr/bin/podman", network=FAR), process(9, "/usr/bin/podman", network=FAR), process(10, "/usr/bin/podman")])
        assert (sockets.held, sockets.unread) == (held, None)


def test_what_a_process_holds() -> None:
    made = host(dockerd(inodes=(5, 7)), [tcp(5, 2375), tcp(6, 2376)])
    sockets = find(made).sockets
    found = held_by(made, 9, sockets)
    assert found is not None and (found[0].pid, found[1]) == (9, [HeldSocket(tcp(5, 2375), 0)])
    assert held_by(made, 10, sockets) is None
    assert who_listens(made, sockets, find(made).named) == [9]
    assert who_listens(made, Sockets(), find(made).named) == []


def test_an_engine_of_roots_is_one_whoever_can_replace_its_file() -> None:
    """As below /usr/local, which is the group staff's on older Debian: who listens takes orders all the same."""
    others = {
        "/usr/bin/dockerd": Stat(type="file", uid=1000, gid=0, mode=0o755),
        "/usr/bin": Stat(type="dir", uid=0, gid=50, mode=0o2775),
    }
    (one,) = dockerd()
    assert (engine_of(host(dockerd()), one), engine_of(host(dockerd(), stats=others), one)) == ("docker", "docker")


def test_where_processes_are_hidden_nothing_is_known() -> None:
    assert isinstance(find(host(processes=DENIED)).unread, Hole)
