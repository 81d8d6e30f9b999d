"""What follows from settings: which registries beyond this host need not prove who they are, which mirrors are asked in the clear, what bounds a log.

A registry on a loopback address is this host itself, which dockerd trusts in any case.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from hostcheck.api import Hole, Json, Why, incomplete, pattern

SIZE: Final = pattern(r"0*[1-9][0-9]*(\.[0-9]+)?[ ]?[kKmMgGtTpP]?i?[bB]?", re.ASCII)
"""A size of docker's (units.RAMInBytes) that is not 0; -1 and nothing are no limit."""
ENDLESS: Final = "json-file"
WAYS: Final = ("running", "after_restart")
UNSAID: Final = Hole(why=Why.UNSUPPORTED, message="the options of the log driver are not known")


def of_settings(settings: Mapping[str, Any]) -> dict[str, Json]:
    """State ``{remote_registries, plain_mirrors, logs_bounded}``."""
    unknown = getattr(settings, "hole", None)
    drivers, options = settings.get("log-driver", {}), settings.get("log-opts", {})
    return {
        "remote_registries": _beyond(settings, "insecure-registries", lambda one: not is_here(one.rpartition("://")[2])),
        "plain_mirrors": _beyond(settings, "registry-mirrors", lambda one: not one.startswith("https://") and not is_here(one.rpartition("://")[2])),
        "logs_bounded": incomplete(
            {way: _limited(drivers[way], options, way) for way in WAYS if way in drivers and _tells(drivers[way], options, way)},
            getattr(drivers, "hole", None) or (None if drivers else unknown),
        ),
    }


def _beyond(settings: Mapping[str, Any], key: str, counts: Callable[[str], bool]) -> Json:
    setting = settings.get(key, {})
    unknown = getattr(setting, "hole", None) or (None if setting else getattr(settings, "hole", None))
    return incomplete({way: [one for one in setting[way] if counts(one)] for way in WAYS if way in setting}, unknown)


def is_here(place: str) -> bool:
    """Say whether an address, or a range of them, is of this host alone."""
    if place.startswith("["):
        name = place[1:].partition("]")[0]
    else:
        name = place if place.count(":") > 1 else place.partition(":")[0]
    from ipaddress import ip_network  # for dockerd that has registries of its own

    try:
        return ip_network(name, strict=False).is_loopback
    except ValueError:
        return name == "localhost"


def _tells(driver: str, options: Mapping[str, Any], way: str) -> bool:
    """Say whether anything tells of a log: what options a daemon runs with stands on its command line at most."""
    return driver != ENDLESS or way != "running" or way in options


def _limited(driver: str, options: Mapping[str, Any], way: str) -> bool | Hole:
    """Say whether the log of a container that is made now has a limit, or leaves for where that is another program's concern."""
    if driver != ENDLESS:
        return True
    if way not in options:
        hole: Hole = getattr(options, "hole", UNSAID)
        return hole
    return bool(SIZE.fullmatch(str(options[way].get("max-size", ""))))
