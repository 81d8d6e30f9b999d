"""Hosts on which packets for loopback addresses are taken from a network, each proved by a neighbour that reaches what listens on 127.0.0.1 alone.

Settings of a network are those of its namespace, so that they are really set here and nowhere else.
"""

from collections.abc import Callable

from hosts.planting import CONNECT_TCP, PYTHON, TCP, Host, Plant, all_of, as_user, ready, shell
from real_engines.rootless_world import RootlessWorld

PORT = "8099"
CABLE = """
ip link set lo up
ip netns add neighbour
ip link add cable0 type veth peer name cable1 netns neighbour
ip addr add 10.9.0.1/24 dev cable0
ip link set cable0 up
ip -n neighbour addr add 10.9.0.2/24 dev cable1
ip -n neighbour link set lo up
ip -n neighbour link set cable1 up
ip netns exec neighbour sh -c 'echo 1 > /proc/sys/net/ipv4/conf/all/route_localnet'
ip -n neighbour addr del 127.0.0.1/8 dev lo
ip -n neighbour route add 127.0.0.1 via 10.9.0.1
"""
"""A neighbour that has no 127.0.0.1 of its own, and looks for it on this host."""
ROUTES = "echo 1 > /proc/sys/net/ipv4/conf/{}/route_localnet"


def serves(world: RootlessWorld) -> None:
    """Serve something on 127.0.0.1 alone."""
    ready(world, *PYTHON, TCP, PORT)


def plant(*settings: str) -> Plant:
    """Return the planting of the neighbour and the service, with route_localnet on for some."""
    return all_of(shell(CABLE, *(ROUTES.format(setting) for setting in settings)), serves)


def reached(does: bool) -> Callable[[RootlessWorld], bool]:
    """Return the proof that the neighbour reaches the service, or does not."""
    return as_user("root", "ip", "netns", "exec", "neighbour", *PYTHON, CONNECT_TCP, PORT, does=does)


TWIN = "a neighbour who gets no answer"
HOSTS = [
    Host(
        name="loopback addresses on every network",
        plant=plant("all"),
        proof=reached(True),
        fails=("HC-NTW-03",),
        says={"HC-NTW-03 ": "route_localnet is on for all (every other host on any of its networks), so"},
        twin=TWIN,
        alone=True,
    ),
    Host(
        name="loopback addresses on one network",
        plant=plant("cable0"),
        proof=reached(True),
        fails=("HC-NTW-03",),
        says={"HC-NTW-03 ": "route_localnet is on for cable0 (every other host on its network), so"},
        twin=TWIN,
        alone=True,
    ),
    Host(name=TWIN, plant=plant(), proof=reached(False), also={"HC-NTW-03": "pass"}, alone=True),
]
