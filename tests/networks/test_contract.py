"""The contract of the probe, of the analysis and of the rules, on hosts in memory; recordings of real hosts are tried in tests/recorded."""

from functools import cached_property
from typing import Any

import pytest
from containers.container_host import answers as containers_answers
from containers.container_host import inspected
from containers.test_contract import document as escape_document
from engines.engine_host import DOCKER, docker, host
from host import server
from networks.network_host import BRIDGE, DOCKERS, PODMAN, PODMANS, answers, facts, ident, network, of_podman, switches

from hostcheck import registry
from hostcheck.benchmark import Rule
from hostcheck.parting import part, unite
from hostcheck.testing import AnalysisContract, FindingsContract, ProbeContract
from hostcheck.testing.probes import stated
from hostcheck.view import View
from hostcheck_builtin.containers import analysis_container_escape
from hostcheck_builtin.kernel import probe_kernel
from hostcheck_builtin.networks import ANALYSES, PROBES

CLOSED = {f"{BRIDGE}enable_icc": "false"}
FILES = {
    **switches(docker0=1, eth0=1),
    "/sys/class/net/br-010101010101/bridge/nf_call_iptables": "0\n",
    "/proc/sys/kernel/osrelease": "6.18.0\n",
    "/proc/sys/net/bridge/bridge-nf-call-iptables": "0\n",
}
LISTED = (
    network(1, Options=CLOSED),
    network(2, "bridge", Options={f"{BRIDGE}name": "docker0"}),
    network(3, "none", "null"),
    network(4, "swarm", "overlay", Scope="swarm"),
)


@pytest.mark.laws
class TestNetworks(ProbeContract):
    (probe,) = PROBES
    hosts = {
        "docker": host(**DOCKERS, files=FILES, answers={DOCKER: answers(*LISTED)}),
        "podman": host(**PODMANS, files=FILES, answers={PODMAN: answers(of_podman(), of_podman(2, "lan", "macvlan"), engine="podman")}),
        "no engine": host(FILES),
    }


INSPECTED = inspected(
    1, Networks={"bridge": ident(2), "app": ident(1)}, PublishAllPorts=True, Ports={"80/tcp": [{"HostIp": "", "HostPort": "22"}]}, CapAdd=["NET_RAW"]
)


JOINS = inspected(2, "joins", NetworkMode=f"container:{ident(1)}")
CLUSTER = ("/usr/bin/kubelet",)
RUNNER = (*CLUSTER, *(f"/etc/systemd/system/{name}" for name in ("actions.runner.a.service", "multi-user.target.wants/actions.runner.a.service")))


OTHERS = ("container-processes", "kernel", "root-programs", "sockets", "user-containers", "user-engines", "user-sockets")


def whole(machine: Any) -> dict[str, Any]:
    """Return a host for each probe: that of `machine`, with the containers and networks of a dockerd."""
    return {
        "containers": host(**DOCKERS, files=FILES, answers={DOCKER: containers_answers(INSPECTED, JOINS)}),
        "engines": host(**DOCKERS, files=FILES, answers={DOCKER: docker()}),
        "host": machine,
        "networks": host(**DOCKERS, files=FILES, answers={DOCKER: answers(*LISTED)}),
        **dict.fromkeys(OTHERS, host(**DOCKERS, files=FILES)),
    }


@pytest.mark.laws
class TestFindings(FindingsContract):
    path = registry.load().benchmarks[0]
    profile = "level2"
    hosts = {
        "of a runner": whole(server.a_host(without=CLUSTER, processes=[server.INIT])),
        "of a server": whole(server.a_host(without=RUNNER, processes=[server.INIT])),
    }

    @cached_property
    def rules(self) -> list[Rule]:
        """Judge by the rules of this domain alone."""
        return [rule for rule in super().rules if rule.id.startswith("HC-NTW") or rule.id in ("HC-CTR-24", "HC-CTR-25", "HC-CTR-31")]


def document(*containers: dict[str, Any], networks: Any = LISTED) -> dict[str, Any]:
    whole = escape_document(*containers)
    view = View({name: unite(*part(value), name) for name, value in whole.items()})
    return {
        "containers": whole["containers"],
        "engine-scope": whole["engine-scope"],
        "container-escape": unite(*part(analysis_container_escape.derive(view, {})), "container-escape"),
        "kernel": stated(probe_kernel.collect, host(**DOCKERS, files=FILES)),
        "networks": facts(*networks, files=FILES),
    }


class TestContainerNetworks(AnalysisContract):
    (analysis,) = ANALYSES
    documents = {
        "every way": document(INSPECTED, JOINS, inspected(3, "left", State="exited")),
        "nothing": document(networks=()),
    }
