"""Which names the engines of root listen on, by what no other user can forge: the descriptors of their processes."""

from dataclasses import replace
from typing import Any

import pytest
from sockets.socket_host import DOCKERD, HEAD, ROOTS, SYSTEMD, facts, folder, route, row

from hostcheck.host.answers import Process, Stat
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole, OpenObject
from hostcheck.testing.probes import stated
from hostcheck_builtin.sockets import probe_sockets

PROGRAM = {"/usr/bin/dockerd": "x"}
ENGINE = {"/proc/500/fd/3": "socket:[42]"}


def held(path: str, *, files: Any = None, links: Any = None, bound: str = "", **more: Any) -> Any:
    """State the sockets of a host whose dockerd bound `path`, now or once."""
    unix = HEAD + row(bound or path, 42)
    return facts({**PROGRAM, **(files or {})}, unix=unix, links={**ENGINE, **(links or {})}, **more)


def test_a_socket_of_roots_engine_is_found_whatever_it_is_called_and_wherever_it_is() -> None:
    peers = {"/run/dk.sock": ROOTS}
    told = held("/run/dk.sock", peers=peers, stats={"/run/dk.sock": route(0o666)})
    assert {path: (one["engine"], one["source"], one["expected"]) for path, one in told.items()} == {"/run/dk.sock": ("docker", "process", True)}
    stats = {"/srv/e": folder(0o775, 0, 50), "/srv/e/docker.sock": route()}
    told = held("/srv/e/docker.sock", bound="/srv//e/./docker.sock", peers={"/srv/e/docker.sock": ROOTS}, stats=stats)
    assert told["/srv/e/docker.sock"]["parents"]["/srv/e"]["mode"] == "0775"
    assert not isinstance(told, OpenObject)


def test_whose_process_holds_a_well_known_name_that_leads_nowhere_is_looked_for() -> None:
    other = Process(pid=600, ppid=1, name="wrapper", uids=(0,) * 4, gids=(0,) * 4, groups=(), cap_effective=0, exe="/opt/w")
    thread = Process(pid=60, ppid=2, name="kworker", uids=(0,) * 4, gids=(0,) * 4, groups=(), cap_effective=0)
    more: dict[str, Any] = {"unix": HEAD + row("/run/docker.sock", 7), "stats": {"/run": folder(0o777)}}
    fds = {"/proc/600/fd/4": "socket:[7]", "/proc/1/fd/0": "/dev/null"}
    told = facts(links=fds, processes=(SYSTEMD, thread, DOCKERD, other), **more)
    assert (told["/run/docker.sock"]["type"], told["/run/docker.sock"]["expected"]) == ("absent", True)
    told = facts(links={"/proc/1/fd/0": "/dev/null"}, processes=(SYSTEMD, DOCKERD), **more)
    assert told == {} and not isinstance(told, OpenObject)
    assert isinstance(facts(**more), OpenObject)


@pytest.mark.parametrize("name", ["/run/docker/metrics.sock", "/run/docker/libnetwork/1f.sock"])
def test_dockerds_sockets_for_its_helpers_are_not_its_api(name: str) -> None:
    assert held(name, peers={name: ROOTS}, stats={name: route()}) == {}


def test_where_a_manager_of_a_swarm_takes_orders_is_a_way_to_root_and_not_dockers_api() -> None:
    name = "/run/docker/swarm/control.sock"
    (told,) = held(name, peers={name: ROOTS}, stats={name: route()}).values()
    assert (told["type"], told["engine"]) == ("socket", "unknown")


@pytest.mark.parametrize(
    ("exe", "stats", "uids", "found"),
    [
        ("/usr/bin/dockerd", {}, (0, 0, 0, 0), True),
        ("/usr/bin/dockerd (deleted)", {}, (0, 0, 0, 0), True),
        ("/usr/bin/su", {"/usr/bin/su": Stat(type="file", uid=0, gid=0, mode=0o4755)}, (0, 0, 0, 0), False),
        ("/home/ann/dockerd", {"/home/ann": folder(0o755, 1000), "/home/ann/dockerd": Stat(type="file", uid=0, gid=0, mode=0o4755)}, (0, 0, 0, 0), False),
        ("/usr/bin/dockerd", {}, (1000, 0, 0, 0), False),
    ],
)
def test_only_roots_own_program_makes_a_process_roots_engine(exe: str, stats: Any, uids: Any, found: bool) -> None:
    process = Process(pid=500, ppid=1, name="dockerd", uids=uids, gids=(0,) * 4, groups=(), cap_effective=0, exe=exe)
    told = held("/run/dk.sock", processes=(SYSTEMD, process), peers={"/run/dk.sock": ROOTS}, stats={"/run/dk.sock": route(), **stats})
    assert (set(told), isinstance(told, OpenObject)) == ({"/run/dk.sock"} if found else set(), False)


def test_an_engine_whose_descriptors_are_hidden_leaves_the_list_open() -> None:
    told = facts({"/proc/500/fd": PermissionError(13, "no"), **PROGRAM}, links={"/proc/500/fd/0": "x"}, peers={"/run/docker.sock": ROOTS})
    assert isinstance(told, OpenObject)
    assert isinstance(told["/run/docker.sock"]["expected"], Hole)
    assert told["/run/docker.sock"]["listening"] is True


def test_an_engine_with_other_mounts_expects_nothing_here() -> None:
    process = Process(pid=500, ppid=1, name="dockerd", uids=(0,) * 4, gids=(0,) * 4, groups=(), cap_effective=0, exe="/usr/bin/dockerd", host_mounts=False)
    assert held("/srv/e/d.sock", processes=(SYSTEMD, process)) == {}


class Reused(MemoryHost):
    """A host on which pid 500 is another process whenever it is asked for again."""

    later: Process = DOCKERD
    asked = 0

    def process(self, pid: int) -> Process:
        self.asked += pid == 500
        return self.later if pid == 500 and self.asked > 1 else super().process(pid)


@pytest.mark.parametrize(
    ("later", "found"),
    [(DOCKERD, True), (replace(DOCKERD, started=9), False), (replace(DOCKERD, uids=(1000,) * 4), False), (replace(DOCKERD, exe="/usr/bin/sleep"), False)],
)
def test_a_pid_that_is_used_again_lends_its_program_to_nobody(later: Process, found: bool) -> None:
    files = {
        "/usr/bin/dockerd": "x",
        "/usr/bin/sleep": "x",
        "/proc/net/unix": HEAD + row("/srv/e/x.sock", 42),
        "/proc/self/mountinfo": "27 1 254:0 / / rw - ext4 x rw\n",
    }
    host = Reused(
        files, links={"/proc/500/fd/3": "socket:[42]"}, stats={"/srv/e/x.sock": route()}, peers={"/srv/e/x.sock": ROOTS}, processes=(SYSTEMD, DOCKERD)
    )
    host.later = later
    assert ("/srv/e/x.sock" in stated(probe_sockets.collect, host)["sockets"]) is found


def test_a_kernel_thread_and_a_zombie_called_dockerd_are_no_engine() -> None:
    nameless = replace(DOCKERD, exe="")  # what proc_pid_exe(5) has for both
    told = facts(
        {"/usr/bin/dockerd": "x"},
        unix=HEAD + row("/srv/e/x.sock", 42),
        links={"/proc/500/fd/3": "socket:[42]"},
        stats={"/srv/e/x.sock": route()},
        processes=(nameless,),
    )
    assert told == {} and not isinstance(told, OpenObject)
