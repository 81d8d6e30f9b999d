"""What root's dockerd was told and what its service would tell it: flags, the file that they lead to, and what of both would keep it from starting.

What a daemon says of itself over its socket is asked for by the probe engines; this one says which sockets are whose.
"""

from typing import Final

from hostcheck.api import Hole, Host, Json, Why, attempt, incomplete, worst_hole
from hostcheck_builtin.daemon import config_file, daemon_process, services
from hostcheck_builtin.daemon.configuration import DEFAULT
from hostcheck_builtin.daemon.daemon_process import Daemon
from hostcheck_builtin.daemon.flags import Flags
from hostcheck_builtin.daemon.services import Service
from hostcheck_builtin.engines import engine_programs, rootlesskit
from hostcheck_builtin.system.path_walk import LstatCache

MANY: Final = 50
"""How many daemons of root's are looked at; there is one, or one more in a test."""


def collect(host: Host) -> Json:
    """State ``{daemons}``: those that run by their socket, a service that does not run by its name."""
    lstats: LstatCache = {}
    running = engine_programs.of_root(host, lstats)
    unread = running.unread
    if len(running.pids) > MANY:
        unread = worst_hole(unread, Hole(why=Why.LIMIT, message=f"root runs more than {MANY} engines"))
    booted = attempt(services.booted, host)
    found: dict[str, Json] = {}
    named: set[str] = set()
    for pid in running.pids[:MANY]:
        one = attempt(daemon_process.daemon, host, pid)
        if isinstance(one, Hole):
            unread = worst_hole(unread, one)
        elif one is not None:
            service = attempt(_service, host, one, booted)
            found[one.name()] = {**daemon_process.stated(one), "file": config_file.of_root(host, one.flags, lstats), "service": _stated(host, service, lstats)}
            named.add(service.name if isinstance(service, Service) else "")
    for service in _others(host, booted, named):
        found[service.name] = {"running": unread or False, "service": _stated(host, service, lstats)}
    return {"daemons": incomplete(dict(sorted(found.items())), unread)}


def _service(host: Host, one: Daemon, booted: bool | Hole) -> Service | Hole | None:
    """Return what starts a daemon that runs: the unit in whose control group it is, or init's script where it reads the same file as that would."""
    unit = rootlesskit.unit(host, one.pid)
    if unit["manager"] == "system":
        return services.of_unit(host, unit["name"]) or services.not_known(unit["name"])
    if booted is not False:
        return booted if isinstance(booted, Hole) else None
    script = services.of_script(host)
    return script if script is not None and _file(script.flags) == _file(one.flags) else None


def _file(found: Flags | Hole) -> str:
    return DEFAULT if isinstance(found, Hole) else found.config_file or DEFAULT


def _others(host: Host, booted: bool | Hole, named: set[str]) -> list[Service]:
    """Return the services that none of the daemons was started by."""
    unit = services.of_unit(host, services.UNIT) if booted is not False and services.UNIT not in named else None
    script = services.of_script(host) if booted is False and services.SCRIPT not in named else None
    return [one for one in (unit, script) if one is not None]


def _stated(host: Host, service: Service | Hole | None, lstats: LstatCache) -> Json:
    if isinstance(service, Hole):
        return service
    if service is None:
        return {"kind": "none", "name": ""}
    return {**service.stated(), "file": config_file.of_root(host, service.flags, lstats)}
