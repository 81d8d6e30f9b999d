"""What an engine tells of a container's place on its networks: which it has, whether it publishes all ports of its image, and what it may send there.

Addresses are not told: an engine gives them out anew at each start.
"""

from collections.abc import Mapping
from typing import Final

from hostcheck.api import Hole, Json
from hostcheck_builtin.engines.api_answers import flag, members, record, take, text, texts
from hostcheck_builtin.system.bounds import NETWORKS_OF_A_CONTAINER as MANY

SENDS: Final = frozenset({"NET_ADMIN", "NET_RAW"})
"""With either, a packet may have any address of its sender and of its receiver (packet(7), tc-pedit(8))."""
UNASKED: Final = "NET_RAW"
"""Docker gives that one to every container (moby, caps/defaults.go)."""
ALL: Final = "ALL"


def network(document: Mapping[str, Json], engine: str, capabilities: Mapping[str, Json]) -> dict[str, Json]:
    """Return what an inspect answer tells of it; `capabilities` are those that were told of in the same answer."""
    return {
        "networks": take(document, ("NetworkSettings", "Networks"), _networks),
        "publish_all": take(document, ("HostConfig", "PublishAllPorts"), flag),
        "sends_any_packet": take(document, ("BoundingCaps",), _bound) if engine == "podman" else _sends(document, capabilities),
    }


def _networks(value: Json) -> dict[str, str]:
    """Return the id of each network by its name, "" where the container was never on it."""
    return {text(name): text(record(one).get("NetworkID") or "") for name, one in sorted(members(value, MANY).items())}


def _bound(value: Json) -> bool:
    """Say whether podman lets any process in the container have one of the capabilities."""
    return bool(SENDS & {name.upper().removeprefix("CAP_") for name in texts(value)})


def _sends(document: Mapping[str, Json], capabilities: Mapping[str, Json]) -> Json:
    """Say the same of docker, which tells what was added and dropped (moby, TweakCapabilities)."""
    privileged, told = take(document, ("HostConfig", "Privileged"), flag), [capabilities["added"], capabilities["dropped"]]
    if privileged is True:
        return True
    hole = next((one for one in (privileged, *told) if isinstance(one, Hole)), None)
    if hole is not None:
        return hole
    added, dropped = map(set, told)
    if ALL in added:
        return bool(SENDS - dropped)
    return bool(SENDS & added) or not dropped & {ALL, UNASKED}
