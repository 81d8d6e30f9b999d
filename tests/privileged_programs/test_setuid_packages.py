"""Whether a program that may make its caller root is as its package brought it."""

from dataclasses import replace
from hashlib import md5
from typing import Any

import pytest
from privileged_programs.setuid_host import BASH, HOME, PLAIN, ROOTS, caps, host, programs

from hostcheck.host.answers import Stat
from hostcheck.model import Hole, Why
from hostcheck_builtin.privileged_programs import setuid_packages
from hostcheck_builtin.privileged_programs.setuid_packages import Brought
from hostcheck_builtin.system import mountinfo, path_walk

INFO = "/var/lib/dpkg/info"
SU = b"\x7fELF su"
X = "/usr/bin/su"


def packaged(path: str, content: bytes = SU, package: str = "util-linux") -> dict[str, Any]:
    digest = md5(content, usedforsecurity=False).hexdigest()
    return {f"{INFO}/{package}.list": f"{path}\n".encode(), f"{INFO}/{package}.md5sums": f"{digest}  {path[1:]}\n".encode()}


PLAINS = {f"{INFO}/{name}": Stat(type="file", uid=0, gid=0, mode=0o644) for name in ("util-linux.list", "util-linux.md5sums")}


def told(path: str, content: Any = SU, files: dict[str, Any] | None = None, stats: dict[str, Stat] | None = None, **more: Any) -> Any:
    return programs({path: content, **(packaged(path) if files is None else files)}, {**PLAINS, **(stats or {})}, **more)[path]


def test_what_its_package_brought_matches_and_one_byte_more_does_not() -> None:
    assert told(X)["package"] == {"name": "util-linux", "matches": True}
    assert told(X, SU + b"x")["package"] == {"name": "util-linux", "matches": False}


@pytest.mark.parametrize("path", ["/usr/local/bin/su", "/opt/su", "/home/ann/su", "/tmp/su"])
def test_what_no_package_has_says_nothing(path: str) -> None:
    assert "package" not in told(path, files=packaged(X), stats={"/tmp": Stat(type="dir", uid=0, gid=0, mode=0o1777)})


@pytest.mark.parametrize("path", ["/usr/local/bin/su", "/home/ann/su"])
def test_where_no_package_puts_anything_no_list_is_read(path: str) -> None:
    assert "package" not in told(path, files={f"{INFO}/other.list": PermissionError(13, "no")})
    unread = told("/opt/su", files={f"{INFO}/other.list": PermissionError(13, "no")})["package"]
    assert isinstance(unread, Hole) and unread.why is Why.DENIED


def test_a_package_without_digests_says_only_whose_a_program_is() -> None:
    assert told(X, files={f"{INFO}/util-linux.list": f"{X}\n".encode()})["package"] == {"name": "util-linux"}


@pytest.mark.parametrize(
    ("stat", "given", "asked"),
    [
        (ROOTS, None, True),
        (replace(ROOTS, uid=1000), None, False),
        (PLAIN, caps(7), True),
        (PLAIN, caps(13), False),
        (PLAIN, caps(7, rootid=100000), False),
        (replace(ROOTS, uid=1000), caps(21), True),
    ],
)
def test_only_what_may_make_its_caller_root_is_read(stat: Stat, given: Any, asked: bool) -> None:
    found = told(X, stats={X: stat}, capabilities={X: given} if given else {})
    assert ("package" in found) is asked


def test_a_copy_of_a_shell_is_known_without_a_package() -> None:
    found = told("/opt/x", BASH, packaged("/opt/x", BASH))
    assert found["same_as"] == "/usr/bin/bash" and "package" not in found


def test_a_program_that_cannot_be_read_is_a_hole_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setuid_packages, "LARGEST", 2)
    matches = told(X)["package"]["matches"]
    assert isinstance(matches, Hole) and matches.why is Why.LIMIT


@pytest.mark.parametrize("path", ["/tmp/su", "/home/ann/su", "/usr/local/bin/su"])
def test_a_second_name_that_a_user_gives_a_program_of_a_package_is_that_program(path: str) -> None:
    """So that nobody leaves open what all others can do, by a link to su; and two names that are both in a user's hands vouch for nothing."""
    two, shared = replace(ROOTS, links=2, ino=77), Stat(type="dir", uid=0, gid=0, mode=0o1777)
    found = programs({path: SU, X: SU, **packaged(X)}, {**PLAINS, path: two, X: two, "/tmp": shared})
    assert found[path]["package"] == {"name": "util-linux", "matches": True}
    found = programs({path: SU, "/tmp/x": SU, **packaged(X)}, {**PLAINS, path: two, "/tmp/x": two, "/tmp": shared})
    assert "package" not in found[path] and "package" not in found["/tmp/x"]


def test_second_names_of_a_file_are_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [f"/opt/n{number}" for number in range(5)]
    each = [packaged(path) for path in paths]
    lists = {name: b"".join(one[name] for one in each) for name in each[0]}
    one = host({**dict.fromkeys(paths, SU), **lists}, {**PLAINS, **dict.fromkeys(paths, replace(ROOTS, links=5, ino=7))})
    ways = [path_walk.walk(one, path, {}) for path in paths]
    read, brought = [], Brought(one, [], ways)
    whole = one.read_bytes
    monkeypatch.setattr(one, "read_bytes", lambda path, **more: (read.append(path), whole(path, **more))[1])
    assert all(brought.of(way, None)["package"]["matches"] is True for way in ways)
    assert [path for path in read if path in paths] == paths[:1]


@pytest.mark.parametrize(
    ("source", "backing", "stats", "image"),
    [
        ("/dev/loop0", "/var/lib/snapd/snaps/core.snap\n", {}, "/var/lib/snapd/snaps/core.snap"),
        ("/dev/loop0", "/home/ann/own.img\n", {"/home/ann": HOME}, None),
        ("/dev/loop0", None, {}, None),
        ("/dev/vdb", None, {}, "/dev/vdb"),
    ],
)
def test_a_read_only_image_of_roots_counts_as_a_package(source: str, backing: str | None, stats: dict[str, Stat], image: str | None) -> None:
    path, mount = "/srv/core/su", "50 27 7:0 / /srv/core ro - squashfs {} ro\n"
    files: dict[str, Any] = {"/var/lib/snapd/snaps/core.snap": "", "/home/ann/own.img": "", f"{INFO}/x.list": ""}
    files |= {} if backing is None else {"/sys/block/loop0/loop/backing_file": backing.encode()}
    plain = dict.fromkeys(files, Stat(type="file", uid=0, gid=0, mode=0o644))
    found = programs({path: SU, **files}, {**plain, **stats}, mounts=mount.format(source))[path]
    assert found.get("package") == (None if image is None else {"name": image, "matches": True})


def test_where_mounts_are_not_known_no_image_is_believed() -> None:
    one = host({X: SU, **packaged(X)}, PLAINS)
    table: list[mountinfo.Mount] = []
    way = path_walk.walk(one, X, {})
    assert Brought(one, table, [way]).of(way, None)["package"]["name"] == "util-linux"
