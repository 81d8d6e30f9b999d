"""What root's dockerd was told and what its service would tell it: flags, the file that they lead to, and what of both would keep it from starting.

What a daemon says of itself over its socket is asked for by the probe engines; this one says which sockets are whose.
"""

from hostcheck.api import Hole, Host, Json, Why, attempt, incomplete, worst_hole
from hostcheck_builtin.daemon import config_file, daemon_process, runtime_programs, seccomp_profiles, services
from hostcheck_builtin.daemon.daemon_process import Daemon
from hostcheck_builtin.daemon.services import Service
from hostcheck_builtin.dockerd.daemon_json import DEFAULT
from hostcheck_builtin.dockerd.flags import Flags
from hostcheck_builtin.engines import engine_programs, rootlesskit
from hostcheck_builtin.system.bounds import ROOTS_DOCKERDS as MANY
from hostcheck_builtin.system.path_walk import LstatCache
from hostcheck_builtin.system.procfs import demand


def collect(host: Host) -> Json:
    """State ``{daemons, programs}``: those that run by their socket, a service that does not run by its name; and the runtimes' programs."""
    lstats: LstatCache = {}
    running, unread = _running(host, lstats)
    booted = attempt(services.booted, host)
    found: dict[str, Json] = {}
    started: list[Service | Hole | None] = []
    for one in running:
        service = attempt(_service, host, one, booted)
        started.append(service)
        file = config_file.of_root(host, one.flags, lstats)
        name = f"{one.name}, process {one.pid}" if one.name in found else one.name
        told = {**daemon_process.stated(one), "file": file, "service": _stated(host, service, lstats)}
        found[name] = {**told, "profiles": seccomp_profiles.of_root(host, told, lstats)}
    unknown = worst_hole(unread, booted, *started)
    idle = None if unknown else attempt(_idle, host, booted is True, {one.name for one in started if isinstance(one, Service)})
    if isinstance(idle, Service):
        told = {"running": False, "service": _stated(host, idle, lstats)}
        found[idle.name] = {**told, "profiles": seccomp_profiles.of_root(host, told, lstats)}
    unknown = worst_hole(unknown, idle)
    daemons = incomplete(dict(sorted(found.items())), unknown)
    return {"daemons": daemons, "programs": runtime_programs.stated(host, found, lstats, unknown)}


def _running(host: Host, lstats: LstatCache) -> tuple[list[Daemon], Hole | None]:
    """Return root's daemons, and the hole where there may be more."""
    running = engine_programs.of_root(host, lstats)
    unread = running.unread
    if len(running.pids) > MANY:
        unread = worst_hole(unread, Hole(why=Why.LIMIT, message=f"root runs more than {MANY} engines"))
    found = [attempt(daemon_process.daemon, host, pid) for pid in running.pids[:MANY]]
    return [one for one in found if isinstance(one, Daemon)], worst_hole(unread, attempt(_lost, host), *found)


def _lost(host: Host) -> Hole | None:
    """Return the hole that a process leaves that cannot be looked at: it may be a daemon."""
    lost = next((one.pid for one in host.processes() if one.lost), None)
    return None if lost is None else Hole(why=Why.DENIED, message=f"/proc/{lost}: a process that cannot be looked at may be a dockerd")


def _service(host: Host, one: Daemon, booted: bool | Hole) -> Service | Hole | None:
    """Return what starts a daemon that runs: the unit in whose control group it is, or init's script where it reads the same file as that would."""
    manager, unit = rootlesskit.manager_of(demand(host.read_text, f"/proc/{one.pid}/cgroup"))
    if manager == "system":
        return services.of_unit(host, unit) or Service(kind="systemd", name=unit, flags=services.not_known(unit))
    if booted is not False:
        return booted if isinstance(booted, Hole) else None
    script = services.of_script(host)
    if script is None or isinstance(script.flags, Hole) or isinstance(one.flags, Hole):
        return script
    return script if _file(script.flags) == _file(one.flags) else None


def _idle(host: Host, booted: bool, started: set[str]) -> Service | None:
    """Return the service that none of the daemons was started by; there is one at most, as there is one service manager."""
    service = services.idle_unit(host) if booted else services.of_script(host)
    return None if service is None or service.name in started else service


def _file(found: Flags) -> str:
    return found.config_file or DEFAULT


def _stated(host: Host, service: Service | Hole | None, lstats: LstatCache) -> Json:
    if isinstance(service, Hole):
        return service
    if service is None:
        return {"kind": "none", "name": ""}
    return {**service.stated(), "file": config_file.of_root(host, service.flags, lstats)}
