"""The contract of probes and analyses, on hosts in memory with and without engines; recordings of real hosts are tried in tests/recorded."""

from typing import Any

import pytest
from audit.audit_host import LINES, host
from audit.test_packages import APK, DPKG
from audit.test_running_programs import FILES, process
from engines.engine_host import DOCKER, ROOTS, docker, facts
from host import server

from hostcheck.host.memory import MemoryHost
from hostcheck.testing import AnalysisContract, ProbeContract
from hostcheck.testing.probes import stated
from hostcheck_builtin.audit import ANALYSES, PROBES

AUDIT, VERSIONS = PROBES
RULES = "/etc/audit/rules.d/50-docker.rules"
KERNELS = {f"/lib/modules/{name}/vmlinuz": "" for name in ("6.1.0-18-amd64", "6.1.0-21-amd64")}


def versions(files: dict[str, Any], exe: str = "/usr/bin/dockerd") -> MemoryHost:
    links = {"/proc/7/exe": "/usr/bin/dockerd", "/usr/local/bin/runc": "/usr/bin/dockerd"}
    return MemoryHost({**FILES, **files}, processes=[process(exe=exe)], links=links)


@pytest.mark.laws
class TestAudit(ProbeContract):
    probe = AUDIT
    hosts = {
        "all is watched": host({RULES: LINES}),
        "a line that is not taken": host({RULES: f"-c\n-w x\n{LINES}-a never,exit -F dir=/etc\n", "/etc/audit/rules.d/99.rules": "-e 2\n"}),
        "audit.rules as it is": host({"/etc/audit/audit.rules": LINES}, without=("/etc/audit/rules.d",)),
        "no auditd": host(without=("/usr/sbin/auditd", "/usr/lib/systemd/system/audit", "/etc/systemd", "/etc/audit"), audit=FileNotFoundError(2, "no audit")),
        "no engine": host(without=("/usr/bin", "/etc/docker", "/run/", "/var/lib/docker", "/usr/lib/systemd/system/docker")),
    }


class TestVersions(ProbeContract):
    probe = VERSIONS
    hosts = {
        "a package of dpkg": versions({**DPKG, "/usr/sbin/dockerd": "", **KERNELS}),
        "a package of apk": versions({"/lib/apk/db/installed": APK}, exe="/usr/bin/dockerd (deleted)"),
        "rpm": versions({"/var/lib/rpm/rpmdb.sqlite": "", "/usr/local/bin/crun": ""}),
    }


def document(files: dict[str, Any], engines: Any = None) -> dict[str, Any]:
    told = facts() if engines is None else engines
    return {
        "audit": stated(AUDIT.collect, host(files)),
        "versions": stated(VERSIONS.collect, versions({**DPKG, "/usr/bin/containerd": "", "/usr/bin/runc": ""})),
        "engines": told,
        "host": server.facts(),
    }


RUNNING = facts(**ROOTS, answers={DOCKER: docker()})


class TestAuditCoverage(AnalysisContract):
    analysis = ANALYSES[0]
    documents = {
        "all is watched": document({RULES: LINES}),
        "nothing is loaded": document({}),
        "an engine runs": document({RULES: LINES}, RUNNING),
    }


class TestVersionSupport(AnalysisContract):
    analysis = ANALYSES[1]
    documents = {"nothing runs": document({}), "an engine runs": document({}, RUNNING)}
