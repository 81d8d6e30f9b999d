from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck.host.answers import Stat
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole, OpenObject
from hostcheck_builtin.listeners.nfs_exports import entries, stated

MOUNTS = "27 1 254:0 / / rw - ext4 /dev/vda rw\n40 27 0:50 / /proc/fs/nfsd rw - nfsd nfsd rw\n"
TEXT = """# a host
/srv host1(rw,no_root_squash) host2(ro,no_root_squash) 10.0.0.0/8(rw) # more
"/srv/a b" -rw,no_root_squash \\
    @group(insecure) host3(root_squash) host4(all_squash)
/x\\040y (no_root_squash,rw)
/z
"""
HERE = {"executed": False, "runs": True}
WRITTEN = {
    "/srv to host1": {"path": "/srv", "client": "host1", "place": "/etc/exports:2", "any_port": False, **HERE},
    "/srv/a b to @group": {"path": "/srv/a b", "client": "@group", "place": "/etc/exports:3", "any_port": True, **HERE},
    "/x y to *": {"path": "/x y", "client": "*", "place": "/etc/exports:5", "any_port": False, **HERE},
}


def told(files: dict[str, Any], mounts: str = MOUNTS, **more: Any) -> Any:
    return stated(MemoryHost({"/proc/self/mountinfo": mounts, **files}, **more))


def test_what_root_of_another_host_writes() -> None:
    assert told({"/etc/exports": TEXT}) == {"exports": WRITTEN}
    parts = {
        "/etc/exports.d/a.exports": "/b *(rw,no_root_squash)\n",
        "/etc/exports.d/c": "/c *(rw,no_root_squash)\n",
        "/etc/exports.d/.d.exports": "/d *(rw)\n",
    }
    assert list(told(parts)["exports"]) == ["/b to *"]
    assert told({}) == {"exports": {}}


def test_a_server_that_starts_at_boot() -> None:
    link = "/etc/systemd/system/multi-user.target.wants/nfs-server.service"
    (one,) = told({"/etc/exports": "/srv *(rw,no_root_squash)\n", link: ""}, MOUNTS.splitlines()[0] + "\n")["exports"].values()
    assert one["runs"] is False


@pytest.mark.parametrize(
    ("mode", "options", "executed"), [(0o755, "rw", True), (0o750, "rw", False), (0o755, "rw,nosuid", False), (0o755, "noexec", False), (None, "rw", False)]
)
def test_whether_everybody_executes_what_is_put_there(mode: int | None, options: str, executed: bool) -> None:
    mounts = f"{MOUNTS}41 27 0:51 / /srv {options} - ext4 /dev/vdb rw\n"
    stats = {} if mode is None else {"/srv": Stat(type="dir", uid=0, gid=0, mode=mode), "/srv/a": Stat(type="dir", uid=0, gid=0, mode=0o700)}
    (one,) = told({"/etc/exports": "/srv/a *(rw,no_root_squash,insecure)\n"}, mounts, stats=stats)["exports"].values()
    assert one["executed"] is executed


def test_without_a_server_nothing_is_asked() -> None:
    assert told({"/etc/exports": TEXT}, MOUNTS.splitlines()[0] + "\n") == {}


def test_what_cannot_be_read_leaves_others_open(monkeypatch: pytest.MonkeyPatch) -> None:
    found = told({"/etc/exports": PermissionError(13, "no", "/etc/exports")})["exports"]
    assert isinstance(found, Hole) or (isinstance(found, OpenObject) and not found)
    monkeypatch.setattr("hostcheck_builtin.system.bounds.NFS_EXPORTS", 1)
    assert len(told({"/etc/exports": TEXT})["exports"]) == 1 and "exports" in told({"/etc/exports": TEXT})["exports"].hole.message


@given(st.text(alphabet='/a(),-\\\\\n"# 07'))
def test_any_text_is_read(text: str) -> None:
    assert all(client for _, _, client, _ in entries(text))
