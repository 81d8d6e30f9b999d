"""What root's engines were told of TCP, by their argv and by dockerd's configuration: addresses, and which options of TLS are there.

It stands beside what was proved, and never takes its place; no value is kept but an address, as what else an argv holds may be secret. dockerd listens for
its API where it is told and nowhere else, and may hold the published ports of containers beside (moby, portallocator and the proxies of bridge networks).
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from hostcheck.api import ABSENT, Hole, Host, Json, attempt, incomplete, pattern
from hostcheck_builtin.system.daemon_json import daemon_json

OPTIONS: Final = {
    "docker": ("-H", "--host", "--metrics-addr"),
    "podman": (),
    "buildkit": ("--addr", "--debugaddr"),
}
"""The options by which an engine is told where to listen; podman's address stands alone (podman-system-service(1))."""
BARE: Final = frozenset({"--metrics-addr", "--debugaddr", "metrics-addr"})
"""Options whose address has no scheme."""
TLS: Final = ("--tls", "--tlsverify", "--tlscacert", "--tlscert", "--tlskey", "--tls-cert", "--tls-key", "--tls-client-ca")
ADDRESS: Final = pattern(r"(?:tcp:(?://)?)?(?:[^/@]*@)?(\[[0-9A-Fa-f:.]{2,45}\]|[0-9A-Za-z.-]{0,253})(?::([0-9]{1,5}))?/?", re.ASCII)
USUAL: Final = ("2375", "2376")
"""Where dockerd listens if it is told no port, without TLS and with it."""
API: Final = frozenset({"-H", "--host", "hosts"})
"""Where dockerd takes an address without a scheme for one of TCP (parseDaemonHost() of docker's opts)."""
BUNDLED: Final = pattern(r"\A-D+(?=H)")
"""What may stand before -H in one word, as in -DH."""
ACTIVATED: Final = "fd://"
CONFIG: Final = "/etc/docker/daemon.json"
FILE: Final = "--config-file"


def told(host: Host, engine: str, argv: list[str]) -> dict[str, Json]:
    """State the addresses that an engine was told, by what names each, its options of TLS, and whether it takes sockets of systemd's."""
    config = attempt(_config, host, argv) if engine == "docker" else []
    stated = [*_options(engine, argv[1:]), *([] if isinstance(config, Hole) else config)]
    addresses = {f"{where}:{port}": option for option, value in stated for where, port in _addresses(option, value)}
    activated = any(value.startswith(ACTIVATED) for option, value in stated if option not in BARE)
    return {
        "addresses": incomplete(dict(sorted(addresses.items())), config if isinstance(config, Hole) else None),
        "tls_options": sorted({word.partition("=")[0] for word in argv} & {*TLS}),
        "activated": activated or (config if isinstance(config, Hole) else False),
    }


def _addresses(option: str, value: str) -> Iterator[tuple[str, str]]:
    value = value.strip()
    found = ADDRESS.fullmatch(value) if value else None
    if found is not None and (option in BARE or option in API or value.startswith("tcp:")):
        for port in [found[2]] if found[2] else USUAL:
            yield found[1], port


def _config(host: Host, argv: list[str]) -> list[tuple[str, str]]:
    """Return what dockerd's configuration names, by its keys."""
    path = [CONFIG, *(value for _, value in _values(argv[1:], (FILE,)))][-1]
    try:
        document: dict[str, Any] = daemon_json(path, host.read_bytes(path))
    except ABSENT:
        return []
    hosts = document.get("hosts")
    found = [("hosts", one) for one in (hosts if isinstance(hosts, list) else [])] + [("metrics-addr", document.get("metrics-addr"))]
    return [(key, value) for key, value in found if isinstance(value, str)]


def _values(argv: list[str], names: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for number, given in enumerate(argv):
        word = BUNDLED.sub("-", given) if "-H" in names else given
        name, equals, value = word.partition("=")
        if equals and name in names:
            yield name, value
        elif word in names:
            yield word, argv[number + 1] if number + 1 < len(argv) else ""
        elif "-H" in names and word.startswith("-H"):
            yield "-H", word[2:]


def _options(engine: str, argv: list[str]) -> Iterator[tuple[str, str]]:
    yield from ((("service", word) for word in argv) if engine == "podman" else _values(argv, OPTIONS.get(engine, ())))
