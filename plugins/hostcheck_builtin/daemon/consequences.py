"""What follows from settings: which registries beyond this host need not prove who they are, which mirrors are asked in the clear, what bounds a log.

A registry on a loopback address is this host itself, which dockerd trusts in any case.
"""

import ipaddress
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from hostcheck.api import Hole, Json, pattern

SIZE: Final = pattern(r"0*[1-9][0-9]*(\.[0-9]+)?[ ]?[kKmMgGtTpP]?i?[bB]?", re.ASCII)
"""A size of docker's (units.RAMInBytes) that is not 0; -1 and nothing are no limit."""
ENDLESS: Final = "json-file"
WAYS: Final = ("running", "after_restart")


def of_settings(settings: Mapping[str, Any]) -> dict[str, Json]:
    """State ``{remote_registries, plain_mirrors, logs_bounded}``."""
    return {
        "remote_registries": _both(settings.get("insecure-registries", {}), lambda one: not _is_here(one.rpartition("://")[2])),
        "plain_mirrors": _both(settings.get("registry-mirrors", {}), lambda one: not one.startswith("https://") and not _is_here(one.rpartition("://")[2])),
        "logs_bounded": _bounded(settings.get("log-driver", {}), settings.get("log-opts", {}).get("after_restart", {})),
    }


def _both(setting: Mapping[str, Json], counts: Callable[[str], bool]) -> dict[str, Json]:
    found = {way: setting[way] for way in WAYS if way in setting}
    return {way: value if isinstance(value, Hole) else [one for one in value if counts(one)] for way, value in found.items()}


def _is_here(place: str) -> bool:
    """Say whether an address, or a range of them, is of this host alone."""
    if place.startswith("["):
        name = place[1:].partition("]")[0]
    else:
        name = place if place.count(":") > 1 else place.partition(":")[0]
    try:
        return ipaddress.ip_network(name, strict=False).is_loopback
    except ValueError:
        return name == "localhost"


def _bounded(driver: Mapping[str, Json], options: Json) -> dict[str, Json]:
    """Say whether the logs of containers that are made now, and after a restart, have a limit or leave for where that is another's concern."""
    return {way: _limited(driver[way], options) for way in WAYS if way in driver}


def _limited(driver: Json, options: Json) -> Json:
    if isinstance(driver, Hole) or driver != ENDLESS:
        return driver if isinstance(driver, Hole) else True
    if isinstance(options, Hole):
        return options
    return bool(SIZE.fullmatch(str(options.get("max-size", ""))))
