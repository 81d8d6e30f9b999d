"""A host in memory with the homes of ann and bob, and what user-clients states of them."""

from hashlib import sha256
from pathlib import Path
from typing import Any

from hostcheck.facts_schema import load_facts_schema
from hostcheck.host.answers import Stat
from hostcheck.host.memory import MemoryHost
from hostcheck.schema import compile_schema
from hostcheck.testing.probes import stated
from hostcheck_builtin.clients import probe_user_clients as probe

SCHEMA = load_facts_schema(str(Path(probe.__file__).parent / "probe_user_clients.facts.json"))
OBEYS = compile_schema(SCHEMA)
TABLE = "22 1 0:21 / /proc rw - proc proc rw\n27 1 254:0 / / rw - ext4 /dev/vda rw\n"
PASSWD = "root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\nbob:x:1001:1001::/home/bob:/bin/sh\n"
ANN = "/home/ann"
CONFIG = f"{ANN}/.docker/config.json"
SOCK = {"scheme": "unix", "path": "/run/user/1000/docker.sock"}
EMPTY: dict[str, Any] = {"variables": {}, "context": "default", "contexts": {}, "enabled": []}


def meta(name: str) -> str:
    return f"{ANN}/.docker/contexts/meta/{sha256(name.encode()).hexdigest()}/meta.json"


def owned(kind: str, uid: int = 1000, mode: int = 0o755) -> Stat:
    return Stat(type=kind, uid=uid, gid=uid, mode=mode)


def host(files: dict[str, Any] | None = None, *, table: str = TABLE, caps: int = 1 << 1, stats: dict[str, Stat] | None = None, **more: Any) -> MemoryHost:
    usual = {"/etc/passwd": PASSWD, "/proc/self/mountinfo": table, "/proc/self/status": f"Name:\tx\nCapEff:\t{caps:016x}\n"}
    owners: dict[str, Stat] = {ANN: owned("dir", 1000, 0o700), "/home/bob": owned("dir", 1001, 0o700)}
    for path in (*(files or {}), *more.get("links", {})):
        uid = {"ann": 1000, "bob": 1001}.get(path.split("/")[2]) if path.startswith("/home/") else None
        if uid is not None:
            owners[path] = owned("link" if path in more.get("links", {}) else "file", uid)
            while (path := path.rpartition("/")[0]).count("/") > 2:
                owners[path] = owned("dir", uid)
    return MemoryHost({**usual, **(files or {})}, stats={**owners, **(stats or {})}, **more)


def facts(*args: Any, **kwargs: Any) -> Any:
    told = stated(probe.collect, host(*args, **kwargs))
    assert OBEYS(told) is not False, told
    return told


def anns(*args: Any, **kwargs: Any) -> Any:
    return facts(*args, **kwargs)["users"]["1000"][ANN]


METAS: dict[str, Any] = {
    '{"Name":"work","Metadata":{},"Endpoints":{"docker":{"Host":"unix:///run/user/1000/docker.sock","SkipTLSVerify":false}}}': SOCK,
    '{"endpoints":{"docker":{"host":"unix:///run/user/1000/docker.sock"}}}': SOCK,
    '{"Endpoints":{"docker":{"Host":"ssh://ann:secret@x"}}}': {"scheme": "ssh", "host": "another host"},
    '{"Endpoints":{"docker":{"Host":""}}}': {"scheme": "unix", "path": "/var/run/docker.sock"},
    '{"Endpoints":{"docker":{}}}': {"scheme": "unix", "path": "/var/run/docker.sock"},
    '{"Endpoints":{"Docker":{"Host":"unix:///x"}}}': None,
    '{"Endpoints":{"docker":{"Host":"unix:///run/$UID"}}}': None,
    '{"Endpoints":{"docker":{"Host":1}}}': None,
    '{"Endpoints":[]}': None,
    "junk": None,
}
