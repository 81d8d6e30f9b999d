"""A host in memory with programs that give rights, what its probe states of it, and what setuid-access makes of that."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from hostcheck.facts_schema import load_facts_schema
from hostcheck.host.answers import FileCapabilities, Group, Process, Stat, User
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole, HoleError
from hostcheck.parting import part, unite
from hostcheck.schema import compile_schema
from hostcheck.testing.probes import stated
from hostcheck.view import View
from hostcheck_builtin.accounts import probe_nss, probe_principals
from hostcheck_builtin.groups import probe_group_grants
from hostcheck_builtin.host import probe_host
from hostcheck_builtin.kernel import probe_kernel
from hostcheck_builtin.privileged_programs import analysis_setuid_access, probe_setuid_programs, probe_setuid_programs_deep

FOLDER = Path(probe_setuid_programs.__file__).parent
FACTS = compile_schema(load_facts_schema(str(FOLDER / "probe_setuid_programs.facts.json")))
ACCESS = compile_schema(load_facts_schema(str(FOLDER / "analysis_setuid_access.facts.json")))
PROBES = {
    "group-grants": probe_group_grants.collect,
    "host": probe_host.collect,
    "kernel": probe_kernel.collect,
    "nss": probe_nss.collect,
    "principals": probe_principals.collect,
    "setuid-programs": probe_setuid_programs.collect,
}
TABLE = "22 1 0:21 / /proc rw - proc proc rw\n27 1 254:0 / / rw - ext4 /dev/vda rw\n40 27 0:30 / /dev/shm rw,nosuid - tmpfs tmpfs rw\n"
PASSWD = "root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\nbob:x:1001:1001::/home/bob:/bin/sh\n"
GROUP = "root:x:0:\nann:x:1000:\nbob:x:1001:\nstaff:x:50:bob\n"
NAMES = (("root", 0, "/root"), ("ann", 1000, "/home/ann"), ("bob", 1001, "/home/bob"))
PROC = {"/proc/self/ns/user": "user:[4026531837]", "/proc/self/ns/pid": "pid:[4026531836]"}
ROOTS = Stat(type="file", uid=0, gid=0, mode=0o4755)
PLAIN = replace(ROOTS, mode=0o755)
HOME = Stat(type="dir", uid=1000, gid=1000, mode=0o755)
BASH, DOCKER = b"\x7fELF bash".ljust(5000), b"\x7fELF the docker client".ljust(6000)
USUAL = {"/usr/bin/bash": BASH, "/usr/bin/docker": DOCKER}


def caps(*bits: int, effective: bool = True, rootid: int = 0, inheritable: int = 0) -> FileCapabilities:
    return FileCapabilities(revision=3 if rootid else 2, permitted=sum(1 << bit for bit in bits), inheritable=inheritable, effective=effective, rootid=rootid)


def host(
    files: dict[str, Any] | None = None, stats: dict[str, Stat] | None = None, *, mounts: str = "", links: Any = (), processes: Any = (), **more: Any
) -> MemoryHost:
    """Return a host on which each of the files that no stat is given for is setuid root."""
    texts = {"/etc/passwd": PASSWD, "/etc/group": GROUP, "/etc/gshadow": "", "/etc/nsswitch.conf": "passwd: files\ngroup: files\n"}
    texts |= {"/proc/self/mountinfo": f"{TABLE}{mounts}", "/proc/self/status": f"Name:\tx\nCapEff:\t{1 << 1:016x}\n"}
    sized = {path: content if isinstance(content, bytes) else b"x" for path, content in {**USUAL, **(files or {})}.items()}
    owners: dict[str, Stat] = {path: replace(ROOTS, size=len(sized[path])) for path in files or {}}
    owners |= {path: replace(PLAIN, size=len(sized[path])) for path in USUAL}
    owners |= {path: replace(one, size=len(sized.get(path, b""))) for path, one in (stats or {}).items()}
    users = [User(name=name, uid=uid, gid=uid, home=home, shell="/bin/sh") for name, uid, home in NAMES]
    groups = [Group(name="staff", gid=50, members=("bob",))]
    faults = {path: content for path, content in (files or {}).items() if isinstance(content, Exception)}
    stated_files: dict[str, Any] = {**texts, **sized, **faults}
    homes = {"/home/ann": HOME, "/home/bob": replace(HOME, uid=1001, gid=1001)}
    return MemoryHost(stated_files, stats={**homes, **owners}, links={**PROC, **dict(links)}, users=users, groups=groups, processes=processes, **more)


def facts(*args: Any, **more: Any) -> Any:
    told = stated(probe_setuid_programs.collect, host(*args, **more))
    assert FACTS(told) is not False, told
    return told


def programs(*args: Any, **more: Any) -> Any:
    return facts(*args, **more)["programs"]


def process(pid: int, uid: int, *groups: int) -> Process:
    ids = {"uids": (uid,) * 4, "gids": (uid,) * 4, "groups": groups}
    return Process(pid=pid, ppid=1, name="sh", cap_effective=0, host_mounts=True, user_view=False, **ids)  # type: ignore[arg-type]


def document(*args: Any, deep: bool = False, **more: Any) -> dict[str, Any]:
    """Return the facts of a host; without `deep` its file systems were not to be walked."""
    one = host(*args, **more)
    found = {name: stated(collect, one) for name, collect in PROBES.items()}
    return {**found, "setuid-programs-deep": stated(probe_setuid_programs_deep.collect, one) if deep else None}


def derive(told: dict[str, Any]) -> Any:
    """Derive as `evaluate` does, from facts that went through evidence."""
    view = View({name: value if isinstance(value, Hole) else unite(*part(value), name) for name, value in told.items()})
    try:
        derived = unite(*part(analysis_setuid_access.derive(view, {})), "setuid-access")
    except HoleError as error:
        return error.hole
    assert ACCESS(derived) is not False, derived
    return derived


def access(*args: Any, **more: Any) -> Any:
    return derive(document(*args, **more))["programs"]
