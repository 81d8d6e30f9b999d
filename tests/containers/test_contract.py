"""The contract of the probe and of the analysis, on hosts in memory; recordings of real hosts are tried in tests/recorded."""

from functools import cached_property
from typing import Any

import pytest
from containers.container_host import DOCKERS, PODMAN, PODMANS, answers, bind, facts, ident, inspected
from containers.test_monitors import COMMAND, MONITOR
from engines.engine_host import DOCKER, docker, host
from engines.engine_host import facts as engine_facts
from host import server

from hostcheck import registry
from hostcheck.benchmark import Rule
from hostcheck.testing import AnalysisContract, FindingsContract, ProbeContract
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
    Ports={"80/tcp": [{"HostIp": "", "HostPort": "80"}]},
    SecurityOpt=["seccomp=unconfined", "label=disable"],
    Env=["A_TOKEN=x"],
    RestartPolicy={"Name": "always", "MaximumRetryCount": 0},
    CpuShares=512,
    Memory=5,
    PidsLimit=5,
    AppArmorProfile="docker-default",
    Image=f"app@sha256:{ident(9)}",
    Healthy=True,
    ReadonlyRootfs=True,
)
PRIVILEGED = inspected(2, "db", Privileged=True, MaskedPaths=None, ReadonlyPaths=None, UsernsMode="host", State="exited")


@pytest.mark.laws
class TestContainers(ProbeContract):
    (probe,) = PROBES
    hosts = {
        "docker": host(**{**DOCKERS, "links": LINKS}, files={"/etc/x": "", "/srv/x": ""}, answers={DOCKER: answers(EVERY, PRIVILEGED)}),
        "podman": host(
            **{**PODMANS, "processes": (*PODMANS["processes"], MONITOR)},
            files={"/proc/8/cmdline": COMMAND, "/proc/8/loginuid": "1000"},
            answers={PODMAN: answers(inspected(1, engine="podman", ConmonPid=8), engine="podman")},
        ),
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


WHOLE = {**DOCKERS, "links": LINKS, "files": {"/etc/x": "", "/srv/x": ""}}


@pytest.mark.laws
class TestFindings(FindingsContract):
    path = registry.load().benchmarks[0]
    profile = "level2"
    hosts = {
        "every way": {
            "containers": host(**WHOLE, answers={DOCKER: answers(EVERY, PRIVILEGED, inspected(3, "joins", PidMode=f"container:{ident(1)}"))}),
            "engines": host(**WHOLE, answers={DOCKER: docker()}),
            **dict.fromkeys(("host", "sockets"), host(**WHOLE)),
            "kernel": host(**{**WHOLE, "files": {"/sys/module/apparmor/parameters/enabled": "Y\n", "/proc/filesystems": "nodev\tproc\n"}}),
        }
    }

    @cached_property
    def rules(self) -> list[Rule]:
        """Judge by the rules of this domain alone."""
        return [rule for rule in super().rules if rule.id.startswith(("HC-CTR", "HC-AUD-05"))]


class TestContainerEscape(AnalysisContract):
    (analysis,) = ANALYSES
    documents = {"every way": document(EVERY, PRIVILEGED), "nothing": document()}
