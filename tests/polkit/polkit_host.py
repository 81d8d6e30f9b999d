"""Hosts with polkit, and what its analysis says of them, as `evaluate` does; rules have the shape of those that distributions ship, in words of our own."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from privileged_programs.rights import facts as facts_of_people
from system.outermost import outermost

from hostcheck.facts_schema import load_facts_schema
from hostcheck.host.answers import Stat
from hostcheck.host.memory import MemoryHost
from hostcheck.model import HoleError
from hostcheck.parting import part, unite
from hostcheck.schema import compile_schema
from hostcheck.testing.probes import stated
from hostcheck.view import View
from hostcheck_builtin.polkit import analysis_polkit_access, probe_polkit

FOLDER = Path(probe_polkit.__file__).parent
PROBE, ACCESS = (compile_schema(load_facts_schema(str(FOLDER / f"{name}.facts.json"))) for name in ("probe_polkit", "analysis_polkit_access"))
DAEMON, OLD_DAEMON, PKEXEC = "/usr/lib/polkit-1/polkitd", "/usr/libexec/polkitd", "/usr/bin/pkexec"
ETC, SHARE = "/etc/polkit-1/rules.d", "/usr/share/polkit-1/rules.d"
EXEC, UNITS, LIBVIRT = "org.freedesktop.policykit.exec", "org.freedesktop.systemd1.manage-units", "org.libvirt.unix.manage"
MOUNTS = "27 1 254:0 / / rw - ext4 /dev/vda rw\n"
GROUPS: dict[str, tuple[int, list[str]]] = {"sudo": (27, ["ann"]), "staff": (50, ["bob", "cat"]), "libvirt": (64, [])}
SUDOERS = 'polkit.addAdminRule(function(a, s) { return ["unix-group:sudo"]; });\n'


def policy(*names: str, any_: str = "auth_admin", active: str = "auth_admin_keep", more: str = "") -> str:
    """Return a file that registers these actions."""
    defaults = f"<defaults><allow_any>{any_}</allow_any><allow_inactive>{any_}</allow_inactive><allow_active>{active}</allow_active></defaults>"
    told = "".join(f'<action id="{name}"><description>x</description>{defaults}{more}</action>\n' for name in names)
    return f'<?xml version="1.0"?>\n<policyconfig>\n{told}</policyconfig>\n'


def program(name: str, path: str, **more: str) -> str:
    """Return a file that registers an action of pkexec for one program."""
    return policy(name, more=f'<annotate key="org.freedesktop.policykit.exec.path">{path}</annotate>', **more)


ACTIONS = {f"/usr/share/polkit-1/actions/{name}.policy": policy(name) for name in (EXEC, UNITS, LIBVIRT)}


def rule(condition: str, result: str = "YES") -> str:
    """Return a rule that gives a result under a condition."""
    return f"polkit.addRule(function(action, subject) {{\n  if ({condition}) {{ return polkit.Result.{result}; }}\n}});\n"


def host(rules: Mapping[str, Any] | str = "", files: Mapping[str, Any] | None = None, *, daemon: str = DAEMON, pkexec: bool = True) -> MemoryHost:
    """Return a host with these rules, by file or as those of one file, and with administrators by the group sudo."""
    told = {f"{ETC}/10-own.rules": rules} if isinstance(rules, str) else dict(rules)
    there = {"/proc/self/mountinfo": MOUNTS, f"{SHARE}/50-default.rules": SUDOERS, **ACTIONS, **told, **(files or {})}
    there |= {daemon: ""} if daemon else {}
    there |= {PKEXEC: ""} if pkexec else {}
    return outermost(there, stats={PKEXEC: Stat(type="file", uid=0, gid=0, mode=0o4755)} if pkexec else {})


def polkit(*args: Any, **more: Any) -> Any:
    """Return what the probe states, which obeys its schema."""
    told = stated(probe_polkit.collect, host(*args, **more))
    assert PROBE(told) is not False, told
    return told


def derive(told: Any, **people: Any) -> Any:
    """Return what the analysis says of what the probe states, which obeys its schema."""
    return access({**facts_of_people(groups=people.pop("groups", GROUPS), **people), "polkit": told})


def access(facts: Mapping[str, Any]) -> Any:
    """Return what the analysis says of these facts, which obeys its schema."""
    view = View({name: unite(*part(value), name) for name, value in facts.items()})
    try:
        derived = unite(*part(analysis_polkit_access.derive(view, {})), "polkit-access")
    except HoleError as error:
        return error.hole
    assert ACCESS(derived) is not False, derived
    return derived


def grants(*args: Any, groups: Any = GROUPS, **more: Any) -> Any:
    """Return what is granted on such a host, by its words."""
    return derive(polkit(*args, **more), groups=groups)["grants"]


def told(*args: Any, **more: Any) -> set[tuple[str, str, str, bool, str]]:
    """Return who is granted which action first, what that needs, whether it is certain, and the session; without who is an administrator."""
    found = grants(*args, **more).values()
    return {(one["name"], one["actions"][0], one["needs"], one["certain"], one["session"]) for one in found if one["by"] != "administrator"}
