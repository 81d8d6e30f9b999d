"""ExecStart= as systemd reads it, with variables of the unit and of files; what cannot be told is refused."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


FEDORA = """OPTIONS="--selinux-enabled \\
  --log-driver=journald \\
  --live-restore \\
"
if [ -z "${DOCKER_CERT_PATH}" ]; then
    DOCKER_CERT_PATH=/etc/docker
fi
OTHER="a\\tb"
"""


def test_fedoras_file_of_variables() -> None:
    """Its lines go on after a backslash; what nobody asks for need not be understood."""
    unit = "[Service]\nEnvironmentFile=-/etc/sysconfig/docker\nExecStart=/usr/bin/dockerd --host=fd:// $OPTIONS $DOCKER_STORAGE_OPTIONS\n"
    expected = ["/usr/bin/dockerd", "--host=fd://", "--selinux-enabled", "--log-driver=journald", "--live-restore"]
    assert command(unit, files={"/etc/sysconfig/docker": FEDORA}) == expected
    with pytest.raises(Unsupported):
        command(unit.replace("$OPTIONS", "$OTHER"), files={"/etc/sysconfig/docker": FEDORA})


PROXY = r"""[Service]
Environment="HTTP_PROXY=http://CORP\\me:p%%40x@proxy" NAME=%H
Environment=A=50%%
Environment=B=%n
ExecStart=/usr/bin/dockerd $OPTS $A
"""


def test_variables_that_nobody_asks_for_need_not_be_understood() -> None:
    assert command(PROXY) == ["/usr/bin/dockerd", "50%"]
    for name in ("HTTP_PROXY", "NAME", "B"):
        with pytest.raises(Unsupported):
            command(PROXY.replace("OPTS", name))
    with pytest.raises(Unsupported):
        command(PROXY.replace("NAME", r"\x41"))


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


@given(st.text(alphabet="$ {}A='\"%t;\\\\@:-/#\n", max_size=40))
def test_any_command_is_read_or_refused(line: str) -> None:
    text = "[Service]\nEnvironment=A=1\nExecStart=/usr/bin/dockerd " + line.replace("\n", " ") + "\n"
    try:
        words = command(text)
    except (Nonsense, Unsupported):
        return
    assert words[0] == "/usr/bin/dockerd"


@given(st.text(alphabet="A= '\"\\\\#\n", max_size=40))
def test_any_file_of_variables_is_read(text: str) -> None:
    assert all(value is None or "\n" not in value for value in unit_command.assignments(text).values())
