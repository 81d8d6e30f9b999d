"""Whether the server of a cluster is this host, or the one that the kubelet of this host obeys, by its name or address alone: nothing is asked of a network."""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Final

from hostcheck.api import Hole, HoleError, Host, Nonsense, pattern
from hostcheck_builtin.system import procfs

HOSTNAME: Final = "/proc/sys/kernel/hostname"
HOSTS: Final = "/etc/hosts"
ROUTES: Final = "/proc/self/net/fib_trie"
INET6: Final = "/proc/self/net/if_inet6"
URL: Final = pattern(r"(?:https?://)?(?:[^/@]*@)?(\[[0-9a-fA-F:.%]+\]|[^/:\[\]]+)(?::(\d{1,5}))?(?:/.*)?")
Server = tuple[str, str]
"""Name or address, and port."""


def server(url: str) -> Server:
    """Return the name or address of a URL, and its port; raises Nonsense where it has none."""
    found = URL.fullmatch(url)
    if found is None:
        raise Nonsense("the address of a cluster's server is none")
    return found[1].strip("[]").lower(), found[2] or "443"


def judge(host: Host, of_kubelets: Callable[[], frozenset[Server]]) -> Callable[[str], str]:
    """Return what says of a URL whether that is this-host, this-cluster, the one of this host's kubelet, or elsewhere; it raises what reading raises."""
    own = cache(lambda: _own_addresses(host))
    names = cache(lambda: _names(host))

    def where(url: str) -> str:
        name, port = server(url)
        if name == "localhost" or _is_loopback(name):
            return "this-host"
        if (name, port) in of_kubelets():
            return "this-cluster"
        told = {name} if _address(name) else {"127.0.0.1"} if name == _hostname(host) else names().get(name, set())
        local = any(_is_loopback(one) for one in told) or bool(told and {_address(one) for one in told} & own())
        return "this-host" if local else "elsewhere"

    return where


def _hostname(host: Host) -> str:
    return procfs.demand(host.read_text, HOSTNAME).strip().lower()


def _address(text: str) -> str:
    """Return an address as it is written shortest, "" for what is none."""
    import ipaddress  # few hosts have a cluster

    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return ""


def _is_loopback(text: str) -> bool:
    address = _address(text)
    return address.startswith("127.") or address == "::1"


def _names(host: Host) -> dict[str, set[str]]:
    """Return the addresses of each name in /etc/hosts (hosts(5))."""
    found: dict[str, set[str]] = {}
    for line in host.read_text(HOSTS, missing="").splitlines():
        address, *names = line.partition("#")[0].split() or [""]
        for name in names:
            found.setdefault(name.lower(), set()).add(address)
    return found


def _own_addresses(host: Host) -> frozenset[str]:
    """Return the addresses of this host's interfaces; raises HoleError if the scanner is in another network namespace than the host."""
    away = procfs.away_from_init(host)
    if away is not None:
        raise HoleError(Hole(why=away.why, message=away.message))
    return frozenset((*_of_routes(procfs.demand(host.read_text, ROUTES)), *_of_inet6(host.read_text(INET6, missing=""))))


def _of_routes(text: str) -> Iterator[str]:
    """Yield the addresses of the table of local routes (net/ipv4/fib_trie.c): what is `/32 host LOCAL` is of the leaf before it."""
    leaf = ""
    for line in text.splitlines():
        _, found, name = line.partition("|-- ")
        leaf = name.strip() if found else leaf
        if line.strip() == "/32 host LOCAL":
            yield leaf


def _of_inet6(text: str) -> Iterator[str]:
    """Yield the addresses of /proc/net/if_inet6, which are written as 32 digits."""
    for line in text.splitlines():
        digits = line.partition(" ")[0]
        if len(digits) == 32:
            yield _address(":".join(digits[at : at + 4] for at in range(0, 32, 4)))
