"""How a container was set up, but for what it was given of its host.

What it may use, when it is started again, from which image it is, whether its health is checked, and which secrets are in its environment.
"""

from collections.abc import Mapping
from typing import Final

from hostcheck.api import Json, map_known, pattern
from hostcheck_builtin.containers import secret_variables
from hostcheck_builtin.engines.api_answers import flag, record, take, text

POLICIES: Final = {"": "no", "no": "no", "never": "no", "always": "always", "unless-stopped": "unless-stopped", "on-failure": "on-failure"}
DIGEST: Final = pattern(r"(.*@)?sha(256:[0-9a-f]{64}|512:[0-9a-f]{128})|[0-9a-f]{64}")
"""A name with a digest, or the id of an image, which is one."""
PART: Final = pattern(r"[0-9a-f]{12,63}")
"""The start of an id."""
Document = Mapping[str, Json]


def settings(document: Document) -> dict[str, Json]:
    """Return what an inspect answer tells of it."""
    return {
        "readonly_rootfs": take(document, ("HostConfig", "ReadonlyRootfs"), flag),
        "limits": {
            "memory": take(document, ("HostConfig", "Memory"), _limit),
            "pids": take(document, ("HostConfig", "PidsLimit"), _limit),
            "cpu": take(document, ("HostConfig",), _cpu),
        },
        "restart": take(document, ("HostConfig", "RestartPolicy"), _restart),
        "health_check": take(document, ("Config",), _health_check),
        "image_pinned": map_known(take(document, ("Config", "Image"), text), lambda name: _pinned(document, name)),
        "secret_variables": take(document, ("Config", "Env"), secret_variables.names),
    }


def _limit(value: Json) -> int:
    """Return a limit, 0 where there is none: engines write that as null, as 0 and as -1."""
    if value is None:
        return 0
    if not isinstance(value, int) or isinstance(value, bool) or not -(1 << 63) <= value < 1 << 63:
        raise TypeError
    return max(value, 0)


def _cpu(config: Json) -> list[str]:
    """Return what bounds the CPU time: a quota, of which --cpus is one, or a weight; to be kept to some processors leaves all of those."""
    told = record(config)
    quota, weight = (any(_limit(told.get(key)) for key in keys) for keys in (("CpuQuota", "NanoCpus"), ("CpuShares",)))
    return [name for name, has in (("quota", quota), ("weight", weight)) if has]


def _restart(value: Json) -> dict[str, Json]:
    """Return when the engine starts it again, and how often it tries where it keeps failing, 0 for without end."""
    told = record(value)
    name = text(told.get("Name") or "")
    if name not in POLICIES:
        raise TypeError
    return {"policy": POLICIES[name], "retries": _limit(told.get("MaximumRetryCount"))}


def _health_check(config: Json) -> bool:
    """Say whether its health is checked; what the check runs is not looked at."""
    told = record(config).get("Healthcheck")
    test = None if told is None else record(told).get("Test")
    if not (test is None or isinstance(test, list)):
        raise TypeError
    return bool((test or ["NONE"])[0] != "NONE")


def _pinned(document: Document, name: str) -> Json:
    """Say whether the image was asked for by what is in it; a name that looks like a part of an id is one only where it is that of the image."""
    if DIGEST.fullmatch(name):
        return True
    return take(document, ("Image",), lambda image: text(image).removeprefix("sha256:").startswith(name)) if PART.fullmatch(name) else False
