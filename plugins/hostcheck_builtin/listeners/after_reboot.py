"""Where root's engines will listen on TCP after the next boot, by units and containerd's files, where they do not listen now or ask for less than now.

What listens now and asks for as little is judged by what was seen of it, so that one cause is one finding.
"""

from collections.abc import Mapping
from typing import Any, Final

from hostcheck.api import Hole, Json, View, attempt, incomplete, known, opening, worst_hole
from hostcheck_builtin.listeners.reach import reach

ENGINES: Final = frozenset({"buildkit", "containerd", "docker", "podman"})
"""As of what listens now, the engines of which it is known what a client without a certificate can do."""
ANY: Final = ("*", "")
"""How units and dockerd say every address (systemd.socket(5), ListenStream=)."""


def planned(facts: Mapping[str, Any], apis: Json) -> Json:
    """State each address on which a unit or containerd will listen, by address and what says so; `apis` are the listeners of now."""
    open_now = {(one["engine"], one["port"]) for one in _known(apis) if one["tls"] in ("none", "server")}
    found: dict[str, Json] = {}
    units: View | Hole = attempt(lambda: facts["socket-units"]["units"])
    files: View | Hole = attempt(lambda: facts["runtimes"]["containerd"])
    for members, told_by in ((units, _of_unit), (files, _of_containerd)):
        if isinstance(members, Hole):
            continue
        for name in known(members):
            told = attempt(told_by, members, name)
            for address, one in ({name: told} if isinstance(told, Hole) else told).items():
                if isinstance(one, Hole) or (one["engine"], one["port"]) not in open_now:
                    found[address] = one
    return incomplete(found, worst_hole(*(one if isinstance(one, Hole) else opening(one) for one in (units, files))))


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


def _of_containerd(files: View, path: str) -> dict[str, Json]:
    """Return where containerd listens by a file of it, from its next start on (containerd-config.toml(5), tcp_address)."""
    tcp = files[path]["tcp"]
    address = str(tcp["address"])
    tls = "none" if not tcp["certificate"] else "client certificates" if tcp["client_ca"] else "server"
    return {f"{address} by {path} after reboot": _told("containerd", path, address, tls)} if address else {}


def _stated(unit: View, name: str, address: str) -> dict[str, Json]:
    return _told(unit["engine"], name, address, attempt(unit.__getitem__, "tls"))


def _told(engine: str, name: str, address: str, tls: Json) -> dict[str, Json]:
    host, _, port = address.rpartition(":")
    where = "0.0.0.0" if host.strip("[]") in ANY else host.strip("[]")
    return {"engine": engine, "unit": name, "address": address, "port": int(port) if port.isdecimal() else 0, "reach": reach(where), "tls": tls}
