"""Setgid programs are found where users keep programs, and only where their mount lets them give their group."""

from dataclasses import replace
from typing import Any

import pytest

from hostcheck.host.answers import Stat
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole, OpenObject, Why
from hostcheck_builtin.groups import setgid_files
from hostcheck_builtin.groups.setgid_files import setgid_files as found

TABLE = "27 1 254:0 / / rw - ext4 /dev/vda rw\n40 27 0:30 / /dev/shm rw,nosuid - tmpfs tmpfs rw\n41 27 0:31 / /home/net rw - nfs4 server:/home rw\n"
PASSWD = "root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\nnet:x:1001:1001::/home/net/n:/bin/sh\nbin:x:2:2::/etc:/bin/sh\nno:x:5:5::/no:/x\n"
DG = Stat(type="file", uid=1000, gid=999, mode=0o2755)
HOME = Stat(type="dir", uid=1000, gid=1000, mode=0o700)


def host(*paths: str, stats: Any = (), files: Any = (), **more: Any) -> MemoryHost:
    usual = {"/etc/passwd": PASSWD, "/proc/self/mountinfo": TABLE, **{path: "x" for path in paths}, **dict(files)}
    return MemoryHost(usual, stats={"/home/ann": HOME, **{path: DG for path in paths}, **dict(stats)}, **more)


@pytest.mark.parametrize(
    "path", ["/opt/dg", "/srv/dg", "/tmp/dg", "/var/tmp/dg", "/usr/local/bin/dg", "/usr/bin/dg", "/home/ann/dg", "/home/ann/.local/bin/dg"]
)
def test_a_program_is_told_with_its_way(path: str) -> None:
    told = found(host(path))
    assert not isinstance(told, OpenObject) and set(told) == {path}
    assert (told[path]["owner_gid"], told[path]["mode"], told[path]["realpath"]) == (999, "2755", path)
    assert list(told[path]["parents"])[-1] == path.rpartition("/")[0]


@pytest.mark.parametrize("path", ["/dev/shm/dg", "/home/ann/.config/dg", "/opt/x/dg", "/root/dg", "/etc/dg", "/home/net/n/dg"])
def test_nosuid_what_lies_deeper_and_servers_are_passed_over(path: str) -> None:
    told = found(host(path))
    assert told == {} and not isinstance(told, OpenObject)


@pytest.mark.parametrize("mode", [0o2745, 0o0755, 0o4755, 0o1755])
def test_what_gives_no_group_is_passed_over(mode: int) -> None:
    """Without the right to execute for its group the bit means something else."""
    assert found(host("/opt/dg", stats={"/opt/dg": replace(DG, mode=mode)})) == {}


def test_links_of_users_are_not_followed() -> None:
    told = found(
        host(
            "/opt/x/dg", links={"/home/ann/bin": "/opt/x", "/usr/local/bin": "/opt/x"}, stats={"/home/ann/bin": Stat(type="link", uid=1000, gid=5, mode=0o777)}
        )
    )
    assert set(told) == {"/opt/x/dg"}  # by root's


@pytest.mark.parametrize("place", ["/etc/passwd", "/proc/self/mountinfo", "/opt", "/home/ann"])
def test_what_cannot_be_looked_through_leaves_it_open(place: str) -> None:
    told = found(host(*(["/opt/dg"] if place != "/opt" else []), files={place: PermissionError(13, "no")}))
    assert isinstance(told, OpenObject) and told.hole.why is Why.DENIED


def test_limits_are_holes_that_name_the_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setgid_files, "ENTRIES", 1)
    told = found(host("/opt/dg", "/home/ann/a", "/home/ann/b"))
    assert set(told) == {"/opt/dg"} and isinstance(told, OpenObject) and "/home/ann: more than 1 names" in told.hole.message
    monkeypatch.setattr(setgid_files, "HOMES", 1)
    assert isinstance(found(host()), OpenObject)
    assert not isinstance(found(host()), Hole)
