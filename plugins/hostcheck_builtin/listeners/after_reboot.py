"""Where root's engines will listen on TCP after the next boot, by the units that start then: where they do not listen now, or ask for less than now.

What listens now and asks for as little is judged by what was seen of it, so that one cause is one finding.
"""

from collections.abc import Mapping
from typing import Any, Final

from hostcheck.api import Hole, Json, View, attempt, incomplete, known, opening
from hostcheck_builtin.listeners.reach import reach

ENGINES: Final = frozenset({"buildkit", "containerd", "docker", "podman"})
"""As of what listens now, the engines of which it is known what a client without a certificate can do."""
ANY: Final = ("*", "")
"""How units and dockerd say every address (systemd.socket(5), ListenStream=)."""


def planned(facts: Mapping[str, Any], apis: Json) -> Json:
    """State each address on which a unit will listen, by unit and address; `apis` are the listeners of now."""
    units: View | Hole = attempt(lambda: facts["socket-units"]["units"])
    if isinstance(units, Hole):
        return units
    open_now = {(one["engine"], one["port"]) for one in _known(apis) if one["tls"] in ("none", "server")}
    found: dict[str, Json] = {}
    for name in known(units):
        told = attempt(_of_unit, units, name)
        for address, one in ({name: told} if isinstance(told, Hole) else told).items():
            if isinstance(one, Hole) or (one["engine"], one["port"]) not in open_now:
                found[address] = one
    return incomplete(found, opening(units))


def _known(apis: Json) -> list[dict[str, Json]]:
    """Return the listeners of which engine, port and TLS are known."""
    listed = [] if isinstance(apis, Hole) else apis.values()
    return [one for one in listed if not isinstance(one, Hole) and not any(isinstance(one[fact], Hole) for fact in ("engine", "port", "tls"))]


def _of_unit(units: View, name: str) -> dict[str, Json]:
    """Return what one unit will listen on; nothing where it does not start."""
    unit = units[name]
    if not unit["starts"] or not (unit["engine"] in ENGINES or unit["relay"]):
        return {}
    return {f"{address} by {name} after reboot": _stated(unit, name, address) for address in list(unit["tcp"])}


def _stated(unit: View, name: str, address: str) -> dict[str, Json]:
    host, _, port = address.rpartition(":")
    where = "0.0.0.0" if host.strip("[]") in ANY else host.strip("[]")
    tls = attempt(unit.__getitem__, "tls")
    return {"engine": unit["engine"], "unit": name, "address": address, "port": int(port) if port.isdecimal() else 0, "reach": reach(where), "tls": tls}
