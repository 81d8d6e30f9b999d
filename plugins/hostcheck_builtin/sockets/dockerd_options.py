"""Where dockerd would listen without a socket unit, and which group it would give its socket, by its command and daemon.json.

A key that both give keeps it from starting. The sockets that it makes itself are always 0660 and root's; systemd's it leaves as they are.
"""

from collections.abc import Iterator
from typing import Any, Final

from hostcheck.api import ABSENT, Hole, HoleError, Host, Json, attempt
from hostcheck_builtin.system import candidates
from hostcheck_builtin.system.daemon_json import daemon_json

CONFIG: Final = "/etc/docker/daemon.json"
GROUP: Final = "docker"
OWN: Final = "/run/docker.sock"
LONG: Final = {"H": "--host", "G": "--group"}
OTHER: Final = "bglps"
"""Letters of other options that take a value."""
TRUE: Final = frozenset(("1", "t", "T", "TRUE", "true", "True"))
"""What strconv.ParseBool of Go takes for yes."""
VALUED: Final = ("--host", "--group", "--config-file", "--tls", "--tlsverify")


def stated(host: Host, words: list[str]) -> dict[str, Json]:
    """State where dockerd listens with these words and its configuration; raises HoleError where that cannot be told."""
    given = dict[str, list[str]]()
    for name, value in _options(words[1:]):
        given.setdefault(name, []).append(value)
    document = _document(host, given.get("--config-file", [CONFIG])[-1])
    clash = next((key for option, key in (("--host", "hosts"), ("--group", "group")) if option in given and key in document), "")
    hosts = given.get("--host") or _texts(document.get("hosts")) or [f"unix://{OWN}"]
    group = given.get("--group", [str(document.get("group", GROUP))])[-1]
    return {
        "paths": [path for one in hosts if (path := _path(one))] if not clash else [],
        "tcp": [place for one in hosts if (place := _tcp(one))] if not clash else [],
        "tls": _tls(given, document),
        "group": group,
    }


def _options(words: list[str]) -> Iterator[tuple[str, str]]:
    """Yield the options that are looked at with their values, as pflag reads them: -Hx, -H x, -H=x, -DH x, --host x and --host=x."""
    rest = iter(words)
    for word in rest:
        name, equals, value = word.partition("=")
        if word.startswith("-") and not word.startswith("--"):
            place = next((place for place, letter in enumerate(name) if letter in LONG or letter in OTHER), len(word))
            letter, short = word[place : place + 1], word[place + 1 :].removeprefix("=")
            taken = short or (next(rest, "") if letter else "")
            yield from [(LONG[letter], taken)] if letter in LONG else []
        elif name in VALUED:
            yield name, value if equals else "true" if name.startswith("--tls") else next(rest, "")


def _document(host: Host, path: str) -> dict[str, Any]:
    try:
        read = attempt(lambda: daemon_json(path, host.read_bytes(path)))
    except ABSENT:
        return {}
    if isinstance(read, Hole):
        raise HoleError(read)
    return read


def _texts(value: Any) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _tls(given: dict[str, list[str]], document: dict[str, Any]) -> str:
    """Say what dockerd demands of clients on TCP: a certificate, nothing but TLS, or nothing; --tls alone demands one (daemon.go of moby)."""
    tls, verify = (given[f"--{key}"][-1] in TRUE if f"--{key}" in given else document.get(key) for key in ("tls", "tlsverify"))
    if verify or (tls and verify is None):
        return "client certificates"
    return "server" if tls else "none"


def _tcp(address: str) -> str:
    """Return the place of an address of TCP, which one without a scheme is, "" of others."""
    scheme, mark, rest = address.partition("://")
    return rest if scheme == "tcp" else "" if mark or "/" in address else address


def _path(address: str) -> str:
    """Return the path of a unix address, "" of others; -H unix:// is dockerd's usual place."""
    scheme, mark, rest = address.partition("://")
    path = rest or OWN if scheme == "unix" and mark else "" if address else OWN
    return candidates.canonical(path) if path.startswith("/") else ""
