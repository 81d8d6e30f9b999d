"""The analysis against the running kernel: whom it names is who connects, and whom it lets replace a socket is who takes it away."""

import json
import os
import re
import shutil
import socket
import struct
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sockets.access import NO_GRANTS

from hostcheck.host.local import LocalHost
from hostcheck.parting import part, unite
from hostcheck.view import View
from hostcheck_builtin.accounts.ways import OUT_OF_REACH
from hostcheck_builtin.sockets.analysis_socket_access import derive
from hostcheck_builtin.system.credentials import credentials
from hostcheck_builtin.system.path_walk import stated, walk

pytestmark = [pytest.mark.root, pytest.mark.usefixtures("as_root")]

UIDS = (64001, 64002, 64003)
GIDS = (0, 64101, 64102, 64103)
STRANGER = (64009, 64109, ())
TAGS = {"user_obj": 1, "user": 2, "group_obj": 4, "group": 8, "mask": 16, "other": 32}
PEOPLE = [(uid, gid, groups) for uid in UIDS for gid in (64109, 64101) for groups in ((), (64102,), (64101, 64103))] + [
    (64001, 0, ()),
    (64002, 64109, (0,)),
    STRANGER,
]

Acl = tuple[tuple[str, int, int], ...]
Credentials = tuple[int, int, tuple[int, ...]]


@dataclass(frozen=True)
class Node:
    """Owner, mode and ACL of one file; an ACL has its entries in the kernel's order, and its mask ends up in the mode."""

    uid: int = 0
    gid: int = 0
    mode: int = 0o755
    acl: Acl = ()


@pytest.fixture(scope="session")
def as_root() -> None:
    assert os.geteuid() == 0, "these tests become other users: run them as root"


@pytest.fixture
def place() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="hostcheck-access-", dir="/var/tmp"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


def dress(path: Path, node: Node) -> None:
    os.chown(path, node.uid, node.gid)
    path.chmod(node.mode)
    if node.acl:
        os.setxattr(
            path,
            "system.posix_acl_access",
            struct.pack("<I", 2) + b"".join(struct.pack("<HHI", TAGS[tag], bits, who % (1 << 32)) for tag, who, bits in node.acl),
        )


def build(place: Path, outer: Node, inner: Node, route: Node) -> tuple[Path, socket.socket]:
    folder = place / "outer" / "inner"
    folder.mkdir(parents=True)
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(folder / "s"))
    server.listen(64)
    for path, node in ((folder / "s", route), (folder, inner), (folder.parent, outer)):
        dress(path, node)
    return folder / "s", server


def tear(place: Path, server: socket.socket) -> None:
    server.close()
    shutil.rmtree(place / "outer")


def connects(path: str) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        client.setblocking(False)
        try:
            client.connect(path)
        except PermissionError:
            return False
        return True


def as_each(people: list[Credentials], act: Callable[[], bool], after: Callable[[], None] = lambda: None) -> list[bool]:
    """Run `act` in a child with the ids of each, and `after` as root: fsuid, fsgid and groups count, and a euid other than 0 has no effective capability."""
    into, out = os.pipe()
    child = os.fork()
    if not child:
        with suppress(BaseException):
            for uid, gid, groups in people:
                os.setgroups(groups)
                os.setresgid(gid, gid, 0)
                os.setresuid(uid, uid, 0)
                done = act()
                os.setresuid(0, 0, 0)
                os.setresgid(0, 0, 0)
                after()
                os.write(out, b"1" if done else b"0")
        os._exit(0)
    os.close(out)
    with os.fdopen(into, "rb") as answers:
        told = answers.read()
    os.waitpid(child, 0)
    assert len(told) == len(people), "the child died"
    return [mark == ord("1") for mark in told]


def key(who: Credentials) -> str:
    return json.dumps(who)


def facts(path: Path, people: list[Credentials], processes: Any = None) -> View:
    """State who there is by hand, and the socket by the probe's own walk."""
    way = walk(LocalHost(), str(path), {})
    assert way is not None
    route = {
        **stated(way),
        "engine": "docker",
        "source": "well-known",
        "expected": False,
        "connections": {},
        "activated": False,
        "listening": True,
        "peer": {"pid": 1, "uid": 0, "gid": 0, "exe": ""},
    }
    users = {key(who): {"name": key(who), "uid": who[0], "gid": who[1], "home": "/", "shell": "/bin/sh"} for who in people}
    gids = {gid for _, _, groups in people for gid in groups}
    groups = {f"g{gid}": {"name": f"g{gid}", "gid": gid, "members": [key(who) for who in people if gid in who[2]], "password": False} for gid in gids}
    principals = {"users": users, "groups": groups, "gshadow": {}, "processes": processes if processes is not None else {}}
    listed = {name: {member: value for member, value in group.items() if member != "password"} for name, group in groups.items()}
    probes = {
        "host": {"scan": {"init_userns": True}},
        "containers": {"containers": {}},
        "group-grants": NO_GRANTS,
        "socket-units": {"units": {}},
        "principals": principals,
        "nss": {"users": users, "groups": listed, "memberships": {}},
        "sockets": {"sockets": {str(path): route}, "abstract": {}},
        "user-sockets": {"sockets": {}},
    }
    return View({name: unite(*part(told), name) for name, told in probes.items()})


def access(path: Path, people: list[Credentials], processes: Any = None) -> dict[str, Any]:
    plain, holes = part(derive(facts(path, people, processes), {}))
    assert holes == []
    found: dict[str, Any] = plain["sockets"][str(path)]
    return found


def full(user: int, group: int, other: int, mask: int, *named: tuple[str, int, int]) -> Acl:
    users = tuple(sorted(entry for entry in named if entry[0] == "user"))
    groups = tuple(sorted(entry for entry in named if entry[0] == "group"))
    return (("user_obj", -1, user), *users, ("group_obj", -1, group), *groups, ("mask", -1, mask), ("other", -1, other))


CASES = {
    "usual": (Node(), Node(), Node(0, 64101, 0o660)),
    "write is enough": (Node(), Node(), Node(mode=0o602)),
    "read is not": (Node(), Node(), Node(mode=0o604)),
    "owning group without write is refused though others are not": (Node(), Node(), Node(0, 64101, 0o606)),
    "owner without write is refused though others are not": (Node(), Node(), Node(64001, 0, 0o066)),
    "closed directory": (Node(), Node(mode=0o700), Node(mode=0o666)),
    "closed outer directory": (Node(mode=0o700), Node(), Node(mode=0o666)),
    "directory of a group": (Node(), Node(0, 64102, 0o710), Node(mode=0o666)),
    "directory of one group, socket of another": (Node(), Node(0, 64102, 0o710), Node(0, 64101, 0o660)),
    "directory of a user": (Node(), Node(64002, 0, 0o700), Node(mode=0o666)),
    "read of a directory is not search": (Node(), Node(mode=0o744), Node(mode=0o666)),
    "named user": (Node(), Node(), Node(acl=full(6, 6, 0, 6, ("user", 64002, 6)))),
    "named user masked": (Node(), Node(), Node(acl=full(6, 6, 0, 4, ("user", 64002, 6)))),
    "named user refused though others are not": (Node(), Node(), Node(acl=full(6, 6, 6, 6, ("user", 64002, 0)))),
    "named group": (Node(), Node(), Node(acl=full(6, 0, 0, 6, ("group", 64102, 6)))),
    "one of two groups gives": (Node(), Node(), Node(0, 64101, acl=full(6, 4, 0, 6, ("group", 64103, 2)))),
    "group refused though others are not": (Node(), Node(), Node(acl=full(6, 6, 6, 6, ("group", 64102, 4)))),
    "empty mask: the kernel does not read the ACL": (Node(), Node(), Node(acl=full(6, 6, 6, 0, ("user", 64002, 0), ("group", 64102, 0)))),
    "ACL on a directory": (Node(), Node(acl=full(7, 0, 0, 1, ("user", 64003, 1), ("group", 64101, 1))), Node(mode=0o666)),
    "group root": (Node(), Node(), Node(mode=0o660)),
    "writable directory": (Node(), Node(0, 64101, 0o775), Node(mode=0o600)),
    "sticky directory": (Node(), Node(mode=0o1777), Node(64001, 0, 0o600)),
    "sticky directory of a user": (Node(), Node(64002, 0, 0o1777), Node(64001, 0, 0o600)),
    "owner of a directory may change its mode": (Node(), Node(64002, 0, 0o500), Node(mode=0o600)),
    "owner of a directory that it cannot get to": (Node(mode=0o700), Node(64002, 0, 0o700), Node(mode=0o600)),
    "write without search": (Node(), Node(mode=0o762), Node(mode=0o600)),
    "two groups, one searches and one writes": (Node(), Node(0, 64101, acl=full(7, 1, 0, 7, ("group", 64103, 2))), Node(mode=0o600)),
}


@pytest.mark.parametrize("case", CASES)
def test_who_is_named_is_who_connects(place: Path, case: str) -> None:
    path, server = build(place, *CASES[case])
    told = access(path, PEOPLE)
    able = as_each(PEOPLE, lambda: connects(str(path)))
    assert set(told["users"]) == {key(who) for who, done in zip(PEOPLE, able, strict=True) if done}
    assert told["everyone"] is able[PEOPLE.index(STRANGER)]
    tear(place, server)


def takes_away(path: Path, place: Path) -> bool:
    """Rename the socket or a directory on its way and put it back; the owner of a directory may change its mode before."""
    for entry in (path, path.parent, path.parent.parent):
        folder = entry.parent
        for change in (lambda folder=folder: None, lambda folder=folder: folder.chmod(0o700)):
            try:
                change()
                os.rename(entry, f"{entry}.away")
                os.rename(f"{entry}.away", entry)
                return True
            except PermissionError:
                continue
    return False


def replacers(path: Path, place: Path, nodes: tuple[Node, Node, Node]) -> list[bool]:
    def put_back() -> None:
        for entry, node in zip((path, path.parent, path.parent.parent), reversed(nodes), strict=True):
            dress(entry, node)

    return as_each(PEOPLE, lambda: takes_away(path, place), put_back)


@pytest.mark.parametrize("case", CASES)
def test_who_is_said_to_replace_it_takes_it_away(place: Path, case: str) -> None:
    path, server = build(place, *CASES[case])
    told = access(path, PEOPLE)["replaceable_by"]
    able = replacers(path, place, CASES[case])
    assert set(told["users"]) == {key(who) for who, done in zip(PEOPLE, able, strict=True) if done}
    assert told["everyone"] is (able[PEOPLE.index(STRANGER)])
    tear(place, server)


BITS = st.integers(0, 7)
OWNERS = st.sampled_from((0, *UIDS))
GROUPS = st.sampled_from(GIDS)
NAMED = st.one_of(st.tuples(st.just("user"), st.sampled_from(UIDS), BITS), st.tuples(st.just("group"), GROUPS, BITS))


@st.composite
def acls(draw: st.DrawFn) -> Acl:
    named = draw(st.lists(NAMED, max_size=4, unique_by=lambda entry: entry[:2]))
    return full(draw(BITS), draw(BITS), draw(BITS), draw(BITS), *named) if named or draw(st.booleans()) else ()


def nodes(modes: st.SearchStrategy[int]) -> st.SearchStrategy[Node]:
    return st.builds(Node, OWNERS, GROUPS, modes, acls())


FOLDERS = nodes(st.one_of(st.sampled_from((0o755, 0o711, 0o1777, 0o750)), st.integers(0, 0o1777)))
DOORS = nodes(st.integers(0, 0o777))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.one_of(st.just(Node()), FOLDERS), FOLDERS, DOORS)
def test_whatever_the_permissions(place: Path, outer: Node, inner: Node, route: Node) -> None:
    path, server = build(place, outer, inner, route)
    told = access(path, PEOPLE)
    able = as_each(PEOPLE, lambda: connects(str(path)))
    assert set(told["users"]) == {key(who) for who, done in zip(PEOPLE, able, strict=True) if done}
    assert told["everyone"] is able[PEOPLE.index(STRANGER)]
    taken = replacers(path, place, (outer, inner, route))
    assert set(told["replaceable_by"]["users"]) == {key(who) for who, done in zip(PEOPLE, taken, strict=True) if done}
    sessions = {str(index): session(*who) for index, who in enumerate(PEOPLE)}
    alive = {user["uid"] for user in access(path, [], sessions)["users"].values()}
    owners = {node.uid for node in (outer, inner, route)} | {who for node in (outer, inner, route) for tag, who, _ in node.acl if tag == "user"}
    assert (
        {who[0] for who, done in zip(PEOPLE, able, strict=True) if done} <= alive <= {who[0] for who, done in zip(PEOPLE, able, strict=True) if done} | owners
    )
    tear(place, server)


def whys(told: Any) -> dict[str, list[str]]:
    """Return the ways of each user without the pids of processes, which are those of the moment."""
    return {
        name: [re.sub(r"process \d+( and \d+ more have)?", lambda found: "process has" if found[1] else "process", way) for way in one["why"]]
        for name, one in told["users"].items()
    }


def session(uid: int, gid: int, groups: tuple[int, ...]) -> dict[str, Any]:
    told = {"uids": [uid] * 4, "gids": [gid] * 4, "groups": list(groups), "count": 1, "pids": [77]}
    return {
        **told,
        "host_mounts": True,
        "host_paths": [],
        "user_mounts": False,
        "containers": {},
        "dac_override": False,
        "dac_read_search": False,
        "powers": [],
    }


@pytest.fixture
def alive() -> Iterator[Callable[..., dict[str, Any]]]:
    """Start processes and give the credentials that the probe states of the one with a uid."""
    started: list[subprocess.Popen[bytes]] = []

    def start(uid: int, *argv: str) -> dict[str, Any]:
        started.append(subprocess.Popen([*argv, "sleep", "60"], stdin=subprocess.DEVNULL))
        end = time.monotonic() + 10
        while time.monotonic() < end:
            # What setpriv has on its way to its program is not what the program has: the name comes first.
            if b"sleep" in Path(f"/proc/{started[-1].pid}/cmdline").read_bytes().split(b"\0")[0]:
                found = {name: told for name, told in credentials(LocalHost()).items() if told["uids"] == [uid] * 4}
                if found:
                    return found
            time.sleep(0.02)
        raise AssertionError(f"{argv} did not start")

    yield start
    for process in started:
        process.kill()
        process.wait()


def as_user(uid: int, gid: int, groups: str, *more: str) -> tuple[str, ...]:
    return ("setpriv", f"--reuid={uid}", f"--regid={gid}", f"--groups={groups}" if groups else "--clear-groups", *more)


def test_a_session_that_outlived_its_membership(place: Path, alive: Callable[..., dict[str, Any]]) -> None:
    path, server = build(place, Node(), Node(), Node(0, 64101, 0o660))
    argv = as_user(64002, 64109, "64101")
    told = access(path, [], alive(64002, *argv))
    assert whys(told)["uid 64002"] == ["process has group gid 64101"]
    assert told["everyone"] is False
    tear(place, server)


def test_a_capability_passes_every_permission(place: Path, alive: Callable[..., dict[str, Any]]) -> None:
    path, server = build(place, Node(mode=0o700), Node(mode=0o700), Node(mode=0o600))
    argv = as_user(64003, 64109, "", "--inh-caps=+dac_override", "--ambient-caps=+dac_override")
    told = access(path, [], alive(64003, *argv))
    assert whys(told) == {"uid 64003": ["process has capability cap_dac_override"]}
    assert probe_connect(path, *argv) is True
    assert probe_connect(path, *as_user(64003, 64109, "")) is False
    tear(place, server)


def test_a_capability_in_a_user_namespace_passes_nothing_of_roots(place: Path, alive: Callable[..., dict[str, Any]]) -> None:
    path, server = build(place, Node(), Node(), Node(mode=0o600))
    argv = (*as_user(64003, 64109, ""), "unshare", "--user", "--map-root-user")
    told = alive(64003, *argv)
    assert any(process["dac_override"] and process["mapped_uids"] == [[64003, 1]] for process in told.values())
    assert access(path, [], told)["users"] == {}
    assert probe_connect(path, *argv) is False
    tear(place, server)


def read_scope() -> str:
    """Return how far Yama restricts ptrace(2) on this machine, 0 where it does not or is not there."""
    scope = Path("/proc/sys/kernel/yama/ptrace_scope")
    return scope.read_text().strip() if scope.exists() else "0"


ELSEWHERE = (
    "unshare",
    "--mount",
    "sh",
    "-c",
    """mount -n -t tmpfs none /mnt && mkdir /mnt/lib /mnt/lib64 /mnt/usr /mnt/s && mount -n --rbind /usr /mnt/usr && cd /mnt && ln -s usr/bin bin || exit 1
rmdir lib lib64; ln -s usr/lib lib; ln -s usr/lib64 lib64; if [ -n "$1" ]; then mount -n --bind "$1" s || exit 1; fi; shift
exec chroot --userspec=64002:64109 --groups=64101 /mnt "$@"
""",
    "sh",
)
"""A container: a root of its own, made by root; the argument after it is what of the host is mounted there, and then comes the program."""


def test_a_process_in_a_container_counts_where_the_socket_is_mounted(place: Path, alive: Callable[..., dict[str, Any]]) -> None:
    path, server = build(place, Node(), Node(mode=0o700), Node(0, 64101, 0o660))
    told = alive(64002, *ELSEWHERE, "")
    assert [(one["host_mounts"], one["user_mounts"]) for one in told.values() if one["uids"] == [64002] * 4] == [(False, False)]
    assert access(path, [], told)["users"] == {}
    inside = alive(64002, *ELSEWHERE, str(path.parent))
    assert str(path.parent) in next(iter(inside.values()))["host_paths"]
    assert whys(access(path, [], inside))["uid 64002"] == [f"process has group gid 64101{OUT_OF_REACH}"]  # no user of that name can have its gid
    assert next(one for one in inside.values() if one["uids"] == [64002] * 4)["traceable"] is (read_scope() == "0")
    tear(place, server)


def test_a_service_with_mounts_of_its_own_counts(place: Path, alive: Callable[..., dict[str, Any]]) -> None:
    path, server = build(place, Node(), Node(), Node(0, 64101, 0o660))
    sandboxed = alive(64001, "unshare", "--mount", *as_user(64001, 64109, "64101"))
    assert set(access(path, [], sandboxed)["users"]) == {"uid 64001"}
    tear(place, server)


OWN_VIEWS = {
    "its own /run": ("unshare", "-rm", "sh", "-c", 'mount -n -t tmpfs none /run && exec "$@"', "sh"),
    "a chroot": ("unshare", "-r", "chroot", "/usr"),
    "a root that is a mount": ("unshare", "-rm", "sh", "-c", 'mount -n --bind /usr /usr && exec chroot /usr "$@"', "sh"),
}


@pytest.mark.parametrize("own", OWN_VIEWS)
def test_no_view_of_its_own_hides_a_session(place: Path, alive: Callable[..., dict[str, Any]], own: str) -> None:
    path, server = build(place, Node(), Node(), Node(0, 64101, 0o660))
    told = alive(64002, *as_user(64002, 64109, "64101"), *OWN_VIEWS[own])
    assert whys(access(path, [], told))["uid 64002"] == ["process has group gid 64101"]
    tear(place, server)


@pytest.mark.parametrize("own", OWN_VIEWS)
def test_no_view_of_its_own_hides_the_session_of_another(place: Path, alive: Callable[..., dict[str, Any]], own: str) -> None:
    path, server = build(place, Node(), Node(), Node(0, 64101, 0o660))
    alive(64001, *as_user(64001, 64109, ""), *OWN_VIEWS[own])
    chrooted = ("chroot", "--userspec=64003:64109", "--groups=", "/usr")
    alive(64003, *chrooted)
    told = alive(64002, *as_user(64002, 64109, "64101"))
    assert set(access(path, [], told)["users"]) == {"uid 64002"}
    tear(place, server)


LEADERLESS = """
import ctypes, os, threading, time
libc = ctypes.CDLL(None)
threading.Thread(target=lambda: (time.sleep(0.2), os.write(1, b"."), libc.sleep(60))).start()
libc.syscall(ctypes.c_long({exit}), ctypes.c_long(0))
"""


def test_a_session_whose_first_thread_has_ended_counts(place: Path, alive: Callable[..., dict[str, Any]]) -> None:
    path, server = build(place, Node(), Node(), Node(0, 64101, 0o660))
    number = {"x86_64": 60, "aarch64": 93}[os.uname().machine]
    argv = (*as_user(64002, 64109, "64101"), "/usr/bin/python3", "-I", "-c", LEADERLESS.format(exit=number))
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None and child.stdout.read(1) == b"."
        assert "State:\tZ" in Path(f"/proc/{child.pid}/status").read_text()
        told = {name: one for name, one in credentials(LocalHost()).items() if one["uids"] == [64002] * 4}
        child.kill()
    assert whys(access(path, [], told))["uid 64002"] == ["process has group gid 64101"]
    tear(place, server)


@pytest.mark.parametrize("capability", ["setgid", "setuid", "chown", "fowner", "sys_admin", "sys_ptrace", "sys_module"])
def test_a_capability_that_gives_what_root_has_counts(place: Path, alive: Callable[..., dict[str, Any]], capability: str) -> None:
    path, server = build(place, Node(), Node(), Node(mode=0o600))
    told = alive(64003, *as_user(64003, 64109, "", f"--inh-caps=+{capability}", f"--ambient-caps=+{capability}"))
    assert whys(access(path, [], told)) == {"uid 64003": [f"process has capability cap_{capability}"]}
    own = alive(64001, *as_user(64001, 64109, ""), "unshare", "--user", "--map-root-user")
    assert access(path, [], own)["users"] == {}
    tear(place, server)


def probe_connect(path: Path, *argv: str) -> bool:
    code = "import socket, sys; socket.socket(socket.AF_UNIX).connect(sys.argv[1])"
    done = subprocess.run([*argv, "/usr/bin/python3", "-I", "-c", code, str(path)], stdin=subprocess.DEVNULL, capture_output=True, cwd="/")
    return done.returncode == 0
