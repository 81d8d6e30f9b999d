"""Mount tables of containers, and what of the host they show."""

from typing import Any

import pytest
from containers.container_host import ident
from containers.process_host import MASKED, MOUNTS, PROC, ROOTFS, joined, line, running
from engines.engine_host import host
from hypothesis import given
from hypothesis import strategies as st

from hostcheck.host import LimitExceeded
from hostcheck_builtin.containers import seen_mounts
from hostcheck_builtin.containers.seen_mounts import HostTable
from hostcheck_builtin.system import bounds
from hostcheck_builtin.system.mountinfo import parse

DOCKER = "/var/lib/docker"


def shown(mounts: str, hosts: str = "", sys: str = "ro") -> Any:
    table = HostTable(host(**joined(PROC, {"files": {"/proc/self/mountinfo": MOUNTS + hosts}})))
    return seen_mounts.shown(parse("x", ROOTFS.format(sys=sys) + mounts), table)


def real(mounts: str, hosts: str = "") -> dict[str, str]:
    return {point: one["real"] for point, one in shown(mounts, hosts).items()}


def test_what_every_container_has_is_not_told() -> None:
    own = "".join(
        line(110 + number, f"{DOCKER}/containers/{ident(1)}/{name}", f"/etc/{name}") for number, name in enumerate(("hosts", "hostname", "resolv.conf"))
    )
    kernels = line(120, "/", "/proc", device="0:21", fstype="proc") + line(121, "/", "/sys/fs/cgroup", device="0:30", fstype="cgroup2")
    assert shown(own + kernels) == {}


def test_the_hosts_kernel_elsewhere_is_told() -> None:
    assert real(line(120, "/", "/host-proc", device="0:21", fstype="proc") + line(121, "/", "/c", device="0:30", fstype="cgroup2")) == {
        "/host-proc": "/proc",
        "/c": "/sys/fs/cgroup",
    }


def test_a_directory_with_all_that_is_mounted_below_it_is_told_once() -> None:
    below = line(111, "/", "/host/run", device="0:31", fstype="tmpfs") + line(112, "/etc", "/host/volumes/v")
    assert shown(line(110, "/", "/host", "ro") + below, hosts=line(40, "/etc", "/volumes/v")) == {"/host": {"real": "/", "writable": False}}


def test_what_a_container_can_mount_itself_of_what_it_has_is_not_told() -> None:
    planted = "".join(line(200 + number, f"/srv/{number}", f"/x{number}") for number in range(500))
    assert shown(line(110, "/srv", "/data") + planted) == {"/data": {"real": "/srv", "writable": True}}


def test_what_may_be_written_to_where_the_rest_may_not() -> None:
    assert shown(line(110, "/etc", "/e", "ro") + line(111, "/etc/cron.d", "/c")) == {
        "/e": {"real": "/etc", "writable": False},
        "/c": {"real": "/etc/cron.d", "writable": True},
    }
    assert shown(line(110, "/etc", "/a", "ro") + line(111, "/etc", "/b")) == {"/b": {"real": "/etc", "writable": True}}


def test_the_shortest_name_of_the_host_counts() -> None:
    assert real(line(110, "/etc", "/e"), hosts=line(40, "/etc", "/var/chroot/etc")) == {"/e": "/etc"}


def test_what_the_host_has_hidden_below_another_mount_is_not_told() -> None:
    assert real(line(110, "/run", "/r")) == {}


def test_what_the_host_does_not_have() -> None:
    assert real(line(110, "/", "/tmp", device="0:77", fstype="tmpfs")) == {}


def test_more_than_is_shown() -> None:
    with pytest.raises(LimitExceeded):
        shown("".join(line(200 + number, f"/srv/{number}", f"/x{number}") for number in range(200)))


def test_a_table_that_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MOUNTS_OF_CONTAINERS_BYTES", 10)
    table = HostTable(host(**joined(PROC, running(70))))
    assert table.of(70)
    with pytest.raises(LimitExceeded):
        table.of(70)


@pytest.mark.parametrize(("mounts", "sys", "hidden", "writes"), [(MASKED, "ro", ["/proc/sys"], False), ("", "rw", [], True)])
def test_what_is_hidden(mounts: str, sys: str, hidden: list[str], writes: bool) -> None:
    table = list(parse("x", ROOTFS.format(sys=sys) + mounts))
    assert seen_mounts.hides(table) == hidden and seen_mounts.sysfs_writable(table) is writes


PATHS = st.lists(st.sampled_from(["etc", "run", "srv", "a"]), max_size=3).map(lambda names: "/" + "/".join(names))


@given(st.lists(st.tuples(PATHS, PATHS, st.sampled_from(["ro", "rw"])), max_size=8))
def test_no_right_to_write_is_lost(mounts: list[tuple[str, str, str]]) -> None:
    """What is written to below a place that is told is told with it, by the worst of the names."""
    unique = {point: (root, how) for root, point, how in mounts if point != "/"}
    told = shown("".join(line(200 + number, root, point, how) for number, (point, (root, how)) in enumerate(sorted(unique.items()))))
    for one in told.values():
        assert one["writable"] is (("rw") in {how for root, how in unique.values() if root == one["real"]})
