"""A process that is dockerd: its words, its sockets, and nothing of its environment but that a name is there."""

from typing import Any

import pytest
from daemon.daemon_host import DOCKER, anns, host, merged, process, roots, row

from hostcheck.host import LimitExceeded, Unsupported
from hostcheck.model import Hole
from hostcheck_builtin.daemon import daemon_process


def found(**given: Any) -> Any:
    return daemon_process.daemon(host(**given), 7)


def test_what_it_is_called() -> None:
    one = found(**roots())
    assert (one.name, one.sockets, one.uid) == (DOCKER, [DOCKER], 0)
    other = found(**merged(roots(), {"links": {"/proc/7/fd/3": "/dev/null", "/proc/7/fd/4": "/dev/null"}}))
    assert other.name == "dockerd, process 7"


def test_the_usual_socket_names_it_before_others() -> None:
    files = {"/proc/7/net/unix": "Num\n" + row(42, "/a/first.sock") + row(43, "/run/docker.sock")}
    assert found(**merged(roots(), {"files": files})).name == DOCKER


def test_a_name_in_mounts_of_its_own_is_another_place() -> None:
    """Two dockerds in mounts of their own may bind the same name: only what the scanner sees there too is the daemon's name here."""
    table = {"/proc/7/mountinfo": "27 1 254:0 / / rw - ext4 /dev/vda rw\n31 27 0:77 / /run rw - tmpfs tmpfs rw\n"}
    other = merged(roots(), {"processes": (process(7, host=False),), "files": table, "links": {"/proc/self/ns/mnt": "mnt:[1]"}})
    assert (found(**other).sockets, found(**other).name) == ([], "dockerd, process 7")


def test_a_name_in_a_name_is_no_socket_of_it() -> None:
    """A user's socket with a newline in its name makes a row that claims the daemon's inode."""
    files = {"/proc/7/net/unix": "Num\n" + row(42, "/run/docker.sock") + row(42, "/run/evil.sock")}
    assert found(**merged(roots(), {"files": files})).sockets == []


@pytest.mark.parametrize("given", [{"processes": ()}, {"processes": (process(7, exe="/usr/bin/vim"),)}])
def test_no_daemon(given: dict[str, Any]) -> None:
    assert found(**merged(roots(), given)) is None


def test_one_that_was_replaced_by_a_newer_program_is_one() -> None:
    assert found(**merged(roots(), {"processes": (process(7, exe="/usr/bin/dockerd (deleted)"),)})) is not None


def test_what_cannot_be_read() -> None:
    denied = PermissionError(13, "Permission denied", "x")
    one = found(**merged(roots(), {"files": {"/proc/7/environ": denied, "/proc/7/cmdline": denied}}))
    assert isinstance(one.flags, Hole) and isinstance(one.environment, Hole)
    stated = daemon_process.stated(one)
    assert isinstance(stated["flags"], Hole) and isinstance(stated["given"], Hole) and isinstance(stated["tls_by_environment"], Hole)
    assert isinstance(found(**merged(roots(), {"files": {"/proc/7/cmdline": ""}})).flags, Hole)


def test_one_that_lives_has_not_ended() -> None:
    """Where something of it is not there, it is hidden, and the daemon is not gone."""
    given = roots()
    del given["files"]["/proc/7/cmdline"]
    with pytest.raises(Unsupported):
        found(**given)


def test_what_a_user_has_too_much_of_is_not_gone_through() -> None:
    """A program of ann's that is called dockerd costs no more than a real one."""
    many = {"links": {f"/proc/700/fd/{number}": "/dev/null" for number in range(5001)}}
    long = {"files": {"/proc/700/net/unix": "Num\n" + row(9, "/x" * 99) * 6000}}
    for given in (many, long):
        with pytest.raises(LimitExceeded):
            daemon_process.daemon(host(**merged(anns(), given)), 700)
