"""What root's engines were told of TCP, by their argv and by dockerd's configuration: addresses, and which options of TLS are there.

It stands beside what was proved, and never takes its place; no value is kept but an address, as what else an argv holds may be secret. dockerd listens for
its API where it is told and nowhere else, and may hold the published ports of containers beside (moby, portallocator and the proxies of bridge networks).
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import dropwhile
from typing import Any, Final

from hostcheck.api import Hole, Host, Json, attempt, incomplete, pattern, worst_hole
from hostcheck_builtin.dockerd import told as dockerd
from hostcheck_builtin.dockerd.told import ToldDaemon

OPTIONS: Final = {"buildkit": ("--addr", "--debugaddr")}
"""The options by which an engine is told where to listen; podman's address stands alone (podman-system-service(1))."""
DOCKERS: Final = ({"hosts": "--host", "metrics-addr": "--metrics-addr"}, {"hosts": "hosts", "metrics-addr": "metrics-addr"})
"""The same of dockerd, by their keys: how a flag is called, and how it is called in daemon.json."""
BARE: Final = frozenset({"--metrics-addr", "--debugaddr", "metrics-addr"})
"""Options whose address has no scheme."""
TLS: Final = ("--tls", "--tlsverify", "--tlscacert", "--tlscert", "--tlskey", "--tls-cert", "--tls-key", "--tls-client-ca")
ADDRESS: Final = pattern(r"(?:tcp:(?://)?)?(?:[^/@]*@)?(\[[0-9A-Fa-f:.]{2,45}\]|[0-9A-Za-z.-]{0,253})(?::([0-9]{1,5}))?/?", re.ASCII)
USUAL: Final = ("2375", "2376")
"""Where dockerd listens if it is told no port, without TLS and with it."""
API: Final = frozenset({"--host", "hosts"})
"""Where dockerd takes an address without a scheme for one of TCP (parseDaemonHost() of docker's opts)."""
ACTIVATED: Final = "fd://"


def told(host: Host, engine: str, argv: list[str]) -> dict[str, Json]:
    """State the addresses that an engine was told, by what names each, its options of TLS, and whether it takes sockets of systemd's."""
    unknown: Hole | None = None
    if engine == "docker":
        flags = dropwhile(lambda word: not word.startswith("-"), argv[1:])  # the words before them are how it was started, as by an interpreter
        stated, options, unknown = _dockers(attempt(dockerd.told, host, [*argv[:1], *flags]))
    else:
        stated, options = list(_options(engine, argv[1:])), {word.partition("=")[0] for word in argv}
    addresses = {f"{where}:{port}": option for option, value in stated for where, port in _addresses(option, value)}
    activated = any(value.startswith(ACTIVATED) for option, value in stated if option not in BARE)
    return {
        "addresses": incomplete(dict(sorted(addresses.items())), unknown),
        "tls_options": sorted(options & {*TLS}),
        "activated": activated or unknown or False,
    }


def _dockers(found: ToldDaemon | Hole) -> tuple[list[tuple[str, str]], set[str], Hole | None]:
    """Return what dockerd was told by flags and file, the names of its flags, and the hole where it may have been told more.

    The file may be another one by now: so what both say is told, though dockerd starts with no such pair.
    """
    if isinstance(found, Hole):
        return [], set(), found
    apart = (replace(found, file={}), replace(found, flags={}, unknown=None))
    said: list[tuple[str, Any]] = [("hosts", attempt(found.hosts))]  # with what dockerd adds to what it is told
    said += [(label, attempt(one.said, key)) for one, labels in zip(apart, DOCKERS, strict=True) for key, label in labels.items()]
    listed = [(label, value if isinstance(value, list) else [value or ""]) for label, value in said if not isinstance(value, Hole)]
    return [(label, one) for label, values in listed for one in values], {f"--{key}" for key in found.flags}, worst_hole(*(value for _, value in said))


def _addresses(option: str, value: str) -> Iterator[tuple[str, str]]:
    value = value.strip()
    found = ADDRESS.fullmatch(value) if value else None
    if found is not None and (option in BARE or option in API or value.startswith("tcp:")):
        for port in [found[2]] if found[2] else USUAL:
            yield found[1], port


def _options(engine: str, argv: list[str]) -> Iterator[tuple[str, str]]:
    """Yield what podman and buildkitd are told, each address with its option."""
    for word, after in zip(argv, [*argv[1:], ""], strict=False):
        name, equals, value = word.partition("=")
        if engine == "podman":
            yield "service", word
        elif name in OPTIONS.get(engine, ()):
            yield name, value if equals else after
