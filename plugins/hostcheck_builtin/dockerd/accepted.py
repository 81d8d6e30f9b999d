"""Which values of daemon.json dockerd starts with, key by key: it refuses more than what has a wrong type.

Measured with dockerd 26, by --validate and by starting it. Where versions differ, or it depends on the host, that is not certain, and None is the answer. A
key that is not in the table is taken with any value of its type.
"""

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from hostcheck.api import pattern
from hostcheck_builtin.dockerd.accepted_addresses import Verdict, address, bridge, domain, every, listens, mirror, network, pools, registry

Told = Mapping[str, Any]
LEVELS: Final = frozenset(("panic", "fatal", "error", "warn", "warning", "info", "debug", "trace"))
SIZE: Final = pattern(r"[0-9]+(\.[0-9]+)? ?([kKmMgGtTpP]i?)?[bB]?", re.ASCII)
DRIVERS: Final = frozenset(("", "fuse-overlayfs", "overlay2", "vfs"))
"""Storage drivers that need no more than a usual kernel; the names of others depend on the version, and with containerd's image store on that."""
LOG_OPTIONS: Final = {
    "json-file": frozenset(("compress", "env", "env-regex", "labels", "labels-regex", "max-file", "max-size", "tag")),
    "journald": frozenset(("env", "env-regex", "labels", "labels-regex", "tag")),
    "local": frozenset(("compress", "max-file", "max-size")),
    "none": frozenset[str](),
}
"""Drivers that look at names of options alone; any has mode and max-buffer-size beside them."""
CGROUPS: Final = "native.cgroupdriver="
MTU: Final = 65535
"""The largest that a bridge of Linux takes."""
WIDTH: Final = 63
LONGEST: Final = 18
"""Digits of a number that surely fits."""


def takes(key: str, told: Told) -> Verdict:
    """Say whether dockerd starts with the value of a key, None where that is not certain; `told` has the other keys, which may matter."""
    check = TABLE.get(key)
    return True if check is None else check(told[key], told)


def _one(takes_one: Callable[[Any], Verdict]) -> Callable[[Any, Told], Verdict]:
    return lambda value, _: takes_one(value)


def _each(takes_one: Callable[[Any], Verdict]) -> Callable[[Any, Told], Verdict]:
    return lambda value, _: every(value, takes_one)


def _word(*words: str) -> Callable[[Any, Told], Verdict]:
    return lambda value, _: value in words


def _only(*words: str) -> Callable[[Any, Told], Verdict]:
    """Take some words, and be not certain of all others."""
    return lambda value, _: True if value in words else None


def _not_negative(value: int, _: Told) -> Verdict:
    return value >= 0


def _mtu(value: int, _: Told) -> Verdict:
    return value >= 0 and (value <= MTU or None)


def _absolute(value: str, _: Told) -> Verdict:
    return True if not value or value.startswith("/") else None


def _labels(value: list[str], _: Told) -> Verdict:
    pairs = {(name, rest) for name, _, rest in (one.partition("=") for one in value)}
    return all("=" in one for one in value) and len(pairs) == len({name for name, _ in pairs})


def _resources(value: list[str], _: Told) -> Verdict:
    """Take numbers of distinct kinds; names, which may be several of a kind, are not certain."""
    pairs = [one.partition("=") for one in value]
    if any(not equals or (rest.startswith("-") and rest[1:].isdigit()) for _, equals, rest in pairs):
        return False
    numbers = all(rest.isascii() and rest.isdigit() and len(rest) < LONGEST for _, _, rest in pairs)
    return True if numbers and len({kind for kind, _, _ in pairs}) == len(pairs) else None


def _bridge(value: str, told: Told) -> Verdict:
    """Take an address of docker0 where no bridge of the site's own is named beside it."""
    return bridge(value) if not value or not told.get("bridge") else False


def _in_bridge(key: str, value: str, told: Told) -> Verdict:
    """Take a gateway or a range that lies in the network of bip."""
    found, whole = network(f"{value}/32" if key == "default-gateway" else value), network(told.get("bip"))
    if not value or found is None or found.version != 4:
        return not value
    return True if whole is not None and whole.version == 4 and found.network.subnet_of(whole.network) else None


def _sixth(value: str, _: Told) -> Verdict:
    found = network(value)
    return not value or (found is not None and found.version == 6)


def _gateway_6(value: str, _: Told) -> Verdict:
    return True if not value else False if address(value) is False else None


def _execution(value: str) -> Verdict:
    return value.removeprefix(CGROUPS) in ("systemd", "cgroupfs") if value.startswith(CGROUPS) else None


def _cgroup(value: str, told: Told) -> Verdict:
    """Take a slice, which both drivers do, and any path where cgroupfs is the driver that is asked for."""
    options = told.get("exec-opts")
    if not value or (isinstance(options, list) and options[-1:] == [f"{CGROUPS}cgroupfs"]):
        return True
    return True if value.endswith(".slice") and "/" not in value and len(value) > len(".slice") else None


def _remap(value: str, _: Told) -> Verdict:
    return value.count(":") <= 1 and not value.startswith(":")


def _storage(value: str) -> Verdict:
    return None if "=" in value else False


def _log_options(value: Told, told: Told) -> Verdict:
    """Take the options that a driver has; of other drivers dockerd checks values too."""
    driver = told.get("log-driver") or "json-file"
    known = LOG_OPTIONS.get(driver) if isinstance(driver, str) else None
    mode, buffer = value.get("mode"), value.get("max-buffer-size")
    if mode not in (None, "", "blocking", "non-blocking") or (buffer and mode != "non-blocking"):
        return False
    usual = not buffer or SIZE.fullmatch(buffer) is not None
    return True if not value or (known is not None and usual and set(value) <= known | {"mode", "max-buffer-size"}) else None


def _metrics(value: str, _: Told) -> Verdict:
    return True if not value else False if ":" not in value else None if value.startswith(":") else listens(value)


def _size(value: Any, _: Told) -> Verdict:
    return isinstance(value, str) and (True if SIZE.fullmatch(value) else None if any(one.isdigit() for one in value) and "-" not in value else False)


def _proxy_program(value: str, _: Told) -> Verdict:
    return True if not value else None if value.startswith("/") else False


def _ulimits(value: Told, _: Told) -> Verdict:
    return all(one is None or (isinstance(one, dict) and all(_of_limit(key.lower(), part) for key, part in one.items())) for one in value.values())


def _of_limit(key: str, value: Any) -> bool:
    if key in ("hard", "soft"):
        return value is None or (isinstance(value, int) and not isinstance(value, bool) and -(2**WIDTH) <= value < 2**WIDTH)
    return key != "name" or isinstance(value, str | None)


def _runtimes(value: Told, _: Told) -> Verdict:
    return "runc" not in value and all(_runtime({key.lower(): part for key, part in one.items() if part is not None}) for one in value.values())


def _runtime(told: Told) -> bool:
    """Say whether one runtime is told as one: a program with arguments, or a type with options (setupRuntimes of moby)."""
    path, kind, words, options = (told.get(key) for key in ("path", "runtimetype", "runtimeargs", "options"))
    typed = isinstance(path, str | None) and isinstance(kind, str | None) and isinstance(words, list | None) and isinstance(options, dict | None)
    if not typed or not all(isinstance(one, str) for one in words or ()):
        return False
    return not (options if path else words) if bool(path) != bool(kind) else False


def _builder(value: Told, _: Told) -> Verdict:
    """Take what is usual of BuildKit's; what else stands there is not looked into."""
    collection = value.get("gc", {})
    asked = [one for key, one in value.items() if key.lower() == "entitlements"]
    if not all(isinstance(one, dict | None) for one in (collection, *asked)):
        return False
    if any(asked) or any(key.lower() == "gc" for key in value if key != "gc"):
        return None
    kinds = {"enabled": bool, "defaultKeepStorage": str}
    return True if all(name in kinds and isinstance(part, kinds[name]) for name, part in (collection or {}).items()) else None


def _nri(value: Told, _: Told) -> Verdict:
    kinds = {"enable": bool, "plugin-path": str, "plugin-config-path": str, "socket-path": str}
    return all(name.lower() in kinds and isinstance(one, kinds[name.lower()] | None) for name, one in value.items())


def _options_of_networks(value: Told, _: Told) -> Verdict:
    return all(one is None or (isinstance(one, dict) and all(isinstance(part, str | None) for part in one.values())) for one in value.values())


TABLE: Final[Mapping[str, Callable[[Any, Told], Verdict]]] = {
    "allow-nondistributable-artifacts": _each(registry),
    "bip": _bridge,
    "bip6": _sixth,
    "bridge-accept-fwmark": _only(""),
    "builder": _builder,
    "cgroup-parent": _cgroup,
    "containerd": _absolute,
    "data-root": _absolute,
    "default-address-pools": _one(pools),
    "default-cgroupns-mode": _word("", "host", "private"),
    "default-gateway": partial(_in_bridge, "default-gateway"),
    "default-gateway-v6": _gateway_6,
    "default-ipc-mode": _word("", "private", "shareable"),
    "default-network-opts": _options_of_networks,
    "default-shm-size": _size,
    "default-ulimits": _ulimits,
    "dns": _each(address),
    "dns-search": _each(domain),
    "exec-opts": _each(_execution),
    "exec-root": _absolute,
    "features": lambda value, _: all(isinstance(one, bool | None) for one in value.values()),
    "firewall-backend": _only("", "iptables", "nftables"),
    "fixed-cidr": partial(_in_bridge, "fixed-cidr"),
    "fixed-cidr-v6": _sixth,
    "host-gateway-ip": _one(address),
    "host-gateway-ips": _each(address),
    "hosts": _each(listens),
    "insecure-registries": _each(registry),
    "ip": _one(address),
    "labels": _labels,
    "log-format": _word("", "json", "text"),
    "log-level": lambda value, _: not value or value.lower() in LEVELS,
    "log-opts": _log_options,
    "max-concurrent-downloads": _not_negative,
    "max-concurrent-uploads": _not_negative,
    "max-download-attempts": _not_negative,
    "metrics-addr": _metrics,
    "min-api-version": lambda value, _: True if re.fullmatch(r"1\.(2[4-9]|3[0-9]|4[0-4])", value) else None,
    "mtu": _mtu,
    "node-generic-resources": _resources,
    "nri-opts": _nri,
    "pidfile": _absolute,
    "proxies": lambda value, _: all(isinstance(one, str | None) for one in value.values()),
    "registry-mirrors": _each(mirror),
    "runtimes": _runtimes,
    "seccomp-profile": lambda value, _: True if value in ("", "builtin", "unconfined") or value.startswith("/") else None,
    "storage-driver": _only(*DRIVERS),
    "storage-opts": _each(_storage),
    "userland-proxy-path": _proxy_program,
    "userns-remap": _remap,
}
