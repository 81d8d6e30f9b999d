"""Hosts with rules of sudo and doas, and what the analysis derives from them, as `evaluate` does."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from system.outermost import outermost

from hostcheck.facts_schema import load_facts_schema
from hostcheck.host.answers import Stat
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole, HoleError
from hostcheck.parting import part, unite
from hostcheck.schema import compile_schema
from hostcheck.testing.probes import stated
from hostcheck.view import View
from hostcheck_builtin.privileged_programs import analysis_sudo_rights, probe_doas, probe_sudo

FOLDER = Path(probe_sudo.__file__).parent
SUDO, DOAS, RIGHTS = (load_facts_schema(str(FOLDER / f"{name}.facts.json")) for name in ("probe_sudo", "probe_doas", "analysis_sudo_rights"))
OBEYS = {name: compile_schema(schema) for name, schema in (("sudo", SUDO), ("doas", DOAS), ("sudo-rights", RIGHTS))}
MOUNTS = "27 1 254:0 / / rw - ext4 /dev/vda rw\n"
SETUID = Stat(type="file", uid=0, gid=0, mode=0o4755)
PEOPLE = {"ann": 1000, "bob": 1001, "cat": 1002, "dan": 1003, "eve": 1004}
GROUPS = {"wheel": (50, ["bob"]), "staff": (51, ["cat", "dan"]), "docker": (52, []), "ops": (53, ["dan"])}


def host(sudoers: str | None = None, files: Mapping[str, Any] | None = None, *, doas: str | None = None, stats: Mapping[str, Stat] | None = None) -> MemoryHost:
    """Return a host with these rules, and the programs where there are rules."""
    told = {"/proc/self/mountinfo": MOUNTS, "/proc/sys/kernel/hostname": "host1\n"}
    programs: dict[str, Stat] = {}
    for text, path, program in ((sudoers, "/etc/sudoers", "/usr/bin/sudo"), (doas, "/etc/doas.conf", "/usr/bin/doas")):
        if text is not None:
            told |= {path: text, program: ""}
            programs[program] = SETUID
    return outermost({**told, **(files or {})}, stats={**programs, **(stats or {})})


def sudo(sudoers: str | None = None, files: Mapping[str, Any] | None = None, **more: Any) -> Any:
    """Return what the probe sudo states, which obeys its schema."""
    told = stated(probe_sudo.collect, host(sudoers, files, **more))
    assert OBEYS["sudo"](told) is not False, told
    return told


def doas(conf: str | None = None, **more: Any) -> Any:
    """Return what the probe doas states, which obeys its schema."""
    told = stated(probe_doas.collect, host(doas=conf, **more))
    assert OBEYS["doas"](told) is not False, told
    return told


def facts(
    sudoers: str | None = None,
    files: Mapping[str, Any] | None = None,
    *,
    conf: str | None = None,
    people: Mapping[str, int] = PEOPLE,
    groups: Mapping[str, tuple[int, list[str]]] = GROUPS,
    principals: Mapping[str, Any] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """Return the facts of a host with these rules and users."""
    users: dict[str, Any] = {name: {"name": name, "uid": uid, "gid": uid, "home": f"/home/{name}", "shell": "/bin/sh"} for name, uid in people.items()}
    users["root"] = {"name": "root", "uid": 0, "gid": 0, "home": "/root", "shell": "/bin/sh"}
    lines = {name: {"name": name, "gid": gid, "members": members, "password": False} for name, (gid, members) in groups.items()}
    files_say = {"users": users, "groups": lines, "commented_groups": {}, "gshadow": {}, "processes": {}, "stock_accounts": {}}
    return {
        "host": {"scan": {"init_userns": True}},
        "principals": {**files_say, **(principals or {})},
        "nss": {"users": {}, "groups": {}, "memberships": {}},
        "group-grants": {"pam_group": {"rules": {}, "services": {}}, "units": {}, "new_users": {}, "cloud_init": {}, "sysusers": {}, "setgid_files": {}},
        "sudo": sudo(sudoers, files, **more),
        "doas": doas(conf, files=files, **more),
    }


def derive(told: dict[str, Any]) -> Any:
    """Derive as `evaluate` does, from facts that went through evidence."""
    view = View({name: value if isinstance(value, Hole) else unite(*part(value), name) for name, value in told.items()})
    try:
        derived = unite(*part(analysis_sudo_rights.derive(view, {})), "sudo-rights")
    except HoleError as error:
        return error.hole
    assert OBEYS["sudo-rights"](derived) is not False, derived
    return derived


def grants(*args: Any, **more: Any) -> Any:
    """Return the rights on a host with these rules."""
    return derive(facts(*args, **more))["grants"]


def told(*args: Any, **more: Any) -> list[tuple[str, str, str, str, str]]:
    """Return who gets what as whom: the words, the need, what it gives, and ? where it is not certain."""
    found = grants(*args, **more)
    return [(f"{one['name']} {one['as_name']}", one["command"], one["needs"], one["gives"], "" if one["certain"] else "?") for one in found.values()]
