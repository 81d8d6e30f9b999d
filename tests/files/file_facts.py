"""Facts as the probes state them of hosts in memory, and what file-access derives from them."""

from pathlib import Path
from typing import Any

from files.file_host import dockerd, host

from hostcheck.facts_schema import load_facts_schema
from hostcheck.host.answers import Group, Process, Stat, User
from hostcheck.model import Hole, HoleError
from hostcheck.parting import part, unite
from hostcheck.schema import compile_schema
from hostcheck.testing.probes import stated
from hostcheck.view import View
from hostcheck_builtin.accounts import probe_nss, probe_principals
from hostcheck_builtin.clients import probe_user_clients
from hostcheck_builtin.files import analysis_file_access, probe_engine_files, probe_user_files
from hostcheck_builtin.groups import probe_group_grants
from hostcheck_builtin.host import probe_host

SCHEMA = load_facts_schema(str(Path(analysis_file_access.__file__).parent / "analysis_file_access.facts.json"))
OBEYS = compile_schema(SCHEMA)
PROBES = {
    "engine-files": probe_engine_files.collect,
    "group-grants": probe_group_grants.collect,
    "host": probe_host.collect,
    "nss": probe_nss.collect,
    "principals": probe_principals.collect,
    "user-clients": probe_user_clients.collect,
    "user-files": probe_user_files.collect,
}
GROUP = "root:x:0:\nann:x:1000:\nbob:x:1001:\nstaff:x:50:bob\nempty:x:51:\n"
NAMES = (("root", 0, "/root"), ("ann", 1000, "/home/ann"), ("bob", 1001, "/home/bob"))
PROC = {"/proc/self/ns/user": "user:[4026531837]", "/proc/self/ns/pid": "pid:[4026531836]"}
OPEN = Stat(type="dir", uid=0, gid=0, mode=0o777)


def process(pid: int, uid: int, *groups: int, **more: Any) -> Process:
    return Process(
        pid=pid, ppid=1, name="sh", uids=(uid,) * 4, gids=(uid,) * 4, groups=groups, **{"cap_effective": 0, "host_mounts": True, "user_view": False, **more}
    )


def document(files: dict[str, Any] | None = None, *, processes: Any = (), links: dict[str, str] | None = None, **more: Any) -> dict[str, Any]:
    """Return what the probes state of a host with docker."""
    running, arguments = dockerd()
    usual = {"/etc/group": GROUP, "/etc/gshadow": "", "/etc/nsswitch.conf": "passwd: files\ngroup: files\n", **arguments}
    users = [User(name=name, uid=uid, gid=uid, home=home, shell="/bin/sh") for name, uid, home in NAMES]
    groups = [Group(name="root", gid=0, members=()), Group(name="staff", gid=50, members=("bob",)), Group(name="empty", gid=51, members=())]
    one = host({**usual, **(files or {})}, processes=[running, *processes], users=users, groups=groups, links={**PROC, **(links or {})}, **more)
    return {name: stated(collect, one) for name, collect in PROBES.items()}


def derive(told: dict[str, Any]) -> Any:
    """Derive as `evaluate` does, from facts that went through evidence."""
    view = View({name: value if isinstance(value, Hole) else unite(*part(value), name) for name, value in told.items()})
    try:
        derived = unite(*part(analysis_file_access.derive(view, {})), "file-access")
    except HoleError as error:
        return error.hole
    assert OBEYS(derived) is not False, derived
    return derived


def access(*args: Any, **kwargs: Any) -> Any:
    return derive(document(*args, **kwargs))
