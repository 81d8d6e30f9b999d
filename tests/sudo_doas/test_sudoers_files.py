from pathlib import PurePosixPath
from typing import Any

import pytest
from privileged_programs.rights import sudo

from hostcheck.host.answers import Stat
from hostcheck.model import Hole, OpenObject
from hostcheck_builtin.sudo_doas.sudoers_files import policy, services

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


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("passwd: files\n", []),
        ("sudoers: files sss\n", ["files", "sss"]),
        ("Sudoers:\tldap [NOTFOUND=return] files # x\n", ["ldap", "files"]),
        ("# sudoers: ldap\nsudoers: files\nsudoers: ldap\n", ["files"]),
        ("sudoers: other\n", []),
    ],
)
def test_services(text: str, found: list[str]) -> None:
    assert services(text) == found


@pytest.mark.parametrize(
    ("text", "own", "file", "options"),
    [
        ("", True, "/etc/sudoers", []),
        ("# Plugin x y\nPlugin sudoers_policy sudoers.so\nPlugin sudoers_io sudoers.so\n", True, "/etc/sudoers", []),
        ("Plugin sudoers_policy /usr/lib/sudo/sudoers.so sudoers_file=/etc/other sudoers_mode=0400\n", True, "/etc/other", ["sudoers_mode"]),
        ("Plugin sudoers_policy other.so\n", False, "/etc/sudoers", []),
        ("Plugin approval x.so\n", False, "/etc/sudoers", []),
        ("Set disable_coredump false\nPath noexec /x\n", True, "/etc/sudoers", []),
    ],
)
def test_sudo_conf(text: str, own: bool, file: str, options: list[str]) -> None:
    assert policy(text) == {"own": own, "file": file, "options": options}


def test_which_services_are_asked() -> None:
    told = sudo("", {"/etc/nsswitch.conf": "sudoers: files sss\n", "/var/lib/sss/pipes/sudo": "", "/etc/sudo-ldap.conf": ""})
    assert told["sources"] == {"services": ["files", "sss"], "named": True, "ldap_conf": True, "sss_answers": True}
    assert sudo("")["sources"] == {"services": ["files"], "named": False, "ldap_conf": False, "sss_answers": False}


def test_sudo_conf_names_another_file() -> None:
    told = sudo("", {"/etc/sudo.conf": "Plugin sudoers_policy sudoers.so sudoers_file=/etc/other\n", "/etc/other": "ann ALL=ALL\n"})
    assert list(told["rules"]) == ["/etc/other:1"]
