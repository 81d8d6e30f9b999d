"""A host in memory whose engines list networks, in answers like those of real engines."""

import json
from pathlib import Path
from typing import Any

from engines.engine_host import DOCKER, DOCKERD, LIBPOD, ROOTS, host, process, said

from hostcheck.facts_schema import load_facts_schema
from hostcheck.host.answers import Answer, Peer
from hostcheck.schema import compile_schema
from hostcheck.testing.probes import stated
from hostcheck_builtin.networks import asking, probe_networks

SCHEMA = load_facts_schema(str(Path(probe_networks.__file__).with_name("probe_networks.facts.json")))
PODMAN = "/run/podman/podman.sock"
PODMANS: dict[str, Any] = {"peers": {PODMAN: Peer(pid=7, uid=0, gid=0)}, "processes": (process(7, exe="/usr/bin/podman"),)}
DOCKERS: dict[str, Any] = {**ROOTS, "links": {"/proc/7/fd/3": "/dev/null"}}
SECRET = "hunter2"
BRIDGE = "com.docker.network.bridge."
CONF = "/proc/sys/net/ipv4/conf"


def ident(number: int) -> str:
    return f"{number:02x}" * 32


def network(number: int = 1, name: str = "app", driver: str = "bridge", **told: Any) -> dict[str, Any]:
    """Return what docker lists of a network that asks for nothing; `told` has keys of the answer."""
    usual: dict[str, Any] = {"Id": ident(number), "Name": name, "Scope": "local", "Driver": driver, "EnableIPv6": False, "Internal": False}
    usual |= {"Attachable": False, "Ingress": False, "ConfigOnly": False, "Containers": {}, "Options": {}, "Labels": {"token": SECRET}}
    return {**usual, **told}


def of_podman(number: int = 1, name: str = "app", driver: str = "bridge", **told: Any) -> dict[str, Any]:
    """Return the same as podman's own API lists it: what is empty is left out."""
    usual: dict[str, Any] = {"id": ident(number), "name": name, "driver": driver, "network_interface": f"podman{number}", "ipv6_enabled": False}
    return {**usual, "internal": False, "dns_enabled": True, "ipam_options": {"driver": "host-local"}, "labels": {"token": SECRET}, **told}


def answers(*networks: Any, engine: str = "docker", **more: Any) -> dict[str, Answer | Exception]:
    """Return what an engine with these networks answers."""
    server = DOCKERD if engine == "docker" else LIBPOD
    return {asking.LISTS[engine]: said(json.dumps(networks), server=server), **more}


def switches(**on: int) -> dict[str, str]:
    """Return the files that tell which interfaces let packets for loopback addresses in."""
    return {f"{CONF}/{name}/route_localnet": f"{value}\n" for name, value in {"all": 0, "default": 0, "lo": 0, **on}.items()}


def facts(*networks: Any, files: Any = None, more: Any = None, **kwargs: Any) -> Any:
    """Return the facts of a host with docker that has these networks."""
    given = {**DOCKERS, "files": {**switches(), **(files or {})}, **kwargs, "answers": {DOCKER: answers(*networks, **(more or {}))}}
    told = stated(probe_networks.collect, host(**given))
    assert compile_schema(SCHEMA)(told) is not False, told
    return told
