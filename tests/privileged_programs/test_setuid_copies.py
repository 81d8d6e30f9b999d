"""Copies are found by content, at a cost that nobody can raise, and a user can make nobody's program look like a shell."""

from dataclasses import replace
from typing import Any

import pytest
from privileged_programs.setuid_host import BASH, DOCKER, HOME, PLAIN, ROOTS, host

from hostcheck.host import LimitExceeded, attempt
from hostcheck.host.answers import Stat
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole, HoleError, Why
from hostcheck_builtin.privileged_programs import setuid_copies
from hostcheck_builtin.privileged_programs.setuid_copies import Known
from hostcheck_builtin.system import path_walk

PYTHON, LIKE = b"python".ljust(5000), b"made to look like x".ljust(7000)


def same(one: MemoryHost, path: str) -> Any:
    return Known(one).same_as(path_walk.walk(one, path, {}))


def test_a_known_program_is_no_copy_of_itself_and_is_found_behind_links() -> None:
    one = host({"/usr/bin/python3.13": PYTHON, "/opt/x": PYTHON}, links={"/usr/bin/python3": "python3.13"})
    assert (same(one, "/usr/bin/python3.13"), same(one, "/opt/x"), same(one, "/usr/bin/bash")) == (None, "/usr/bin/python3.13", None)


def test_nothing_is_read_where_no_size_is_alike() -> None:
    one = host({"/opt/x": BASH + b"longer"}, {"/usr/bin/bash": PLAIN})
    read: list[str] = []
    one.read_bytes = lambda path, **_: read.append(path) or b""  # type: ignore[method-assign,assignment,func-returns-value]
    assert same(one, "/opt/x") is None and read == []


@pytest.mark.parametrize("place", [{"/usr/local/bin": replace(HOME, uid=0, mode=0o775)}, {"/usr/local/bin/bash": replace(PLAIN, uid=1000)}])
def test_what_others_can_change_is_compared_with_nothing(place: dict[str, Stat]) -> None:
    one = host({"/usr/local/bin/bash": LIKE, "/opt/x": LIKE}, place)
    assert same(one, "/opt/x") is None
    assert same(host({"/usr/local/bin/bash": LIKE, "/opt/x": LIKE}), "/opt/x") == "/usr/local/bin/bash"


@pytest.mark.parametrize(
    ("stat", "whose"),
    [(replace(ROOTS, uid=1000), 1000), (replace(ROOTS, links=9), 1000)],
)
def test_how_much_of_a_users_is_read_is_bounded(stat: Stat, whose: int) -> None:
    names = {f"/home/ann/x{count}": BASH for count in range(4)}
    one = host({**names, "/home/bob/x": BASH}, dict.fromkeys(names, stat))
    known = Known(one)
    told = [known.same_as(path_walk.walk(one, path, {})) for path in list(names)[:2]]
    assert told == ["/usr/bin/bash"] * 2
    with pytest.raises(HoleError, match=f"uid {whose} has more than 2"):
        known.same_as(path_walk.walk(one, "/home/ann/x2", {}))
    assert known.same_as(path_walk.walk(one, "/home/bob/x", {})) == "/usr/bin/bash"


def test_what_one_user_has_takes_nothing_from_others() -> None:
    names = {f"/home/ann/x{count}": BASH for count in range(30)}
    one = host({**names, "/home/bob/x": BASH, "/opt/x": BASH}, {**dict.fromkeys(names, replace(ROOTS, uid=1000)), "/home/bob/x": replace(ROOTS, uid=1001)})
    known = Known(one)
    told = [attempt(known.same_as, path_walk.walk(one, path, {})) for path in (*names, "/home/bob/x", "/opt/x")]
    assert {hole.owners for hole in told if isinstance(hole, Hole)} == {(1000,)} and told[-2:] == ["/usr/bin/bash"] * 2


def test_second_names_in_a_directory_of_all_are_nobodys() -> None:
    names = {f"/tmp/x{count}": BASH for count in range(5)}
    one = host(names, {**dict.fromkeys(names, replace(ROOTS, links=9)), "/tmp": Stat(type="dir", uid=0, gid=0, mode=0o1777)})
    known = Known(one)
    with pytest.raises(HoleError):
        [known.same_as(path_walk.walk(one, path, {})) for path in names]


def test_a_folder_that_cannot_be_listed_leaves_it_open() -> None:
    told = same(host({"/usr/sbin": PermissionError(13, "no"), "/opt/x": b"unlike any"}, {"/usr/sbin": Stat(type="dir", uid=0, gid=0, mode=0o755)}), "/opt/x")
    assert isinstance(told, Hole) and told.why is Why.DENIED


def test_a_program_that_is_very_large_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setuid_copies, "LARGEST", len(DOCKER) - 1)
    with pytest.raises(LimitExceeded):
        same(host({"/opt/x": DOCKER}), "/opt/x")


def test_a_file_of_a_few_bytes_and_a_script_are_no_program() -> None:
    script = b"#!/bin/sh\nexec podman\n".ljust(5000)
    one = host({"/usr/bin/ctr": b"x", "/opt/x": b"x", "/usr/bin/nerdctl": script, "/opt/y": script}, {"/usr/bin/ctr": PLAIN, "/usr/bin/nerdctl": PLAIN})
    assert (same(one, "/opt/x"), same(one, "/opt/y")) == (None, None)
