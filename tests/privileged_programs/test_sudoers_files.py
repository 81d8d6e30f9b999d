from pathlib import PurePosixPath
from typing import Any

import pytest
from privileged_programs.rights import sudo

from hostcheck.host.answers import Stat
from hostcheck.model import Hole, OpenObject

RULE = "ann ALL=ALL\n"
DENIED = PermissionError(13, "Permission denied")


def file(mode: int = 0o440, uid: int = 0, gid: int = 0, kind: Any = "file") -> Stat:
    return Stat(type=kind, uid=uid, gid=gid, mode=mode)


def rules(told: Any) -> list[str]:
    return [str(PurePosixPath(one["path"]).name) + f":{one['line']}" for one in sorted(told["rules"].values(), key=lambda one: one["order"])]


def test_files_in_their_order() -> None:
    folder = {f"/etc/sudoers.d/{name}": RULE for name in ("b", "a", "c.bak", ".x", "z~", "README")}
    told = sudo("@includedir /etc/sudoers.d\nbob ALL=ALL\n", folder)
    assert rules(told) == ["README:1", "a:1", "b:1", "sudoers:2"]
    assert sorted(told["files"]) == ["/etc/sudoers", "/etc/sudoers.d", "/etc/sudoers.d/README", "/etc/sudoers.d/a", "/etc/sudoers.d/b"]


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("more", "/etc/more"),
        ("/opt/%h", "/opt/host1"),
        ('"/opt/a b"', "/opt/a b"),
        ("/opt/a\\ b", "/opt/a b"),
        ("/none:/opt/x", "/opt/x"),
        ("d/more", "/etc/d/more"),
    ],
)
def test_what_an_include_names(name: str, path: str) -> None:
    assert rules(sudo(f"#include {name}\n", {path: RULE})) == [f"{PurePosixPath(path).name}:1"]


@pytest.mark.parametrize(
    ("stat", "why"),
    [
        (file(), ""),
        (file(0o460), ""),
        (file(0o460, gid=5), "writable"),
        (file(0o442), "writable"),
        (file(uid=1000), "owner"),
        (file(0o755, kind="dir"), "type"),
    ],
)
def test_a_file_that_sudo_does_not_obey(stat: Stat, why: str) -> None:
    files = {} if stat.type == "dir" else {"/opt/x": RULE}
    told = sudo("@include /opt/x\nann ALL=/bin/ls\n", files, stats={"/opt/x": stat})
    assert told["files"]["/opt/x"]["why"] == why
    assert rules(told) == ([] if why else ["x:1"]) + ["sudoers:2"]


def test_the_first_file_decides_about_all() -> None:
    told = sudo(f"{RULE}@include /opt/x\n", {"/opt/x": RULE}, stats={"/etc/sudoers": file(0o466)})
    assert (told["obeyed"], told["rules"], list(told["files"])) == (False, {}, ["/etc/sudoers"])


def test_a_directory_that_others_write_to() -> None:
    told = sudo("@includedir /opt\nann ALL=ALL\n", {"/opt/x": RULE}, stats={"/opt": file(0o777, kind="dir")})
    assert (told["files"]["/opt"]["why"], rules(told)) == ("writable", ["sudoers:2"])


def test_nothing_there() -> None:
    told = sudo("@include /opt/x\n@includedir /opt/y\nann ALL=ALL\n")
    assert (rules(told), {path: one["why"] for path, one in told["files"].items()}) == (
        ["sudoers:3"],
        {"/etc/sudoers": "", "/opt/x": "absent", "/opt/y": "absent"},
    )


@pytest.mark.parametrize("path", ["/opt/x", "/opt"])
def test_what_may_not_be_read(path: str) -> None:
    told = sudo("@include /opt/x\n@includedir /opt\nann ALL=ALL\n", {path: DENIED})
    assert isinstance(told["rules"], OpenObject) and rules(told) == ["sudoers:3"]


def test_the_first_file_may_not_be_read() -> None:
    told = sudo(None, {"/etc/sudoers": DENIED})
    assert all(isinstance(told[part], Hole) for part in ("obeyed", "aliases", "defaults", "rules", "wrong_lines"))


def test_a_file_that_includes_itself() -> None:
    assert len(sudo("@include /etc/sudoers\nann ALL=ALL\n")["rules"]) == 145
    told = sudo("@include /etc/sudoers\n@include /etc/sudoers\nann ALL=ALL\n")
    assert isinstance(told["rules"], OpenObject)


def test_who_can_change_it() -> None:
    told = sudo("@include /home/ann/x\n", {"/home/ann/x": RULE}, stats={"/home/ann": file(0o755, uid=1000, kind="dir")})
    assert (told["files"]["/home/ann/x"]["root_only"], told["files"]["/etc/sudoers"]["root_only"], rules(told)) == (False, True, ["x:1"])
