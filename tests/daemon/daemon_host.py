"""A host in memory on which dockerd runs: root's, and ann's without root."""

from pathlib import Path
from typing import Any

from engines.engine_host import ANN, HOST_NET, ROOTS, host, owned, process

from hostcheck.facts_schema import load_facts_schema
from hostcheck.schema import compile_schema
from hostcheck.testing.probes import stated
from hostcheck_builtin.daemon import probe_docker_daemons, probe_user_docker_daemons

FOLDER = Path(probe_docker_daemons.__file__).parent
COLLECT = {"docker-daemons": probe_docker_daemons.collect, "user-docker-daemons": probe_user_docker_daemons.collect}
SCHEMAS = {name: load_facts_schema(str(FOLDER / f"probe_{name.replace('-', '_')}.facts.json")) for name in COLLECT}
DOCKER = "/run/docker.sock"
ANNS = "/run/user/1000/docker.sock"
HEAD = "Num       RefCount Protocol Flags    Type St Inode Path\n"
JSON = "/etc/docker/daemon.json"
ANNS_JSON = "/home/ann/.config/docker/daemon.json"


def row(inode: int, path: str) -> str:
    return f"0000000000000000: 00000002 00000000 00010000 0001 01 {inode:5d} {path}\n"


def told(pid: int, line: str, path: str, *, inode: int = 42, environment: str = "", cgroup: str = "0::/\n") -> dict[str, Any]:
    """Return the files of a process: what it was told, and the socket that it holds."""
    words = line.replace(" ", "\0") + "\0"
    place = f"/proc/{pid}"
    return {
        "files": {
            **{f"{place}/cmdline": words, f"{place}/environ": environment and environment.replace(" ", "\0") + "\0", f"{place}/cgroup": cgroup},
            f"{place}/net/unix": HEAD + row(inode, path) + row(inode + 1, "/run/docker/metrics.sock") + row(99, "/run/other.sock"),
        },
        "links": {f"{place}/fd/3": f"socket:[{inode}]", f"{place}/fd/4": f"socket:[{inode + 1}]", f"{place}/fd/0": "/dev/null"},
    }


def merged(*parts: dict[str, Any], **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"files": {}, "links": {}}
    for part in (*parts, more):
        for key, value in part.items():
            found[key] = {**found[key], **value} if key in ("files", "links", "stats", "peers") and key in found else value
    return found


def roots(line: str = "dockerd -H unix:///run/docker.sock", **more: Any) -> dict[str, Any]:
    """Return a host with a dockerd of root's that was started by hand."""
    names = {name: more.pop(name) for name in ("environment", "cgroup") if name in more}
    return merged({**ROOTS}, told(7, line, "/var/run/docker.sock", **names), {"links": {"/proc/self/ns/user": "user:[4026531837]"}}, more)


def anns(line: str = "dockerd", **more: Any) -> dict[str, Any]:
    """Return a host on which ann runs a rootless dockerd."""
    environment = more.pop("environment", "HOME=/home/ann")
    return merged(
        {**ANN}, told(700, line, ANNS, inode=52, environment=environment), {"stats": {ANNS_JSON: owned("file", mode=0o600)}} if more.get("files") else {}, more
    )


def facts(name: str = "docker-daemons", **given: Any) -> Any:
    found = stated(COLLECT[name], host(**given))
    assert compile_schema(SCHEMAS[name])(found) is not False, found
    return found


__all__ = ["HOST_NET", "host", "owned", "process"]
