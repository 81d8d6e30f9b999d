"""A home that its user fills as they like: what is found in it speaks of that user alone, and nothing else is touched."""

from typing import Any

import pytest

from hostcheck.host import Nonsense, Unsupported
from hostcheck.host.answers import Peer, Stat
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole, HoleError, OpenObject, Why
from hostcheck_builtin.system import home_dir
from hostcheck_builtin.system.home_dir import Folder, Place, expanded, given_to, too_many
from hostcheck_builtin.system.homes import Home
from hostcheck_builtin.system.listeners import ListenerCache

HEAD = "Num       RefCount Protocol Flags    Type St Inode Path\n"
TABLE = "22 1 0:21 / /proc rw - proc proc rw\n27 1 254:0 / / rw - ext4 /dev/vda rw\n40 27 0:50 / /srv/nfs rw - nfs4 s:/ rw\n"
ANN, VM = "/home/ann", "/home/ann/.vm"
SOCK = f"{VM}/a.sock"
ANNS = Peer(pid=7, uid=1000, gid=1000)
DENIED = PermissionError(13, "no")


def owned(kind: str, uid: int = 1000) -> Stat:
    return Stat(type=kind, uid=uid, gid=uid, mode=0o700)


def place(files: dict[str, Any] | None = None, cache: list[ListenerCache] | None = None, **more: Any) -> Place:
    stats = {ANN: owned("dir"), VM: owned("dir"), **more.pop("stats", {})}
    usual = {"/proc/self/mountinfo": TABLE, "/proc/net/unix": HEAD, f"{VM}/x": ""}
    host = MemoryHost({**usual, **(files or {})}, stats=stats, **{"processes": (), **more})
    return Place(host, Home(frozenset({1000}), ANN, ANN), ANN, {}, [] if cache is None else cache)


def folder(*args: Any, **more: Any) -> Folder:
    found = place(*args, **more).folder(".vm")
    assert found is not None
    return found


def test_a_directory_counts_where_it_is_its_users_and_no_link() -> None:
    assert (folder().path, folder().uid, folder().names()) == (VM, 1000, ["x"])
    assert place().folder(".none") is None and place().folder(".vm", "none") is None and place().folder(".vm", "x") is None
    for stats, links, why in (({VM: owned("dir", 1001)}, {}, Why.NONSENSE), ({f"{ANN}/.l": owned("link")}, {f"{ANN}/.l": "/etc"}, Why.UNSUPPORTED)):
        with pytest.raises(HoleError) as caught:
            place(stats=stats, links=links).folder(".l" if links else ".vm")
        assert caught.value.hole.why is why


def test_a_file_counts_where_it_is_one_and_of_whom_the_directory_is() -> None:
    mine = {f"{VM}/x": owned("file")}
    assert folder({f"{VM}/x": "text"}, stats=mine).read("x") == b"text" and folder().read("none") is None
    for stats, links in (({f"{VM}/x": owned("file", 1001)}, {}), ({f"{VM}/x": owned("fifo")}, {}), ({f"{VM}/l": owned("link")}, {f"{VM}/l": f"{VM}/x"})):
        with pytest.raises(Nonsense):
            folder(stats={**mine, **stats}, links=links).read("l" if links else "x")


def sockets(*paths: str, **more: Any) -> Any:
    return folder(**more).machine("evidence", paths, {})["sockets"]


def test_a_machine_has_the_sockets_that_are_there_and_who_listens_there() -> None:
    told = sockets("a.sock", "gone.sock", "x", peers={SOCK: ANNS}, stats={SOCK: owned("socket")})
    assert {path: (one["type"], one["listening"]) for path, one in told.items()} == {SOCK: ("socket", True), f"{VM}/x": ("file", False)}
    assert told[SOCK]["peer"]["uid"] == 1000 and not isinstance(told, OpenObject)
    cache: list[ListenerCache] = []
    folder(cache=cache).machine("evidence", ["gone.sock"], {})
    assert cache == []
    folder(cache=cache, stats={SOCK: owned("socket"), f"{VM}/b.sock": owned("socket")}).machine("evidence", ["a.sock", "b.sock"], {})
    assert len(cache) == 1  # the table is read when somebody has a socket, and once
    hole = Hole(why=Why.LIMIT, message="more")
    assert isinstance(folder().machine("evidence", [], {}, unseen=hole)["sockets"], OpenObject)


@pytest.mark.parametrize(("target", "owner", "followed"), [("/run/vm.sock", 1000, True), ("/run/vm.sock", 1001, False), ("/srv/nfs/vm.sock", 1000, False)])
def test_a_link_of_the_users_is_followed_to_a_socket_of_the_users_alone(target: str, owner: int, followed: bool) -> None:
    told = sockets("a.sock", links={SOCK: target}, stats={SOCK: owned("link"), target: owned("socket", owner)}, peers={target: ANNS})[SOCK]
    assert (told["type"], isinstance(told["listening"], Hole)) == (("socket", False) if followed else ("link", True))


def test_a_socket_that_cannot_be_looked_at_is_a_hole_of_its_own() -> None:
    told = folder({f"{VM}/d": DENIED}).machine("evidence", ["d/a.sock", "x"], {})["sockets"]
    assert isinstance(told[f"{VM}/d/a.sock"], Hole) and told[f"{VM}/x"]["type"] == "file"


def test_what_lies_behind_a_place_to_avoid_is_not_read() -> None:
    def avoid(path: str, _: bool) -> bool:
        raise HoleError(Hole(why=Why.LIMIT, message=path))

    one = folder()
    one.place.avoid = avoid
    for look in (lambda: one.read("x"), lambda: one.place.folder(".vm")):
        with pytest.raises(HoleError):
            look()


@pytest.mark.parametrize(("path", "found"), [("~", ANN), ("~/x", f"{ANN}/x"), ("/srv", "/srv"), ("~x", None), ("x", None), ("", None), ("/a/{{.Dir}}", None)])
def test_a_path_is_absolute_or_unknown(path: str, found: str | None) -> None:
    if found is not None:
        assert expanded(place(), path, "~") == found
        return
    with pytest.raises(Unsupported):
        expanded(place(), path, "~")


def test_what_a_machine_is_given_is_told_with_how_much_of_the_host_it_is() -> None:
    told = given_to(place(), [(ANN, False), ("/srv/x", False), ("/", True), ("/srv/x", True)], 4)
    assert told == {ANN: {"writable": False, "holds": "home"}, "/srv/x": {"writable": True, "holds": "part"}, "/": {"writable": True, "holds": "root"}}
    assert not isinstance(told, OpenObject)
    assert isinstance(given_to(place(), [], home_dir.DIRECTORIES + 1), OpenObject) and not isinstance(given_to(place(), [], home_dir.DIRECTORIES), OpenObject)
    assert isinstance(too_many({}), OpenObject)


def looked(look: Any = lambda one: one.owner(), files: dict[str, Any] | None = None, **more: Any) -> Any:
    people = "root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\nbob:x:1001:1001::/home/bob:/bin/sh\n"
    texts = {"/proc/self/mountinfo": TABLE, "/etc/passwd": people, f"{ANN}/x": "", "/home/bob/x": "", **(files or {})}
    stats = {ANN: owned("dir"), "/home/bob": owned("dir", 1001), **more.pop("stats", {})}
    host = MemoryHost(texts, stats=stats, **{"processes": (), **more})
    found, unread = home_dir.look_into_homes(host, look)
    return {home.name: told for home, told in found}, unread


def test_each_home_is_looked_into() -> None:
    assert looked() == ({ANN: 1000, "/home/bob": 1001}, None)
    assert looked(lambda one: None if one.path == ANN else "told") == ({"/home/bob": "told"}, None)


def test_a_home_of_anothers_is_not_told_of() -> None:
    found, unread = looked(stats={ANN: owned("dir", 1001)})
    assert found["/home/bob"] == 1001 and (found.get(ANN) or unread).why is Why.NONSENSE


def test_what_is_not_known_of_mounts_leaves_all_homes_open() -> None:
    assert looked(files={"/proc/self/mountinfo": DENIED})[0] == {} and looked(files={"/proc/self/mountinfo": DENIED})[1].why is Why.DENIED
