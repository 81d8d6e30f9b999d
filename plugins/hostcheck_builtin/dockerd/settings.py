"""The settings of dockerd that are stated, by their key in daemon.json: how each is called on a command line, and what it is where nobody says anything.

A setting is on this list or it stays where it was read: proxies, labels and options of log drivers may hold passwords, so of options only names are
taken, and the values of some that never do. Every key and flag of dockerd up to version 29 is known by name, as an unknown one keeps it from starting.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from hostcheck.api import Hole, Json, Why
from hostcheck_builtin.system.bounds import ENGINE_ANSWER_LIST as MANY
from hostcheck_builtin.system.bounds import PATH_MAX as LONG
from hostcheck_builtin.system.url_places import LOGIN, place


@dataclass(frozen=True, slots=True)
class DaemonSetting:
    """One setting: `kind` is text, flag, list, urls, names, options or programs; `default` is dockerd's own, None where it depends on the host or version."""

    kind: str
    flag: str
    default: Json = None
    shown: tuple[str, ...] = ()


SETTINGS: Final[Mapping[str, DaemonSetting]] = {
    "allow-direct-routing": DaemonSetting("flag", "allow-direct-routing", False),
    "api-cors-header": DaemonSetting("text", "api-cors-header", ""),
    "authorization-plugins": DaemonSetting("list", "authorization-plugin", []),
    "bridge": DaemonSetting("text", "bridge", ""),
    "cdi-spec-dirs": DaemonSetting("list", "cdi-spec-dir"),
    "cgroup-parent": DaemonSetting("text", "cgroup-parent", ""),
    "containerd": DaemonSetting("text", "containerd", ""),
    "data-root": DaemonSetting("text", "data-root", "/var/lib/docker"),
    "debug": DaemonSetting("flag", "debug", False),
    "default-cgroupns-mode": DaemonSetting("text", "default-cgroupns-mode"),
    "default-ipc-mode": DaemonSetting("text", "default-ipc-mode", "private"),
    "default-runtime": DaemonSetting("text", "default-runtime", "runc"),
    "default-ulimits": DaemonSetting("names", "default-ulimit", []),
    "exec-root": DaemonSetting("text", "exec-root", "/var/run/docker"),
    "experimental": DaemonSetting("flag", "experimental", False),
    "firewall-backend": DaemonSetting("text", "firewall-backend", ""),
    "group": DaemonSetting("text", "group", "docker"),
    "hosts": DaemonSetting("list", "host", []),
    "icc": DaemonSetting("flag", "icc", True),
    "init": DaemonSetting("flag", "init", False),
    "init-path": DaemonSetting("text", "init-path", ""),
    "insecure-registries": DaemonSetting("list", "insecure-registry", []),
    "ip": DaemonSetting("text", "ip", "0.0.0.0"),
    "ip-forward": DaemonSetting("flag", "ip-forward", True),
    "ip-forward-no-drop": DaemonSetting("flag", "ip-forward-no-drop", False),
    "ip-masq": DaemonSetting("flag", "ip-masq", True),
    "ip6tables": DaemonSetting("flag", "ip6tables"),
    "iptables": DaemonSetting("flag", "iptables", True),
    "live-restore": DaemonSetting("flag", "live-restore", False),
    "log-driver": DaemonSetting("text", "log-driver", "json-file"),
    "log-level": DaemonSetting("text", "log-level", "info"),
    "log-opts": DaemonSetting("options", "log-opt", {}, ("max-file", "max-size")),
    "metrics-addr": DaemonSetting("text", "metrics-addr", ""),
    "min-api-version": DaemonSetting("text", ""),
    "no-new-privileges": DaemonSetting("flag", "no-new-privileges", False),
    "nri-opts": DaemonSetting("options", "nri-opts", None, ("enable", "plugin-config-path", "plugin-path", "socket-path")),
    "pidfile": DaemonSetting("text", "pidfile", "/var/run/docker.pid"),
    "raw-logs": DaemonSetting("flag", "raw-logs", False),
    "registry-mirrors": DaemonSetting("urls", "registry-mirror", []),
    "rootless": DaemonSetting("flag", "rootless", False),
    "runtimes": DaemonSetting("programs", "add-runtime", {}),
    "seccomp-profile": DaemonSetting("text", "seccomp-profile", "builtin"),
    "selinux-enabled": DaemonSetting("flag", "selinux-enabled", False),
    "storage-driver": DaemonSetting("text", "storage-driver", ""),
    "tls": DaemonSetting("flag", "tls", False),
    "tlscacert": DaemonSetting("text", "tlscacert"),
    "tlscert": DaemonSetting("text", "tlscert"),
    "tlskey": DaemonSetting("text", "tlskey"),
    "tlsverify": DaemonSetting("flag", "tlsverify"),
    "userland-proxy": DaemonSetting("flag", "userland-proxy", True),
    "userland-proxy-path": DaemonSetting("text", "userland-proxy-path"),
    "userns-remap": DaemonSetting("text", "userns-remap", ""),
}
CONFIG_FILE: Final = "config-file"
"""Which daemon.json is read: a flag that is no key of it."""
OTHER_TEXTS: Final = frozenset(
    (
        *("bip", "bip6", "bridge-accept-fwmark", "containerd-namespace", "containerd-plugins-namespace", "default-gateway", "default-gateway-v6"),
        *("fixed-cidr", "fixed-cidr-v6", "host-gateway-ip", "http-proxy", "https-proxy", "log-format", "no-proxy"),
        *("swarm-default-advertise-addr",),
    )
)
OTHER_NUMBERS: Final = frozenset(
    (
        *("cpu-rt-period", "cpu-rt-runtime", "max-concurrent-downloads", "max-concurrent-uploads", "max-download-attempts", "mtu"),
        *("network-control-plane-mtu", "network-diagnostic-port", "oom-score-adjust", "shutdown-timeout"),
    )
)
OTHER_LISTS: Final = frozenset(
    ("allow-nondistributable-artifacts", "dns", "dns-opts", "dns-search", "exec-opts", "host-gateway-ips", "labels", "node-generic-resources", "storage-opts")
)
OTHER_FLAGS: Final = frozenset(("cri-containerd", "ipv6"))
OTHER_MAPS: Final = frozenset(("builder", "default-network-opts", "features", "proxies"))
OTHER_VALUES: Final = frozenset(("default-address-pools", "default-shm-size", "deprecated-key-path"))
"""What is no more than known: keys of daemon.json whose values are not stated, by the type that they must have. dockerd takes those that it has a flag for."""
KNOWN: Final = frozenset(SETTINGS) | OTHER_TEXTS | OTHER_NUMBERS | OTHER_LISTS | OTHER_FLAGS | OTHER_MAPS | OTHER_VALUES
SINGULAR: Final = {
    **{"allow-nondistributable-artifact": "allow-nondistributable-artifacts", "default-address-pool": "default-address-pools", "dns-opt": "dns-opts"},
    **{"allow-nondistributable-artifacts": "allow-nondistributable-artifacts", "default-network-opt": "default-network-opts", "exec-opt": "exec-opts"},
    **{"feature": "features", "label": "labels", "node-generic-resource": "node-generic-resources", "storage-opt": "storage-opts"},
}
"""Flags that are called otherwise than the key, of what is not stated."""
OLD: Final = {"graph": "data-root", "oom-score-adjust": "oom-score-adjust"}
"""Flags that older dockerds have, as 20.10, and 26 does not start with."""
SWITCHES: Final = frozenset({one.flag for one in SETTINGS.values() if one.kind == "flag"} | OTHER_FLAGS | {"help", "validate", "version"})
"""Flags that take no word after them (pflag, NoOptDefVal)."""
LETTERS: Final = {"D": "debug", "G": "group", "H": "host", "b": "bridge", "g": "graph", "l": "log-level", "p": "pidfile", "s": "storage-driver"}
KEYS: Final = {
    **{key: key for key in OTHER_TEXTS | OTHER_NUMBERS | OTHER_LISTS | OTHER_FLAGS | OTHER_VALUES},
    **SINGULAR,
    **OLD,
    **{one.flag: key for key, one in SETTINGS.items() if one.flag},
}
"""The key that each flag sets."""
ALL_FLAGS: Final = frozenset(KEYS) | SWITCHES | {CONFIG_FILE}


def told(key: str, value: Any, source: str) -> Json:
    """Return the same, a hole where dockerd would not take it, or it is too long; a hole stays one."""
    try:
        return value if isinstance(value, Hole) else stated(key, value)
    except TypeError:
        return Hole(why=Why.NONSENSE, message=f"{source}: the value of {key} has the wrong type")
    except ValueError:
        return Hole(why=Why.LIMIT, message=f"{source}: the value of {key} is longer than can be stated")


def fits(key: str, value: Any) -> bool:
    """Say whether the value of a key of daemon.json has the type that dockerd wants; it may be longer than can be stated."""
    if key in SETTINGS:
        try:
            stated(key, value)
        except TypeError:
            return False
        except ValueError:
            pass
        return True
    if key in OTHER_TEXTS:
        return isinstance(value, str)
    if key in OTHER_FLAGS:
        return isinstance(value, bool)
    if key in OTHER_LISTS:
        return isinstance(value, list) and all(isinstance(one, str) for one in value)
    if key in OTHER_NUMBERS:
        return isinstance(value, int) and not isinstance(value, bool) and -(2**63) <= value < 2**63
    return key not in OTHER_MAPS or isinstance(value, dict)


def runtime_program(runtime: Mapping[str, Any]) -> Any:
    """Return the program that one of runtimes names, "" for none; Go takes these keys in any letters, and runtimeType may be the path of a shim."""
    told = {key.lower(): value for key, value in runtime.items()}
    kind = told.get("runtimetype")
    return told.get("path") or (kind if isinstance(kind, str) and kind.startswith("/") else "")


def stated(key: str, value: Any) -> Json:
    """Return the value of a setting as it is stated; raises TypeError where dockerd would not take it, ValueError where it is longer than any that is."""
    setting = SETTINGS[key]
    told = _READ[setting.kind](value, setting)
    if len(told if isinstance(told, str | list | dict) else "") > (LONG if isinstance(told, str) else MANY):
        raise ValueError
    return told


def _text(value: Any, _: DaemonSetting) -> Json:
    if not isinstance(value, str):
        raise TypeError
    return value


def _flag(value: Any, _: DaemonSetting) -> Json:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _list(value: Any, setting: DaemonSetting) -> Json:
    if not isinstance(value, list) or any(len(one) > LONG for one in value if isinstance(one, str)):
        raise TypeError
    return [LOGIN.sub(r"\1", one) for one in (_text(one, setting) for one in value)]


def _urls(value: Any, setting: DaemonSetting) -> Json:
    return [place(one) for one in value] if _list(value, setting) else []


def _names(value: Any, _: DaemonSetting) -> Json:
    if not isinstance(value, dict):
        raise TypeError
    return sorted(value)


def _options(value: Any, setting: DaemonSetting) -> Json:
    """Return the options by name; of those that may hold anything the value is not told."""
    kinds = str | bool if "enable" in setting.shown else str
    if not isinstance(value, dict) or not all(isinstance(one, kinds | None) for one in value.values()):
        raise TypeError
    shown = {name: one for name, one in value.items() if name in setting.shown and isinstance(one, str | bool)}
    return {name: str(shown[name]).lower() if isinstance(shown.get(name), bool) else shown.get(name, "") for name in sorted(value)}


def _programs(value: Any, setting: DaemonSetting) -> Json:
    """Return the program of each runtime, "" where containerd's own shim is named by type."""
    if not isinstance(value, dict) or not all(isinstance(one, dict) for one in value.values()):
        raise TypeError
    return {name: _text(runtime_program(one), setting) for name, one in sorted(value.items())}


_READ: Final = {"flag": _flag, "list": _list, "names": _names, "options": _options, "programs": _programs, "text": _text, "urls": _urls}
