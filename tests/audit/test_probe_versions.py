"""Programs of engines and their packages, on hosts in memory."""

from pathlib import Path
from typing import Any

from audit.test_packages import DPKG
from audit.test_running_programs import FILES, process

from hostcheck.facts_schema import load_facts_schema
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole
from hostcheck.schema import check, compile_schema
from hostcheck.testing.probes import stated
from hostcheck_builtin.audit import probe_versions as probe

SCHEMA = load_facts_schema(str(Path(probe.__file__).parent / "probe_versions.facts.json"))
OBEYS = compile_schema(SCHEMA)


def facts(files: dict[str, Any] | None = None, **more: Any) -> Any:
    told = stated(probe.collect, MemoryHost({**FILES, **DPKG, **(files or {})}, **more))
    assert OBEYS(told) is not False, told
    return told


def test_the_schema_is_in_the_dialect() -> None:
    check(SCHEMA, "probe_versions.facts.json")


def test_programs_are_told_once_where_they_really_are() -> None:
    told = facts({"/usr/sbin/dockerd": ""}, links={"/usr/local/bin/dockerd": "/usr/sbin/dockerd"}, processes=[process(exe="/usr/bin/dockerd (deleted)")])
    docker = {"component": "docker", "owner": {"manager": "dpkg", "package": "docker.io", "version": "26.1.5+dfsg1-9"}}
    assert told["programs"] == {"/usr/bin/dockerd": {"component": "docker", "owner": {}}, "/usr/sbin/dockerd": docker}
    assert told["running"]["/usr/bin/dockerd"] == {"kind": "engine", "replaced": True}


def test_what_is_denied_is_a_hole() -> None:
    denied = PermissionError(13, "Permission denied", "/usr/bin/runc")
    assert isinstance(facts({"/usr/bin/runc": denied}, processes=())["programs"]["/usr/bin/runc"], Hole)
    told = facts({"/var/lib/dpkg/status": PermissionError(13, "Permission denied")}, processes=())
    assert isinstance(told["programs"]["/usr/bin/dockerd"]["owner"], Hole)
