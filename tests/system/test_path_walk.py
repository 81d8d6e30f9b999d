"""A path is walked as the kernel walks it, and what others could lay on the way is not looked at where the caller says so."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from hostcheck.host import LimitExceeded
from hostcheck.host.answers import Stat
from hostcheck.host.local import LocalHost
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole, HoleError, Why
from hostcheck_builtin.system.mounts_to_avoid import refusing
from hostcheck_builtin.system.path_walk import (
    LINKS,
    LstatCache,
    WalkedPath,
    follow,
    join,
    roots_alone,
    roots_link,
    roots_way,
    stated,
    theirs,
    unfollowed,
    walk,
    way_to,
)

ANN = 1000
DENIED = Hole(why=Why.DENIED, message="no")
PATHS = st.lists(st.sampled_from(["a", "b", "..", "."]), min_size=1, max_size=4).map("/".join)


def owned(kind: str, uid: int, mode: int = 0o755) -> Stat:
    return Stat(type=kind, uid=uid, gid=uid, mode=mode)


def by_kernel(path: str) -> str:
    try:
        os.stat(path)
    except OSError as error:
        return type(error).__name__ if error.errno != 40 else "loop"
    return os.path.realpath(path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@example({"a": "file"}, False, "a/.")
@example({"a": "file", "b": "a/"}, False, "b")
@given(st.dictionaries(st.sampled_from(["a", "b", "a/a", "a/b", "b/a", "b/b", "a/a/b"]), st.sampled_from(["dir", "file"]) | PATHS), st.booleans(), PATHS)
def test_it_ends_where_the_kernel_ends(tmp_path_factory: pytest.TempPathFactory, tree: dict[str, str], absolute: bool, path: str) -> None:
    top = tmp_path_factory.mktemp("walk").resolve()
    for name in sorted(tree):
        place = top / name
        if not place.parent.is_dir() or place.parent.resolve() != place.parent:
            continue
        if tree[name] == "dir":
            place.mkdir()
        elif tree[name] == "file":
            place.write_text("")
        else:
            place.symlink_to(f"{top}/{tree[name]}" if absolute else tree[name])
    walked = walk(LocalHost(), f"{top}/{path}", {})
    told = by_kernel(f"{top}/{path}")
    if walked.type in ("absent", "dangling"):
        assert told in ("FileNotFoundError", "NotADirectoryError")
    else:
        assert (told == "loop") if walked.type == "loop" else (walked.realpath == told)
    assert all(os.path.realpath(one) == one for one in walked.parents)


def test_each_directory_and_each_link_is_met() -> None:
    host = MemoryHost({"/opt/x/y": ""}, links={"/l": "opt/./x", "/opt/x/up": "/opt/../l"})
    walked = walk(host, "//l/up/y", {})
    assert (walked.realpath, walked.type, walked.end.type) == ("/opt/x/y", "file", "file")
    assert set(walked.parents) == {"/", "/opt", "/opt/x"}
    assert {path: target for path, (target, _) in walked.links.items()} == {"/l": "opt/./x", "/opt/x/up": "/opt/../l"}


@pytest.mark.parametrize(
    ("path", "kind", "realpath", "end", "above"),
    [
        ("/opt/no/way", "absent", "/opt/no/way", "dir", "dir"),
        ("/opt/x/y", "absent", "/opt/x/y", "file", "file"),
        ("/l", "dangling", "/opt/no", "link", "dir"),
        ("/l/deeper", "absent", "/opt/no/deeper", "dir", "dir"),
        ("/m", "dangling", "/opt/x/y", "link", "file"),
    ],
)
def test_where_nothing_is_there_what_should_hold_it_is_told(path: str, kind: str, realpath: str, end: str, above: str) -> None:
    walked = walk(MemoryHost({"/opt/x": ""}, links={"/l": "/opt/no", "/m": "/opt/x/y"}), path, {})
    assert (walked.type, walked.realpath, walked.end.type, walked.above and walked.above.type) == (kind, realpath, end, above)
    assert walked.found is (kind == "dangling")


def test_a_link_at_the_end_is_not_followed_unless_asked_for() -> None:
    host = MemoryHost({"/opt/x": ""}, links={"/l": "/opt", "/m": "/l/x"})
    assert (walk(host, "/m", {}, follow=False).type, walk(host, "/l/x", {}, follow=False).type) == ("link", "file")


@pytest.mark.parametrize("count", [LINKS, LINKS + 1])
def test_so_many_links_are_followed(count: int) -> None:
    links = {f"/l{number}": f"l{number + 1}" if number < count else "x" for number in range(1, count + 1)}
    walked = walk(MemoryHost({"/x": ""}, links=links), "/l1", {})
    assert (walked.type, walked.realpath) == (("file", "/x") if count == LINKS else ("loop", f"/l{count}"))


@pytest.mark.parametrize(
    ("enter", "path", "kind"),
    [
        (roots_alone, "/srv/x", "file"),
        (roots_alone, "/home/ann/x", "closed"),
        (roots_alone, "/tmp/x", "closed"),
        (roots_alone, "/home/ann", "dir"),
        (roots_alone, "/anns", "link"),
        (roots_link, "/home/ann/x", "file"),
        (roots_link, "/anns", "link"),
        (roots_link, "/roots", "file"),
    ],
)
def test_what_is_not_to_be_entered_is_closed_and_a_link_stays_one(enter: Any, path: str, kind: str) -> None:
    stats = {"/home/ann": owned("dir", ANN), "/tmp": owned("dir", 0, 0o1777), "/anns": owned("link", ANN, 0o777)}
    host = MemoryHost(dict.fromkeys(("/srv/x", "/home/ann/x", "/tmp/x"), ""), stats=stats, links={"/anns": "/srv/x", "/roots": "/srv/x"})
    assert walk(host, path, {}, enter).type == kind


def test_what_is_avoided_is_not_looked_at() -> None:
    class Hung(MemoryHost):
        def stat(self, path: str, *, follow: bool = True) -> Stat:
            assert path != "/mnt/nfs", "looked at a server's"
            return super().stat(path, follow=follow)

    host = Hung({"/mnt/nfs/x": "", "/srv/x": ""}, stats={"/home/ann": owned("dir", ANN)}, links={"/home/ann/l": "/mnt/nfs"})
    slow = frozenset({"/mnt/nfs"})
    assert walk(host, "/mnt/nfs/x", {}, avoid=lambda here, _: here in slow).type == "closed"
    assert walk(host, "/srv/x", {}, avoid=refusing(slow, roots_too=True)).type == "file"
    for path, roots_too in (("/mnt/nfs/x", True), ("/home/ann/l", False)):
        with pytest.raises(LimitExceeded):
            walk(host, path, {}, avoid=refusing(slow, roots_too=roots_too))
    with pytest.raises(HoleError):
        walk(host, "/home/ann/l", {}, avoid=refusing(DENIED, roots_too=False))
    assert walk(host, "/srv/x", {}, avoid=refusing(DENIED, roots_too=False)).type == "file"


@pytest.mark.parametrize(
    ("path", "alone"),
    [("/srv/x", True), ("/roots", True), ("/srv/none", True), ("/srv/anns-file", True), ("/anns", False), ("/home/ann/x", False), ("/tmp/x", False)],
)
def test_a_way_is_roots_alone_by_its_directories_and_links(path: str, alone: bool) -> None:
    stats = {"/home/ann": owned("dir", ANN), "/tmp": owned("dir", 0, 0o1777), "/srv/anns-file": owned("file", ANN), "/anns": owned("link", ANN, 0o777)}
    files = dict.fromkeys(("/srv/x", "/srv/anns-file", "/home/ann/x", "/tmp/x"), "")
    assert roots_way(walk(MemoryHost(files, stats=stats, links={"/anns": "/srv/x", "/roots": "/srv/x"}), path, {})) is alone


def test_a_way_that_a_user_lays_ends_at_a_slow_mount() -> None:
    host = MemoryHost({"/mnt/nfs/x": "", "/srv/x": ""}, stats={"/home/ann": owned("dir", ANN)}, links={"/home/ann/l": "/mnt/nfs/x"})
    avoid = refusing(frozenset({"/mnt/nfs"}), roots_too=False)
    stopped = way_to(host, "/home/ann/l", {}, avoid=avoid)
    assert isinstance(stopped, WalkedPath) and (stopped.type, list(stopped.links), list(stopped.parents)) == (
        "stopped",
        ["/home/ann/l"],
        ["/", "/home", "/home/ann"],
    )
    assert stopped.stopped is not None and (stopped.stopped.why, stopped.stopped.owners) == ("limit", (ANN,))
    assert [getattr(way_to(host, path, {}, avoid=avoid), "type", "") for path in ("/mnt/nfs/x", "/srv/x")] == ["file", "file"]
    assert getattr(way_to(host, "/home/ann/l", {}, avoid=refusing(DENIED, roots_too=False)), "stopped", None) == replace(DENIED, owners=(ANN,))


DEEP_IN = "/home/ann" + "/d" * 70


@pytest.mark.parametrize(
    ("path", "parents"),
    [
        ("/opt/deep/x", ["/", "/opt", "/home", "/home/ann"]),
        ("/opt/shut/x", ["/", "/opt", "/home", "/home/ann"]),
        ("/opt/denied", ["/", "/opt", "/home", "/home/ann"]),
        ("/home/ann/closed/x", ["/", "/home", "/home/ann"]),
        ("/tmp/shut", ["/", "/tmp", "/home"]),
    ],
)
def test_what_was_met_before_a_walk_was_stopped_stands(path: str, parents: list[str]) -> None:
    """Behind a link of root's, a directory or a link of hers: she controls where it leads, whatever keeps the walk from seeing that."""
    stats = {"/home/ann": owned("dir", ANN), "/home/ann/shut": owned("dir", ANN), "/tmp": owned("dir", 0, 0o1777), "/tmp/shut": owned("link", ANN, 0o777)}
    denied = {"/home/ann/shut/x": PermissionError(13, "no"), "/home/ann/closed": PermissionError(13, "no")}
    links = {"/opt/deep": DEEP_IN, "/opt/shut": "/home/ann/shut", "/opt/denied": "/home/ann/shut/x", "/tmp/shut": "/home/closed/x"}
    host = MemoryHost({f"{DEEP_IN}/x": "", **denied, "/home/closed": PermissionError(13, "no")}, stats=stats, links=links)
    way = way_to(host, path, {})
    assert isinstance(way, WalkedPath) and (way.type, way.found, list(way.parents)) == ("stopped", False, parents)
    assert way.stopped is not None and way.stopped.owners == (ANN,)
    told = stated(way)
    assert all(told[name] == way.stopped for name in ("realpath", "type", "dev", "ino", "owner_uid", "owner_gid", "mode", "acl"))
    assert [getattr(told[name], "hole", None) for name in ("links", "parents")] == [way.stopped] * 2
    with pytest.raises((HoleError, PermissionError)):
        walk(host, path, {})


def test_where_only_root_has_a_part_in_a_way_nothing_of_it_is_told() -> None:
    host = MemoryHost({"/opt/x": PermissionError(13, "no"), "/": PermissionError(13, "no")})
    assert isinstance(way_to(host, "/opt/x", {}), Hole) and isinstance(way_to(host, "/", {}), Hole)
    shared = MemoryHost({"/srv/x": PermissionError(13, "no")}, stats={"/srv": owned("dir", 0, 0o1777)})
    way = way_to(shared, "/srv/x", {})
    assert isinstance(way, WalkedPath) and way.stopped == Hole(why=Why.DENIED, message="no"), "who made a name that is not known is not known"


def test_the_first_user_on_a_way_lays_it() -> None:
    stats = {"/home/ann": owned("dir", ANN), "/home/bob": owned("dir", 1001), "/tmp": owned("dir", 0, 0o1777), "/tmp/l": owned("link", 1001, 0o777)}
    host = MemoryHost({"/home/ann/x": "", "/home/bob/y": ""}, stats=stats, links={"/tmp/l": "/home/ann/x", "/home/ann/m": "/home/bob/y"})
    assert [walk(host, path, {}).user for path in ("/tmp/l", "/home/ann/m", "/home/bob/y", "/tmp")] == [1001, ANN, 1001, 0]
    hole = Hole(why=Why.LIMIT, message="")
    assert [theirs(walk(host, path, {}), hole).owners for path in ("/home/ann", "/tmp")] == [(ANN,), ()]
    assert theirs(walk(host, "/tmp/l", {}), replace(hole, owners=(7,))).owners == (7,)


def test_what_was_seen_and_what_was_not_there_is_kept() -> None:
    lstats: LstatCache = {}
    host = MemoryHost({"/a/x": ""}, links={"/l": "a"})
    before = [walk(host, path, lstats).realpath for path in ("/l/x", "/l/no", "/a")]
    assert [walk(MemoryHost(), path, lstats).realpath for path in ("/l/x", "/l/no", "/a")] == before
    with pytest.raises(PermissionError):
        walk(MemoryHost({"/b": PermissionError(13, "no")}), "/b", lstats)
    assert "/b" not in lstats


@pytest.mark.parametrize(
    ("target", "kind", "uid"),
    [
        ("/home/ann/s", "socket", ANN),
        ("/home/ann/no", "dangling", ANN),
        ("/home/bob/s", "link", ANN),
        ("/srv/s", "link", ANN),
        ("/root/s", "link", ANN),
        ("/home/ann/l", "loop", ANN),
        ("/home/ann/nfs/s", "link", ANN),
    ],
)
def test_a_users_link_is_followed_to_what_is_that_users_alone(target: str, kind: str, uid: int) -> None:
    stats = {"/home/ann": owned("dir", ANN), "/home/bob": owned("dir", 1001, 0o755), "/root": owned("dir", 0, 0o700)}
    stats |= {"/home/ann/s": owned("socket", ANN), "/home/bob/s": owned("socket", 1001), "/srv/s": owned("socket", 0), "/root/s": owned("socket", ANN)}
    stats |= {"/home/ann/nfs/s": owned("socket", ANN), "/home/ann/l": owned("link", ANN, 0o777)}
    host = MemoryHost(stats=stats, links={"/home/ann/l": target})
    link = walk(host, "/home/ann/l", {}, roots_link)
    end = follow(host, "/home/ann/l", {}, link, frozenset({"/home/ann/nfs"}))
    assert (end.type, end.end.uid) == (kind, uid)
    assert all(isinstance(one, Hole) for one in unfollowed(link).values())
    with pytest.raises(HoleError):
        follow(host, "/home/ann/l", {}, link, DENIED)


def test_what_is_stated_of_a_walk() -> None:
    host = MemoryHost({"/run/x": ""}, links={"/var/run": "/run"})
    walked = walk(host, "/run/x", {})
    join(walked, walk(host, "/var/run/x", {}))
    told = stated(walked)
    assert (told["realpath"], told["type"], told["owner_uid"], told["mode"]) == ("/run/x", "file", 0, "0644")
    assert told["links"] == {"/var/run": {"target": "/run", "uid": 0}} and set(told["parents"]) == {"/", "/run", "/var"}


def test_this_machine_is_walked() -> None:
    for path in ("/proc/self/exe", "/bin", "/etc/os-release", "/"):
        assert walk(LocalHost(), path, {}).realpath == str(Path(path).resolve())


@pytest.mark.parametrize("swaps", [1, 3, 10_000])
def test_a_name_that_is_a_link_and_none_in_turn_is_looked_at_again(swaps: int) -> None:
    """Between lstat(2) and readlink(2) its owner may put something else there: that is met as EINVAL, and no nonsense of the host's."""

    class Swapped(MemoryHost):
        left = swaps

        def read_link(self, path: str) -> str:
            self.left -= 1
            if self.left >= 0:
                raise OSError(22, "Invalid argument", path)
            return super().read_link(path)

    host = Swapped(links={"/here": "/there"}, stats={"/there": owned("socket", ANN)})
    if swaps > 100:
        with pytest.raises(HoleError, match="changes all the time"):
            walk(host, "/here", {})
        assert isinstance(way_to(host, "/here", {}), Hole)
    else:
        assert walk(host, "/here", {}).realpath == "/there"


def test_whose_a_name_was_at_one_look_it_stays() -> None:
    """In a directory where all may write, a link that is none at the next look: only who made it can exchange it."""

    class Swapped(MemoryHost):
        def read_link(self, path: str) -> str:
            raise OSError(22, "Invalid argument", path)

    host = Swapped(links={"/tmp/here": "/there"}, stats={"/tmp": owned("dir", 0, 0o1777), "/tmp/here": owned("link", ANN, 0o777)})
    for lstats in (LstatCache(), LstatCache()):
        way = way_to(host, "/tmp/here/x", lstats)
        assert isinstance(way, WalkedPath) and way.stopped is not None and (way.user, way.stopped.owners) == (ANN, (ANN,))
        assert stated(way)["links"]["/tmp/here"] == {"target": way.stopped, "uid": ANN}
