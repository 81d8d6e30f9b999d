"""ExecStart= as systemd reads it, with variables of the unit and of files; what cannot be told is refused."""

from typing import Any

import pytest

from hostcheck.host import Nonsense, Unsupported
from hostcheck.host.memory import MemoryHost
from hostcheck_builtin.daemon import unit_command

DEBIAN = "[Service]\nEnvironmentFile=-/etc/default/docker\nExecStart=/usr/sbin/dockerd -H fd:// --containerd=/run/containerd/containerd.sock $DOCKER_OPTS\n"
FILE = {"/etc/default/docker": '# DOCKER_OPTS="--dns 8.8.8.8"\nDOCKER_OPTS="--icc=false --log-opt max-size=10m"\n'}
HEAD = ["/usr/sbin/dockerd", "-H", "fd://", "--containerd=/run/containerd/containerd.sock"]


def command(*texts: str, **files: Any) -> list[str]:
    return unit_command.command(MemoryHost(files.get("files", {})), list(texts))


def test_debians_unit() -> None:
    assert command(DEBIAN) == HEAD
    assert command(DEBIAN, files=FILE) == [*HEAD, "--icc=false", "--log-opt", "max-size=10m"]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("ExecStart=/usr/bin/dockerd -a\nExecStart=\nExecStart=/usr/bin/dockerd -b", ["-b"]),
        ("ExecStart=-+/usr/bin/dockerd -b", ["-b"]),
        ("ExecStart=@/usr/bin/dockerd docker-daemon -b", ["-b"]),
        ("ExecStart=/usr/bin/dockerd 'a b' \"c d\" e", ["a b", "c d", "e"]),
        ("ExecStart=/usr/bin/dockerd -a ; /bin/true", ["-a"]),
        ("ExecStart=/usr/bin/dockerd -H unix://%t/docker.sock %%", ["-H", "unix:///run/docker.sock", "%"]),
        ('Environment="A=1 2" B=3\nExecStart=/usr/bin/dockerd $A ${A} x${B}y $C z$$', ["1", "2", "1 2", "x3y", "z$"]),
        ("Environment=A=1\nEnvironment=\nExecStart=/usr/bin/dockerd ${A}", [""]),
        ("Environment=A=1\nUnsetEnvironment=A\nExecStart=/usr/bin/dockerd $A", []),
        ("Environment=A=1\nExecStart=:/usr/bin/dockerd $A", ["$A"]),
        ("ExecStart=/usr/bin/dockerd -a \\\n  -b", ["-a", "-b"]),
        ("Environment=A=1\nEnvironmentFile=/e\nExecStart=/usr/bin/dockerd $A", ["2"]),
    ],
)
def test_words(lines: str, expected: list[str]) -> None:
    assert command(f"[Service]\n{lines}\n", files={"/e": "A=2\n"})[1:] == expected


def test_drop_ins_count_after_the_unit() -> None:
    assert command(DEBIAN, "[Service]\nExecStart=\nExecStart=/usr/sbin/dockerd --icc=false\n") == ["/usr/sbin/dockerd", "--icc=false"]


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        ("Type=notify", Nonsense),
        ("ExecStart=/bin/sh -c dockerd", Unsupported),
        ("ExecStart=/usr/bin/snap run docker.dockerd", Unsupported),
        (r"ExecStart=/usr/bin/dockerd \x41", Unsupported),
        ("ExecStart=/usr/bin/dockerd 'a", Nonsense),
        ("ExecStart=/usr/bin/dockerd %i", Unsupported),
        ("PassEnvironment=A\nExecStart=/usr/bin/dockerd $A", Unsupported),
        ("EnvironmentFile=/etc/e/*.conf\nExecStart=/usr/bin/dockerd $A", Unsupported),
        ("EnvironmentFile=/gone\nExecStart=/usr/bin/dockerd $A", Nonsense),
        ("EnvironmentFile=/odd\nExecStart=/usr/bin/dockerd $A", Unsupported),
    ],
)
def test_what_cannot_be_told(lines: str, fault: type[Exception]) -> None:
    with pytest.raises(fault):
        command(f"[Service]\n{lines}\n", files={"/odd": 'A="b\n'})


def test_a_file_that_is_denied_is_no_empty_one() -> None:
    with pytest.raises(PermissionError):
        command(DEBIAN, files={"/etc/default/docker": PermissionError(13, "Permission denied", "/etc/default/docker")})
