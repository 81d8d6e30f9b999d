"""What an engine says of itself, field by field: only fields on a list are taken, each only with the type that it must have.

What is not on the list stays with the engine: proxies with passwords, labels, tokens of log drivers. A key that stands twice makes the whole document
nonsense, because the next reader may believe the other one.
"""

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from hostcheck.api import Hole, Json, LimitExceeded, Nonsense, Unsupported, attempt
from hostcheck_builtin.system.bounds import ENGINE_ANSWER_LIST as MANY
from hostcheck_builtin.system.bounds import PATH_MAX as LONG
from hostcheck_builtin.system.parse_errors import at_line, no_constant, once
from hostcheck_builtin.system.url_places import place

Read = Callable[[Json], Json]


def parse(body: bytes) -> dict[str, Json]:
    """Return the JSON object in an answer; raises Nonsense where it is anything else, or would be read differently by others."""
    try:
        document = json.loads(body.decode("utf-8"), object_pairs_hook=once, parse_constant=no_constant)
    except (ValueError, RecursionError) as error:
        raise Nonsense(f"not JSON{at_line(error)}") from error
    if not isinstance(document, dict):
        raise Nonsense(f"a {type(document).__name__} where an object is expected")
    return document


def take(document: Json, keys: tuple[str, ...], read: Read) -> Json:
    """Return the field at `keys`, or the hole where the engine does not tell it, or tells what it cannot be."""
    return attempt(_taken, document, keys, read)


def _taken(document: Json, keys: tuple[str, ...], read: Read) -> Json:
    here = document
    for key in keys:
        if not isinstance(here, dict):
            raise Nonsense(f"{'.'.join(keys)}: a {type(here).__name__} where an object is expected")
        if key not in here:
            raise Unsupported(f"{'.'.join(keys)}: not told by this engine")
        here = here[key]
    try:
        return read(here)
    except TypeError:
        raise Nonsense(f"{'.'.join(keys)}: a {type(here).__name__}, which it cannot be") from None
    except LimitExceeded as error:
        raise LimitExceeded(f"{'.'.join(keys)}: {error}") from None


def text(value: Json) -> str:
    """Return a text of reasonable length; raises TypeError."""
    if not isinstance(value, str):
        raise TypeError
    if len(value) > LONG:
        raise LimitExceeded(f"a text of more than {LONG} characters")
    return value


def flag(value: Json) -> Json:
    """Return true or false; raises TypeError."""
    if not isinstance(value, bool):
        raise TypeError
    return value


def texts(value: Json) -> Json:
    """Return a list of texts; Go writes a list that was never made as null."""
    return each(value, text)


def words(value: Json) -> Json:
    """Return the words of a text with commas between, as podman lists capabilities."""
    return [word for word in text(value).split(",") if word]


def each(value: Json, read: Read, most: int = MANY) -> list[Json]:
    """Return what is read of each element of a list, of which there may be `most`; null is an empty one."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise TypeError
    if len(value) > most:
        raise LimitExceeded(f"a list of more than {most}")
    return [read(item) for item in value]


def ranges(value: Json) -> Json:
    """Return id mappings as ``[inside, outside, count]``, as uid_map of user_namespaces(7) has them."""
    return each(value, _range)


def _range(value: Json) -> Json:
    numbers = [value.get(key) if isinstance(value, dict) else None for key in ("container_id", "host_id", "size")]
    if not all(type(number) is int and 0 <= number < 1 << 32 for number in numbers):
        raise TypeError
    return numbers


def programs(value: Json) -> Json:
    """Return the program of each runtime by name, "" where a type of containerd's is named instead."""
    return {name: text(_member(runtime, "path")) for name, runtime in members(value).items()}


def insecure(value: Json) -> Json:
    """Return the names of the registries that are spoken to without a certificate."""
    return sorted(text(name) for name, registry in members(value).items() if not flag(_member(registry, "Secure", True)))


def places(value: Json) -> Json:
    """Return addresses by scheme and host."""
    return [place(one) for one in texts(value)]


def members(value: Json, most: int = MANY) -> dict[str, Json]:
    """Return an object that may have `most` members; null is an empty one."""
    found = {} if value is None else record(value)
    if len(found) > most:
        raise LimitExceeded(f"an object of more than {most}")
    return found


def record(value: Json) -> dict[str, Json]:
    """Return an object whose members are asked for by name; raises TypeError."""
    if not isinstance(value, dict):
        raise TypeError
    return value


def _member(value: Json, name: str, default: Json = "") -> Json:
    found = members(value).get(name)
    return default if found is None else found


Fields = Mapping[str, tuple[tuple[str, ...], Read]]

INFO: Final[Fields] = {
    "server_version": (("ServerVersion",), text),
    "operating_system": (("OperatingSystem",), text),
    "security_options": (("SecurityOptions",), texts),
    "warnings": (("Warnings",), texts),
    "root_dir": (("DockerRootDir",), text),
    "storage_driver": (("Driver",), text),
    "cgroup_driver": (("CgroupDriver",), text),
    "cgroup_version": (("CgroupVersion",), text),
    "memory_limit": (("MemoryLimit",), flag),
    "pids_limit": (("PidsLimit",), flag),
    "cpu_quota": (("CpuCfsQuota",), flag),
    "cpu_shares": (("CPUShares",), flag),
    "live_restore": (("LiveRestoreEnabled",), flag),
    "experimental": (("ExperimentalBuild",), flag),
    "authorization_plugins": (("Plugins", "Authorization"), texts),
    "insecure_registries": (("RegistryConfig", "InsecureRegistryCIDRs"), texts),
    "swarm_state": (("Swarm", "LocalNodeState"), text),
    "default_runtime": (("DefaultRuntime",), text),
    "debug": (("Debug",), flag),
    "log_driver": (("LoggingDriver",), text),
    "runtimes": (("Runtimes",), programs),
    "insecure_hosts": (("RegistryConfig", "IndexConfigs"), insecure),
    "mirrors": (("RegistryConfig", "Mirrors"), places),
}
"""GET /info of docker's API, which podman answers as well."""
VERSION: Final[Fields] = {"version": (("Version",), text), "api_version": (("ApiVersion",), text), "min_api_version": (("MinAPIVersion",), text)}
LIBPOD: Final[Fields] = {
    "version": (("version", "Version"), text),
    "rootless": (("host", "security", "rootless"), flag),
    "seccomp": (("host", "security", "seccompEnabled"), flag),
    "apparmor": (("host", "security", "apparmorEnabled"), flag),
    "selinux": (("host", "security", "selinuxEnabled"), flag),
    "capabilities": (("host", "security", "capabilities"), words),
    "uid_map": (("host", "idMappings", "uidmap"), ranges),
    "gid_map": (("host", "idMappings", "gidmap"), ranges),
    "cgroup_manager": (("host", "cgroupManager"), text),
    "cgroup_version": (("host", "cgroupVersion"), text),
    "cgroup_controllers": (("host", "cgroupControllers"), texts),
    "rootless_network": (("host", "rootlessNetworkCmd"), text),
    "graph_root": (("store", "graphRoot"), text),
    "run_root": (("store", "runRoot"), text),
    "storage_driver": (("store", "graphDriverName"), text),
}
"""GET /libpod/info of podman's own API."""
NETWORK: Final = ("Details", "NetworkDriver")
PORTS: Final = ("Details", "PortDriver")


def fields(listed: Fields, document: Json) -> dict[str, Json]:
    """Return each of the listed fields of a document, or its hole."""
    return {name: take(document, keys, read) for name, (keys, read) in listed.items()}


def version(document: Json) -> dict[str, Json]:
    """Return what /version tells: versions, the components by name, and of rootlesskit how it connects to the network; absent where it is no component."""
    components = take(document, ("Components",), _components)
    stated = {**fields(VERSION, document)}
    if isinstance(components, Hole):
        return {**stated, "components": components, "rootlesskit": components}
    stated["components"] = {name: take(component, ("Version",), text) for name, component in components.items()}
    if "rootlesskit" in components:
        stated["rootlesskit"] = _rootlesskit(components["rootlesskit"])
    return stated


def _rootlesskit(component: Json) -> dict[str, Json]:
    """Return its drivers; over pasta it has none for ports, and does not tell one."""
    stated = {"network_driver": take(component, NETWORK, text)}
    details = component.get("Details")
    return {**stated, "port_driver": take(component, PORTS, text)} if isinstance(details, dict) and "PortDriver" in details else stated


def _components(value: Json) -> Any:
    named = each(value, _component)
    components = dict(named)
    if len(components) != len(named):
        raise TypeError
    return components


def _component(value: Json) -> Json:
    return text(record(value).get("Name")), value


info = partial(fields, INFO)
libpod = partial(fields, LIBPOD)
