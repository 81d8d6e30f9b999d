"""A host in memory whose engines tell of containers, in answers like those of real engines."""

import json
from pathlib import Path
from typing import Any

from engines.engine_host import DOCKER, DOCKERD, LIBPOD, ROOTS, host, process, said

from hostcheck.facts_schema import load_facts_schema
from hostcheck.host.answers import Answer, Peer
from hostcheck.schema import compile_schema
from hostcheck.testing.probes import stated
from hostcheck_builtin.containers import inspection, probe_containers

SCHEMA = load_facts_schema(str(Path(probe_containers.__file__).with_name("probe_containers.facts.json")))
PODMAN = "/run/podman/podman.sock"
PODMANS: dict[str, Any] = {"peers": {PODMAN: Peer(pid=7, uid=0, gid=0)}, "processes": (process(7, exe="/usr/bin/podman"),)}
DOCKERS: dict[str, Any] = {**ROOTS, "links": {"/proc/7/fd/3": "/dev/null"}}
SECRET = "hunter2"
OTHER = ("Mounts", "User", "State", "Image", "Bounding", "Networks", "Ports", "Env", "Healthy", "AppArmorProfile", "ProcessLabel", "ConmonPid")
COMMAND = ("Args", "Cmd", "Path", "WorkingDir")
"""What can be given of a container and is no key of HostConfig; `Healthy` is that it has a health check."""
MASKED = ["/proc/asound", "/proc/kcore", "/proc/keys", "/sys/firmware"]
READ_ONLY = ["/proc/bus", "/proc/sys", "/proc/sysrq-trigger"]


NO_LIST: Any = [
    (said("{}", status=401), "denied"),
    (said("{}", status=404), "unsupported"),
    (said("{}"), "nonsense"),
    (said("null"), "nonsense"),
    (said("not JSON"), "nonsense"),
    (said("[" * 200_000), "nonsense"),
    (said("[]", server=""), "nonsense"),
    (said("[]", uid=1000), "nonsense"),
    (TimeoutError("no answer in time"), "timeout"),
]
"""Answers to the question for a list that are none, and why what is listed is not known."""


def ident(number: int) -> str:
    return f"{number:02x}" * 32


def inspected(number: int = 1, name: str = "web", engine: str = "docker", **host_config: Any) -> dict[str, Any]:
    """Return what an engine answers of a container that asks for nothing; `host_config` has keys of HostConfig, and some of others."""
    other = {key: host_config.pop(key) for key in (*OTHER, *COMMAND) if key in host_config}
    told: dict[str, Any] = {
        "Id": ident(number),
        "Name": f"/{name}" if engine == "docker" else name,
        "Path": other.get("Path", "app"),
        "Args": other.get("Args", [SECRET]),
        "Image": f"sha256:{ident(7)}" if engine == "docker" else ident(7),
        "AppArmorProfile": other.get("AppArmorProfile", ""),
        "ProcessLabel": other.get("ProcessLabel", ""),
        "State": {"Status": other.get("State", "running"), **({"ConmonPid": other.get("ConmonPid", 0)} if engine == "podman" else {})},
        "Mounts": other.get("Mounts", []),
        "NetworkSettings": {"Ports": other.get("Ports", {}), "Networks": {name: {"NetworkID": one} for name, one in other.get("Networks", {}).items()}},
        "BoundingCaps": other.get("Bounding", ["CAP_CHOWN"]),
        "Config": {
            **{"Env": other.get("Env", [f"PLACE={SECRET}"]), "Cmd": other.get("Cmd", [SECRET]), "Labels": {"a": SECRET}},
            "WorkingDir": other.get("WorkingDir", ""),
            **{"User": other.get("User", ""), "Image": other.get("Image", "app")},
            **({"Healthcheck": {"Test": ["CMD-SHELL", SECRET]}} if other.get("Healthy") else {}),
        },
        "HostConfig": {
            "Privileged": False,
            **{"CapAdd": None, "CapDrop": None, "SecurityOpt": None, "Devices": [], "DeviceCgroupRules": None, "PortBindings": {}, "PublishAllPorts": False},
            **{"PidMode": "", "NetworkMode": "bridge", "IpcMode": "private", "UTSMode": "", "UsernsMode": "", "ReadonlyRootfs": False},
            **{"Memory": 0, "PidsLimit": None, "CpuShares": 0, "NanoCpus": 0, "CpuQuota": 0, "RestartPolicy": {"Name": "no", "MaximumRetryCount": 0}},
            **({"CgroupnsMode": "private", "MaskedPaths": MASKED, "ReadonlyPaths": READ_ONLY} if engine == "docker" else {"CgroupMode": "private"}),
            **host_config,
        },
    }
    return told


def answers(*containers: dict[str, Any], engine: str = "docker", volumes: Any = (), **more: Any) -> dict[str, Answer | Exception]:
    """Return what an engine with these containers answers."""
    server = DOCKERD if engine == "docker" else LIBPOD
    told = {
        inspection.LIST: [
            {"Id": one["Id"], "Names": [f"/db/{one['Name']}", f"/{one['Name'].lstrip('/')}"], "Command": SECRET, "Labels": {"a": SECRET}} for one in containers
        ],
        inspection.VOLUMES: {"Volumes": list(volumes)},
    }
    told |= {inspection.INSPECT[engine].format(one["Id"]): one for one in containers}
    return {**{path: said(json.dumps(one), server=server) for path, one in told.items()}, **more}


def bind(source: str, destination: str = "/x", writable: bool = True, propagation: str = "rprivate") -> dict[str, Any]:
    return {"Type": "bind", "Source": source, "Destination": destination, "Mode": "z", "RW": writable, "Propagation": propagation}


def facts(*containers: dict[str, Any], volumes: Any = (), more: Any = None, **kwargs: Any) -> Any:
    """Return the facts of a host with docker that has these containers."""
    given = {**DOCKERS, **kwargs, "answers": {DOCKER: answers(*containers, volumes=volumes, **(more or {}))}}
    told = stated(probe_containers.collect, host(**given))
    assert compile_schema(SCHEMA)(told) is not False, told
    return told
