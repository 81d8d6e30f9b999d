import pytest
from privileged_programs.rights import MOUNTS
from system.outermost import outermost

from hostcheck.host.answers import Stat
from hostcheck.model import OpenObject
from hostcheck.testing.probes import stated
from hostcheck_builtin.privileged_programs.setuid_root import programs

MOUNTED = "28 27 0:9 / /usr/local rw,nosuid - ext4 /dev/x rw\n"


def found(stat: Stat, path: str = "/usr/bin/sudo", **more: object) -> object:
    told = stated(lambda host: programs(host, "sudo"), outermost({"/proc/self/mountinfo": MOUNTS + MOUNTED, path: ""}, stats={path: stat}, **more))
    return {name: one["setuid_root"] for name, one in told.items()}


@pytest.mark.parametrize(
    ("mode", "uid", "path", "works"),
    [
        (0o4755, 0, "/usr/bin/sudo", True),
        (0o755, 0, "/usr/bin/sudo", False),
        (0o4755, 1, "/usr/bin/sudo", False),
        (0o4755, 0, "/usr/local/bin/sudo", False),
    ],
)
def test_what_makes_it_work(mode: int, uid: int, path: str, works: bool) -> None:
    assert found(Stat(type="file", uid=uid, gid=0, mode=mode), path) == {path: works}


def test_a_link_is_the_program_that_it_leads_to() -> None:
    assert found(Stat(type="file", uid=0, gid=0, mode=0o4755), "/opt/sudo", links={"/usr/bin/sudo": "/opt/sudo"}) == {"/opt/sudo": True}


def test_what_cannot_be_looked_at() -> None:
    told = stated(lambda host: programs(host, "sudo"), outermost({"/proc/self/mountinfo": MOUNTS, "/usr/local/bin": PermissionError(13, "no")}))
    assert isinstance(told, OpenObject) and not told
