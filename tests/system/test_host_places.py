"""Which mount makes one root: the place itself, what holds it, and what is below where that counts."""

import pytest

from hostcheck_builtin.system import host_places

DATA = dict.fromkeys(("/var/lib/docker", "/srv/engine"), host_places.DATA)
RUN = {"/opt/app/job.sh": "cron (/etc/cron.d/app:1) runs it as root", "/srv/job/run": "x", "/usr/local/bin/x": "y"}


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/", "/"),
        ("/etc", "/etc"),
        ("/etc/cron.d", "/etc/cron.d"),
        ("/etc/cron.d/job", "/etc/cron.d"),
        ("/etc/systemd/system/x.service", "/etc/systemd"),
        ("/etc/passwd", "/etc/passwd"),
        ("/etc/localtime", None),
        ("/etc/myapp", None),
        ("/etcetera", None),
        ("/root", "/root"),
        ("/root/.ssh/authorized_keys", "/root/.ssh"),
        ("/root/data", None),
        ("/home", "/home"),
        ("/home/ann", None),
        ("/usr", "/usr"),
        ("/usr/local", "/usr/local/bin"),
        ("/usr/local/bin/x", "/usr/local/bin"),
        ("/usr/share/x", None),
        ("/boot/grub", "/boot"),
        ("/dev", "/dev"),
        ("/dev/shm", None),
        ("/var", "/var/lib/docker"),
        ("/var/lib/docker", "/var/lib/docker"),
        ("/var/lib/docker/overlay2", "/var/lib/docker"),
        ("/var/lib/docker/volumes", "/var/lib/docker"),
        ("/var/lib/docker/volumes/x/_data", None),
        ("/srv", "/srv/engine"),
        ("/srv/engine/volumes/x", None),
        ("/srv/data", None),
        ("/var/lib/kubelet/pods/x", None),
        ("/run/systemd", "/run/systemd/generator"),
        ("/run/systemd/resolve", None),
        ("/etc/apt/apt.conf.d", "/etc/apt/apt.conf.d"),
        ("/etc/apt", "/etc/apt/apt.conf"),
        ("/etc/fstab", "/etc/fstab"),
        ("/run/udev", "/run/udev/rules.d"),
        ("/etc/subuid", "/etc/subuid"),
    ],
)
def test_writing_where_it_is_usual_makes_root(path: str, place: str | None) -> None:
    found = host_places.writable(path, DATA)
    assert (found.path if found else None) == place


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/", "/"),
        ("/etc", "/etc"),
        ("/etc/shadow", "/etc/shadow"),
        ("/etc/ssh", "/etc/ssh"),
        ("/etc/ssl/certs", None),
        ("/etc/passwd", None),
        ("/root/.ssh/id_ed25519", "/root/.ssh"),
        ("/usr", None),
        ("/var/lib/docker", "/var/lib/docker"),
        ("/var/lib/docker/containers", None),
        ("/proc", None),
        ("/home", "/home"),
    ],
)
def test_reading_there_tells_secrets(path: str, place: str | None) -> None:
    found = host_places.secret(path, DATA)
    assert (found.path if found else None) == place


@pytest.mark.parametrize(
    ("path", "place"),
    [
        *(("/opt/app", "/opt/app/job.sh"), ("/opt/app/job.sh", "/opt/app/job.sh"), ("/srv/job", "/srv/job/run")),
        *(("/opt/app/data", None), ("/opt/ap", None), ("/srv/data", None), ("/usr/local/bin", "/usr/local/bin")),
    ],
)
def test_writing_to_what_root_runs_on_this_host_makes_root(path: str, place: str | None) -> None:
    found = host_places.writable(path, {**DATA, **RUN})
    assert (found.path if found else None) == place and (found is None or found.what)


@pytest.mark.parametrize(("path", "is_one"), [("/run/docker.sock", True), ("/run", True), ("/", True), ("/run/docker", False), ("/run/docker.sock.old", False)])
def test_a_socket_or_what_holds_one(path: str, is_one: bool) -> None:
    assert host_places.socket(path, ["/run/docker.sock"]) == ("/run/docker.sock" if is_one else None)


def test_the_kernel_and_the_bus() -> None:
    assert [bool(host_places.kernel(path)) for path in ("/proc", "/proc/sys/kernel", "/sys/fs/cgroup", "/process", "/", "/etc")] == [
        True,
        True,
        True,
        False,
        False,
        False,
    ]
    told = {"/run/dbus/system_bus_socket": True, "/run/dbus": True, "/run/systemd/private": True, "/run": True, "/run/systemd/resolve": False, "/": False}
    assert {path: bool(host_places.bus(path)) for path in told} == told


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/run", "/run/dbus/system_bus_socket"),
        ("/run/containerd", "/run/containerd/s"),
        ("/run/containerd/s", "/run/containerd/s"),
        ("/run/containerd/s/0123", "/run/containerd/s"),
        ("/run/containerd/runc", None),
    ],
)
def test_of_sockets_one_that_surely_makes_root_is_told(path: str, place: str | None) -> None:
    found = host_places.bus(path)
    assert (found and found.path) == place


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/var/lib/lxcfs", "/var/lib/lxcfs/cgroup"),
        ("/var/lib/lxcfs/proc/cpuinfo", None),
        ("/var/lib/kubelet/pods", "/var/lib/kubelet/pods"),
        ("/var/lib/kubelet/pods/x/y", None),
    ],
)
def test_what_is_mounted_for_the_container_itself_is_no_way(path: str, place: str | None) -> None:
    found = host_places.writable(path, {})
    assert (found and found.path) == place
