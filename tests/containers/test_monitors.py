"""Who had logged in where a container of podman's was started, by the loginuid of its monitor."""

from typing import Any

import pytest
from containers.container_host import PODMAN, PODMANS, SCHEMA, answers, ident, inspected
from containers.escape_facts import DENIED, container, judged
from engines.engine_host import host, process

from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole, Why
from hostcheck.schema import compile_schema
from hostcheck.testing.probes import stated
from hostcheck_builtin.containers import monitors, probe_containers

MONITOR = process(8, exe="/usr/bin/conmon", name="conmon")
COMMAND = b"/usr/bin/conmon\0--api-version\x001\0-c\0" + ident(1).encode() + b"\0-u\0"


def told(login: str | bytes | None = "1000", command: Any = COMMAND, processes: Any = (MONITOR,), **more: Any) -> Any:
    files = {"/proc/8/cmdline": command, **({} if login is None else {"/proc/8/loginuid": login})}
    found = monitors.login(MemoryHost(files, processes=processes, **more), 8, ident(1))
    return {name: value.why if isinstance(value, Hole) else value for name, value in found.items()}


@pytest.mark.parametrize(
    ("login", "known"),
    [
        ("1000", {"login_uid": 1000}),
        ("0", {"login_uid": 0}),
        ("4294967295", {}),
        (None, {}),
        ("", {"login_uid": Why.NONSENSE}),
        ("-1", {"login_uid": Why.NONSENSE}),
        ("4294967296", {"login_uid": Why.NONSENSE}),
        ("root", {"login_uid": Why.NONSENSE}),
    ],
)
def test_who_had_logged_in(login: str | None, known: dict[str, Any]) -> None:
    assert told(login) == known


@pytest.mark.parametrize(
    "other",
    [
        {"command": b"/usr/bin/conmon\0-c\0" + ident(2).encode() + b"\0"},
        {"command": b"sleep\0x" + ident(1).encode() + b"\0"},
        {"command": b""},
        {"processes": (process(8, 1000, exe="/usr/bin/conmon"),)},
        {"processes": ()},
    ],
)
def test_what_is_not_the_monitor_tells_nothing(other: dict[str, Any]) -> None:
    assert told(**other) == {"login_uid": Why.NONSENSE}


def test_what_is_not_there_any_more_tells_nothing() -> None:
    assert monitors.login(MemoryHost({}, processes=()), 8, ident(1))["login_uid"].why is Why.NONSENSE


def test_what_cannot_be_read_is_not_known() -> None:
    denied = PermissionError(13, "Permission denied")
    assert told(denied) == told(command=denied) == {"login_uid": Why.DENIED}
    assert monitors.login(MemoryHost({}), DENIED, ident(1)) == monitors.login(MemoryHost({}), 8, DENIED) == {"login_uid": DENIED}
    assert monitors.login(MemoryHost({}), 0, ident(1)) == {}


@pytest.mark.parametrize("value", [None, -1, 1 << 31, "8", True, 1.5])
def test_what_is_no_pid(value: Any) -> None:
    with pytest.raises(TypeError):
        monitors.pid(value)


def test_the_probe_states_it_of_podmans_containers() -> None:
    files = {"/proc/8/cmdline": COMMAND, "/proc/8/loginuid": "1000"}
    given = {**PODMANS, "processes": (*PODMANS["processes"], MONITOR), "files": files}
    containers = (inspected(1, "web", "podman", ConmonPid=8), inspected(2, "db", "podman", State="exited"))
    found = stated(probe_containers.collect, host(**given, answers={PODMAN: answers(*containers, engine="podman")}))
    assert compile_schema(SCHEMA)(found) is not False
    assert {name: one.get("login_uid") for name, one in found["containers"].items()} == {"podman:web": 1000, "podman:db": None}


def test_the_analysis_hands_it_on() -> None:
    assert judged(container(login_uid=1000))["login_uid"] == 1000
    assert "login_uid" not in judged(container())
    assert judged(container(login_uid=DENIED))["login_uid"].why is Why.DENIED
