"""Whose a place is, and what a user who has laid the worst there makes of each answer."""

from typing import cast

import pytest

from hostcheck.host import Host, LimitExceeded, Nonsense, attempt, owners_of
from hostcheck.host.answers import Process, Stat
from hostcheck.host.memory import MemoryHost
from hostcheck.testing.whose import MANY, TOLD, UNTOLD, Laid, Whose

ANN, BOB = 1001, 1002


def of(kind: str, uid: int, mode: int) -> Stat:
    return Stat(type=kind, uid=uid, gid=uid, mode=mode)


HOST = MemoryHost(
    {
        "/etc/passwd": f"ann:x:{ANN}:{ANN}::/home/ann:/bin/sh\n",
        "/home/ann/a/roots": "x",
        "/tmp/ann": "x",
        "/tmp/roots/x": "x",
        "/srv/x": "x",
        "/home/bob/x": "x",
    },
    stats={
        "/home/ann": of("dir", ANN, 0o755),
        "/home/ann/a/roots": of("file", 0, 0o644),
        "/home/bob": of("dir", BOB, 0o755),
        "/tmp": of("dir", 0, 0o1777),
        "/tmp/ann": of("file", ANN, 0o644),
        "/home/ann/to-srv": of("link", ANN, 0o777),
        "/srv/sgid": of("file", 0, 0o2755),
        "/tmp/sgid": of("file", ANN, 0o2755),
    },
    links={"/home/ann/to-srv": "/srv", "/srv/to-ann": "/home/ann", "/loop": "/loop"},
    processes=[Process(pid=7, ppid=1, name="x", uids=(ANN,) * 4, gids=(ANN,) * 4, groups=(), cap_effective=0)],
    users=(),
)


@pytest.mark.parametrize(
    ("path", "uid"),
    [
        ("/srv/x", 0),
        ("/home", 0),
        ("/home/ann", ANN),
        ("/home/ann/a/roots", ANN),
        ("/home/ann/not/there", ANN),
        ("/tmp", 0),
        ("/tmp/ann", ANN),
        ("/tmp/roots/x", 0),
        ("/home/ann/to-srv/x", ANN),
        ("/srv/to-ann/x", ANN),
        ("/home/ann/../bob/x", BOB),
        ("/proc/7/cgroup", ANN),
        ("/proc/8/cgroup", 0),
        ("/proc/self/status", 0),
        ("/loop/x", 0),
    ],
)
def test_a_place_is_the_first_users_on_the_way(path: str, uid: int) -> None:
    """In a home what comes after .. is looked up again, as in hostcheck/host/paths.py."""
    assert Whose([HOST]).path(path) == uid


def test_a_link_that_is_not_followed_is_its_makers() -> None:
    whose = Whose([HOST])
    assert (whose.path("/srv/to-ann", follow=False), whose.path("/srv/to-ann")) == (0, ANN)


def laid(worst: str) -> Host:
    return cast(Host, Laid(HOST, Whose([HOST]), frozenset({ANN}), {**UNTOLD, **TOLD}[worst]))


@pytest.mark.parametrize(("worst", "error"), [("limit", LimitExceeded), ("late", TimeoutError), ("denied", PermissionError), ("nonsense", Nonsense)])
def test_what_is_not_told_names_whose_it_is(worst: str, error: type[Exception]) -> None:
    host = laid(worst)
    with pytest.raises(error) as raised:
        host.read_text("/tmp/ann")
    assert owners_of(raised.value) == (ANN,)
    assert (host.read_text("/home/bob/x"), host.list_dir("/srv")) == ("x", ["sgid", "to-ann", "x"])


def test_what_changes_is_told_once() -> None:
    host = laid("changing")
    assert host.read_text("/tmp/ann") == "x"
    with pytest.raises(LimitExceeded):
        host.read_text("/tmp/ann")
    assert host.read_text("/srv/x") == host.read_text("/srv/x")


def test_garbage_and_what_is_huge_are_answers() -> None:
    assert b"\0" in laid("garbage").read_bytes("/tmp/ann")
    assert len(laid("huge").list_dir("/home/ann")) > MANY


def test_programs_of_others_in_a_directory_of_all_are_told() -> None:
    found = laid("limit").privileged_programs("/tmp", "group")
    assert found == [] and attempt(lambda: found.hole.owners) == (ANN,)  # type: ignore[attr-defined]
    assert laid("limit").privileged_programs("/srv", "group") == ["sgid"]
