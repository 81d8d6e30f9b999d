"""What systemd and dockerd will make of engines' sockets at the next boot: by the unit files that are still there then, and their drop-ins.

Nothing is asked of systemd. What a unit says need not be what is there now, and that is why it is read.
"""

from collections.abc import Iterator
from typing import Final

from hostcheck.api import Hole, Host, Json, Why, attempt, incomplete
from hostcheck_builtin.sockets import dockerd_options, exec_line, socket_files
from hostcheck_builtin.sockets.made_directories import Directories
from hostcheck_builtin.system import candidates
from hostcheck_builtin.system.boot_units import BootUnits
from hostcheck_builtin.system.units import listed, service_of, settings

GENERATED: Final = ("/run/systemd/generator.early", "/run/systemd/generator", "/run/systemd/generator.late")
DOCKERD: Final = "dockerd"
RELAYS: Final = ("systemd-socket-proxyd", "socat")
SCHEMES: Final = ("unix:", "UNIX-CONNECT:", "UNIX-CLIENT:", "UNIX:", "unix-connect:")


def collect(host: Host) -> Json:
    """State each socket unit that listens for an engine, and each service of dockerd's, with what it will make."""
    units, folders = BootUnits(host), Directories(host)
    stated = dict(_sockets(units, folders))
    stated.update(_services(units, folders))
    stated.update((name, _generated(name)) for name in _engines(host, stated))
    return {"units": incomplete(dict(sorted(stated.items())), units.unread)}


def _engines(host: Host, stated: dict[str, Json]) -> Iterator[str]:
    """Yield the socket units of engines that only a generator made: it makes them anew at each boot, and it is not known how."""
    for name in sorted(frozenset[str]().union(*listed(host, GENERATED).values())):
        if name.endswith(".socket") and name not in stated and candidates.named("", name) != "unknown":
            yield name


def _generated(unit: str) -> Hole:
    return Hole(why=Why.UNSUPPORTED, message=f"{unit}: a generator makes this unit at each boot")


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
    told = attempt(units.texts, service)
    words = told if isinstance(told, Hole) else attempt(exec_line.words, units.host, service, told)
    program = "" if isinstance(told, Hole) else exec_line.program(told)
    made = socket_files.stated(unit, texts)
    engine = socket_files.engine(unit, service, made["paths"], program)
    relayed = "" if isinstance(words, Hole) or program not in RELAYS else _behind(words)
    if not relayed and engine == "unknown":
        return None
    over_network = {"tls": words if isinstance(words, Hole) else _tls(units.host, program, words)} if made["tcp"] or made["vsock"] else {}
    return {
        **{"kind": "socket", "engine": relayed or engine, "service": service, "relay": bool(relayed)},
        **{"masked": not texts, "starts": bool(texts) and units.starts(unit), "runs_as": told if isinstance(told, Hole) else _user(told)},
        **{**made, "paths": _ways(folders, made["paths"], made["directory_mode"]), **over_network},
    }


def _behind(words: list[str]) -> str:
    """Return the engine to whose socket a relay leads by its command, "" for none."""
    places = (word.removeprefix(scheme) for word in words[1:] for scheme in (*SCHEMES, ""))
    return next((engine for place in places if (engine := candidates.WELL_KNOWN.get(candidates.canonical(place.partition(",")[0])))), "")


def _services(units: BootUnits, folders: Directories) -> Iterator[tuple[str, Json]]:
    """Yield the services that run dockerd: it makes its sockets itself, but for those that systemd hands over."""
    for unit in sorted({*units.started, "docker.service"}):
        texts = attempt(units.texts, unit) if unit.endswith(".service") else []
        if isinstance(texts, Hole) or exec_line.program(texts) != DOCKERD:
            continue  # one that could not be read leaves the whole open
        words = attempt(exec_line.words, units.host, unit, texts)
        made = words if isinstance(words, Hole) else attempt(dockerd_options.stated, units.host, words)
        yield (
            unit,
            made
            if isinstance(made, Hole)
            else {
                **{"kind": "service", "engine": "docker", "service": unit, "relay": False, "masked": False, "starts": units.starts(unit)},
                **{"runs_as": _user(texts), "mode": "0660", "directory_mode": socket_files.FOLDER, "user": "root", "group": made["group"]},
                **{"paths": _ways(folders, made["paths"], socket_files.FOLDER), "tcp": made["tcp"], "vsock": [], "abstract": [], "links": []},
                **({"tls": made["tls"]} if made["tcp"] else {}),
            },
        )


def _ways(folders: Directories, paths: list[str], mode: str) -> Json:
    """State the way to each path as it will be."""
    ways = {path: attempt(folders.way, candidates.canonical(path), mode) for path in paths}
    return incomplete(ways, getattr(paths, "hole", None))


def _tls(host: Host, program: str, words: list[str]) -> Json:
    """Say what the program behind a socket unit demands of clients on TCP; of others than dockerd only that they were told nothing about TLS."""
    if program == DOCKERD:
        made = attempt(dockerd_options.stated, host, words)
        return made if isinstance(made, Hole) else made["tls"]
    told = any(word.startswith("--tls") for word in words)
    return Hole(why=Why.UNSUPPORTED, message=f"what {program} makes of its options for TLS is not known") if told else "none"


def _user(texts: list[str]) -> str:
    """Return the user of a service, by name or number."""
    given = [value for text in texts for value in settings(text, "Service", "User")]
    return given[-1] if given and given[-1] else "root"
