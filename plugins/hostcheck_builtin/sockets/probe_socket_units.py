"""What systemd and dockerd will make of engines' sockets at the next boot: by the unit files that are still there then, and their drop-ins.

Nothing is asked of systemd. What a unit says need not be what is there now, and that is why it is read.
"""

import re
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from hostcheck.api import Hole, Host, Json, Why, attempt, incomplete, pattern, worst_hole
from hostcheck_builtin.dockerd.told import told
from hostcheck_builtin.sockets import socket_files
from hostcheck_builtin.sockets.made_directories import Directories
from hostcheck_builtin.system import candidates, exec_commands
from hostcheck_builtin.system.boot_units import BootUnits
from hostcheck_builtin.system.presence import is_there
from hostcheck_builtin.system.units import assigned, listed, service_of, settings

GENERATED: Final = ("/run/systemd/generator.early", "/run/systemd/generator", "/run/systemd/generator.late")
SYSTEMD: Final = ("/run/systemd/system", "/usr/lib/systemd/systemd", "/lib/systemd/systemd")
"""What is there where systemd runs (sd_booted(3)), or is installed and runs after a boot."""
DOCKERD: Final = "dockerd"
OF_THE_PACKAGE: Final = "docker.service"
WRAPPED: Final = pattern(r"(?<![\w.-])dockerd(?![\w./-])", re.ASCII)
"""dockerd as a word of a command, as of a shell."""
OWN_MODE: Final = "0660"
"""The mode that dockerd gives a socket that it makes itself (listeners_linux.go of moby)."""
USUAL_SOCKETS: Final = {"containerd": "/run/containerd/containerd.sock", "crio": "/run/crio/crio.sock"}
"""Where engines other than dockerd listen; what they are told of owner and group is judged by their configuration (probe_runtimes.py)."""
RELAYS: Final = ("systemd-socket-proxyd", "socat")
SCHEMES: Final = ("unix:", "UNIX-CONNECT:", "UNIX-CLIENT:", "UNIX:", "unix-connect:")


class Behind(NamedTuple):
    """The service behind a socket: its unit and drop-ins, the words of its command, and the name of its program."""

    texts: list[str] | Hole
    words: list[str] | Hole
    program: str


def collect(host: Host) -> Json:
    """State each socket unit of an engine, and each service that makes a socket itself, with what it will make; nothing where there is no systemd."""
    there = [attempt(is_there, host, path) for path in SYSTEMD]
    if not any(there):  # packages leave links to units behind on hosts with another init
        return {"units": {}}
    units, folders = BootUnits(host), Directories(host)
    stated = dict(_sockets(units, folders))
    stated.update(_services(units, folders))
    stated.update((name, Hole(why=Why.UNSUPPORTED, message=f"{name}: a generator makes this unit at each boot")) for name in _engines(host, stated))
    return {"units": incomplete(dict(sorted(stated.items())), units.unread)}


def _engines(host: Host, stated: dict[str, Json]) -> Iterator[str]:
    """Yield the socket units of engines that only a generator made: it makes them anew at each boot, and it is not known how."""
    for name in sorted(frozenset[str]().union(*listed(host, GENERATED).values())):
        if name.endswith(".socket") and name not in stated and candidates.named("", name) != "unknown":
            yield name


def _sockets(units: BootUnits, folders: Directories) -> Iterator[tuple[str, Json]]:
    names = {name for name in units.names if name.endswith(".socket") and "@" not in name}
    for unit in sorted(names | {name for name in units.started if name.endswith(".socket")}):
        texts = attempt(units.texts, unit)
        if isinstance(texts, Hole):
            yield unit, texts
            continue
        found = _socket(units, folders, unit, texts)
        if found is not None:
            yield unit, found


def _socket(units: BootUnits, folders: Directories, unit: str, texts: list[str]) -> Json:
    """State a socket unit, None where it listens for no engine."""
    service = service_of(unit, texts)
    behind, made = _behind(units, service), socket_files.stated(unit, texts)
    relayed = _relayed(behind)
    engine = relayed or socket_files.engine(unit, service, made["paths"], behind.program)
    if engine == "unknown":
        return behind.texts if isinstance(behind.texts, Hole) else None
    return {
        **{"kind": "socket", "engine": engine, "service": service, "relay": bool(relayed), "masked": not texts},
        **{"starts": socket_files.loads(made) and units.starts(unit), "runs_as": _user(behind), **made},
        **{"paths": _ways(folders, made["paths"], made["directory_mode"])},
        **({"tls": _tls(units.host, behind)} if made["tcp"] or made["vsock"] else {}),
    }


def _behind(units: BootUnits, service: str) -> Behind:
    texts = attempt(units.texts, service)
    if isinstance(texts, Hole):
        return Behind(texts, texts, "")
    return Behind(texts, attempt(exec_commands.words, units.host, service, texts), exec_commands.program(texts))


def _relayed(behind: Behind) -> str:
    """Return the engine to whose socket a relay leads by its command, "" for none."""
    if isinstance(behind.words, Hole) or behind.program not in RELAYS:
        return ""
    places = (word.removeprefix(scheme) for word in behind.words[1:] for scheme in (*SCHEMES, ""))
    return next((engine for place in places if (engine := candidates.WELL_KNOWN.get(candidates.canonical(place.partition(",")[0])))), "")


def _services(units: BootUnits, folders: Directories) -> Iterator[tuple[str, Json]]:
    """Yield the services that run dockerd: it makes its sockets itself, but for those that systemd hands over."""
    for unit in sorted({*units.started, OF_THE_PACKAGE}):
        behind = _behind(units, unit) if unit.endswith(".service") else None
        if behind is None or isinstance(behind.texts, Hole) or not behind.texts:  # one that starts and could not be read leaves the whole open
            continue
        if behind.program == DOCKERD:
            yield unit, attempt(_service, units, folders, unit, behind)
        elif behind.program in USUAL_SOCKETS and unit in units.started:
            yield unit, _of_another(folders, unit, behind)
        elif unit in units.started and (unit == OF_THE_PACKAGE or any(map(WRAPPED.search, assigned(behind.texts, "Service", "ExecStart")))):
            yield unit, Hole(why=Why.UNSUPPORTED, message=f"{unit}: starts dockerd by another program, and where it listens then is not known")


def _service(units: BootUnits, folders: Directories, unit: str, behind: Behind) -> Json:
    if isinstance(behind.texts, Hole) or isinstance(behind.words, Hole):
        return worst_hole(behind.texts, behind.words)
    made = _made(units.host, behind.words)
    return {
        **{"kind": "service", "engine": "docker", "service": unit, "relay": False, "masked": False, "starts": units.starts(unit)},
        **{"runs_as": _user(behind), "mode": OWN_MODE, "directory_mode": socket_files.FOLDER, "user": "root", "group": made["group"]},
        **{"paths": _ways(folders, made["paths"], socket_files.FOLDER), "tcp": made["tcp"], "vsock": [], "abstract": [], "links": []},
        **({"tls": made["tls"]} if made["tcp"] else {}),
    }


def _of_another(folders: Directories, unit: str, behind: Behind) -> Json:
    """State a service of an engine that makes its socket itself, for root alone, and where it does so unless it is told otherwise."""
    engine = candidates.PROGRAMS[behind.program]
    return {
        **{"kind": "service", "engine": engine, "service": unit, "relay": False, "masked": False, "starts": True, "runs_as": _user(behind), "mode": OWN_MODE},
        **{"directory_mode": socket_files.FOLDER, "user": "root", "group": "root", "tcp": [], "vsock": [], "abstract": [], "links": []},
        "paths": _ways(folders, [USUAL_SOCKETS[behind.program]], socket_files.FOLDER),
    }


def _made(host: Host, words: list[str]) -> dict[str, Any]:
    """State where dockerd listens by its command without a socket unit, what it demands there, and the group that it would give its socket.

    What flags and file both give keeps it from starting; systemd's sockets it leaves as they are.
    """
    found = told(host, words)
    paths, tcp = ([], []) if found.clashes() else (list(dict.fromkeys(found.listens(scheme))) for scheme in ("unix", "tcp"))
    return {"paths": paths, "tcp": tcp, "tls": found.tls(), "group": found.value("group")}


def _ways(folders: Directories, paths: list[str], mode: str) -> Json:
    """State the way to each path as it will be."""
    ways = {path: attempt(folders.way, candidates.canonical(path), mode) for path in paths}
    return incomplete(ways, getattr(paths, "hole", None))


def _tls(host: Host, behind: Behind) -> Json:
    """Say what the program behind a socket unit demands of clients on TCP; of others than dockerd only that they were told nothing about TLS."""
    if isinstance(behind.words, Hole):
        return behind.words
    if behind.program == DOCKERD:
        made = attempt(_made, host, behind.words)
        return made if isinstance(made, Hole) else made["tls"]
    told = any(word.startswith("--tls") for word in behind.words)
    return Hole(why=Why.UNSUPPORTED, message=f"what {behind.program} makes of its options for TLS is not known") if told else "none"


def _user(behind: Behind) -> Json:
    """Return the user of a service, by name or number."""
    if isinstance(behind.texts, Hole):
        return behind.texts
    given = [value for text in behind.texts for value in settings(text, "Service", "User")]
    return given[-1] if given and given[-1] else "root"
