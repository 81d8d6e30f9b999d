import os

import pytest
from storage.storage_host import DISK, MINE, folder, host

from hostcheck.model import Hole, HoleError
from hostcheck_builtin.storage.file_systems import FileSystems

DOCKER = "/var/lib/docker"


def stated(path: str, table: str) -> object:
    return FileSystems(host(table=table)).stated(path)


@pytest.mark.parametrize(
    ("mounts", "point", "kind", "shares"),
    [
        ("", "/", "ext4", ["/"]),
        (MINE.format(DOCKER, "xfs"), DOCKER, "xfs", []),
        (MINE.format("/var", "xfs"), "/var", "xfs", ["/var"]),
        (MINE.format("/var/lib", "xfs"), "/var/lib", "xfs", ["/var/lib"]),
        (MINE.format("/srv/containers", "xfs"), "/", "ext4", ["/"]),
        ("31 27 254:0 /x /var/lib/docker rw - ext4 /dev/vda rw\n", DOCKER, "ext4", ["/"]),
        ("31 27 0:40 / /var/lib/docker rw - btrfs /dev/vdb rw,subvol=/d\n32 27 0:40 /v /var/log rw - btrfs /dev/vdb rw\n", DOCKER, "btrfs", ["/var/log"]),
        (MINE.format(DOCKER, "xfs") + MINE.replace("30 27", "31 27").format("/var", "ext4"), "/var", "ext4", ["/var"]),
    ],
    ids=["all on one", "its own", "of /var", "of /var/lib", "another one", "a bind mount", "subvolumes", "hidden below a later mount"],
)
def test_what_a_directory_shares(mounts: str, point: str, kind: str, shares: list[str]) -> None:
    found = stated(DOCKER, DISK + mounts)
    assert isinstance(found, dict) and (found["point"], found["type"], found["shares"]) == (point, kind, shares)


def test_a_data_set_of_the_hosts_pool_may_have_a_quota_or_none() -> None:
    table = "27 1 0:30 / / rw - zfs rpool/root rw\n30 27 0:31 / /var/lib/docker rw - zfs rpool/docker rw\n31 27 0:32 / /srv/d rw - zfs data/docker rw\n"
    ours, other = stated(DOCKER, table), stated("/srv/d", table)
    assert isinstance(ours, dict) and isinstance(ours["shares"], Hole)
    assert isinstance(other, dict) and other["shares"] == []


def test_options_that_may_be_secret_are_not_told() -> None:
    assert stated(DOCKER, DISK + MINE.format(DOCKER, "xfs")) == {"type": "xfs", "point": DOCKER, "options": ["nodev", "noexec"], "shares": []}


def test_the_type_follows_from_the_device_where_a_mount_has_it() -> None:
    systems = FileSystems(host(table=DISK + MINE.format("/home", "nfs4")))
    assert systems.type_of("/elsewhere", folder(dev=os.makedev(254, 1), ino=5)) == "nfs4"
    assert systems.type_of("/home/ann", folder(dev=77, ino=5)) == "nfs4"
    assert systems.type_of("/srv", folder(dev=77, ino=5)) == "ext4"


def test_mounts_that_cannot_be_read() -> None:
    with pytest.raises(HoleError):
        stated(DOCKER, "nonsense\n")
