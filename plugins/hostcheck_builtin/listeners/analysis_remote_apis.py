"""Who reaches an engine over the network of this host or through a relay, and what it asks of them.

What was proved by connecting counts; where nobody could connect, what dockerd says of itself in its warnings: it says so only where it asks for less
than a certificate, and that it says nothing proves nothing.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from hostcheck.api import Hole, HoleError, Json, View, Why, attempt, incomplete, known, opening, worst_hole
from hostcheck_builtin.listeners import after_reboot, plain_clients, reached_relays, user_apis, warnings_of
from hostcheck_builtin.listeners.reach import reach
from hostcheck_builtin.listeners.warnings_of import Warned

ENGINES: Final = frozenset({"buildkit", "containerd", "docker", "podman"})
"""The engines that are judged: of the others, who shows no certificate may be asked for something else; CRI-O has no API on TCP."""
APIS: Final = frozenset({"-H", "--host", "--addr", "ListenStream", "hosts", "service"})
"""What tells an engine where its API listens."""
SWARM: Final = frozenset({2377, 7946})
"""Where a swarm's managers and its nodes listen (docs of Docker, Getting started with swarm mode)."""


def derive(facts: Mapping[str, Any], values: Mapping[str, Json]) -> Json:
    """State ``{apis, planned, user_apis, relays, clients}``."""
    if facts["host"]["scan"]["init_userns"] is False:
        return Hole(why=Why.DENIED, message="the scanner is in a user namespace, where ids are not the host's")
    warned = attempt(warnings_of.warned, facts)
    apis = _with_warned(_each(facts, "engines", partial(_api, facts, warned)), warned)
    return {
        "apis": apis,
        "planned": after_reboot.planned(facts, apis),
        "user_apis": attempt(user_apis.user_apis, facts),
        "relays": attempt(reached_relays.relays, facts),
        "clients": attempt(plain_clients.clients, facts),
    }


def _each(facts: Mapping[str, Any], part: str, state: Callable[[View], Json]) -> Json:
    """State each judged listener, each with the holes of its own."""
    found = attempt(lambda: facts["listeners"][part])
    if isinstance(found, Hole):
        return found
    stated = {name: attempt(lambda at: state(found[at]), name) for name in known(found)}
    return incomplete({name: one for name, one in stated.items() if isinstance(one, Hole) or one["engine"] in ENGINES}, opening(found))


def _api(facts: Mapping[str, Any], warned: list[Warned] | Hole, one: View) -> dict[str, Json]:
    engine, port, pid = str(one["engine"]), int(one["port"]), int(one["process"]["pid"])
    mine = [] if isinstance(warned, Hole) or engine != "docker" else [told.tls for told in warned if told.port == port and told.pid in (0, pid)]
    says = min(mine, default="")
    speaks = engine == "docker" and attempt(warnings_of.speaks, facts, pid)
    demand = attempt(lambda: one["demand"] if "demand" in one else None)
    stated = {
        "engine": engine,
        "port": port,
        "exe": attempt(lambda: one["process"]["exe"]),
        "pid": pid,
        "reach": reach(str(one["address"])),
        "network": "own" if one["network"] == 0 else "other",
        "serves": attempt(_serves, one, demand, says, speaks),
        "tls": demand["tls"] if isinstance(demand, View) else says or demand or Hole(why=Why.LIMIT, message="it was not connected to"),
        "told": attempt(_told, one),
    }
    if engine == "docker":
        stated["plugins"] = attempt(warnings_of.plugins, facts)
    return stated


def _serves(one: View, demand: View | Hole | None, says: str, speaks: bool | Hole) -> str:
    """Say whether a listener is the engine's API, belongs to a swarm, is something else, as for metrics, or a port of a container; raises HoleError.

    `speaks` says whether its dockerd tells of what it warns: then what it was not told, and does not warn of, is no API that takes whoever comes.
    """
    if isinstance(demand, View):
        return _proved(one, demand)
    port, named = int(one["port"]), attempt(_option, one)
    if says:
        return "api"
    if named and not isinstance(named, Hole):
        return "api" if named in APIS else "other"
    if one["engine"] == "docker" and port in SWARM:
        return "swarm"
    if demand is None and named == "" and speaks is True:
        return "container"
    unknown = worst_hole(demand, named, speaks) or Hole(why=Why.LIMIT, message="what it is for was not told, and it was not connected to")
    raise HoleError(unknown)


def _proved(one: View, demand: View) -> str:
    if demand["tls"] == "mutual" or demand["answers_as"]:
        return "api"
    if demand["speaks"] == "http/2":
        return "swarm" if one["engine"] == "docker" else "api"
    return "other"


def _option(one: View) -> str:
    """Return the option of its argv that names the port of a listener, "" where none does."""
    addresses = one["told"]["addresses"]
    return next((str(addresses[at]) for at in known(addresses) if at.rpartition(":")[2] == str(one["port"])), "")


def _told(one: View) -> str:
    """Say in words what the argv has beside what was proved."""
    option, tls = _option(one), list(one["told"]["tls_options"])
    options = [*([option] if option and option != "service" else []), *tls]
    return f"it was told by {' and '.join(options)}" if options else "it was told neither this address nor TLS"


def _with_warned(apis: Json, warned: list[Warned] | Hole) -> Json:
    """Add what dockerd says that it listens on, where nobody was seen to listen there."""
    if isinstance(warned, Hole) or (isinstance(apis, Hole) and not warned):
        return apis
    stated, unknown = ({}, apis) if isinstance(apis, Hole) else (apis, getattr(apis, "hole", None))
    ports = {one["port"] for one in stated.values() if not isinstance(one, Hole)}
    return incomplete({**stated, **{one.name: _said(one) for one in warned if one.port not in ports}}, unknown)


def _said(one: Warned) -> dict[str, Json]:
    unseen = Hole(why=Why.DENIED, message=f"{one.name}: told by /info, and who listens was not seen")
    where = reach(one.name.rpartition(":")[0].strip("[]") or "0.0.0.0")
    return {
        **{"engine": "docker", "port": one.port, "reach": where, "network": unseen, "serves": "api", "tls": one.tls},
        **dict.fromkeys(("exe", "pid", "plugins", "told"), unseen),
    }
