"""Root's dockerds: those that run, what starts them, and what each was told."""

from typing import Any

import pytest
from daemon.daemon_host import DOCKER, JSON, SCHEMAS, anns, facts, host, merged, owned, process, roots

from hostcheck.model import Hole
from hostcheck.schema import check
from hostcheck.testing.probes import denials
from hostcheck_builtin.daemon import probe_docker_daemons, services

UNIT = {
    "/usr/lib/systemd/system/docker.service": "[Service]\nEnvironmentFile=-/etc/default/docker\nExecStart=/usr/bin/dockerd -H fd:// $DOCKER_OPTS\n",
    "/etc/default/docker": "DOCKER_OPTS=--icc=false\n",
}
BOOTED = {services.SYSTEMD: owned("dir", 0, 0o755)}
BY_UNIT = "0::/system.slice/docker.service\n"
SCRIPT = {services.SCRIPT: "-- $DOCKER_OPTS\n"}


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_the_schema_is_in_the_dialect(name: str) -> None:
    check(SCHEMAS[name], f"{name}.facts.json")


def test_nothing_runs() -> None:
    assert facts(processes=()) == {"daemons": {}, "programs": {}}


def test_a_daemon_that_was_started_by_hand() -> None:
    found = facts(**roots("dockerd -H unix:///run/docker.sock --icc=false", files={JSON: '{"debug": true}', "/usr/bin/runc": ""}))
    (daemon,) = found["daemons"].values()
    assert set(found["daemons"]) == {DOCKER}
    assert daemon == {
        "running": True,
        "uid": 0,
        "exe": "/usr/bin/dockerd",
        "sockets": [DOCKER],
        "flags": {"hosts": ["unix:///run/docker.sock"], "icc": False},
        "given": ["hosts", "icc"],
        "tls_by_environment": False,
        "file": {"path": JSON, "given": False, "present": True, "refused": [], "keys": ["debug"], "settings": {"debug": True}, "root_owned": True},
        "service": {"kind": "none", "name": ""},
        "profiles": {},
    }
    assert found["programs"] == {"runc": {"path": "/usr/bin/runc", "present": True, "root_owned": True, "others": {}}}


def test_a_daemon_of_a_unit() -> None:
    found = facts(**roots(cgroup=BY_UNIT, files=UNIT, stats=BOOTED))["daemons"]
    assert set(found) == {DOCKER}
    service = found[DOCKER]["service"]
    assert (service["kind"], service["name"], service["flags"]) == ("systemd", "docker.service", {"hosts": ["fd://"], "icc": False})
    assert service["file"]["path"] == JSON


def test_a_unit_that_does_not_run() -> None:
    found = facts(processes=(), files=UNIT, stats=BOOTED, links={"/proc/self/ns/user": "user:[4026531837]"})["daemons"]
    assert (set(found), found["docker.service"]["running"]) == ({"docker.service"}, False)
    assert found["docker.service"]["service"]["file"]["present"] is False


def test_by_hand_beside_a_unit_are_two() -> None:
    assert set(facts(**roots(files=UNIT, stats=BOOTED))["daemons"]) == {DOCKER, "docker.service"}


def test_a_script_of_init_starts_what_reads_the_same_file() -> None:
    found = facts(**roots(files=SCRIPT))["daemons"]
    assert (set(found), found[DOCKER]["service"]["name"]) == ({DOCKER}, services.SCRIPT)
    other = facts(**roots("dockerd --config-file /x.json", files=SCRIPT))["daemons"]
    assert set(other) == {DOCKER, services.SCRIPT}
    assert other[DOCKER]["service"]["kind"] == "none"
    assert other[DOCKER]["file"]["refused"] == ["a flag names it, and it is not there"]


def test_a_unit_without_files_says_nothing() -> None:
    found = facts(**roots(cgroup="0::/system.slice/own.service\n", stats=BOOTED))["daemons"][DOCKER]["service"]
    assert found["name"] == "own.service" and isinstance(found["flags"], Hole)


def test_what_a_user_plants_is_none_of_roots() -> None:
    """A process of a user's that is called dockerd and forges its arguments (edge case 74), or one in a container."""
    forged = anns("dockerd --icc=false")
    assert facts(**forged)["daemons"] == {}
    inside = merged(roots(), {"processes": (process(7, host=False),), "files": {"/proc/7/mountinfo": "27 1 0:99 / / rw - overlay overlay rw\n"}})
    assert facts(**inside)["daemons"] == {}


def test_a_runtime_that_others_can_change() -> None:
    files = {JSON: '{"runtimes": {"own": {"path": "/opt/own/run"}}}', "/opt/own/run": ""}
    found = facts(**roots(files=files, stats={"/opt/own": owned("dir", 1000, 0o755)}))["programs"]["/opt/own/run"]
    assert (found["root_owned"], set(found["others"])) == (False, {"/opt/own"})


def test_tls_by_the_environment_and_no_value_of_it() -> None:
    found = facts(**roots(environment="DOCKER_TLS_VERIFY=hunter2 HTTP_PROXY=http://u:hunter2@p HOME=/hunter2"))
    assert found["daemons"][DOCKER]["tls_by_environment"] is True
    assert "hunter2" not in repr(found)


CASES: dict[str, Any] = {
    "by hand": roots(files={JSON: '{"icc": false}'}),
    "unit": roots(cgroup=BY_UNIT, files=UNIT, stats=BOOTED),
    "script": roots(files=SCRIPT),
    "unit alone": {"processes": (), "files": UNIT, "stats": BOOTED},
}


@pytest.mark.parametrize("case", CASES)
def test_a_denial_is_a_hole_and_never_another_value(case: str) -> None:
    assert list(denials(probe_docker_daemons.collect, host(**CASES[case]))) == []
