from typing import Any

import pytest
from files.file_facts import OPEN, derive, document, process
from files.file_host import JSON, file, folder

from hostcheck.host.answers import Stat
from hostcheck.model import OpenObject
from hostcheck_builtin.accounts.access import Route
from hostcheck_builtin.accounts.dac import WRITE, Inode, Need
from hostcheck_builtin.files.changing import is_closed


def route(*modes: tuple[int, int], only: frozenset[int] | None = None) -> Route:
    return Route(needs=tuple(Need(place=Inode(path="/x", uid=uid, gid=0, mode=mode), want=WRITE, owner=True) for uid, mode in modes), only=only)


@pytest.mark.parametrize(
    ("one", "own", "closed"),
    [
        (route((0, 0o755)), (), True),
        (route((0, 0o775)), (), False),
        (route((0, 0o757)), (), False),
        (route((1000, 0o755)), (), False),
        (route((1000, 0o755)), (1000,), True),
        (route((1000, 0o775)), (1000,), False),
        (route((0, 0o777), (0, 0o755)), (), True),
        (route((0, 0o1777), only=frozenset({0})), (), True),
        (route((0, 0o1777), only=frozenset({0, 1000})), (), False),
        (route((0, 0o1777), only=frozenset({0, 1000})), (1000,), True),
    ],
)
def test_what_modes_alone_close(one: Route, own: tuple[int, ...], closed: bool) -> None:
    assert is_closed(one, own) is closed


def session_in_a_container(paths: list[str], gid: int) -> Any:
    """Return who can change daemon.json, of group empty, where a process with that group sees only these paths of the host."""
    told = document({JSON: "{}"}, stats={JSON: Stat(type="file", uid=0, gid=51, mode=0o664)}, processes=[process(700, 1000, gid)])
    (key,) = told["principals"]["processes"]
    told["principals"]["processes"][key] |= {"host_mounts": False, "host_paths": paths}
    return derive(told)["daemon_json"][JSON]["changed_by"]["ways"]


def test_a_process_in_a_container_counts_where_it_sees_the_file() -> None:
    assert session_in_a_container(["/etc/docker"], 51) == ["ann (process 700 has group empty)"]
    assert session_in_a_container(["/srv"], 51) == []
    assert session_in_a_container(["/etc/docker"], 52) == []


def test_whether_root_alone_can_replace_the_place_that_a_fix_changes() -> None:
    def cause(**stats: Stat) -> Any:
        found = derive(document({JSON: "{}"}, stats={JSON: file(1000), **{path.replace("_", "/"): one for path, one in stats.items()}}))
        return found["daemon_json"][JSON]["changed_by"]["cause"]

    assert cause()["root_only"] is True
    assert cause(_etc=OPEN) | {"path": "/etc", "root_only": True} == cause(_etc=OPEN)
    sticky = derive(document({JSON: "{}"}, stats={"/etc/docker": Stat(type="dir", uid=0, gid=0, mode=0o1777), JSON: file(0, 0o666)}))
    assert sticky["daemon_json"][JSON]["changed_by"]["cause"]["root_only"] is True
    assert derive(document({JSON: "{}"}, stats={"/etc/docker": folder(1001), JSON: file(1000)}))["daemon_json"][JSON]["root_only"] is False


def test_who_controls_a_part_of_a_way_is_certain_and_who_else_may_be_is_that_users_alone() -> None:
    told = derive(document({"/home/ann/d/x": "{}"}, links={JSON: "/home/ann/d/x"}, stats={"/home/ann": folder(1000), "/home/ann/d": folder(1000)}))[
        "daemon_json"
    ]
    hidden = derive(document({"/home/ann/d": PermissionError(13, "no")}, links={JSON: "/home/ann/d/x"}, stats={"/home/ann": folder(1000)}))["daemon_json"]
    users = [one[JSON]["changed_by"]["users"] for one in (told, hidden)]
    assert [list(one) for one in users] == [["ann"], ["ann"]] and [getattr(one, "hole", None) is None for one in users] == [True, False]
    assert users[1].hole.owners == hidden[JSON]["type"].owners == (1000,) and hidden[JSON]["changed_by"]["cause"]["path"] == "/home/ann"
    assert isinstance(hidden[JSON]["members"], dict) and not isinstance(hidden, OpenObject)
