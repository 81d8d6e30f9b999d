"""What of the host a container was given by name: mounts, devices, rules for devices, ports; and what the volumes of an engine show.

Where a path leads on the host is not told here; and of the options of a mount or volume nothing is stated, since passwords stand in them.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from hostcheck.api import Hole, Json, LimitExceeded, map_known, pattern
from hostcheck_builtin.engines.api_answers import each, flag, members, record, take, text, texts
from hostcheck_builtin.system.bounds import GIVEN_OF_THE_HOST as MANY

TYPES: Final = frozenset({"bind", "volume", "tmpfs", "image"})
PROPAGATIONS: Final = frozenset({"", *(f"{depth}{how}" for depth in ("", "r") for how in ("private", "shared", "slave", "unbindable"))})
"""mount_namespaces(7), Shared subtrees."""
REMOTE: Final = frozenset({"tmpfs", "nfs", "nfs4", "cifs"})
RULE: Final = pattern(r"[abc] (\*|[0-9]{1,10}):(\*|[0-9]{1,10}) [rwm]{1,3}")
SERVES: Final = frozenset({"running", "paused"})
SERVED: Final = ("NetworkSettings", "Ports")
ASKED: Final = ("HostConfig", "PortBindings")
"""What is served, and what was asked for: an address that nobody asked for may be the engine's default, and a port one that it chose."""
PROTOCOL: Final = pattern(r"[a-z]{1,8}")
ADDRESS: Final = pattern(r"[0-9a-fA-F:.]{0,45}")
PORT: Final = pattern(r"[0-9]{0,5}(-[0-9]{1,5})?")


def given(document: Mapping[str, Json]) -> dict[str, Json]:
    """Return what an inspect answer tells of it; mounts and devices are lists."""
    return {
        "mounts": take(document, ("Mounts",), _mounts),
        "devices": take(document, ("HostConfig", "Devices"), _devices),
        "device_rules": take(document, ("HostConfig", "DeviceCgroupRules"), _rules),
        "ports": map_known(take(document, ("State", "Status"), text), lambda state: take(document, SERVED if state in SERVES else ASKED, _ports)),
    }


def _each(value: Json, read: Callable[[dict[str, Json]], Json]) -> list[Json]:
    return each(value, lambda one: read(record(one)), MANY)


def _mounts(value: Json) -> list[Json]:
    return _each(value, _mount)


def _mount(one: dict[str, Json]) -> dict[str, Json]:
    kind = text(one["Type"]) if "Type" in one else "bind"
    told = {"destination": text(one.get("Destination")), "source": text(one.get("Source") or ""), "writable": flag(one.get("RW"))}
    passes = text(one.get("Propagation") or "")
    told |= {"propagation": passes if passes in PROPAGATIONS else "other", "type": kind if kind in TYPES else "other"}
    return {**told, "volume": text(one.get("Name") or ""), "driver": text(one.get("Driver") or "")} if kind == "volume" else told


def _devices(value: Json) -> list[Json]:
    return _each(value, _device)


def _device(one: dict[str, Json]) -> dict[str, Json]:
    return {"host": text(one.get("PathOnHost")), "container": text(one.get("PathInContainer")), "permissions": text(one.get("CgroupPermissions") or "rwm")}


def _rules(value: Json) -> list[str]:
    """Return rules of the device control group, as `c 1:3 rwm`."""
    rules = [" ".join(rule.split()) for rule in texts(value)]
    if not all(RULE.fullmatch(rule) for rule in rules):
        raise TypeError
    return rules


def _ports(value: Json) -> list[Json]:
    return [port for inside, bindings in members(value, MANY).items() for port in _each(bindings, partial(_port, inside))]


def _port(inside: str, one: dict[str, Json]) -> dict[str, Json]:
    number, _, protocol = inside.partition("/")
    told = {"protocol": protocol or "tcp", "address": text(one.get("HostIp") or ""), "port": text(one.get("HostPort") or ""), "inside": number}
    if not PROTOCOL.fullmatch(told["protocol"]) or not ADDRESS.fullmatch(told["address"]) or not all(PORT.fullmatch(told[key]) for key in ("port", "inside")):
        raise TypeError
    return told


def volumes(document: Mapping[str, Json]) -> Json:
    """Return by name which path of the host each volume of a list shows instead of a directory of the engine's own; "" where that is none."""
    listed = take(document, ("Volumes",), lambda value: _each(value, lambda one: (text(one.get("Name")), take(one, ("Options",), _shown))))
    return listed if isinstance(listed, Hole) else dict(listed)


def _shown(options: Any) -> str:
    """Return the path of the host that a volume of the driver local mounts; overlays name theirs among the options, which are not looked at."""
    if options is None:
        return ""
    device, kind = text(record(options).get("device") or ""), text(options.get("type") or "")
    if kind == "overlay":
        raise LimitExceeded("a volume that joins directories of the host is not looked into")
    return device if device.startswith("/") and kind not in REMOTE else ""
