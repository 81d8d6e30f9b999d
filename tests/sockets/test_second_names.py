"""A socket has a second path by a mount of its file or of a directory above it, and is judged there by the way to that path."""

from typing import Any

import pytest
from sockets.socket_host import DENIED, HEAD, ROOTS, facts, folder, host, route

from hostcheck.host.answers import Stat
from hostcheck.model import Hole, OpenObject, Why
from hostcheck.testing.probes import stated
from hostcheck_builtin.sockets import probe_sockets
from hostcheck_builtin.sockets.second_names import linked, mounted
from hostcheck_builtin.system.mountinfo import parse

ROOT = "27 1 254:0 / / rw - ext4 /dev/vda rw\n"
RUN = "30 27 0:25 / /run rw - tmpfs tmpfs rw\n"
API = "/run/docker/docker.sock"
JAIL = "/run/jail/docker.sock"
SAME = {"dev": 25, "ino": 7}
CONFIG = {"/etc/docker/daemon.json": f'{{"hosts": ["unix://{API}"]}}'}
BOUND = "40 30 0:25 /docker/docker.sock /run/jail/docker.sock rw - tmpfs tmpfs rw\n"


@pytest.mark.parametrize(
    ("table", "path", "others"),
    [
        (ROOT + RUN, API, []),
        (ROOT + RUN + BOUND, API, [JAIL]),
        (ROOT + RUN + BOUND, JAIL, [API]),
        (ROOT + RUN + "40 30 0:25 /docker /run/jail rw - tmpfs tmpfs rw\n", API, [JAIL]),
        (ROOT + RUN + "40 30 0:25 / /srv/run rw - tmpfs tmpfs rw\n", API, ["/srv/run/docker/docker.sock"]),
        (ROOT + "40 27 254:0 / /srv/all rw - ext4 /dev/vda rw\n", "/eng.sock", ["/srv/all/eng.sock"]),
        (ROOT + "40 27 254:0 /eng.sock /srv/eng.sock rw - ext4 /dev/vda rw\n", "/eng.sock", ["/srv/eng.sock"]),
        (ROOT + RUN + "40 30 0:25 /doc /run/jail rw - tmpfs tmpfs rw\n", API, []),
        (ROOT + RUN + "40 30 0:26 /docker /run/jail rw - tmpfs tmpfs rw\n", API, []),
        (ROOT + RUN + r"40 30 0:25 /docker /run/a\040jail rw - tmpfs tmpfs rw" + "\n", API, ["/run/a jail/docker.sock"]),
        (ROOT + "28 27 0:30 /sub /run rw - btrfs x rw\n40 27 0:30 /sub/docker /jail rw - btrfs x rw\n", API, ["/jail/docker.sock"]),
    ],
)
def test_where_else_the_mounts_have_a_socket(table: str, path: str, others: list[str]) -> None:
    assert mounted(list(parse("mountinfo", table)), path) == others


ALL_SEEING = {"/proc/self/status": f"Name:\tx\nCapEff:\t{1 << 1 | 1 << 19:016x}\n"}


def jailed(mode: int = 0o755, uid: int = 0, table: str = BOUND, there: Stat | None = None, **more: Any) -> Any:
    stats = {
        **{"/run/docker": folder(0o700), API: route(0o666, **SAME)},
        **{"/run/jail": folder(mode, uid), JAIL: there or route(0o666, **SAME)},
    }
    return facts({**CONFIG, **ALL_SEEING, "/proc/self/mountinfo": ROOT + RUN + table}, peers={API: ROOTS}, stats=stats, **more)


def test_a_second_path_is_a_socket_with_a_way_of_its_own() -> None:
    told = jailed()
    assert set(told) == {API, JAIL} and not isinstance(told, OpenObject)
    assert {path: sorted(one["parents"]) for path, one in told.items()} == {API: ["/", "/run", "/run/docker", "/var"], JAIL: ["/", "/run", "/run/jail"]}
    ways = {"realpath", "parents", "links", "source", "expected"}
    assert {key: fact for key, fact in told[API].items() if key not in ways} == {key: fact for key, fact in told[JAIL].items() if key not in ways}
    assert (told[JAIL]["source"], told[JAIL]["expected"], told[JAIL]["listening"]) == (f"mount of {API}", False, True)


def test_only_what_is_the_very_same_socket_counts() -> None:
    assert set(jailed(there=route(0o666, dev=25, ino=8))) == set(jailed(there=Stat(type="file", uid=0, gid=0, mode=0o666, **SAME))) == {API}


def test_who_could_have_changed_the_way_hides_nothing() -> None:
    told = jailed(uid=1002, there=route(0o666, dev=25, ino=8))
    assert isinstance(told[JAIL], Hole) and told[JAIL].why is Why.NONSENSE


def test_a_closed_way_of_a_users_is_walked_as_well() -> None:
    assert jailed(mode=0o700, uid=1002)[JAIL]["parents"]["/run/jail"]["uid"] == 1002


def test_without_the_table_of_mounts_there_may_be_more_sockets() -> None:
    unread = facts({**CONFIG, "/proc/self/mountinfo": DENIED}, peers={API: ROOTS}, stats={API: route()})
    assert set(unread) == {API} and isinstance(unread, OpenObject)


def test_a_second_path_that_may_not_be_looked_at_leaves_the_list_open() -> None:
    files = {**CONFIG, "/proc/self/mountinfo": ROOT + RUN + BOUND, "/run/jail": DENIED, "/proc/net/unix": HEAD}
    told = stated(probe_sockets.collect, host(files, peers={API: ROOTS}, stats={API: route(**SAME)}))["sockets"]
    assert set(told) == {API} and isinstance(told, OpenObject)


def test_a_hard_link_leaves_the_list_open() -> None:
    told = facts(CONFIG, peers={API: ROOTS}, stats={API: route(0o666, links=2, **SAME)})
    assert set(told) == {API} and isinstance(told, OpenObject) and not any(isinstance(fact, Hole) for fact in told[API].values())
    assert told.hole.message.startswith(f"{API}: ") and f"find / -samefile {API}" in told.hole.message


@pytest.mark.parametrize("end", [route(links=1), route(links=0), *(Stat(type=kind, uid=0, gid=0, mode=0o666, links=2) for kind in ("file", "dir", "link"))])
def test_what_is_no_socket_with_hard_links(end: Stat) -> None:
    assert linked(API, end) is None
