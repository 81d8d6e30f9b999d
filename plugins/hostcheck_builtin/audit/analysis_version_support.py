"""Whether Docker, containerd and runc are versions that still get fixes: judged by their projects' numbers where they come from these projects.

A package of a distribution is never judged by such a number, for its fixes do not change it (decision 0035). Docker's own packages are the project's.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from hostcheck.api import Hole, Json, Unsupported, View, attempt, incomplete, known, opening, worst_hole
from hostcheck_builtin.audit.upstream_versions import RANGES, known_of, of_package

JUDGED: Final = frozenset(one.component for one in RANGES)
DOCKERS: Final = {"docker-ce": "docker", "containerd.io": "containerd"}
"""Packages that Docker makes of its own releases and of containerd's, and what their version is that of; runc comes with the second."""


def derive(facts: Mapping[str, Any], values: Mapping[str, Json]) -> Json:
    """State for each program where it is from, its version, and what is known of that."""
    programs: Any = attempt(lambda: facts["versions"]["programs"])
    if isinstance(programs, Hole):
        return programs
    judged = [path for path in known(programs) if _component(programs, path) in (*JUDGED, "")]
    stated = {path: attempt(_program, facts, programs, path) for path in judged}
    unread = worst_hole(opening(programs), *(attempt(lambda at=path: programs[at]) for path in known(programs)))  # type: ignore[misc]
    origins = [one if isinstance(one, Hole) else str(one["origin"]) for one in stated.values()]
    packaged = bool({"distribution", "unread"} & set(origins)) or worst_hole(*origins) or False
    return {"programs": incomplete(stated, unread), "of_distribution": packaged}


def _component(programs: View, path: str) -> str:
    found = attempt(lambda: programs[path]["component"])
    return "" if isinstance(found, Hole) else str(found)


def _program(facts: Mapping[str, Any], programs: View, path: str) -> Json:
    component, owner = str(programs[path]["component"]), programs[path]["owner"]
    package = str(owner["package"]) if "package" in owner else ""
    named = {"package": package} if package else {}
    if "manager" in owner and not package:
        return {"component": component, "origin": "unread", "manager": str(owner["manager"]), "status": "supported", "fault": ""}
    if package and package not in DOCKERS:
        return {"component": component, "origin": "distribution", **named, "version": str(owner["version"]), "status": "supported", "fault": ""}
    own = DOCKERS.get(package) == component
    version = of_package(str(owner["version"])) if own else attempt(_told, facts, programs, path, component)
    found = version if isinstance(version, Hole) else attempt(known_of, component, version)
    status, fault = (found, found) if isinstance(found, Hole) else found
    return {"component": component, "origin": "project", **named, "version": version, "status": status, "fault": fault}


def _told(facts: Mapping[str, Any], programs: View, path: str, component: str) -> str:
    """Return the version that engines tell of a program: Docker its own, and that of the only containerd and runc of this host."""
    alone = [one for one in programs if _component(programs, one) == component] == [path]
    told = {version for version in _versions(facts, path, component, alone=alone) if version}
    if len(told) != 1:
        raise Unsupported(f"{path}: no engine that runs tells its version, and no program is run to learn it")
    return told.pop()


def _versions(facts: Mapping[str, Any], path: str, component: str, *, alone: bool) -> Iterator[str]:
    sockets = facts["engines"]["sockets"]
    for one in (sockets[name] for name in sockets):
        if "version" not in one or one.get("uid") != 0:
            continue
        if component == "docker" and "process" in one and one["process"]["exe"] == path:
            yield str(one["version"]["version"])
        if component != "docker" and alone:
            yield str(one["version"]["components"].get(component, ""))
