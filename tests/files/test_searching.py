from dataclasses import replace

from files.file_host import OPEN, file, folder, host

from hostcheck.host.answers import Stat
from hostcheck.model import Hole, OpenObject, Why
from hostcheck_builtin.files import searching
from hostcheck_builtin.system import bounds
from hostcheck_builtin.system.path_walk import WalkedPath


def nothing(_: str) -> bool:
    return False


def test_what_is_not_there_is_said_with_what_should_hold_it() -> None:
    found = searching.begin(host()).file("/srv/x/y")
    assert (found["type"], found["realpath"], list(found["parents"])) == ("absent", "/srv/x/y", ["/"])


def test_a_directory_may_be_a_file_and_has_no_members_then() -> None:
    assert searching.begin(host({"/srv/x": ""})).folder("/srv/x", nothing)["members"] == {}


def test_roots_open_files_are_bounded_too() -> None:
    some = {f"/srv/x/{number:03}": "" for number in range(bounds.MEMBERS_STATED + 1)}
    found = searching.begin(host(some, stats={path: file(0, 0o666) for path in some})).folder("/srv/x", nothing)["members"]
    assert isinstance(found, OpenObject) and len(found) == bounds.MEMBERS_STATED


def test_a_member_behind_a_directory_of_a_user() -> None:
    one = host({"/home/ann/bin/x": ""}, links={"/srv/x/y": "/home/ann/bin/x", "/srv/x/z": "../w"}, stats={"/srv/w": folder(0), "/home/ann/bin/x": file(0)})
    assert list(searching.begin(one).folder("/srv/x", nothing)["members"]) == ["y"]


def test_a_directory_that_cannot_be_listed_leaves_its_members_open() -> None:
    one = host({"/srv/x/y": ""}, stats={"/srv/x": OPEN})
    one.list_dir = lambda *_, **__: (_ for _ in ()).throw(PermissionError(13, "no"))  # type: ignore[method-assign]
    found = searching.begin(one).folder("/srv/x", nothing)
    assert isinstance(found["members"], OpenObject) and not isinstance(found["mode"], Hole)


DEEP = "/home/ann" + "/d" * 70


def test_behind_a_link_to_very_many_directories_the_way_there_is_told() -> None:
    links = {"/srv/x/y": DEEP, "/srv/z": f"{DEEP}/e"}
    search = searching.begin(host({f"{DEEP}/e/f": ""}, links=links, stats={"/home/ann": folder(1000)}))
    alone, member = search.folder("/srv/z", nothing), search.folder("/srv/x", nothing)["members"]["y"]
    for told in (alone, member):
        assert told["type"].owners == (1000,) and list(told["parents"])[-1] == "/home/ann" and isinstance(told["parents"], OpenObject)
    assert isinstance(alone["members"], OpenObject) and not alone["members"]
    way = search.walk("/srv/z")
    assert not isinstance(way, Hole) and way.stopped == alone["type"]


def test_a_directory_of_a_users_that_cannot_be_listed_is_that_users_alone() -> None:
    search = searching.begin(host({"/home/ann/x/y": ""}, stats={"/srv": OPEN, "/home/ann/x": folder(1000)}))
    search.host.list_dir = lambda *_, **__: (_ for _ in ()).throw(PermissionError(13, "no"))  # type: ignore[method-assign]
    owners = {}
    for path in ("/home/ann/x", "/srv"):
        way = search.walk(path)
        assert not isinstance(way, Hole)
        owners[path] = getattr(search.inside(way), "owners", None)
    assert owners == {"/home/ann/x": (1000,), "/srv": ()}


def test_whose_a_way_is_that_was_stopped() -> None:
    root = Stat(type="dir", uid=0, gid=0, mode=0o755)
    way = WalkedPath(realpath="/home", end=root, type="stopped", stopped=Hole(why=Why.LIMIT, message="too much", owners=(1000,)))
    assert searching.whose(way) == 1000
    assert searching.whose(replace(way, stopped=Hole(why=Why.LIMIT, message="too much", owners=(1000, 1001)))) == 0
    assert searching.whose(replace(way, stopped=None, type="file", end=replace(root, type="file", uid=1001))) == 1001
