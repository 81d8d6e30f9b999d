"""A host in memory with docker installed, and what the probes of files state of it."""

import json
from pathlib import Path
from typing import Any

from hostcheck.facts_schema import load_facts_schema
from hostcheck.host.answers import Process, Stat
from hostcheck.host.memory import MemoryHost
from hostcheck.schema import compile_schema
from hostcheck.testing.probes import stated
from hostcheck_builtin.files import probe_engine_files, probe_user_files

FOLDER = Path(probe_engine_files.__file__).parent
OBEYS = {name: compile_schema(load_facts_schema(str(FOLDER / f"probe_{name}_files.facts.json"))) for name in ("engine", "user")}
COLLECT = {"engine": probe_engine_files.collect, "user": probe_user_files.collect}
TABLE = "22 1 0:21 / /proc rw - proc proc rw\n27 1 254:0 / / rw - ext4 /dev/vda rw\n"
PASSWD = "root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\nbob:x:1001:1001::/home/bob:/bin/sh\n"
ENGINE = {"/usr/bin/dockerd": "x", "/usr/bin/docker": "x", "/usr/bin/runc": "x", "/usr/sbin/x": "x"}
UNIT = "/usr/lib/systemd/system/docker.service"
JSON = "/etc/docker/daemon.json"
PROGRAM = Stat(type="file", uid=0, gid=0, mode=0o755)
OPEN = Stat(type="dir", uid=0, gid=0, mode=0o777)
CLOSED_DIR = Stat(type="dir", uid=0, gid=0, mode=0o755)
SECRET = "c2VjcmV0OmNhbmFyeQ=="
LOGIN = json.dumps({"auths": {"registry.example": {"auth": SECRET}}})


def file(uid: int = 0, mode: int = 0o644, **more: Any) -> Stat:
    return Stat(type="file", uid=uid, gid=uid, mode=mode, **more)


def folder(uid: int = 0, mode: int = 0o755, **more: Any) -> Stat:
    return Stat(type="dir", uid=uid, gid=uid, mode=mode, **more)


def dockerd(*arguments: str, pid: int = 500, name: str = "dockerd", exe: str = "/usr/bin/dockerd") -> tuple[Process, dict[str, str]]:
    """Return root's dockerd that runs, with the file of its arguments."""
    process = Process(pid=pid, ppid=1, name=name, uids=(0,) * 4, gids=(0,) * 4, groups=(), cap_effective=0, exe=exe, host_mounts=True)
    return process, {f"/proc/{pid}/cmdline": "\0".join((exe, *arguments)) + "\0"}


def host(files: dict[str, Any] | None = None, *, engine: bool = True, caps: int = 1 << 1, stats: dict[str, Stat] | None = None, **more: Any) -> MemoryHost:
    usual = {"/etc/passwd": PASSWD, "/proc/self/mountinfo": TABLE, "/proc/self/status": f"Name:\tx\nCapEff:\t{caps:016x}\n"}
    owners: dict[str, Stat] = {"/home/ann": folder(1000, 0o700), "/home/bob": folder(1001, 0o700)}
    for path in (*(files or {}), *more.get("links", {})):
        uid = {"ann": 1000, "bob": 1001}.get(path.split("/")[2]) if path.startswith("/home/") else None
        if uid is not None:
            owners[path] = Stat(type="link" if path in more.get("links", {}) else "file", uid=uid, gid=uid, mode=0o600)
            while (path := path.rpartition("/")[0]).count("/") > 2:
                owners[path] = folder(uid, 0o700)
    return MemoryHost({**usual, **(ENGINE if engine else {}), **(files or {})}, stats={**owners, **(stats or {})}, **{"processes": (), **more})


def facts(which: str, one: Any) -> Any:
    told = stated(COLLECT[which], one)
    assert OBEYS[which](told) is not False, told
    return told


def engine_files(*args: Any, **kwargs: Any) -> Any:
    return facts("engine", host(*args, **kwargs))


def user_files(*args: Any, **kwargs: Any) -> Any:
    return facts("user", host(*args, **kwargs))["homes"]
