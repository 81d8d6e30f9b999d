"""Which mount makes one root: the place itself, what holds it, and what is below where that counts."""

import pytest

from hostcheck_builtin.containers import host_places

DATA = ("/var/lib/docker", "/srv/engine")


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
        ("/run/systemd", "/run/systemd/private"),
        ("/run/systemd/resolve", None),
    ],
)
def test_writing_there_makes_root(path: str, place: str | None) -> None:
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
