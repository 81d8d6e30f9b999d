"""The directories above a socket as the next boot makes them; systemd-tmpfiles itself is asked in tests/real_engines/test_socket_units.py."""

from typing import Any

import pytest
from sockets.socket_host import TABLE

from hostcheck.host.answers import Stat
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole
from hostcheck_builtin.sockets.made_directories import Directories

P = "/run/podman/podman.sock"
LIB, ETC = "/usr/lib/tmpfiles.d", "/etc/tmpfiles.d"


def folder(path: str, *, at: str = "/run/podman", mode: str = "0755", **more: Any) -> Any:
    files = {"/proc/self/mountinfo": TABLE, **{name: content for name, content in more.pop("files", {}).items()}}
    way = Directories(MemoryHost(files, **more)).way(path, mode)
    told = way["parents"][at]
    return told if isinstance(told, Hole) else (told["user"], told["group"], told["mode"])


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("", ("root", "root", "0750")),
        ("D! /run/podman 0700 root root\n", ("root", "root", "0700")),
        ("d %t/podman 0770 - docker -\n", ("root", "docker", "0770")),
        ("d /var/run/podman/ 1777 ann\n", ("ann", "root", "1777")),
        ("d /run/podman\n", ("root", "root", "0755")),
        ("d /run/podman 0700\nd /run/podman 0777\n", ("root", "root", "0700")),
        ("d /run/podman 0700\nz /run/podman 0711 - staff\n", ("root", "staff", "0711")),
        ("d /run/podman 0700\nz /run/pod* 0711\nz /run/*/x 0777\n", ("root", "root", "0711")),
        ("d /run/podman 0700\nZ /run 0777 - staff\nm /run 0711\n", ("root", "staff", "0777")),
        ("d /run/podman 0700\na+ /run/other - - - - u:ann:rwx\n", ("root", "root", "0700")),
        ("z /run/podman 0711\n", ("root", "root", "0750")),  # it is not there yet
        ("#d /run/podman 0700\nx /run/podman\nL /run/podman - - - - /x\nf /run/podman 0600\n", ("root", "root", "0750")),
        ("d /run/podman 0700 :ann ~x\n", ("ann", "~x", "0700")),
        ("d \"/run/podman\" '0700'\n", ("root", "root", "0700")),
        ("d\n d  \nd /run/podman rwx\n", ("root", "root", "0755")),
    ],
)
def test_lines(text: str, made: tuple[str, str, str]) -> None:
    assert folder(P, mode="0750", files={f"{LIB}/podman.conf": text}) == made


@pytest.mark.parametrize("line", ["a+ /run/podman - - - - u:ann:x", "A /run - - - - u:ann:x", "a /run/p* - - - - default:user:ann:rwx"])
def test_an_access_control_list_leaves_a_directory_open(line: str) -> None:
    assert isinstance(folder(P, files={f"{LIB}/podman.conf": f"d /run/podman 0700\n{line}\n"}), Hole)


def test_a_line_that_changes_run_itself() -> None:
    assert folder(P, at="/run", files={f"{LIB}/x.conf": "z /run 0777 ann\n"}) == ("ann", "root", "0777")


def test_run_is_new_and_what_is_there_now_says_nothing_of_it() -> None:
    stats = {"/run": Stat(type="dir", uid=5, gid=5, mode=0o777), "/run/podman": Stat(type="dir", uid=5, gid=5, mode=0o777)}
    assert folder(P, stats=stats) == ("root", "root", "0755") and folder(P, at="/run", mode="0700", stats=stats) == ("root", "root", "0755")


def test_of_two_files_with_one_name_the_first_directory_counts_and_files_go_by_name() -> None:
    files = {f"{LIB}/p.conf": "d /run/podman 0700\n", f"{ETC}/p.conf": "d /run/podman 0711\n", "/run/tmpfiles.d/a.conf": "d /run/podman 0777\n"}
    assert folder(P, files=files) == ("root", "root", "0711")
    assert folder(P, files={**files, f"{LIB}/a.conf": "d /run/podman 0750\n"}) == ("root", "root", "0750")
    assert folder(P, files={f"{LIB}/p.conf": "d /run/podman 0700\n"}, links={f"{ETC}/p.conf": "/dev/null"}) == ("root", "root", "0755")


def test_elsewhere_what_is_there_now_stays() -> None:
    stats = {"/srv": Stat(type="dir", uid=7, gid=8, mode=0o750)}
    assert folder("/srv/d/x.sock", at="/srv", mode="0700", stats=stats) == ("7", "8", "0750")
    assert folder("/srv/d/x.sock", at="/srv/d", mode="0700", stats=stats) == ("root", "root", "0700")
    files = {"/proc/self/mountinfo": TABLE}
    way = Directories(MemoryHost(files, links={"/srv/l": "/opt"}, stats={**stats, "/opt": stats["/srv"]})).way("/srv/l/x.sock", "0700")
    assert way["realpath"] == "/opt/x.sock" and set(way["parents"]) == {"/", "/opt"}


@pytest.mark.parametrize("place", [f"{LIB}/x.conf", LIB])
def test_lines_that_cannot_be_read_leave_the_directories_open(place: str) -> None:
    assert isinstance(folder(P, files={place: PermissionError(13, "no")}), Hole)
