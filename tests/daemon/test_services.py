"""What starts dockerd at boot: systemd's unit with all drop-ins, or a script of init with its variable."""

from typing import Any

import pytest

from hostcheck.host.answers import Stat
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole, Why
from hostcheck_builtin.daemon import services

UNIT = "/usr/lib/systemd/system/docker.service"
START = "[Service]\nExecStart=/usr/sbin/dockerd -H fd:// $OPTS\n"
SCRIPT = 'DOCKERD=/usr/sbin/dockerd\nstart-stop-daemon --start --exec "$DOCKERD" -- -p "$DOCKER_PIDFILE" $DOCKER_OPTS\n'
PROGRAM = {"/usr/sbin/dockerd": "x"}
DENIED = PermissionError(13, "Permission denied", UNIT)


def host(files: dict[str, Any], **more: Any) -> MemoryHost:
    return MemoryHost({**PROGRAM, **files}, **more)


def unit(files: dict[str, Any], **more: Any) -> Any:
    return services.of_unit(host(files, **more), "docker.service")


def test_a_unit_with_its_drop_ins() -> None:
    drop_in = {"/etc/systemd/system/docker.service.d/a.conf": "[Service]\nEnvironment=OPTS=--icc=false\n"}
    assert unit({UNIT: START, **drop_in}).flags.settings == {"hosts": ["fd://"], "icc": False}
    assert unit({UNIT: START}).stated() == {"kind": "systemd", "name": "docker.service", "flags": {"hosts": ["fd://"]}, "given": ["hosts"]}


@pytest.mark.parametrize(
    ("files", "more"),
    [
        ({}, {}),
        ({UNIT: START}, {"links": {"/etc/systemd/system/docker.service": "/dev/null"}}),
    ],
    ids=["no unit", "masked"],
)
def test_no_unit(files: dict[str, Any], more: dict[str, Any]) -> None:
    assert unit(files, **more) is None


def test_an_idle_unit_can_start() -> None:
    assert services.idle_unit(host({})) is None
    assert services.idle_unit(host({UNIT: START.replace("/usr/sbin", "/opt/gone")})) is None
    found = services.idle_unit(host({UNIT: START}))
    assert found is not None and found.name == "docker.service"


def test_a_unit_that_cannot_be_read_is_there() -> None:
    assert unit({UNIT: DENIED}).flags.why is Why.DENIED
    assert isinstance(unit({UNIT: "[Service]\nExecStart=/bin/sh -c x\n"}).flags, Hole)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, {}),
        ({"/etc/default/docker": 'DOCKER_OPTS="-H tcp://0.0.0.0:2375 --icc=false"\n'}, {"hosts": ["tcp://0.0.0.0:2375"], "icc": False}),
        ({"/etc/conf.d/docker": "DOCKER_OPTS=--icc=false\n"}, {"icc": False}),
        ({"/etc/default/docker": "# DOCKER_OPTS=--icc=false\nexport http_proxy=$(x)\n"}, {}),
    ],
)
def test_a_script_of_init(files: dict[str, Any], expected: dict[str, Any]) -> None:
    found = services.of_script(host({services.SCRIPT: SCRIPT, **files}))
    assert found is not None and not isinstance(found.flags, Hole)
    assert (found.kind, found.name, found.flags.settings) == ("init", services.SCRIPT, expected)


@pytest.mark.parametrize(
    "files",
    [
        {services.SCRIPT: "exec something\n"},
        {services.SCRIPT: SCRIPT, "/etc/default/docker": 'DOCKER_OPTS="$DOCKER_OPTS --icc=false"\n'},
        {services.SCRIPT: SCRIPT, "/etc/default/docker": "DOCKER_OPTS=$(cat /x)\n"},
        {services.SCRIPT: SCRIPT, "/etc/default/docker": "if true; then DOCKER_OPTS=-D; fi\n"},
    ],
)
def test_a_script_that_is_not_understood(files: dict[str, Any]) -> None:
    found = services.of_script(host(files))
    assert found is not None and isinstance(found.flags, Hole)


def test_a_script_that_is_denied_may_be_any() -> None:
    with pytest.raises(PermissionError):
        services.of_script(host({services.SCRIPT: PermissionError(13, "Permission denied", services.SCRIPT)}))


def test_whether_systemd_runs() -> None:
    assert services.booted(host({})) is False
    assert services.booted(host({}, stats={services.SYSTEMD: Stat(type="dir", uid=0, gid=0, mode=0o755)})) is True
    assert services.of_script(host({})) is None
    assert services.not_known("docker.service").why is Why.NONSENSE
