"""Whose the programs of runtimes are: by path, or where a service looks for a name."""

from typing import Any

from daemon.daemon_host import host, owned

from hostcheck.model import Hole, OpenObject, Why
from hostcheck_builtin.daemon import runtime_programs

DENIED = Hole(why=Why.DENIED, message="x")
NAMESPACE = {"/proc/self/ns/user": "user:[4026531837]"}


def programs(runtimes: Any, unread: Hole | None = None, **given: Any) -> Any:
    daemons = {"/run/docker.sock": {"flags": {}, "file": {"settings": {"runtimes": runtimes} if not isinstance(runtimes, Hole) else runtimes}}}
    return runtime_programs.stated(host(links=NAMESPACE, **given), daemons, {}, unread)


def test_by_path_and_by_name() -> None:
    found = programs({"a": "/opt/a", "b": "b", "c": ""}, files={"/opt/a": "", "/usr/bin/b": ""}, stats={"/usr/bin/b": owned("file", 1000, 0o755)})
    assert (set(found), found["/opt/a"]["root_owned"], found["b"]["path"], found["b"]["root_owned"]) == ({"/opt/a", "b", "runc"}, True, "/usr/bin/b", False)
    assert found["runc"]["present"] is False


def test_what_is_not_there_may_be_put_there() -> None:
    found = programs({"a": "/home/ann/x"}, stats={"/home/ann": owned("dir")})["/home/ann/x"]
    assert (found["present"], found["root_owned"]) == (False, False)


def test_nothing_is_looked_for_without_a_daemon() -> None:
    assert runtime_programs.stated(host(), {}, {}, None) == {}


def test_what_is_not_known_leaves_it_open() -> None:
    assert isinstance(programs(DENIED), OpenObject)
    assert isinstance(programs({}, DENIED), OpenObject)


def test_a_runtime_behind_what_a_user_hides_is_not_roots() -> None:
    files = {"/home/ann/x": PermissionError(13, "no")}
    found = programs({"a": "/home/ann/x"}, files=files, stats={"/home/ann": owned("dir")})["/home/ann/x"]
    assert found["root_owned"] is False and list(found["others"]) == ["/home/ann"] and isinstance(found["others"], OpenObject)
    assert isinstance(found["present"], Hole)
