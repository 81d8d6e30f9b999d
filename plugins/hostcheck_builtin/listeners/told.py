"""What the argv of root's engines says of TCP: the addresses, and which options of TLS are there.

It stands beside what was proved, and never takes its place; no value is kept but an address, as what else an argv holds may be secret.
"""

import re
from collections.abc import Iterator
from typing import Final

from hostcheck.api import Host, Json, pattern

OPTIONS: Final = {
    "docker": ("-H", "--host", "--metrics-addr"),
    "podman": (),
    "buildkit": ("--addr", "--debugaddr"),
}
"""The options by which an engine is told where to listen; podman's address stands alone (podman-system-service(1))."""
BARE: Final = frozenset({"--metrics-addr", "--debugaddr"})
"""Options whose address has no scheme."""
TLS: Final = ("--tls", "--tlsverify", "--tlscacert", "--tlscert", "--tlskey", "--tls-cert", "--tls-key", "--tls-client-ca")
ADDRESS: Final = pattern(r"(?:tcp:(?://)?)?(?:[^/@]*@)?(\[[0-9A-Fa-f:.]{2,45}\]|[0-9A-Za-z.-]{0,253}):([0-9]{1,5})/?", re.ASCII)
SIZE: Final = 128 << 10


def words(host: Host, pid: int) -> list[str]:
    """Return the words of a command line (proc_pid_cmdline(5))."""
    text = host.read_text(f"/proc/{pid}/cmdline", limit=SIZE)
    return text.rstrip("\0").split("\0")


def told(engine: str, argv: list[str]) -> dict[str, Json]:
    """State the addresses that an engine's argv names, by what names each, and its options of TLS."""
    addresses = {}
    for option, value in _options(engine, argv[1:]):
        found = ADDRESS.fullmatch(value)
        if found is not None and (option in BARE or value.startswith("tcp:")):
            addresses[f"{found[1]}:{found[2]}"] = option
    tls = sorted({word.partition("=")[0] for word in argv} & {*TLS})
    return {"addresses": dict(sorted(addresses.items())), "tls_options": tls}


def _options(engine: str, argv: list[str]) -> Iterator[tuple[str, str]]:
    names = OPTIONS.get(engine, ())
    for number, word in enumerate(argv):
        name, equals, value = word.partition("=")
        if equals and name in names:
            yield name, value
        elif word in names:
            yield word, argv[number + 1] if number + 1 < len(argv) else ""
        elif "-H" in names and word.startswith("-H"):
            yield "-H", word[2:]
        elif engine == "podman":
            yield "service", word
