"""What has to be got to use what stands at a path, by the state of its way."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sockets.access import DENIED, DOCKER, place, route

from hostcheck.model import HoleError
from hostcheck.view import View
from hostcheck_builtin.accounts import path_routes


def need(one: Any) -> tuple[str, int, bool]:
    return one.place.path, one.want, one.owner


def test_connecting_needs_search_on_every_directory_and_write_on_the_socket() -> None:
    (one,) = path_routes.connecting(View(route("/run/d/x.sock", "0660", 5, 7)))
    assert [need(each) for each in one.needs] == [("/", 1, False), ("/run", 1, False), ("/run/d", 1, False), ("/run/d/x.sock", 2, False)]
    end = one.needs[-1].place
    assert (end.uid, end.gid, end.mode, one.only) == (5, 7, 0o660, None)
    (one,) = path_routes.connecting(View(route()), owner=True)
    assert need(one.needs[-1]) == (DOCKER, 2, True)
    assert path_routes.connecting(View(route(type="file"))) == []
    with pytest.raises(HoleError):
        path_routes.connecting(View(route(mode=DENIED)))


def test_replacing_needs_write_on_any_directory_of_any_way() -> None:
    told = route(links={"/var/run": {"target": "/run", "uid": 0}}, parents={"/": place(), "/run": place("1777"), "/var": place("0755", 3)})
    found = {one.path: one for one in path_routes.replacing(View(told))}
    assert set(found) == {"/", "/run", "/var"}
    assert [need(each) for each in found["/run"].needs] == [("/", 1, False), ("/run", 3, True)] and found["/run"].named
    assert [need(each) for each in found["/"].needs] == [("/", 3, True)] and found["/var"].only is None


@pytest.mark.parametrize(
    ("more", "only"),
    [
        ({"owner_uid": 5}, {0, 5}),
        ({"owner_uid": 5, "links": {"/run/l": {"target": "x", "uid": 6}, "/var/run": {"target": "/run", "uid": 7}}}, {0, 5, 6}),
        ({"type": "absent"}, None),
        ({"type": "dangling"}, None),
    ],
)
def test_in_a_sticky_directory_only_owners_take_away_and_anybody_puts(more: Any, only: set[int] | None) -> None:
    told = route(**{**more, "parents": {"/": place(), "/run": place("1777")}})
    (run,) = (one for one in path_routes.replacing(View(told)) if one.path == "/run")
    assert run.only == only


def test_reading_a_file_needs_read_and_entering_a_directory_search_unless_it_is_one_s_own() -> None:
    file, folder = (path_routes.reading(View(route(type=kind))) for kind in ("file", "dir"))
    assert [need(each) for each in file.needs] == [("/", 1, False), ("/run", 1, False), (DOCKER, 4, True)]
    assert need(folder.needs[-1]) == (DOCKER, 1, True)


def test_only_files_and_directories_are_changed_by_writing() -> None:
    found = {kind: [need(one.needs[-1]) for one in path_routes.writing(View(route(type=kind)))] for kind in ("file", "dir", "socket", "char")}
    assert found == {"file": [(DOCKER, 2, True)], "dir": [(DOCKER, 3, True)], "socket": [], "char": []}


@given(
    st.integers(0, 0o7777),
    st.lists(st.tuples(st.sampled_from(["user", "group"]), st.integers(0, 9), st.sampled_from(["---", "r-x", "-w-", "rwx"])), max_size=3),
)
def test_a_place_has_the_bits_that_are_written(mode: int, named: list[tuple[str, int, str]]) -> None:
    found = path_routes.place("/x", View(place(f"{mode:04o}", 3, 4, [{"tag": tag, "id": who, "perms": perms} for tag, who, perms in named])))
    assert (found.uid, found.gid, found.mode) == (3, 4, mode)
    assert found.acl == tuple((tag, who, {"---": 0, "r-x": 5, "-w-": 2, "rwx": 7}[perms]) for tag, who, perms in named)
