"""The contract of the probe and of the analysis, on hosts in memory; recordings of real hosts are tried in tests/recorded."""

from typing import Any

import pytest
from containers.container_host import DOCKERS, PODMAN, PODMANS, answers, bind, facts, inspected
from engines.engine_host import DOCKER, docker, host
from engines.engine_host import facts as engine_facts
from host import server

from hostcheck.testing import AnalysisContract, ProbeContract
from hostcheck.testing.probes import stated
from hostcheck_builtin.containers import ANALYSES, PROBES
from hostcheck_builtin.sockets import probe_sockets

LINKS = {**DOCKERS["links"], "/var/run": "/run"}
EVERY = inspected(
    1,
    Mounts=[bind("/var/run/docker.sock"), bind("/etc", "/y"), bind("/proc", "/z"), bind("/srv", "/s", propagation="shared")],
    CapAdd=["ALL"],
    Devices=[{"PathOnHost": "/dev/vda", "PathInContainer": "/dev/vda", "CgroupPermissions": "rwm"}],
    DeviceCgroupRules=["b *:* rwm"],
    PortBindings={"80/tcp": [{"HostIp": "", "HostPort": "80"}]},
    SecurityOpt=["seccomp=unconfined"],
)
PRIVILEGED = inspected(2, "db", Privileged=True, MaskedPaths=None, ReadonlyPaths=None, UsernsMode="host", State="exited")


@pytest.mark.laws
class TestContainers(ProbeContract):
    (probe,) = PROBES
    hosts = {
        "docker": host(**{**DOCKERS, "links": LINKS}, files={"/etc/x": "", "/srv/x": ""}, answers={DOCKER: answers(EVERY, PRIVILEGED)}),
        "podman": host(**PODMANS, answers={PODMAN: answers(inspected(1, engine="podman"), engine="podman")}),
        "no engine": host(),
    }


def document(*containers: dict[str, Any]) -> dict[str, Any]:
    given: dict[str, Any] = {**DOCKERS, "links": LINKS, "files": {"/etc/x": "", "/srv/x": ""}}
    engines = engine_facts(**given, answers={DOCKER: docker()})
    sockets = stated(probe_sockets.collect, host(**given))
    return {
        "containers": facts(*containers, links=LINKS, files=given["files"]),
        "engine-scope": {
            "sockets": {DOCKER: {"scope": "rootful", "engine": "docker", "running": True}},
            **dict.fromkeys(("user_sockets", "users", "rootless_users"), {}),
            "rootful_docker": [DOCKER],
        },
        "engines": engines,
        "host": server.facts(),
        "sockets": sockets,
    }


class TestContainerEscape(AnalysisContract):
    (analysis,) = ANALYSES
    documents = {"every way": document(EVERY, PRIVILEGED), "nothing": document()}
