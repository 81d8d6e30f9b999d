"""Hosts in memory whose engines keep images and containers, what the probes state of them and what follows from that."""

from pathlib import Path
from typing import Any

from files.file_facts import GROUP, NAMES, PROBES, PROC
from files.file_host import host as file_host

from hostcheck.facts_schema import load_facts_schema
from hostcheck.host.answers import Group, Stat, User
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole, HoleError
from hostcheck.parting import part, unite
from hostcheck.schema import compile_schema
from hostcheck.testing.probes import stated
from hostcheck.view import View
from hostcheck_builtin.storage import analysis_storage_separation, probe_storage, probe_user_storage

FOLDER = Path(probe_storage.__file__).parent
NAMED = ("probe_storage", "probe_user_storage", "analysis_storage_separation")
OBEYS = {name: compile_schema(load_facts_schema(str(FOLDER / f"{name}.facts.json"))) for name in NAMED}
COLLECT = {"storage": probe_storage.collect, "user-storage": probe_user_storage.collect}
DISK = "22 1 0:21 / /proc rw - proc proc rw\n27 1 254:0 / / rw,nosuid - ext4 /dev/vda rw\n"
MINE = "30 27 254:1 / {} rw,nodev,noexec - {} /dev/vdb rw,password=x\n"
CONF = "/etc/containers/storage.conf"
GRAPH = "/var/lib/containers/storage"
ANNS = "/home/ann/.local/share/containers/storage"
BOBS = "/home/bob/.local/share/containers/storage"
ANNS_CONF = "/home/ann/.config/containers/storage.conf"


def folder(uid: int = 0, mode: int = 0o755, **more: Any) -> Stat:
    return Stat(type="dir", uid=uid, gid=uid, mode=mode, **more)


def host(
    files: dict[str, Any] | None = None, *, table: str = DISK, folders: dict[str, Stat] | None = None, stats: dict[str, Stat] | None = None, **more: Any
) -> MemoryHost:
    """Return a host; what is in a home is its user's."""
    owned = {}
    for path in folders or {}:
        uid = {"ann": 1000, "bob": 1001}.get(path.split("/")[2]) if path.startswith("/home/") else None
        while uid and (path := path.rpartition("/")[0]).count("/") > 1:
            owned[path] = folder(uid, 0o700)
    users = [User(name=name, uid=uid, gid=uid, home=home, shell="/bin/sh") for name, uid, home in NAMES]
    groups = [Group(name="root", gid=0, members=()), Group(name="staff", gid=50, members=("bob",)), Group(name="empty", gid=51, members=())]
    usual = {"/etc/group": GROUP, "/etc/gshadow": "", "/etc/nsswitch.conf": "passwd: files\ngroup: files\n", "/proc/self/mountinfo": table}
    given = {"users": users, "groups": groups, **more, "links": {**PROC, **more.pop("links", {})}}
    return file_host({**usual, **(files or {})}, stats={**owned, **(folders or {}), **(stats or {})}, **given)


def facts(probe: str, *args: Any, **kwargs: Any) -> Any:
    told = stated(COLLECT[probe], host(*args, **kwargs))
    assert OBEYS[f"probe_{probe.replace('-', '_')}"](told) is not False, told
    return told


def document(*args: Any, **kwargs: Any) -> dict[str, Any]:
    """Return what the probes state of one host."""
    one = host(*args, **kwargs)
    return {name: stated(collect, one) for name, collect in {**PROBES, **COLLECT}.items()}


def derive(told: dict[str, Any]) -> Any:
    """Derive as `evaluate` does, from facts that went through evidence."""
    view = View({name: value if isinstance(value, Hole) else unite(*part(value), name) for name, value in told.items()})
    try:
        derived = unite(*part(analysis_storage_separation.derive(view, {})), "storage-separation")
    except HoleError as error:
        return error.hole
    assert OBEYS["analysis_storage_separation"](derived) is not False, derived
    return derived


def separation(*args: Any, **kwargs: Any) -> Any:
    return derive(document(*args, **kwargs))


def database(graph_root: str, run_root: str, driver: str = "overlay", before: str = "\0linux") -> bytes:
    """Return what stands in Podman's database: the row of DBConfig, as SQLite keeps it."""
    row = f"{before}{graph_root}/libpod/tmp/storage-run-1000/libpod/tmp{graph_root}{run_root}{driver}{graph_root}/volumes"
    return b"SQLite format 3\0" + row.encode() + b"\0\0"
