"""What an engine tells of one container, in the words of one vocabulary: only what is judged is taken, and never as it stands.

Environment, labels, command lines and the options of mounts stay with the engine, since passwords stand in them. Both APIs are read here: docker's, and
podman's own, which also tells what its namespaces map.
"""

import re
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from typing import Any, Final

from hostcheck.api import Hole, Json, LimitExceeded, attempt, map_known, pattern
from hostcheck_builtin.engines.api_answers import LONG, flag, take, text, texts

ID: Final = pattern(r"[0-9a-f]{64}", re.ASCII)
DIGITS: Final = pattern(r"[0-9]{1,10}", re.ASCII)
CAPABILITY: Final = pattern(r"[A-Z0-9_]{1,40}", re.ASCII)
MANY: Final = 1000
STATES: Final = frozenset({"created", "running", "paused", "restarting", "removing", "exited", "dead"})
OTHER_STATES: Final = {"initialized": "created", "configured": "created", "stopped": "exited", "stopping": "running", "unknown": "dead"}
"""What podman calls the same."""
ONES_OWN: Final = frozenset({"private", "auto", "keep-id", "nomap"})
NONE: Final = "none"
Document = Mapping[str, Json]


def container(document: Document, engine: str) -> dict[str, Json]:
    """Return the facts that one inspect answer tells, each with a hole of its own; mounts and devices are lists without their real paths."""
    options = take(document, ("HostConfig", "SecurityOpt"), _options)
    return {
        "id": take(document, ("Id",), _id),
        "name": take(document, ("Name",), _name),
        "image": take(document, ("Config", "Image"), text),
        "state": take(document, ("State", "Status"), _state),
        "privileged": take(document, ("HostConfig", "Privileged"), flag),
        "capabilities": {"added": take(document, ("HostConfig", "CapAdd"), _capabilities), "dropped": take(document, ("HostConfig", "CapDrop"), _capabilities)},
        "namespaces": _namespaces(document, engine),
        **{fact: map_known(options, read) for fact, read in SECURITY.items()},
        "masked_paths": _masked(document, options, engine),
        "readonly_rootfs": take(document, ("HostConfig", "ReadonlyRootfs"), flag),
        "user": map_known(take(document, ("Config", "User"), text), _user),
        "mounts": take(document, ("Mounts",), _mounts),
        "devices": take(document, ("HostConfig", "Devices"), _devices),
        "device_rules": take(document, ("HostConfig", "DeviceCgroupRules"), _rules),
        "ports": take(document, ("HostConfig", "PortBindings"), _ports),
        "limits": {"memory": take(document, ("HostConfig", "Memory"), _limit), "pids": take(document, ("HostConfig", "PidsLimit"), _limit)},
    }


def identity(value: Json) -> str:
    """Return the id of a container in a list of them; raises TypeError."""
    if not isinstance(value, dict):
        raise TypeError
    return _id(value.get("Id"))


def _id(value: Json) -> str:
    if not isinstance(value, str) or ID.fullmatch(value) is None:
        raise TypeError
    return value


def _name(value: Json) -> str:
    name: str = text(value)
    if not name.strip("/"):
        raise TypeError
    return name.removeprefix("/")


def _state(value: Json) -> str:
    state = OTHER_STATES.get(text(value), text(value))
    if state not in STATES:
        raise TypeError
    return state


def _capabilities(value: Json) -> list[str]:
    """Return capabilities as capabilities(7) names them, without CAP_; ALL stands for all."""
    names = sorted({name.upper().removeprefix("CAP_") for name in texts(value)})
    if not all(CAPABILITY.fullmatch(name) for name in names):
        raise TypeError
    return names


def _namespaces(document: Document, engine: str) -> dict[str, Json]:
    stated = {kind: take(document, ("HostConfig", key), _namespace) for kind, key in MODES.items()}
    stated["net"] = take(document, ("HostConfig", "NetworkMode"), _network)
    stated["cgroup"] = take(document, ("HostConfig", "CgroupnsMode" if engine == "docker" else "CgroupMode"), _namespace)
    user = take(document, ("HostConfig", "UsernsMode"), _namespace)
    stated["user"] = _mapped(document) if engine == "podman" and user == "private" else user
    return stated


def _namespace(value: Json) -> str:
    """Return whose namespace it is; `default` is what the engine gives to whoever asks for nothing."""
    mode, _, other = text(value).partition(":")
    if mode == "container" and other:
        return f"container:{other}"
    if mode == "ns":
        return "path"
    if mode in ("host", "none", "shareable"):
        return str(mode)
    if mode in ONES_OWN:
        return "private"
    if value:
        raise TypeError
    return "default"


def _network(value: Json) -> str:
    """Return whose network it is; every other word is the name of a network, or of a program that makes one."""
    mode, _, other = text(value).partition(":")
    if mode == "container" and other:
        return f"container:{other}"
    return "path" if mode == "ns" else mode if mode in ("host", "none") else "private"


def _mapped(document: Document) -> Json:
    """Return host where the ids that podman maps are the host's own from 0 on, so that the namespace keeps nobody from being root."""
    return take(document, ("HostConfig", "IDMappings", "UidMap"), lambda lines: "host" if any(_is_root(line) for line in texts(lines)) else "private")


def _is_root(line: str) -> bool:
    """Say whether a line `inside:outside:count` maps root of the host into the container."""
    words = line.split(":")
    if len(words) != 3 or not all(DIGITS.fullmatch(word) for word in words):
        raise TypeError
    return int(words[1]) == 0


def _options(value: Json) -> list[str]:
    """Return the options, each only as far as it is needed: a profile of seccomp stands there with all that it says."""
    if not (value is None or isinstance(value, list)) or not all(isinstance(one, str) for one in value or ()):
        raise TypeError
    if len(value or ()) > MANY:
        raise LimitExceeded(f"a list of more than {MANY}")
    return [one[:LONG] for one in value or ()]


def _last(options: list[str], key: str) -> str | None:
    """Return the value of the last option of that key, which is the one that holds; both signs are understood (moby, parseSecurityOpt)."""
    values = [one[len(key) + 1 :] for one in options if one[: len(key) + 1] in (f"{key}=", f"{key}:")]
    return values[-1] if values else None


def _seccomp(options: list[str]) -> str:
    profile = _last(options, "seccomp")
    return "default" if profile in (None, "builtin") else "unconfined" if profile == "unconfined" else "custom"


def _apparmor(options: list[str]) -> str:
    profile = _last(options, "apparmor")
    return "default" if profile is None else "unconfined" if profile == "unconfined" else "set"


def _selinux(options: list[str]) -> str:
    labels = [one[len("label") + 1 :] for one in options if one.startswith(("label=", "label:"))]
    return "disabled" if {"disable", "type:spc_t"} & set(labels) else "set" if labels else "default"


def _no_new_privileges(options: list[str]) -> str:
    told = _last([f"{one}=true" if one == "no-new-privileges" else one for one in options], "no-new-privileges")
    return "default" if told is None else "on" if told.lower() in ("1", "t", "true") else "off"


def _masked(document: Document, options: Json, engine: str) -> Json:
    """Return whether the files of /proc and /sys that tell or change the kernel are hidden: podman says so among its options, docker in lists of its own.

    Of docker's, null is what the runtime hides by itself, but for a privileged container, where it hides nothing (moby, oci_linux.go).
    """
    if engine == "podman":
        return map_known(options, lambda known: _unmasked(_last(known, "unmask")))
    lists = [take(document, ("HostConfig", key), _paths) for key in ("MaskedPaths", "ReadonlyPaths")]
    hole = next((one for one in lists if isinstance(one, Hole)), None)
    if hole is not None:
        return hole
    if None in lists:
        return map_known(take(document, ("HostConfig", "Privileged"), flag), lambda privileged: NONE if privileged else "default")
    if not all(lists):
        return NONE
    return "default" if all(wanted <= set(found) for wanted, found in zip(HIDDEN, lists, strict=True)) else "custom"


def _unmasked(paths: str | None) -> str:
    """Return the same of what podman was told to show: paths with colons between, in which * stands for anything but a slash."""
    shown = (paths or "").split(":")
    if "all" in (one.lower() for one in shown):
        return NONE
    matters = frozenset().union(*HIDDEN)
    return "custom" if any(fnmatchcase(place, one) or f"{place}/".startswith(f"{one.rstrip('/')}/") for one in shown if one for place in matters) else "default"


def _paths(value: Json) -> list[str] | None:
    return None if value is None else texts(value)


def _user(spec: str) -> dict[str, Json]:
    """Return the user as it was written, and the uid where that is told by itself: a name means what the image makes of it."""
    name = spec.partition(":")[0]
    uid = 0 if name in ("", "root") else int(name) if DIGITS.fullmatch(name) else None
    return {"spec": spec} if uid is None else {"spec": spec, "uid": uid}


def _each(value: Json, read: Callable[[dict[str, Json]], Json]) -> list[Json]:
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise TypeError
    if len(value) > MANY:
        raise LimitExceeded(f"a list of more than {MANY}")
    return [read(one) for one in value]


def _mounts(value: Json) -> list[Json]:
    return _each(value, _mount)


def _mount(one: dict[str, Json]) -> dict[str, Json]:
    kind = text(one["Type"]) if "Type" in one else "bind"
    told = {"destination": text(one.get("Destination")), "source": text(one.get("Source") or ""), "writable": flag(one.get("RW"))}
    told |= {"propagation": text(one.get("Propagation") or ""), "type": kind if kind in TYPES else "other"}
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
    if value is None:
        return []
    if not isinstance(value, dict):
        raise TypeError
    if len(value) > MANY:
        raise LimitExceeded(f"an object of more than {MANY}")
    return [port for inside, bindings in value.items() for port in _each(bindings, lambda one, inside=inside: _port(inside, one))]  # type: ignore[misc]


def _port(inside: str, one: dict[str, Json]) -> dict[str, Json]:
    number, _, protocol = inside.partition("/")
    told = {"protocol": protocol or "tcp", "address": text(one.get("HostIp") or ""), "port": text(one.get("HostPort") or ""), "inside": number}
    if not PROTOCOL.fullmatch(told["protocol"]) or not ADDRESS.fullmatch(told["address"]) or not all(PORT.fullmatch(told[key]) for key in ("port", "inside")):
        raise TypeError
    return told


def _limit(value: Json) -> int:
    """Return a limit, 0 where there is none: engines write that as null, as 0 and as -1."""
    if value is None:
        return 0
    if not isinstance(value, int) or isinstance(value, bool) or not -(1 << 63) <= value < 1 << 63:
        raise TypeError
    return max(value, 0)


def volumes(document: Document) -> dict[str, Json]:
    """Return by name what each volume of a list shows: `device` is a path of the host instead of a directory of the engine's own, "" where there is none."""
    listed = take(document, ("Volumes",), lambda value: value if value is None or isinstance(value, list) else text(value))
    if isinstance(listed, Hole):
        return {}
    return {one["Name"]: attempt(_device_of, one) for one in listed or () if isinstance(one, dict) and isinstance(one.get("Name"), str)}


def _device_of(one: dict[str, Json]) -> Json:
    return take(one, ("Options",), _shown)


def _shown(options: Any) -> str:
    """Return the path of the host that a volume of the driver local mounts; overlays name theirs among the options, which are not looked at."""
    if options is None:
        return ""
    if not isinstance(options, dict):
        raise TypeError
    device, kind = text(options.get("device") or ""), text(options.get("type") or "")
    if kind == "overlay":
        raise LimitExceeded("a volume that joins directories of the host is not looked into")
    return device if device.startswith("/") and kind not in REMOTE else ""


MODES: Final = {"pid": "PidMode", "ipc": "IpcMode", "uts": "UTSMode"}
SECURITY: Final[Mapping[str, Callable[[list[str]], str]]] = {
    "seccomp": _seccomp,
    "apparmor": _apparmor,
    "selinux": _selinux,
    "no_new_privileges": _no_new_privileges,
}
TYPES: Final = frozenset({"bind", "volume", "tmpfs", "image"})
REMOTE: Final = frozenset({"tmpfs", "nfs", "nfs4", "cifs"})
HIDDEN: Final = (frozenset({"/proc/kcore", "/sys/firmware"}), frozenset({"/proc/sys", "/proc/sysrq-trigger"}))
"""What makes the difference among the paths that docker masks, and among those that it makes read-only."""
RULE: Final = pattern(r"[abc] (\*|[0-9]{1,10}):(\*|[0-9]{1,10}) [rwm]{1,3}", re.ASCII)
PROTOCOL: Final = pattern(r"[a-z]{1,8}", re.ASCII)
ADDRESS: Final = pattern(r"[0-9a-fA-F:.]{0,45}", re.ASCII)
PORT: Final = pattern(r"[0-9]{0,5}(-[0-9]{1,5})?", re.ASCII)
