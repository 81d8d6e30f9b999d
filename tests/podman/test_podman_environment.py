"""What running podmans of root's were told in their environment, of which nothing else is told."""

from typing import Any

from podman.root_process import process

from hostcheck.host.answers import Process
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole, OpenObject, Why
from hostcheck.testing.probes import stated
from hostcheck_builtin.podman.folders import RootsFiles
from hostcheck_builtin.podman.podman_environment import services

CONF, OTHER = "/srv/c.conf", "/srv/o.conf"
HOST_PID = "[containers]\npidns='host'\n"
FILES = {
    "/etc/containers/containers.conf": "[containers]\nutsns='host'\nvolumes=['/a:/a',{append=true}]\n",
    CONF: HOST_PID,
    OTHER: "[containers]\nvolumes=['/b:/b']\n",
}
NAMED = f"CONTAINERS_CONF={CONF}"


def told(environment: str | bytes | Exception = f"A=b\0{NAMED}\0", *processes: Process, files: Any = FILES) -> Any:
    host = MemoryHost({**files, "/proc/7/environ": environment}, processes=processes or [process()])
    return stated(lambda given: services(given, RootsFiles(given, "/usr/share/containers"), RootsFiles(given, "/etc/containers")), host)


def test_one_file_instead_of_all_others() -> None:
    assert told() == {NAMED: {"files": [CONF], "settings": {"containers.pidns": {"value": "host", "file": CONF}}, "lists": {}}}


def test_a_broken_file_that_is_not_read_breaks_nothing() -> None:
    broken = {**FILES, "/etc/containers/containers.conf": "= x"}
    assert told(files=broken) == told()
    (hole,) = told(f"CONTAINERS_CONF_OVERRIDE={OTHER}\0", files=broken).values()
    assert isinstance(hole, Hole) and "/etc/containers/containers.conf" in hole.message


def test_one_after_all_others() -> None:
    assert told(f"CONTAINERS_CONF_OVERRIDE={OTHER}\0") == {
        f"CONTAINERS_CONF_OVERRIDE={OTHER}": {"files": [OTHER], "settings": {}, "lists": {"containers.volumes": [{"value": "/b:/b", "file": OTHER}]}}
    }
    assert told(f"{NAMED}\0CONTAINERS_CONF_OVERRIDE={OTHER}")[f"{NAMED} CONTAINERS_CONF_OVERRIDE={OTHER}"]["files"] == [CONF, OTHER]


def test_the_first_of_a_name_counts_and_an_empty_one_is_none() -> None:
    assert list(told(f"{NAMED}\0CONTAINERS_CONF=/x\0")) == [NAMED]
    assert told("CONTAINERS_CONF=\0") == told("MY_CONTAINERS_CONF=/x\0") == told("") == {}


def test_who_is_no_podman_of_roots_is_not_asked() -> None:
    nobodys = (process(uids=(1000,) * 4), process(name="podmand"), process(exe="/usr/bin/vim"), process(host_mounts=False))
    assert [told(f"{NAMED}\0", one) for one in nobodys] == [{}] * 4


def test_what_does_not_work_is_a_hole_without_what_stands_there() -> None:
    (missing,) = told("CONTAINERS_CONF=/none\0").values()
    (broken,) = told(files={**FILES, CONF: "= hunter2"}).values()
    for hole in (missing, broken):
        assert isinstance(hole, Hole) and hole.why is Why.NONSENSE and "hunter2" not in hole.message
    relative = told("CONTAINERS_CONF=hunter2\0")
    assert isinstance(relative, OpenObject) and relative.hole.why is Why.NONSENSE and "hunter2" not in relative.hole.message
    denied = told(PermissionError(13, "denied"))
    assert isinstance(denied, OpenObject) and denied.hole.why is Why.DENIED
