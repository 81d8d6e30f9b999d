"""What a socket unit says, setting by setting: what `systemd --test` says of the same files is compared in tests/real_engines/test_socket_units.py."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck.model import Hole
from hostcheck_builtin.sockets import socket_files

WORDS = ["[Socket]", "SocketMode", "SocketUser", "ListenStream", "Symlinks", "=", "0660", "%t", "%", "/x", "@y", " ", "\n", "\\"]
ANY = st.lists(st.sampled_from(WORDS), max_size=25)


def stated(*lines: str) -> dict[str, Any]:
    return socket_files.stated("d.socket", ["[Socket]\n" + "\n".join(lines) + "\n"])


@pytest.mark.parametrize(
    ("lines", "facts"),
    [
        ((), {"mode": "0666", "directory_mode": "0755", "user": "", "group": "", "paths": [], "tcp": []}),
        (("SocketMode=0660", "SocketMode=600"), {"mode": "0600"}),
        (("SocketMode=0660", "SocketMode="), {"mode": "0660"}),
        (("SocketMode=0660", "SocketMode=rw"), {"mode": "0660"}),
        (("SocketMode=0888",), {"mode": "0666"}),
        (("SocketMode=00002660",), {"mode": "2660"}),
        (("DirectoryMode=0700",), {"directory_mode": "0700"}),
        (("SocketUser=ann", "SocketUser="), {"user": ""}),
        (("SocketGroup=docker", "SocketGroup=%p"), {"group": "d"}),
        (("ListenStream=/a", "ListenStream=%t/b", "ListenStream=/a"), {"paths": ["/a", "/run/b"]}),
        (("ListenStream=/a", "ListenStream=", "ListenStream=/b//c/"), {"paths": ["/b/c"]}),
        (("ListenStream=2375", "ListenStream=127.0.0.1:2376", "ListenStream=[::]:1"), {"tcp": ["*:2375", "127.0.0.1:2376", "[::]:1"], "paths": []}),
        (("ListenStream=@d", "ListenStream=vsock:2:1024"), {"abstract": ["@d"], "vsock": ["vsock:2:1024"], "tcp": []}),
        (("ListenStream=/a%%b",), {"paths": ["/a%b"]}),
        (("Symlinks=/run/docker.sock /x", "Symlinks=%t/y"), {"links": ["/run/docker.sock", "/x", "/run/y"]}),
        (("#SocketMode=0600", ";x", "[Unit]", "SocketMode=0600"), {"mode": "0666"}),
    ],
)
def test_settings(lines: tuple[str, ...], facts: dict[str, Any]) -> None:
    told = stated(*lines)
    assert {key: told[key] for key in facts} == facts


def test_an_address_with_a_specifier_that_only_systemd_knows_leaves_open_where_it_listens() -> None:
    told = stated("ListenStream=/run/%H.sock", "ListenStream=/a")
    assert list(told["paths"]) == ["/a"] and isinstance(told["paths"].hole, Hole)


@pytest.mark.parametrize(
    ("unit", "service", "paths", "program", "engine"),
    [
        ("docker.socket", "docker.service", ["/srv/x"], "", "docker"),
        ("x.socket", "x.service", ["/var/run/docker.sock"], "", "docker"),
        ("x.socket", "x.service", ["/srv/podman.sock"], "", "podman"),
        ("x.socket", "docker.service", [], "", "docker"),
        ("x.socket", "y.service", [], "dockerd", "docker"),
        ("x.socket", "x.service", ["/run/x"], "xd", "unknown"),
        ("lxd.socket", "lxd.service", ["/var/lib/lxd/unix.socket"], "", "lxd"),
        ("ssh.socket", "ssh.service", [], "sshd", "unknown"),
    ],
)
def test_engines(unit: str, service: str, paths: list[str], program: str, engine: str) -> None:
    assert socket_files.engine(unit, service, paths, program) == engine


@given(ANY)
def test_whatever_a_unit_says_it_is_stated(words: list[str]) -> None:
    told = socket_files.stated("d.socket", ["".join(words)])
    assert len(told["mode"]) == 4 and all(path.startswith("/") for path in told["paths"])
