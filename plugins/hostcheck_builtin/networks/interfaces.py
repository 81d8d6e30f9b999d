"""What the kernel is told about single interfaces: whether packets for 127.0.0.0/8 may come in there, and whether a bridge shows its packets to iptables.

Settings of the network belong to a namespace (network_namespaces(7)): what the scanner sees is the host's only where it shares that of process 1.
"""

from typing import Final

from hostcheck.api import ABSENT, Hole, Host, Json, Nonsense, Unsupported, attempt, incomplete, worst_hole
from hostcheck_builtin.system.bounds import NETWORK_INTERFACES as MANY
from hostcheck_builtin.system.presence import absent_as
from hostcheck_builtin.system.procfs import away_from_init, demand, number, whole

CONF: Final = "/proc/sys/net/ipv4/conf"
GENERAL: Final = frozenset({"all", "default", "lo"})
"""The first two are no interfaces, and whatever comes from the third was sent by this host."""


def localnet(host: Host) -> Json:
    """Return the interfaces that let packets for loopback addresses in (route_localnet of ip-sysctl), but for the general settings."""
    away = away_from_init(host)
    if away:
        return away
    names = attempt(lambda: demand(lambda path: host.list_dir(path, limit=MANY), CONF))
    if isinstance(names, Hole):
        return names
    each = {name: attempt(_is_on, host, name) for name in names if name not in GENERAL}
    return incomplete([name for name, on in each.items() if on is True], worst_hole(*each.values()))


def _is_on(host: Host, name: str) -> bool:
    """Say whether it is on for one interface; an interface that has gone lets nothing in."""
    return absent_as(False, _switch, host, f"{CONF}/{name}/route_localnet")


def shows_iptables(host: Host, bridge: str) -> bool:
    """Say whether one bridge shows packets to iptables, whatever the setting for all bridges is (net/bridge/br_sysfs_br.c)."""
    path = f"/sys/class/net/{bridge}/bridge/nf_call_iptables"
    try:
        return _switch(host, path)
    except ABSENT as error:
        raise Unsupported(f"{path}: not there, as where /sys is of another network namespace") from error


def _switch(host: Host, path: str) -> bool:
    """Return whether a switch of the kernel is on: it has a number, and any but 0 turns it on."""
    value = number(whole(path, host.read_text(path)).removesuffix("\n"))
    if value is None or value < 0:
        raise Nonsense(f"{path}: not a number")
    return value != 0
