"""Whether engines are versions that get fixes, from facts."""

from pathlib import Path
from typing import Any

import pytest

from hostcheck.facts_schema import load_facts_schema
from hostcheck.model import Hole, OpenObject, Why, incomplete
from hostcheck.parting import escape, part, unite
from hostcheck.schema import check, compile_schema
from hostcheck.view import View
from hostcheck_builtin.audit import analysis_version_support as analysis

SCHEMA = load_facts_schema(str(Path(analysis.__file__).parent / "analysis_version_support.facts.json"))
OBEYS = compile_schema(SCHEMA)
DENIED = Hole(why=Why.DENIED, message="denied")
D, C, R = "/usr/bin/dockerd", "/usr/bin/containerd", "/usr/bin/runc"
SOCKET = {
    "uid": 0,
    "process": {"exe": D},
    "version": {"version": "26.1.4", "components": {"Engine": "26.1.4", "containerd": "v2.2.0", "runc": "1.1.12"}},
}


def program(component: str, package: str = "", version: str = "") -> dict[str, Any]:
    return {"component": component, "owner": {"manager": "dpkg", "package": package, "version": version} if package else {}}


STATIC = {D: program("docker"), C: program("containerd"), R: program("runc")}


def derive(programs: Any, sockets: Any = None) -> Any:
    facts = {"versions": View({"programs": programs}), "engines": View({"sockets": {"/run/docker.sock": SOCKET} if sockets is None else sockets})}
    told = unite(*part(analysis.derive(facts, {}), escape), "version-support")
    assert OBEYS(told) is not False, told
    return told


def brief(told: Any) -> dict[str, tuple[str, str, str]]:
    return {path: (one["origin"], one["version"], one["status"]) for path, one in told["programs"].items()}


def test_the_schema_is_in_the_dialect() -> None:
    check(SCHEMA, "analysis_version_support.facts.json")


def test_what_no_package_holds_is_judged_by_what_the_engine_says() -> None:
    told = derive(STATIC)
    assert brief(told) == {D: ("project", "26.1.4", "faulty"), C: ("project", "v2.2.0", "supported"), R: ("project", "1.1.12", "faulty")}
    assert told["of_distribution"] is False
    assert told["programs"][D]["fault"].startswith("CVE-2024-41110")


def test_a_package_of_a_distribution_is_never_failed() -> None:
    old = {D: program("docker", "docker.io", "18.09.1+dfsg1-7"), R: program("runc", "runc", "1.0.0~rc6-3")}
    told = derive(old)
    assert brief(told) == {D: ("distribution", "18.09.1+dfsg1-7", "supported"), R: ("distribution", "1.0.0~rc6-3", "supported")}
    assert told["of_distribution"] is True


def test_where_a_manager_is_not_read_nothing_is_judged() -> None:
    told = derive({D: {"component": "docker", "owner": {"manager": "rpm"}}})
    assert told["programs"][D] == {"component": "docker", "origin": "unread", "manager": "rpm", "status": "supported", "fault": ""}
    assert told["of_distribution"] is True


def test_dockers_own_packages_are_the_projects() -> None:
    told = derive({D: program("docker", "docker-ce", "5:24.0.7-1~debian.12~bookworm"), C: program("containerd", "containerd.io", "1.7.27-1")}, sockets={})
    assert brief(told) == {D: ("project", "24.0.7", "ended"), C: ("project", "1.7.27", "faulty")}


def test_runc_of_dockers_package_has_a_number_of_its_own() -> None:
    programs = {D: program("docker", "docker-ce", "5:28.5.1-1"), R: program("runc", "containerd.io", "1.7.29-1")}
    assert brief(derive(programs))[R] == ("project", "1.1.12", "faulty")


@pytest.mark.parametrize(
    ("programs", "sockets", "path"),
    [
        (STATIC, {}, D),
        ({"/opt/bin/dockerd": program("docker")}, None, "/opt/bin/dockerd"),
        ({R: program("runc"), "/opt/bin/runc": program("runc")}, None, R),
        (STATIC, {"a": {**SOCKET, "uid": 1000}}, D),
        (STATIC, {"a": SOCKET, "b": {**SOCKET, "version": {"version": "1.0.0", "components": {}}}}, D),
        (STATIC, {"a": {**SOCKET, "version": DENIED}}, D),
        (STATIC, incomplete({}, DENIED), D),
        ({D: {"component": "docker", "owner": DENIED}}, None, D),
    ],
)
def test_a_version_that_nobody_tells_is_not_known(programs: Any, sockets: Any, path: str) -> None:
    one = derive(programs, sockets)["programs"][path]
    assert isinstance(one if isinstance(one, Hole) else one["status"], Hole)


def test_other_programs_are_not_judged_and_hidden_ones_leave_it_open() -> None:
    told = derive({"/usr/bin/crun": program("crun"), D: DENIED})
    assert set(told["programs"]) == {D} and isinstance(told["programs"][D], Hole) and isinstance(told["programs"], OpenObject)
    assert isinstance(derive(DENIED), Hole)
