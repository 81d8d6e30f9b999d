"""What a container was told of the filters that hold it: seccomp, the security modules, no-new-privileges, and what /proc and /sys hide.

The options stand in a list of texts, KEY=VALUE or KEY:VALUE, of which the last of a key holds (moby, parseSecurityOpt).
"""

from collections.abc import Callable, Mapping
from typing import Final

from hostcheck.api import Hole, Json, LimitExceeded, Unsupported, map_known
from hostcheck_builtin.engines.api_answers import flag, take, text, texts
from hostcheck_builtin.system.bounds import PATH_MAX as LONG
from hostcheck_builtin.system.bounds import SECURITY_OPTIONS as MANY

NONE: Final = "none"
HIDDEN: Final = (frozenset({"/proc/kcore", "/sys/firmware"}), frozenset({"/proc/sys", "/proc/sysrq-trigger"}))
"""What makes the difference among the paths that docker masks, and among those that it makes read-only."""


def filters(document: Mapping[str, Json], engine: str) -> dict[str, Json]:
    """Return what an inspect answer tells of them."""
    options = take(document, ("HostConfig", "SecurityOpt"), _options)
    return {
        **{fact: map_known(options, read) for fact, read in READ.items()},
        "apparmor_profile": take(document, ("AppArmorProfile",), text),
        "selinux_type": take(document, ("ProcessLabel",), _type),
        "masked_paths": _masked(document, options, engine),
    }


def _options(value: Json) -> list[str]:
    """Return the options, each only as far as it is needed: a profile of seccomp stands there with all that it says."""
    if not (value is None or isinstance(value, list)) or not all(isinstance(one, str) for one in value or ()):
        raise TypeError
    if len(value or ()) > MANY:
        raise LimitExceeded(f"a list of more than {MANY}")
    return [one[:LONG] for one in value or ()]


def _last(options: list[str], key: str) -> str | None:
    """Return the value of the last option of that key."""
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


def _type(value: Json) -> str:
    """Return the type in a label of SELinux, user:role:type:level; "" where there is no label."""
    parts: list[str] = text(value).split(":")
    if parts != [""] and len(parts) < 3:
        raise TypeError
    return parts[2] if parts != [""] else ""


def _no_new_privileges(options: list[str]) -> str:
    told = _last([f"{one}=true" if one == "no-new-privileges" else one for one in options], "no-new-privileges")
    return "default" if told is None else "on" if told.lower() in ("1", "t", "true") else "off"


def _masked(document: Mapping[str, Json], options: Json, engine: str) -> Json:
    """Return whether the files of /proc and /sys that tell or change the kernel are hidden: podman says so among its options, docker in lists of its own.

    Of docker's, null is what the runtime hides by itself, but for a privileged container, where it hides nothing (moby, oci_linux.go).
    """
    if engine == "podman":
        return map_known(options, lambda known: _unmasked(_last(known, "unmask")))
    lists = [take(document, ("HostConfig", key), _paths) for key in ("MaskedPaths", "ReadonlyPaths")]
    hole = next((one for one in lists if isinstance(one, Hole)), None)
    if hole is not None:
        return hole
    if [] in lists:
        return NONE
    if None in lists:
        return map_known(take(document, ("HostConfig", "Privileged"), flag), lambda privileged: NONE if privileged else "default")
    return "default" if all(wanted <= set(found) for wanted, found in zip(HIDDEN, lists, strict=True)) else "custom"


def _unmasked(paths: str | None) -> str:
    """Return what podman tells: that all is shown, and of single paths nothing (seen with 5.4.2)."""
    if paths is None or paths.lower() != "all":
        raise Unsupported("podman tells whether all of /proc and /sys is shown, and not whether some of it is")
    return NONE


def _paths(value: Json) -> list[str] | None:
    return None if value is None else texts(value)


READ: Final[Mapping[str, Callable[[list[str]], str]]] = {
    "seccomp": _seccomp,
    "apparmor": _apparmor,
    "selinux": _selinux,
    "no_new_privileges": _no_new_privileges,
}
