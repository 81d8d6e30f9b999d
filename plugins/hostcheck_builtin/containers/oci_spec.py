"""What a container was given, by the document from which its runtime made it: config.json of the OCI runtime specification.

Only what is judged is taken. The arguments, the environment, and most annotations stay where they are, since passwords stand in them.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final

from hostcheck.api import Hole, Json, LimitExceeded, Nonsense, attempt, map_known, pattern, worst_hole
from hostcheck_builtin.containers.inside_processes import names
from hostcheck_builtin.containers.security_options import HIDDEN
from hostcheck_builtin.containers.seen_mounts import ENGINES
from hostcheck_builtin.engines.api_answers import flag, text, texts
from hostcheck_builtin.system.bounds import OCI_CONFIG_LIST as MANY

CAPABILITY: Final = pattern(r"CAP_([A-Z0-9_]{1,40})")
KINDS: Final = {"cgroup": "cgroup", "ipc": "ipc", "net": "network", "pid": "pid", "uts": "uts"}
POD: Final = (
    ("io.kubernetes.cri.sandbox-namespace", "io.kubernetes.cri.container-name"),
    ("io.kubernetes.pod.namespace", "io.kubernetes.container.name"),
)
"""What containerd and CRI-O note of a container of Kubernetes."""
IMAGES: Final = ("io.kubernetes.cri.image-name", "io.kubernetes.cri-o.ImageName")
WORD: Final = pattern(r"[a-z0-9][a-z0-9.-]{0,252}")
IMAGE: Final = pattern(r"[A-Za-z0-9][A-Za-z0-9_./:@-]{0,400}")
RIGHTS: Final = pattern(r"[rwm]{1,3}")
Document = dict[str, Any]


def told(document: Document, every: Json) -> dict[str, Json]:
    """Return the facts of one document; `every` is the mask of all capabilities of the host. Mounts are a list without their real paths."""
    part = {fact: _part(document, keys, read) for fact, (keys, read) in FIELDS.items()}
    lists = [_part(document, ("linux", key), _paths) for key in ("maskedPaths", "readonlyPaths")]
    user = map_known(part.pop("user_is_own"), lambda own: _part(document, ("linux", "uidMappings"), _mapped) if own else "host")
    namespaces = map_known(part["namespaces"], lambda known: {**known, "user": user})
    return {
        **part,
        "namespaces": namespaces,
        "masked_paths": map_known(worst_hole(*lists) or lists, _masked),
        "all": _all(part, every),
        "privileged": _privileged(part, lists, every),
        "limits": {kind: _part(document, ("linux", "resources", kind, "limit"), _limit) for kind in ("memory", "pids")},
    }


def _part(document: Document, keys: tuple[str, ...], read: Callable[[Json], Json]) -> Json:
    return attempt(_read, document, keys, read)


def _read(document: Document, keys: tuple[str, ...], read: Callable[[Json], Json]) -> Json:
    """Return what stands at some keys; what is not there is read as null, as the specification has it."""
    here: Json = document
    try:
        for key in keys:
            here = _object(here).get(key)
        return read(here)
    except TypeError:
        raise Nonsense(f"config.json: {'.'.join(keys)}: not what it is by the OCI runtime specification") from None


def _object(value: Json) -> Document:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise TypeError
    return value


def _list(value: Json) -> list[Document]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise TypeError
    if len(value) > MANY:
        raise LimitExceeded(f"config.json: a list of more than {MANY}")
    return [_object(one) for one in value]


def _capabilities(value: Json) -> list[str]:
    found = [CAPABILITY.fullmatch(name) for name in texts(value)]
    if not all(found):
        raise TypeError
    return sorted({match[1] for match in found if match})


def _namespaces(value: Json) -> dict[str, str]:
    """Return whose namespace each is: what is not listed is the host's, and what has a path is another's."""
    given = {text(one.get("type")): text(one.get("path") or "") for one in _list(value)}
    return {kind: "host" if name not in given else "path" if given[name] else "private" for kind, name in KINDS.items()}


def _user_is_own(value: Json) -> bool:
    return any(one.get("type") == "user" for one in _list(value))


def _mapped(value: Json) -> str:
    """Return host where root of the host is mapped into the namespace."""
    numbers = [(one.get("hostID"), one.get("size")) for one in _list(value)]
    if not all(type(number) is int for pair in numbers for number in pair):
        raise TypeError
    return "host" if any(first == 0 and size for first, size in numbers) else "private"


def _seccomp(value: Json) -> str:
    """Return custom where there is a filter; one that allows whatever it does not name may be none."""
    found = _object(value)
    return "custom" if found and (found.get("defaultAction") != "SCMP_ACT_ALLOW" or found.get("syscalls")) else "none"


def _flag(value: Json) -> bool:
    return value is not None and bool(flag(value))


def _uid(value: Json) -> int:
    if type(value) is not int or not 0 <= value < 1 << 32:
        raise TypeError
    return value


def _limit(value: Json) -> int:
    if value is None:
        return 0
    if type(value) is not int:
        raise TypeError
    return max(value, 0) if value < 1 << 62 else 0


def _paths(value: Json) -> list[str]:
    return list(texts(value))


def _mounts(value: Json) -> list[Json]:
    """Return what is mounted from a directory of the host, but for what the engine keeps for this container."""
    binds = [one for one in _list(value) if one.get("type") == "bind" or {"bind", "rbind"} & set(texts(one.get("options")))]
    return [_mount(one) for one in binds if not ENGINES.search(text(one.get("source")))]


def _mount(one: Document) -> Json:
    options = texts(one.get("options"))
    return {
        "destination": text(one.get("destination")),
        "source": text(one.get("source")),
        "writable": not {"ro", "rro"} & set(options),
        "propagation": next((name for name in options if name in ("shared", "rshared")), ""),
    }


def _devices(value: Json) -> list[str]:
    """Return the block devices; what may be done with others follows from the rules."""
    return sorted({text(one.get("path")) for one in _list(value) if one.get("type") == "b"})


def _rules(value: Json) -> list[str]:
    """Return what is allowed, as `c 1:3 rwm`; a rule that takes all back takes back what stands before it."""
    found: list[str] = []
    for one in _list(value):
        rule = f"{text(one.get('type') or 'a')} {_number(one.get('major'))}:{_number(one.get('minor'))} {text(one.get('access') or 'rwm')}"
        if rule[0] not in "abc" or not RIGHTS.fullmatch(rule.rpartition(" ")[2]):
            raise TypeError
        if flag(one.get("allow")):
            found.append(rule)
        elif rule.startswith("a *:*"):
            found.clear()
    return sorted(set(found))


def _number(value: Json) -> str:
    if value is None or value == -1:
        return "*"
    if type(value) is not int or not 0 <= value < 1 << 32:
        raise TypeError
    return str(value)


def _sysfs(value: Json) -> bool:
    return any(one.get("type") == "sysfs" and "rw" in texts(one.get("options")) for one in _list(value))


def _masked(lists: list[list[str]]) -> str:
    """Return whether what matters of /proc and /sys is hidden or read-only: all of it, some of it, or none."""
    if all(wanted <= set(found) for wanted, found in zip(HIDDEN, lists, strict=True)):
        return "default"
    return "custom" if any(lists) else "none"


def _all(part: dict[str, Json], every: Json) -> bool | Hole:
    return worst_hole(part["bounding"], every) or set(names(every)) <= set(part["bounding"])


def _privileged(part: dict[str, Json], lists: Iterable[Json], every: Json) -> bool | Hole:
    """Say whether it has all capabilities, hides nothing of the kernel's, and may use all devices or write to /sys."""
    hole = worst_hole(part["bounding"], part["device_rules"], part["sysfs_writable"], every, *lists)
    if hole is not None:
        return hole
    wide = part["sysfs_writable"] or "a *:* rwm" in part["device_rules"]
    return _all(part, every) is True and not any(lists) and bool(wide)


def _pod(value: Json) -> str:
    noted = _object(value)
    pairs = [(noted.get(namespace), noted.get(name)) for namespace, name in POD]
    return next((f"{one}/{other}" for one, other in pairs if _is(WORD, one) and _is(WORD, other)), "")


def _image(value: Json) -> str:
    noted = _object(value)
    return next((noted[key] for key in IMAGES if _is(IMAGE, noted.get(key))), "")


def _is(form: Any, value: Json) -> bool:
    return isinstance(value, str) and form.fullmatch(value) is not None


FIELDS: Final[dict[str, tuple[tuple[str, ...], Callable[[Json], Json]]]] = {
    "ambient": (("process", "capabilities", "ambient"), _capabilities),
    "bounding": (("process", "capabilities", "bounding"), _capabilities),
    "device_rules": (("linux", "resources", "devices"), _rules),
    "devices": (("linux", "devices"), _devices),
    "image": (("annotations",), _image),
    "mounts": (("mounts",), _mounts),
    "namespaces": (("linux", "namespaces"), _namespaces),
    "no_new_privileges": (("process", "noNewPrivileges"), _flag),
    "pod": (("annotations",), _pod),
    "seccomp": (("linux", "seccomp"), _seccomp),
    "sysfs_writable": (("mounts",), _sysfs),
    "uid": (("process", "user", "uid"), _uid),
    "user_is_own": (("linux", "namespaces"), _user_is_own),
}
