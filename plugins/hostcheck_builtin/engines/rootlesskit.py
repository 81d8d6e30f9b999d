"""How a user's engine was started: the rootlesskit above it with its options, and the unit of systemd that it runs in.

The options are taken from the command line, which its user may write over at any time: they speak of that user's engine alone. The control group
is the kernel's word, and no user can get into the one of a system unit.
"""

from typing import Final

from hostcheck.api import ABSENT, Host, Json, Nonsense, Unsupported, attempt
from hostcheck_builtin.engines import endpoints
from hostcheck_builtin.system import units
from hostcheck_builtin.system.bounds import ARGUMENTS_OF_ROOTLESSKIT as SIZE
from hostcheck_builtin.system.procfs import demand

SWITCHES: Final = frozenset(
    ("debug", "detach-netns", "disable-host-loopback", "ipv6", "pidns", "cgroupns", "utsns", "ipcns", "systemd-socket-activation", "source-ip-transparent")
)
"""Options that take no word after them (cmd/rootlesskit/main.go)."""
VALUES: Final = frozenset(
    (
        *("state-dir", "net", "mtu", "cidr", "ifname", "lxc-user-nic-binary", "lxc-user-nic-bridge", "slirp4netns-binary", "slirp4netns-sandbox"),
        *("slirp4netns-seccomp", "pasta-binary", "vpnkit-binary", "port-driver", "copy-up", "copy-up-mode", "publish", "p", "propagation", "reaper"),
        *("evacuate-cgroup2", "subid-source"),
    )
)
TRUE: Final = frozenset(("1", "t", "T", "TRUE", "true", "True"))
FALSE: Final = frozenset(("0", "f", "F", "FALSE", "false", "False"))
"""What strconv.ParseBool of Go takes."""
MANAGER: Final = "user@"


def started(host: Host, pid: int) -> dict[str, Json]:
    """State what started the engine that runs as `pid`, and the unit that it runs in; raises what absence raises where it has ended."""
    kit = attempt(_rootlesskit, host, pid)
    return {**({} if kit is None else {"rootlesskit": kit}), "unit": attempt(unit, host, pid)}


def _rootlesskit(host: Host, pid: int) -> Json:
    """State the rootlesskit of the same user that made the user namespace of a process, None where something else did."""
    starter = endpoints.starter(host, pid)
    if not starter:
        return None
    try:
        one, mine = host.process(starter), host.process(pid)
    except ABSENT:
        return None
    if one.exe.removesuffix(" (deleted)").rpartition("/")[2] != "rootlesskit" or set(one.uids) != set(mine.uids):
        return None
    return {"exe": one.exe, **options(demand(lambda path: host.read_bytes(path, limit=SIZE), f"/proc/{starter}/cmdline"))}


def options(cmdline: bytes) -> dict[str, Json]:
    """Return the options that connect it to the network, with their defaults; raises Nonsense for what cannot be read for certain."""
    stated = {"net": "host", "port-driver": "none", "disable-host-loopback": "false"}
    words = iter(cmdline.decode("utf-8", "surrogateescape").split("\0")[1:])
    for word in words:
        if not word.startswith("-") or word in ("-", "--"):
            break
        name, equals, value = word.removeprefix("-").removeprefix("-").partition("=")
        if not equals and name not in SWITCHES and name not in VALUES:
            raise Unsupported("rootlesskit was given an option that is not known, and whether a word of it follows is not either")
        stated[name] = value if equals else "true" if name in SWITCHES else next(words, "")
    loopback = stated["disable-host-loopback"]
    if loopback not in TRUE | FALSE:
        raise Nonsense("rootlesskit: disable-host-loopback is neither true nor false")
    return {"network_driver": stated["net"], "port_driver": stated["port-driver"], "host_loopback_disabled": loopback in TRUE}


def unit(host: Host, pid: int) -> Json:
    """State which manager of systemd runs a process, in which unit, and which user a unit of the system names ("" for none)."""
    path = demand(host.read_text, f"/proc/{pid}/cgroup")
    manager, name = manager_of(path)
    user = units.last_setting(host, name, "Service", "User") if manager == "system" else ""
    return {"manager": manager, "name": name, "user": user}


def manager_of(text: str) -> tuple[str, str]:
    """Return who manages the unit in a /proc/PID/cgroup (system, user, or none of them), and its name.

    A scope is no unit that systemd started: it was told of processes that run already (systemd.scope(5)).
    """
    groups = {controllers: path for _, controllers, path in (line.split(":", 2) for line in text.split("\n") if line.count(":") >= 2)}
    parts = groups.get("name=systemd", groups.get("", "")).split("/")
    first = next((place for place, part in enumerate(parts) if part.endswith((".service", ".scope"))), None)
    if first is None or parts[first].endswith(".scope"):
        return "none", "" if first is None else parts[first]
    if parts[first].startswith(MANAGER) and first and parts[first - 1] == f"user-{parts[first][len(MANAGER) : -len('.service')]}.slice":
        inner = [part for part in parts[first + 1 :] if part.endswith((".service", ".scope"))]
        return "user", inner[0] if inner else parts[first]
    return "system", parts[first]
