"""A path is root's where nobody else could change any of it, and what is not there is where nobody else could make it appear."""

import errno

import pytest
from system.outermost import outermost

from hostcheck.host import Nonsense, attempt
from hostcheck.host.answers import AclEntry, Stat
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole, Why
from hostcheck_builtin.system.ownership import foreign_ids, hosts_ownership, of_walked, ownership, put_by_root, so_far
from hostcheck_builtin.system.path_walk import LINKS, LstatCache, walk


@pytest.mark.parametrize(
    ("path", "stats", "links", "owned"),
    [
        ("/opt/x/y", {}, {}, True),
        ("/opt/x/y", {"/opt/x/y": Stat(type="file", uid=1000, gid=0, mode=0o644)}, {}, False),
        ("/opt/x/y", {"/opt/x": Stat(type="dir", uid=1000, gid=0, mode=0o755)}, {}, False),
        ("/opt/x/y", {"/opt/x": Stat(type="dir", uid=0, gid=50, mode=0o775)}, {}, False),
        ("/opt/x/y", {"/opt/x": Stat(type="dir", uid=0, gid=0, mode=0o1777)}, {}, True),
        ("/opt/x/y", {"/opt/x/y": Stat(type="file", uid=0, gid=0, mode=0o1646)}, {}, False),
        ("/opt/x/no", {"/opt/x": Stat(type="dir", uid=0, gid=0, mode=0o1777)}, {}, False),
        ("/opt/x/no", {}, {}, True),
        ("/l/y", {}, {"/l": "opt/x"}, True),
        ("/l/y", {"/opt": Stat(type="dir", uid=1000, gid=0, mode=0o755)}, {"/l": "opt/x"}, False),
        ("/l/y", {"/l": Stat(type="link", uid=1000, gid=0, mode=0o777)}, {"/l": "opt/x"}, False),
        ("/a/../l/../x/y", {}, {"/l": "/opt/x", "/a/b": "c"}, True),
    ],
)
def test_a_path_is_roots_if_the_whole_way_is(path: str, stats: dict[str, Stat], links: dict[str, str], owned: bool) -> None:
    host = MemoryHost({"/opt/x/y": "z"}, stats=stats, links=links)
    assert ownership(host, path, {}, follow=True).root_owned is owned


@pytest.mark.parametrize(
    ("path", "stats", "links", "others"),
    [
        ("/opt/x/y", {}, {}, []),
        (
            "/opt/x/y",
            {"/opt/x": Stat(type="dir", uid=1000, gid=0, mode=0o755), "/opt/x/y": Stat(type="file", uid=1000, gid=0, mode=0o644)},
            {},
            ["/opt/x", "/opt/x/y"],
        ),
        ("/opt/x/no", {"/opt/x": Stat(type="dir", uid=0, gid=0, mode=0o1777)}, {}, ["/opt/x"]),
        ("/l/y", {"/l": Stat(type="link", uid=1000, gid=0, mode=0o777), "/opt": Stat(type="dir", uid=0, gid=7, mode=0o775)}, {"/l": "opt/x"}, ["/l", "/opt"]),
        ("/opt/x/y/z", {"/opt/x/y": Stat(type="file", uid=1000, gid=0, mode=0o644)}, {}, ["/opt/x/y/z"]),
    ],
)
def test_what_others_can_change_on_the_way_is_told(path: str, stats: dict[str, Stat], links: dict[str, str], others: list[str]) -> None:
    assert sorted(ownership(MemoryHost({"/opt/x/y": "z"}, stats=stats, links=links), path, {}, follow=True).others) == others


def test_a_link_at_the_end_is_followed_only_on_demand() -> None:
    host = MemoryHost({"/home/ann/x": PermissionError(errno.EACCES, "no")}, links={"/run/l": "../home/ann/x"})
    end = ownership(host, "/run/l", {})
    assert (end.place, end.type, end.target, end.root_owned) == ("/run/l", "link", "../home/ann/x", True)
    with pytest.raises(PermissionError):
        ownership(host, "/run/l", {}, follow=True)


def test_where_a_way_ends_is_told_without_links() -> None:
    host = MemoryHost({"/opt/x/y": "z"}, links={"/l": "opt/./x", "/top": "/"})
    assert ownership(host, "//l/y", {}).place == "/opt/x/y"
    assert ownership(host, "/l/no/way", {}).place == "/opt/x/no/way"
    assert ownership(host, "/l/y/deeper", {}).type == ""
    assert (ownership(host, "/top", {}, follow=True).place, ownership(host, "/", {}).type) == ("/", "dir")


def test_links_that_never_end_are_nonsense() -> None:
    with pytest.raises(Nonsense):
        ownership(MemoryHost(links={"/a": "/b/x", "/b": "/a"}), "/a/x", {})


def test_as_many_links_as_the_kernel_follows_are_followed() -> None:
    host = MemoryHost({"/x": ""}, links={f"/l{number}": f"l{number + 1}" if number < LINKS else "x" for number in range(1, LINKS + 1)} | {"/l0": "l1"})
    assert ownership(host, "/l1", {}, follow=True).place == "/x"
    with pytest.raises(Nonsense):
        ownership(host, "/l0", {}, follow=True)
    assert ownership(host, "/l0", {}).type == "link"


def test_in_a_sticky_directory_only_what_is_there_is_roots() -> None:
    host = MemoryHost({"/tmp/x": "z"}, stats={"/tmp": Stat(type="dir", uid=0, gid=0, mode=0o1777)}, links={"/l": "/tmp/no", "/m": "tmp/x"})
    assert [ownership(host, path, {}, follow=True).root_owned for path in ("/tmp/x", "/tmp/no", "/l", "/m", "/tmp")] == [True, False, False, True, True]
    assert ownership(host, "/l", {}).root_owned is True


def test_the_mask_of_an_acl_tells_of_named_users() -> None:
    named = (AclEntry(tag="user", id=1000, perms=7),)
    for mode, owned in ((0o775, False), (0o755, True)):
        host = MemoryHost({"/opt/x": ""}, stats={"/opt": Stat(type="dir", uid=0, gid=0, mode=mode, acl=named)})
        assert ownership(host, "/opt/x", {}).root_owned is owned


def test_below_a_file_nothing_can_be() -> None:
    host = MemoryHost({"/opt/x": ""})
    assert [(one.type, one.place, one.end.type) for path in ("/opt/x/y", "/opt/x/..") if (one := ownership(host, path, {}))] == [
        ("", "/opt/x/y", "file"),
        ("", "/opt/x/..", "file"),
    ]


def test_what_was_seen_is_not_asked_again() -> None:
    lstats: LstatCache = {}
    walk(MemoryHost({"/a/x": ""}, links={"/l": "a"}), "/l/x", lstats)
    assert ownership(MemoryHost(), "/l/x", lstats).root_owned is True
    assert of_walked("/l", walk(MemoryHost(), "/l", lstats, follow=False)).target == "a"


@pytest.mark.parametrize("links", [{"/proc/self/ns/user": "user:[4026532000]"}, {}])
def test_elsewhere_than_in_the_first_user_namespace_ids_are_not_the_hosts(links: dict[str, str]) -> None:
    host = MemoryHost({"/opt/x": ""}, links=links)
    hole = foreign_ids(host)
    assert hole is not None and hole.why is Why.DENIED
    assert attempt(hosts_ownership, host, "/opt/x", {}) == hole
    assert foreign_ids(outermost()) is None
    assert hosts_ownership(outermost({"/opt/x": ""}), "/opt/x", {}).root_owned


HERS = Stat(type="dir", uid=1000, gid=1000, mode=0o755)


@pytest.mark.parametrize(("target", "why"), [("/home/ann/shut/x", Why.DENIED), ("/home/ann/loop", Why.NONSENSE)])
def test_whose_a_way_is_that_was_stopped_says_what_was_met(target: str, why: Why) -> None:
    files = {"/home/ann/shut/x": PermissionError(errno.EACCES, "no"), "/root/x": PermissionError(errno.EACCES, "no"), "/opt/y": ""}
    links = {"/opt/l": target, "/home/ann/loop": "loop", "/opt/loop": "loop"}
    host = outermost(files, links=links, stats={"/home/ann": HERS, "/home/ann/loop": Stat(type="link", uid=1000, gid=0, mode=0o777)})
    found = so_far(host, "/opt/l", {})
    assert found.stopped is not None and (found.stopped.why, found.stopped.owners) == (why, (1000,))
    assert not found.root_owned and "/home/ann" in found.others and found.type == ""
    assert isinstance(attempt(ownership, host, "/opt/l", LstatCache(), follow=True), Hole)
    assert (so_far(host, "/opt/y", {}).root_owned, so_far(host, "/opt/y", {}).stopped) == (True, None)
    assert all(isinstance(attempt(so_far, host, path, LstatCache()), Hole) for path in ("/root/x", "/opt/loop"))


def test_whose_a_way_is_so_far_is_known_where_ids_are_the_hosts() -> None:
    inside = MemoryHost({"/opt/y": ""}, links={"/proc/self/ns/user": "user:[4026532000]"})
    assert isinstance(attempt(so_far, inside, "/opt/y", LstatCache()), Hole)


def test_what_root_put_somewhere_is_there_and_nobody_elses() -> None:
    host = MemoryHost({"/run/mark": "", "/tmp/mark": ""}, stats={"/tmp/mark": Stat(type="file", uid=1000, gid=0, mode=0o644)})
    assert [put_by_root(host, path, {}) for path in ("/run/mark", "/tmp/mark", "/run/none")] == [True, False, False]
