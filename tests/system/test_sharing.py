"""What a guest sees of its host by its mounts, and how much of a host a path of it is."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole, OpenObject, Why
from hostcheck.testing.probes import stated
from hostcheck_builtin.system import sharing
from hostcheck_builtin.system.mountinfo import OWN

TABLE = "22 1 0:21 / /proc rw - proc proc rw\n27 1 254:0 / / rw - ext4 /dev/vda rw\n"


def shared(lines: str) -> Any:
    return stated(sharing.mounted, MemoryHost({OWN: TABLE + lines}))


MOUNTS = [
    ("- 9p C:\\134 rw,dirsync,aname=drvfs;path=C:\\134", "/mnt/c", "9p", True, "root"),
    ("- drvfs D: ro", "/mnt/d", "drvfs", False, "root"),
    ("- virtiofs mount0 rw", "/Users/ann", "virtiofs", True, "home"),
    ("- virtiofs mount0 rw", "/Users", "virtiofs", True, "homes"),
    ("- virtiofs mount0 rw", "/home/ann", "virtiofs", True, "home"),
    ("- virtiofs mount0 rw", "/Users/ann/src", "virtiofs", True, "part"),
    ("- virtiofs mount0 rw", "/tmp/lima", "virtiofs", True, "part"),
    ("- virtiofs mac rw", "/mnt/mac", "virtiofs", True, "root"),
    ("- virtiofs mac rw", "/mnt/mac/Users/ann", "virtiofs", True, "home"),
    ("- fuse.sshfs :/home/ann/x rw,user_id=0", "/home/ubuntu/x", "fuse.sshfs", True, "part"),
    ("- fuse.sshfs :/home/ann rw,user_id=0", "/data", "fuse.sshfs", True, "home"),
    ("- fuse.sshfs ann@192.168.5.2:/ ro", "/host", "fuse.sshfs", False, "root"),
    ("- fuse.grpcfuse grpcfuse rw", "/host_mnt/Users", "fuse.grpcfuse", True, "homes"),
    ("- fakeowner /run/host_mark/Users rw", "/host_mnt/Users", "fakeowner", True, "homes"),
    ("- 9p C:\\134 rw", "/run/desktop/mnt/host/c", "9p", True, "root"),
    ("- 9p drvfs rw", "/run/desktop/mnt/host/c", "9p", True, "root"),
    ("- vboxsf Users rw", "/c/Users", "vboxsf", True, "part"),
    ("- virtiofs /Users rw", "/data", "virtiofs", True, "homes"),
    ("- virtiofs /UsersX rw", "/data", "virtiofs", True, "part"),
    ("- virtiofs /Users/ann\\040b rw", "/data", "virtiofs", True, "home"),
    ("- virtiofs /Users\\134ann rw", "/data", "virtiofs", True, "part"),
    ("- 9p C:\\134 rw", "/data", "9p", True, "root"),
    ("- fuse.sshfs :/home/ann rw - x", "/data", "fuse.sshfs", True, "home"),
    ("- virtiofs  rw", "/Users", "virtiofs", True, "homes"),
    ("- virtiofs m sync,ro", "/Users", "virtiofs", False, "homes"),
]


@pytest.mark.parametrize(("mounted", "target", "fstype", "writable", "holds"), MOUNTS)
def test_what_a_guest_sees_of_its_host(mounted: str, target: str, fstype: str, writable: bool, holds: str) -> None:
    found = shared(f"40 27 0:40 / {target} rw,relatime shared:1 {mounted}\n")
    assert {path: (one["fstype"], one["writable"], one["holds"]) for path, one in found.items()} == {target: (fstype, writable, holds)}


@pytest.mark.parametrize(
    ("path", "homes", "held"),
    [
        ("/", (), "root"),
        ("//", (), "root"),
        ("/home", (), "homes"),
        ("/home/", (), "homes"),
        ("/home/ann/..", (), "homes"),
        ("/home/ann/../..", (), "root"),
        ("/home/ann", (), "home"),
        ("/home/bob", ("/home/ann",), "home"),
        ("/home/ann/./x", (), "part"),
        ("/root", (), "home"),
        ("/srv", ("/srv/homes/ann",), "homes"),
        ("/srv/homes/ann", ("/srv/homes/ann",), "home"),
        ("/srv/homes/annie", ("/srv/homes/ann",), "part"),
        ("/u", (), "part"),
        ("/mnt/c", (), "part"),
    ],
)
def test_how_much_of_a_host_a_path_is(path: str, homes: tuple[str, ...], held: str) -> None:
    assert sharing.holds(path, homes) == held


@given(st.text("/.ab", max_size=12), st.lists(st.sampled_from(["/home/ann", "/srv/a/b", "/a"]), max_size=2))
def test_whatever_a_path_is_written_like_it_is_as_much_of_a_host(path: str, homes: list[str]) -> None:
    held = sharing.holds(path, homes)
    assert held in ("root", "homes", "home", "part")
    assert held == sharing.holds(f"/{path}/", homes) == sharing.holds(f"{path}//./", homes)


def test_a_directory_of_what_is_mounted_is_less() -> None:
    lines = "40 27 0:40 /ann/src /work rw - fakeowner /run/host_mark/Users rw\n41 27 0:41 /x /d rw - 9p C:\\134 rw\n"
    assert {path: one["holds"] for path, one in shared(lines).items()} == {"/work": "part", "/d": "part"}


def test_the_hosts_root_by_another_name_is_cut_off_what_is_mounted_of_it() -> None:
    found = shared("40 27 0:40 /host_mnt/Users /a\\040b\\134 rw - fakeowner / rw\n")
    assert {path: one["holds"] for path, one in found.items()} == {"/a b\\": "homes"}


def test_a_mount_that_is_read_only_by_itself_is() -> None:
    assert shared("40 27 0:40 / /Users ro,nosuid - virtiofs mount0 rw\n")["/Users"]["writable"] is False


def test_of_two_mounts_at_one_place_the_later_is_seen_and_others_are_not_the_hosts() -> None:
    lines = "40 27 0:40 / /Users rw - virtiofs m rw\n41 27 0:41 / /Users ro - virtiofs m ro\n42 27 0:42 / /srv rw - nfs4 s:/ rw\n"
    found = shared(lines)
    assert {path: one["writable"] for path, one in found.items()} == {"/Users": False}


def test_mounts_beyond_number_and_a_table_that_is_none() -> None:
    lines = "".join(f"{index} 27 0:40 / /m/{index} rw - virtiofs m rw\n" for index in range(100, 101 + sharing.MANY))
    found = shared(lines)
    assert isinstance(found, OpenObject) and len(found) == sharing.MANY
    all_of_them = shared(lines.partition("\n")[2])
    assert not isinstance(all_of_them, OpenObject) and len(all_of_them) == sharing.MANY
    unseen = "".join(f"{index} 27 0:9 / /{'x' * 1000} rw - tmpfs t rw\n" for index in range(300, 2300))
    assert len(shared(unseen + lines[:60].partition("\n")[0] + "\n")) == 1


@pytest.mark.parametrize("line", ["nonsense", "40 27 0:40 / /Users rw virtiofs m rw", "40 27 - virtiofs m rw", "40 27 0:40 / /Users rw - virtiofs m"])
def test_a_line_that_is_no_mount_is_nonsense(line: str) -> None:
    found = shared(f"{line}\n")
    assert isinstance(found, Hole) and found.why is Why.NONSENSE


@given(st.text("0123456789 :/-\nabrw,\\9p", max_size=60))
def test_no_table_breaks_it(lines: str) -> None:
    found = shared(lines)
    assert isinstance(found, Hole) or all(one["fstype"] in sharing.HOSTS for one in found.values())
