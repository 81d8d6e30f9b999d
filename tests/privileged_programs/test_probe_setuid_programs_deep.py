"""Programs with the setuid bit are found wherever they lie on the file systems of a host, each of which is walked once, where users get at them."""

import os
import struct
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from privileged_programs.setuid_host import FACTS, PLAIN, ROOTS, caps, host

from hostcheck.host.answers import AclEntry, Stat
from hostcheck.host.local import LocalHost
from hostcheck.host.program_search import NOBODY
from hostcheck.model import Hole, OpenArray, Why
from hostcheck.testing.probes import stated
from hostcheck_builtin.privileged_programs import probe_setuid_programs_deep
from hostcheck_builtin.system.program_search import Bounds

CLOSED = Stat(type="dir", uid=0, gid=0, mode=0o700)
ANNS = Stat(type="file", uid=1000, gid=1000, mode=0o4755)
FAR = "/var/lib/a/b/c/d/e/f/x"


def told(*args: Any, **more: Any) -> Any:
    found = stated(probe_setuid_programs_deep.collect, host(*args, **more))
    assert FACTS(found) is not False, found
    return found


@pytest.mark.parametrize("path", ["/x", "/etc/x", FAR, "/home/ann/1/2/3/4/5/x", "/usr/bin/x", "/var/lib/" + "d/" * 50 + "x"])
def test_a_program_is_stated_wherever_it_lies(path: str) -> None:
    assert set(told({path: ""})["programs"]) == {path}


def test_capabilities_count_too_and_what_gives_nothing_does_not() -> None:
    found = told({FAR: "", "/etc/y": ""}, {FAR: PLAIN, "/etc/y": PLAIN}, capabilities={FAR: caps(21)})
    assert set(found["programs"]) == {FAR} and found["programs"][FAR]["capabilities"]["permitted"] == ["cap_sys_admin"]


@pytest.mark.parametrize(
    ("folder", "open_"),
    [
        (CLOSED, False),
        (replace(CLOSED, mode=0o710), False),
        (replace(CLOSED, mode=0o710, gid=50), True),
        (replace(CLOSED, mode=0o711), True),
        (replace(CLOSED, uid=1000), True),
        (replace(CLOSED, mode=0o710, acl=(AclEntry(tag="user", id=1000, perms=1), AclEntry(tag="mask", id=-1, perms=1))), True),
    ],
)
def test_what_only_root_may_enter_is_passed_over(folder: Stat, open_: bool) -> None:
    assert (FAR in told({FAR: ""}, {FAR: ROOTS, "/var/lib/a": folder})["programs"]) is open_


def test_each_file_system_is_walked_once_and_those_that_give_nothing_or_ask_others_are_not() -> None:
    mounts = (
        "50 27 0:40 / /data rw - xfs /dev/vdb rw\n"
        "51 27 0:40 /shared /mnt/shared rw - xfs /dev/vdb rw\n"
        "52 27 0:41 / /data/plain rw,nosuid - ext4 /dev/vdc rw\n"
        "53 27 0:42 / /nfs rw - nfs4 server:/ rw\n"
        "54 27 0:43 / /var/lib/closed/merged rw - overlay overlay rw\n"
        "55 27 0:40 /closed/open /mnt/open rw - xfs /dev/vdb rw\n"
    )
    files = ["/x", "/data/x", "/data/shared/y", "/mnt/shared/y", "/data/plain/x", "/nfs/x", "/var/lib/closed/merged/x", "/mnt/open/z", "/data/closed/open/z"]
    found = told(dict.fromkeys(files, ""), {"/data/closed": CLOSED, "/var/lib/closed": CLOSED, **dict.fromkeys(files, ROOTS)}, mounts=mounts)
    assert set(found["programs"]) == {"/x", "/data/x", "/data/shared/y", "/mnt/open/z"}
    assert found["walked"]["directories"] == dict.fromkeys(("/", "/data", "/mnt/open"), probe_setuid_programs_deep.DEPTH)
    assert found["walked"]["left_alone"] == ["/nfs"]


def test_the_same_file_system_without_nosuid_elsewhere_is_walked_there() -> None:
    mounts = "50 27 0:40 / /data rw,nosuid - xfs /dev/vdb rw\n51 27 0:40 /in /mnt/in rw - xfs /dev/vdb rw\n"
    assert set(told({"/data/in/x": "", "/mnt/in/x": ""}, mounts=mounts)["programs"]) == {"/mnt/in/x"}


def test_what_one_user_has_too_much_of_is_told_as_that_users_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe_setuid_programs_deep, "BOUNDS", Bounds(directory=10**9, roots=10**9, names=5, programs=3, passed=10**9))
    many = {f"/home/ann/a/b/c/{number}": "" for number in range(9)}
    found = told({**many, FAR: ""}, {**dict.fromkeys(many, ANNS), FAR: ROOTS, "/home/ann/a/b/c": replace(CLOSED, uid=1000)})["programs"]
    assert not isinstance(found[FAR], Hole)
    holes = {name: one for name, one in found.items() if isinstance(one, Hole)}
    assert set(holes) == {"uid 1000"} and holes["uid 1000"].why == Why.LIMIT


def test_a_table_of_mounts_that_cannot_be_read_is_a_hole() -> None:
    found = stated(probe_setuid_programs_deep.collect, host({"/proc/self/mountinfo": PermissionError(13, "no")}))
    assert isinstance(found["programs"], Hole) and isinstance(found["walked"], Hole)


def test_where_the_time_is_over_what_was_found_by_then_is_the_answer(tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / f"d{number}" / "e").mkdir(parents=True)
    program = tmp_path / "own"
    program.write_bytes(b"x")
    program.chmod(0o4755)
    late, early = (LocalHost(end=time.monotonic() + left) for left in (-1, 60))
    with late, early:
        cut = late.privileged_programs(str(tmp_path), "owner", depth=5, part=1)
        assert isinstance(cut, OpenArray) and cut.hole.why == Why.TIMEOUT
        assert early.privileged_programs(str(tmp_path), "owner", depth=5, part=1) == ["own"]


ACL = struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *one) for one in ((1, 7, NOBODY), (2, 1, 1000), (4, 1, NOBODY), (16, 1, NOBODY), (32, 0, NOBODY)))
"""As acl(5) lets user 1000 enter, in the form of the kernel (include/uapi/linux/posix_acl_xattr.h)."""


def test_on_a_real_file_system_directories_of_roots_alone_are_passed_over(tmp_path: Path) -> None:
    """Those that another user has closed are not."""
    tmp_path.chmod(0o755)
    closed = {"closed", "groups"}
    for folder, mode in (("acl", 0o710), ("closed", 0o700), ("groups", 0o710), ("open", 0o711)):
        (tmp_path / folder / "a").mkdir(parents=True)
        (tmp_path / folder / "a" / "own").write_bytes(b"x")
        (tmp_path / folder / "a" / "own").chmod(0o4755)
        (tmp_path / folder).chmod(mode)
    os.setxattr(tmp_path / "acl", "system.posix_acl_access", ACL)
    with LocalHost() as machine:
        all_, reached = (machine.privileged_programs(str(tmp_path), "owner", depth=9, reachable=reachable) for reachable in (False, True))
    assert all_ == ["acl/a/own", "closed/a/own", "groups/a/own", "open/a/own"]
    assert reached == [path for path in all_ if os.getuid() or path.partition("/")[0] not in closed]
