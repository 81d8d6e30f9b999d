"""A host in memory whose users have engines that tell of containers."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from containers.container_host import answers
from engines.engine_host import ANN, ANNS, HEAD, host, owned, process

from hostcheck.facts_schema import load_facts_schema
from hostcheck.host.answers import Answer, Peer
from hostcheck.schema import compile_schema
from hostcheck.testing.probes import stated
from hostcheck_builtin.containers import probe_user_containers

SCHEMA = load_facts_schema(str(Path(probe_user_containers.__file__).with_name("probe_user_containers.facts.json")))
BOBS = "/run/user/1001/podman/podman.sock"
BOB: dict[str, Any] = {
    "peers": {BOBS: Peer(pid=800, uid=1001, gid=1001)},
    "stats": {"/run/user/1001/podman": owned("dir", 1001), BOBS: owned("socket", 1001)},
    "processes": (process(800, 1001, "podman", "/usr/bin/podman"),),
}
BOTH: dict[str, Any] = {key: {**ANN[key], **BOB[key]} for key in ("peers", "stats")} | {"processes": (*ANN["processes"], *BOB["processes"])}
HOMES = {"/home/ann": owned("dir", 1000), "/home/bob": owned("dir", 1001)}


def theirs(uid: int, *containers: dict[str, Any], engine: str = "docker", **more: Any) -> dict[str, Answer | Exception]:
    """Return what the engine of a user answers."""
    volumes = more.pop("volumes", ())
    told = answers(*containers, engine=engine, volumes=volumes)
    return {**{path: replace(one, uid=uid) if isinstance(one, Answer) else one for path, one in told.items()}, **more}


def at_many(uid: int, count: int) -> dict[str, Any]:
    """Return what a host has where a user listens at many names of an engine."""
    paths = [f"/tmp/{number}/docker.sock" for number in range(count)]
    rows = "".join(f"0000000000000000: 00000002 00000000 00010000 0001 01 {100 + number:5} {path}\n" for number, path in enumerate(paths))
    stats = {path: owned("socket", uid) for path in paths} | {f"/tmp/{number}": owned("dir", uid) for number in range(count)}
    return {"unix": HEAD + rows, "stats": stats, "peers": {path: Peer(pid=8, uid=uid, gid=uid) for path in paths}}


def facts(**kwargs: Any) -> Any:
    """Return what the probe states of users, which obeys its schema."""
    kwargs["stats"] = {**HOMES, **kwargs.get("stats", {})}
    told = stated(probe_user_containers.collect, host(**kwargs))
    assert compile_schema(SCHEMA)(told) is not False, told
    return told["users"]


def anns(*containers: dict[str, Any], **more: Any) -> Any:
    """Return what is stated of ann, who has docker with these containers."""
    return facts(**ANN, answers={ANNS: theirs(1000, *containers, **more)})["1000"]
