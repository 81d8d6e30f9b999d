"""Somebody who reaches an engine from inside a container: the report names the container, and what it gives to be pasted ends that and nothing else."""

import json
from collections.abc import Iterator
from typing import Any, Final

import pytest
from real_engines.container_ways import COMMAND, GIVEN, HERE, IMAGE
from real_engines.scans import Scanner
from real_engines.test_container_rules import SOCKET, Containers
from real_engines.world import DOCKER_GID

from hostcheck_builtin.accounts.ways import OUT_OF_REACH

USER: Final = ("--user", "5555", "--group-add", str(DOCKER_GID))


@pytest.fixture(scope="module")
def world() -> Iterator[Containers]:
    made = Containers()
    try:
        made.start_docker()
        made.run("sh", "-ec", f"({IMAGE.format(base=made.base)}) | docker -H unix://{SOCKET} import - empty")
        for name, options in (("inside", (*USER, "-v", f"{SOCKET}:/s")), ("beside", USER)):
            made.docker("run", "-d", "--stop-timeout", "1", "--name", name, *GIVEN, *HERE, *options, "empty", *COMMAND)
        yield made
    finally:
        made.end()


def told(scan: Scanner, world: Containers) -> Any:
    (finding,) = (one for one in scan(world).report["findings"] if (one["rule"], one["subject"]) == ("HC-ACC-04", SOCKET))
    return finding


def test_who_is_in_a_container_is_told_with_it_and_what_is_pasted_stops_it_alone(world: Containers, scan: Scanner) -> None:
    assert "inside" in world.docker("exec", "inside", "docker", "-H", "unix:///s", "ps", "--format", "{{.Names}}").split()
    found = told(scan, world)
    pid = json.loads(world.docker("inspect", "inside"))[0]["State"]["Pid"]
    assert (
        f"uid 5555 (process {pid} has group docker{OUT_OF_REACH}) in container docker:inside (empty)" in found["because"]
        and "docker:beside" not in found["because"]
    )
    commands = [step["run"] for step in found["fix"] if "run" in step]
    ends = [command for command in commands if "5555" in command or "stop" in command]
    assert ends == [f"docker stop {world.docker('inspect', '-f', '{{slice .Id 0 12}}', 'inside').strip()}"]
    world.run("sh", "-ec", f"DOCKER_HOST=unix://{SOCKET} {ends[0]}")
    assert "uid 5555" not in told(scan, world)["because"]
    assert world.docker("ps", "--format", "{{.Names}}").split() == ["beside"]
