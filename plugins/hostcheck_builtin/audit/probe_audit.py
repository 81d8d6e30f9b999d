"""What is recorded of changes to an engine: the kernel's audit rules, those of the files that are loaded at boot, and whether auditd takes the records.

Nothing is run: the kernel is asked over netlink, and the files are read as augenrules(8) and auditctl(8) read them. Rules about nothing that is told
here (a system call, a user) are counted.
"""

from hostcheck.api import Hole, Host, Json, attempt
from hostcheck_builtin.audit.kernel_rules import rule
from hostcheck_builtin.audit.rule_files import daemon, in_files
from hostcheck_builtin.audit.watched_places import EnginePlaces
from hostcheck_builtin.system.path_walk import LstatCache


def collect(host: Host) -> Json:
    """State ``{kernel, daemon, boot, places}``."""
    places = EnginePlaces(host)
    stated = daemon(host)
    return {
        "kernel": attempt(_kernel, host, places),
        "daemon": stated,
        "boot": attempt(lambda: in_files(host, stated["loader"], LstatCache(), places.at_boot)),
        "places": places.found(),
    }


def _kernel(host: Host, places: EnginePlaces) -> Json:
    try:
        told = attempt(host.audit_rules)
    except FileNotFoundError:
        return {"present": False}
    if isinstance(told, Hole):
        return told
    rules = [rule(raw, number) for number, raw in enumerate(told.rules, 1)]
    kept = [places.resolved(one) if one.path else one for one in rules if one.counts]
    return {
        "present": True,
        "enabled": told.enabled,
        "pid": told.pid,
        "rules": [one.stated() for one in kept],
        "others": len(rules) - len(kept),
    }
