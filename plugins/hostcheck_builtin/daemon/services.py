"""What starts root's dockerd at the next boot: the service of systemd or, where there is none, the script of init, with the flags that it gives.

Both are read and never run; a script that does more than to hand on a variable is not understood, which is said.
"""

import re
from dataclasses import dataclass
from posixpath import basename
from typing import Final

from hostcheck.api import Hole, Host, Json, Nonsense, Unsupported, Why, attempt, pattern
from hostcheck_builtin.dockerd import flags
from hostcheck_builtin.dockerd.flags import Flags
from hostcheck_builtin.system import exec_commands, units
from hostcheck_builtin.system.bounds import DOCKER_SERVICE_BYTES
from hostcheck_builtin.system.presence import absent_as, is_there

SYSTEMD: Final = "/run/systemd/system"
"""Whether systemd runs: sd_booted(3)."""
UNIT: Final = "docker.service"
SCRIPT: Final = "/etc/init.d/docker"
VARIABLES: Final = ("/etc/default/docker", "/etc/conf.d/docker", "/etc/sysconfig/docker")
"""Where scripts of Debian, Alpine and older Red Hats look for flags."""
NAMES: Final = ("DOCKER_OPTS", "OPTIONS")
USED: Final = pattern(r"\$\{?(DOCKER_OPTS|OPTIONS)\b", re.ASCII)
ASSIGNS: Final = pattern(
    r"""[ \t]*(?:export[ \t]+)?(?P<name>[A-Za-z_][A-Za-z0-9_]*)=(?P<quote>["']?)(?P<value>[^"'$`()|&;<>\\]*)(?P=quote)[ \t\r]*""", re.ASCII
)
"""A line that assigns words that the shell leaves as they are."""
PROGRAM: Final = "dockerd"


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What starts a dockerd: `kind` is systemd or init, `flags` what it would be given, or the hole where that is not known."""

    kind: str
    name: str
    flags: Flags | Hole

    def stated(self) -> Json:
        """Return it as it stands in the facts."""
        return {"kind": self.kind, "name": self.name, **stated_flags(self.flags)}


def stated_flags(found: Flags | Hole) -> dict[str, Json]:
    """State flags: which there are, and what those set that are stated."""
    if isinstance(found, Hole):
        return {"flags": found, "given": found}
    return {"flags": found.settings, "given": found.given}


def booted(host: Host) -> bool | Hole:
    """Say whether systemd is the service manager."""
    return absent_as(False, attempt, lambda: host.stat(SYSTEMD).type == "dir")


def of_unit(host: Host, name: str) -> Service | None:
    """Return the service of a unit, None where there is no such unit, or it is masked."""
    texts = attempt(lambda: list(units.texts(host, name, units.listed(host))))
    if not isinstance(texts, Hole) and not texts:
        return None
    words = texts if isinstance(texts, Hole) else attempt(_words, host, name, texts)
    return Service(kind="systemd", name=name, flags=words if isinstance(words, Hole) else attempt(flags.parse, words[1:]))


def idle_unit(host: Host) -> Service | None:
    """Return the unit of the package where it is there and could start dockerd; raises HoleError where that is not known."""
    texts = list(units.texts(host, UNIT, units.listed(host)))
    if not texts:
        return None
    words = attempt(_words, host, UNIT, texts)
    if not isinstance(words, Hole) and words[0].startswith("/") and not is_there(host, words[0]):
        return None
    return Service(kind="systemd", name=UNIT, flags=words if isinstance(words, Hole) else attempt(flags.parse, words[1:]))


def _words(host: Host, unit: str, texts: list[str]) -> list[str]:
    """Return the words that dockerd would be started with, its own name first."""
    if exec_commands.program(texts) not in (PROGRAM, ""):
        raise Unsupported(f"{unit}: starts another program than dockerd, and what that tells dockerd is not known")
    words = exec_commands.words(host, unit, texts)
    if not words:
        raise Nonsense(f"{unit}: starts no program")
    return words


def of_script(host: Host) -> Service | None:
    """Return the service of init's script, None where there is none; raises what reading it raises."""
    text = absent_as(None, host.read_text, SCRIPT, limit=DOCKER_SERVICE_BYTES)
    return None if text is None else Service(kind="init", name=SCRIPT, flags=attempt(_of_script, host, text))


def _of_script(host: Host, text: str) -> Flags:
    used = {found[1] for found in USED.finditer(text)}
    if len(used) != 1:
        raise Unsupported(f"{SCRIPT}: which flags it gives dockerd is not known")
    return flags.parse(_split(next(iter(used)), host))


def _split(name: str, host: Host) -> list[str]:
    """Return the words of a variable in the files that a script reads; raises Unsupported where a shell would make more of it."""
    for path in VARIABLES:
        text = absent_as(None, host.read_text, path, limit=DOCKER_SERVICE_BYTES)
        if text is None:
            continue
        lines = [line for line in text.split("\n") if name in line and not line.lstrip().startswith("#")]
        told = [ASSIGNS.fullmatch(line) for line in lines]
        if any(one is None for one in told):
            raise Unsupported(f"{path}: {name} is more than plain words, and what the shell makes of it is not known")
        values = [one["value"] for one in told if one and one["name"] == name]
        return values[-1].split() if values else []
    return []


def not_known(name: str) -> Hole:
    """Return the hole for a unit whose files say nothing of how it is started."""
    return Hole(why=Why.NONSENSE, message=f"{basename(name)}: runs, and there are no files of it that say how it is started")
