"""What a dockerd is told, by its command line and the daemon.json that it leads to: settings, where it listens, what it demands of clients on TCP.

A setting is what a flag says, else what the file says, else dockerd's own default. A key that both give keeps dockerd from starting.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from hostcheck.api import Hole, HoleError, Host, Nonsense, attempt
from hostcheck_builtin.dockerd import accepted, daemon_json, flags, settings
from hostcheck_builtin.dockerd.accepted_addresses import PLACE
from hostcheck_builtin.system.candidates import canonical
from hostcheck_builtin.system.fact_members import sure
from hostcheck_builtin.system.presence import absent_as

BOTH: Final = frozenset(("runtimes",))
"""What flags and file may both set (skipDuplicates of daemon/config/config.go)."""
OWN: Final = "unix:///run/docker.sock"
OWN_TLS: Final = "tcp://localhost:2376"
"""Where dockerd listens if it is told no address, without TLS and with it (ParseHost of moby's opts)."""
HOST: Final = "localhost"
PORT: Final = "2375"
"""What an address of TCP has that names no host or no port, whatever TLS says (ParseTCPAddr of moby's opts)."""


def clashes(given: Iterable[str], keys: Iterable[str]) -> list[str]:
    """Return the keys with which dockerd does not start because a flag and the file give them (findConfigurationConflicts)."""
    return sorted({*given} & {*keys} - BOTH)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldDaemon:
    """What flags and a file say, by the keys of daemon.json; `unknown` is why there may be other flags."""

    flags: Mapping[str, Any]
    file: dict[str, Any] | Hole
    path: str = daemon_json.DEFAULT
    unknown: Hole | None = None

    def said(self, key: str) -> Any:
        """Return what is said of a setting, None for nothing; raises HoleError where that is not known, Nonsense where dockerd would not start with it."""
        if key not in self.flags and isinstance(self.file, Hole):
            raise HoleError(self.file)
        source: Any = self.flags if key in self.flags else self.file
        value = source.get(key)
        unknown = value if isinstance(value, Hole) else self.unknown if value is None else None
        if unknown is not None:
            raise HoleError(unknown)
        if value is not None and (not settings.fits(key, value) or accepted.takes(key, source) is False):
            raise Nonsense(f"{self.path if source is self.file else 'the command line'}: {daemon_json.NOT}the value of {key} is none that it takes")
        return value

    def value(self, key: str) -> Any:
        """Return the same, dockerd's own default where nothing is said."""
        said = self.said(key)
        return settings.SETTINGS[key].default if said is None else said

    def members(self, key: str) -> dict[str, Any]:
        """Return what is said of an object by its members, {} for nothing; Go takes their names in any letters."""
        return lowered(self.said(key))

    def clashes(self) -> list[str]:
        """Return the keys that keep dockerd from starting; raises HoleError where the file is not known."""
        return clashes(self.flags, daemon_json.keys(sure(self.file)))

    def tls(self) -> str:
        """Say what clients on TCP need: a certificate, nothing but TLS, or nothing; tlsverify turns TLS on whatever it says (loadDaemonCliConfig)."""
        tls, verify = self.said("tls"), self.said("tlsverify")
        if verify is None and not tls:
            return "none"
        return "server" if verify is False else "client certificates"

    def hosts(self) -> list[str]:
        """Return the addresses at which dockerd listens."""
        hosts = self.value("hosts") or [""]
        usual = "" if all(one.strip() for one in hosts) else OWN if self.tls() == "none" else OWN_TLS
        return [one.strip() or usual for one in hosts]

    def listens(self, scheme: str) -> list[str]:
        """Return where it listens: of `unix` the absolute paths, of `tcp` host and port of each."""
        return [rest for kind, rest in map(place, self.hosts()) if kind == scheme and (kind == "tcp" or rest.startswith("/"))]


def lowered(value: Any) -> dict[str, Any]:
    """Return an object with its names in small letters, {} of what is none."""
    return {name.lower(): one for name, one in value.items()} if isinstance(value, dict) else {}


def place(address: str) -> tuple[str, str]:
    """Return the scheme of an address and what it names, with what dockerd adds to it; one without a scheme is of TCP."""
    scheme, mark, rest = address.strip().partition("://")
    scheme, rest = (scheme, rest) if mark else ("tcp", scheme)
    if scheme == "unix":
        return scheme, canonical(rest or OWN.removeprefix("unix://"))
    found = PLACE.fullmatch(rest.rpartition("@")[2]) if scheme == "tcp" else None
    return scheme, f"{found[1] or HOST}:{found[2] or PORT}" if found else rest


def told(host: Host, words: list[str]) -> ToldDaemon:
    """Return what dockerd is told by the words of a command, its own name first; raises Nonsense where it would not start with them."""
    found = flags.parse(words[1:])
    file = attempt(daemon_json.at, host, found.config_file)
    return ToldDaemon(flags=found.document, file=file, path=found.config_file or daemon_json.DEFAULT, unknown=getattr(found.settings, "hole", None))


def of_file(path: str, raw: bytes) -> ToldDaemon:
    """Return what a daemon.json alone tells; raises Nonsense where dockerd would not start with it."""
    return ToldDaemon(flags={}, file=daemon_json.document(path, raw), path=path)


def sockets(host: Host, path: str) -> dict[str, str]:
    """Return the sockets that a daemon.json names, each with its engine, none where there is no file; raises as `ToldDaemon.said` does."""
    found = absent_as(None, lambda: of_file(path, host.read_bytes(path)))
    return dict.fromkeys(found.listens("unix") if found and found.said("hosts") else (), "docker")
