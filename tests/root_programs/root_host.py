"""A host in memory with what root runs, what the probe states of it, and what the analysis derives."""

from pathlib import Path
from typing import Any

from hostcheck.facts_schema import load_facts_schema
from hostcheck.host.answers import Group, Stat, User
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole, HoleError
from hostcheck.parting import part, unite
from hostcheck.schema import compile_schema
from hostcheck.testing.probes import stated
from hostcheck.view import View
from hostcheck_builtin.accounts import probe_nss, probe_principals
from hostcheck_builtin.groups import probe_group_grants
from hostcheck_builtin.host import probe_host
from hostcheck_builtin.root_programs import analysis_root_program_access, probe_root_programs

FOLDER = Path(probe_root_programs.__file__).parent
OBEYS = compile_schema(load_facts_schema(str(FOLDER / "probe_root_programs.facts.json")))
DERIVED = compile_schema(load_facts_schema(str(FOLDER / "analysis_root_program_access.facts.json")))
PASSWD = "root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\nbob:x:1001:1001::/home/bob:/bin/sh\nwww:x:33:33::/srv:/bin/false\n"
GROUP = "root:x:0:\nann:x:1000:\nbob:x:1001:\nwww:x:33:\nstaff:x:50:bob\nempty:x:51:\n"
USUAL = {
    "/usr/sbin/cron": "x",
    "/etc/passwd": PASSWD,
    "/etc/group": GROUP,
    "/etc/gshadow": "",
    "/etc/nsswitch.conf": "passwd: files\ngroup: files\n",
    "/proc/self/mountinfo": "22 1 0:21 / /proc rw - proc proc rw\n27 1 254:0 / / rw - ext4 /dev/vda rw\n",
    "/proc/self/status": "Name:\tx\nCapEff:\t0000000000000002\n",
}
PROC = {"/proc/self/ns/user": "user:[4026531837]", "/proc/self/ns/pid": "pid:[4026531836]"}
PROBES = {
    "group-grants": probe_group_grants.collect,
    "host": probe_host.collect,
    "nss": probe_nss.collect,
    "principals": probe_principals.collect,
    "root-programs": probe_root_programs.collect,
}
OPEN = Stat(type="dir", uid=0, gid=0, mode=0o777)


def file(uid: int = 0, mode: int = 0o755, gid: int | None = None, **more: Any) -> Stat:
    return Stat(type="file", uid=uid, gid=uid if gid is None else gid, mode=mode, **more)


def folder(uid: int = 0, mode: int = 0o755, gid: int | None = None) -> Stat:
    return Stat(type="dir", uid=uid, gid=uid if gid is None else gid, mode=mode)


def host(files: dict[str, Any] | None = None, *, stats: dict[str, Stat] | None = None, links: dict[str, str] | None = None, **more: Any) -> MemoryHost:
    """Return a host with these files of root's, and those in homes of the user of the home; None takes away a usual one."""
    owners: dict[str, Stat] = {}
    for path in files or {}:
        uid = {"ann": 1000, "bob": 1001}.get(path.split("/")[2]) if path.startswith("/home/") else None
        if uid is not None:
            owners[path] = file(uid)
            while (path := path.rpartition("/")[0]).count("/") > 1:
                owners[path] = folder(uid, 0o755)
    names = (("root", 0, "/root"), ("ann", 1000, "/home/ann"), ("bob", 1001, "/home/bob"), ("www", 33, "/srv"))
    users = [User(name=name, uid=uid, gid=uid, home=home, shell="/bin/sh") for name, uid, home in names]
    groups = [Group(name="root", gid=0, members=()), Group(name="staff", gid=50, members=("bob",)), Group(name="empty", gid=51, members=())]
    given = {"processes": (), "users": users, "groups": groups, **more}
    return MemoryHost(
        {path: one for path, one in {**USUAL, **(files or {})}.items() if one is not None},
        stats={**owners, **(stats or {})},
        links={**PROC, **(links or {})},
        **given,
    )


def facts(*args: Any, **kwargs: Any) -> Any:
    told = stated(probe_root_programs.collect, host(*args, **kwargs))
    assert OBEYS(told) is not False, told
    return told


def listed(group: str, *args: Any, **kwargs: Any) -> Any:
    """Return the files of one group."""
    return facts(*args, **kwargs)[group]["files"]


def document(*args: Any, **kwargs: Any) -> dict[str, Any]:
    one = host(*args, **kwargs)
    return {**{name: stated(collect, one) for name, collect in PROBES.items()}, "containers": {"containers": {}}}


def derive(told: dict[str, Any]) -> Any:
    """Derive as `evaluate` does, from facts that went through evidence."""
    view = View({name: value if isinstance(value, Hole) else unite(*part(value), name) for name, value in told.items()})
    try:
        derived = unite(*part(analysis_root_program_access.derive(view, {})), "root-program-access")
    except HoleError as error:
        return error.hole
    assert DERIVED(derived) is not False, derived
    return derived


def access(*args: Any, **kwargs: Any) -> Any:
    """Return the files that somebody can change."""
    return derive(document(*args, **kwargs))["files"]


def places(found: Any) -> dict[str, list[str]]:
    """Return where it is written why each file is run, and what is done with it."""
    return {path: sorted(f"{use['place']} {use['how']}" for use in one["uses"].values()) for path, one in found.items()}


def kinds(found: Any) -> dict[str, set[str]]:
    return {path: {use["kind"] for use in one["uses"].values()} for path, one in found.items()}
