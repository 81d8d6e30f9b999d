"""What an engine tells of one container, in the words of one vocabulary: only what is judged is taken, and never as it stands.

Labels, command lines, the options of mounts and the values of the environment stay with the engine, since passwords stand in them. Both APIs are read
here: docker's, and podman's own, which also tells what its namespaces map.
"""

from collections.abc import Mapping
from typing import Final

from hostcheck.api import Json, map_known, pattern
from hostcheck_builtin.containers import container_settings, given_of_host, monitors, network_answers, runtimes, security_options, started_files
from hostcheck_builtin.engines.api_answers import flag, record, take, text, texts
from hostcheck_builtin.system.control_groups import SHORT

ID: Final = pattern(r"[0-9a-f]{64}")
IMAGE_ID: Final = pattern(r"sha256:[0-9a-f]{64}")
DIGITS: Final = pattern(r"[0-9]{1,10}")
NAMED: Final = pattern(r"/[^/]{1,200}")
"""A name; another container's name for it has two parts."""
CAPABILITY: Final = pattern(r"[A-Z0-9_]{1,40}")
STATES: Final = frozenset({"created", "running", "paused", "restarting", "removing", "exited", "dead"})
OTHER_STATES: Final = {"initialized": "created", "configured": "created", "stopped": "exited", "stopping": "running", "unknown": "dead"}
"""What podman calls the same."""
KEEPS_GROUPS: Final = "run.oci.keep_original_groups"
"""Asks crun to leave whoever started it the groups that it has (crun(1), Annotations); podman writes it for --group-add keep-groups."""
ONES_OWN: Final = frozenset({"private", "auto", "keep-id", "nomap"})
MODES: Final = {"pid": "PidMode", "ipc": "IpcMode", "uts": "UTSMode"}
Document = Mapping[str, Json]


def container(document: Document, engine: str) -> dict[str, Json]:
    """Return the facts that one inspect answer tells, each with a hole of its own; mounts and devices are lists without their real paths.

    `monitor` is the pid of the process that watches over it, 0 where none does, and `command` what it runs; neither is to be stated.
    """
    capabilities = {"added": take(document, ("HostConfig", "CapAdd"), _capabilities), "dropped": take(document, ("HostConfig", "CapDrop"), _capabilities)}
    return {
        "id": take(document, ("Id",), _id),
        "name": take(document, ("Name",), _name),
        "image": take(document, ("Config", "Image"), _image),
        "state": take(document, ("State", "Status"), _state),
        "monitor": take(document, ("State", "ConmonPid"), monitors.pid) if engine == "podman" else 0,
        "command": started_files.command(document),
        "privileged": take(document, ("HostConfig", "Privileged"), flag),
        "capabilities": capabilities,
        "namespaces": _namespaces(document, engine),
        **network_answers.network(document, engine, capabilities),
        **security_options.filters(document, engine),
        "keeps_groups": take(document, ("HostConfig",), _keeps_groups),
        "user": map_known(take(document, ("Config", "User"), text), _user),
        **runtimes.told(document, engine),
        **given_of_host.given(document),
        **container_settings.settings(document),
    }


def identity(value: Json) -> tuple[str, str]:
    """Return the id and the name of a container in a list of them, the name "" where that is none; raises TypeError where it has no id."""
    names = record(value).get("Names")
    named = [name[1:] for name in names if isinstance(name, str) and NAMED.fullmatch(name)] if isinstance(names, list) else []
    return _id(value.get("Id")), named[0] if named else ""


def _image(value: Json) -> str:
    """Return the name of the image, of an id alone as many digits as engines print."""
    name = text(value)
    return name[: len("sha256:") + SHORT] if IMAGE_ID.fullmatch(name) else name


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


def _keeps_groups(config: Json) -> bool:
    """Say whether the processes keep the groups of who made the container; of other annotations nothing is told."""
    told = config.get("Annotations") if isinstance(config, dict) else ""
    if not isinstance(told, dict | None):
        raise TypeError
    return str((told or {}).get(KEEPS_GROUPS, "0")) != "0"


def _user(spec: str) -> dict[str, Json]:
    """Return the user as it was written, and the uid where that is told by itself: a name means what the image makes of it."""
    name = spec.partition(":")[0]
    uid = 0 if name in ("", "root") else int(name) if DIGITS.fullmatch(name) else None
    return {"spec": spec} if uid is None else {"spec": spec, "uid": uid}
