"""daemon.json as dockerd reads it: what the file says, what keeps dockerd from starting with it, and what of it is stated.

In UTF-16 too and with a byte order mark; an empty file and null are {}, of a key that stands twice the last one counts, and one that is written
in other letters than dockerd's is refused, as is any that it does not know (dockerd --validate of 26.1.5 is what the tests compare with).
"""

import codecs
import json
from collections.abc import Iterator
from typing import Any, Final

from hostcheck.api import ABSENT, Hole, Host, Json, Nonsense, Unsupported, Why, attempt, incomplete
from hostcheck_builtin.dockerd import accepted, settings
from hostcheck_builtin.system.bounds import FAULTS_OF_DAEMON_JSON as WRONG
from hostcheck_builtin.system.parse_errors import at_line, no_constant

DEFAULT: Final = "/etc/docker/daemon.json"
PLACES: Final = (DEFAULT, "/var/snap/docker/current/config/daemon.json")
"""Where root's dockerd looks, and that of a snap."""
MARKS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
OLD: Final = frozenset(("cluster-advertise", "cluster-store", "cluster-store-opts", "graph", "oom-score-adjust"))
"""Keys that older dockerds have, as 20.10, and 26 does not start with."""
FLAT: Final = frozenset(("builder", "cluster-store-opts", "default-network-opts", "default-ulimits", "features", "log-opts", "nri-opts", "runtimes"))
"""Keys whose members dockerd does not take for keys of its own (flatOptions of daemon/config/config.go); nri-opts came with version 29."""
PROXIES: Final = frozenset(("http-proxy", "https-proxy", "no-proxy", "ftp-proxy", "all-proxy"))
NOT: Final = "dockerd would not start with it: "
NAMED: Final = "a flag names it, and it is not there"
ELSEWHERE: Final = "dockerd is told a daemon.json by a path that depends on where it was started"


def document(path: str, raw: bytes) -> dict[str, Any]:
    """Return what a daemon.json says; raises Nonsense where it is none, or has a key in letters that dockerd does not start with."""
    found = _loaded(path, raw)
    wrong = next((key for key in found if key not in settings.KNOWN and key.lower() in settings.KNOWN), "")
    if wrong:
        raise Nonsense(f"{path}: {NOT}it knows no {wrong}, only {wrong.lower()}")
    return found


def at(host: Host, path: str) -> dict[str, Any]:
    """Return what the daemon.json says that dockerd is told, "" for the usual one, which need not be there; raises as `document` does, and Unsupported."""
    if path and not path.startswith("/"):
        raise Unsupported(ELSEWHERE)
    try:
        return document(path or DEFAULT, host.read_bytes(path or DEFAULT))
    except ABSENT as error:
        if path:
            raise Nonsense(f"{path}: {NOT}{NAMED}") from error
        return {}


def _loaded(path: str, raw: bytes) -> dict[str, Any]:
    """Return the object in a file, whatever keys it has; raises Nonsense."""
    encoding = next((name for mark, name in MARKS if raw.startswith(mark)), "utf-8")
    try:
        text = raw.decode(encoding)
        found = json.loads(text, parse_constant=no_constant) if text.strip() else {}
    except (ValueError, RecursionError) as error:
        raise Nonsense(f"{path}: {NOT}no JSON{at_line(error)}") from error
    if not isinstance(found, dict | None):
        raise Nonsense(f"{path}: {NOT}not an object")
    return found or {}


def read(path: str, raw: bytes) -> dict[str, Json]:
    """State ``{keys, settings, refused}`` of a file: the keys that it has, those settings of them that are stated, and why dockerd would not start."""
    found = attempt(_loaded, path, raw)
    if isinstance(found, Hole):
        return {"refused": [found.message.removeprefix(f"{path}: {NOT}")], "keys": found, "settings": found}
    wrong = list(dict.fromkeys(_wrong(found)))
    stated = {key: settings.told(key, found[key], path) for key in sorted(found) if key in settings.SETTINGS and found[key] is not None}
    return {"refused": incomplete(wrong[:WRONG], _unsure(path, found)), "keys": keys(found), "settings": stated}


def keys(found: dict[str, Any]) -> list[str]:
    """Return the keys that dockerd compares with its flags."""
    return sorted(key for key in _flattened(found) if key in settings.KNOWN)


def _unsure(path: str, found: dict[str, Any]) -> Hole | None:
    """Return the hole for keys and values with which it depends on the version, or on the host, whether dockerd starts."""
    old = sorted(OLD & {*_flattened(found)})
    if old:
        return Hole(why=Why.UNSUPPORTED, message=f"{path}: older dockerds know the key {old[0]}, and newer ones do not start with it")
    first = next((key for key in sorted(found) if _is_told(key, found[key]) and settings.fits(key, found[key]) and accepted.takes(key, found) is None), "")
    return Hole(why=Why.UNSUPPORTED, message=f"{path}: it is not known whether dockerd starts with the value of {first}") if first else None


def _flattened(found: dict[str, Any]) -> Iterator[str]:
    """Yield the keys as dockerd compares them with its flags: the members of an object count as keys, and theirs do not (configValuesSet)."""
    for key, value in found.items():
        yield from value if isinstance(value, dict) and key not in FLAT else [key]


def _wrong(found: dict[str, Any]) -> Iterator[str]:
    """Yield what dockerd would not start with, key by key; nothing that stands in the file is told, for a secret may stand in the place of a key."""
    for key in _flattened(found):
        if key not in settings.KNOWN | settings.ALL_FLAGS | PROXIES | OLD:
            right = key.lower() if key.lower() in settings.KNOWN else ""
            yield f"it writes the key {right} in other letters" if right else "it has a key that no dockerd up to version 29 knows"
    for key, value in found.items():
        if not _is_told(key, value):
            continue
        if not settings.fits(key, value):
            yield f"the value of {key} has the wrong type"
        elif accepted.takes(key, found) is False:
            yield f"the value of {key} is none that dockerd starts with"


def _is_told(key: str, value: Any) -> bool:
    """Say whether the value of a key counts: null is as if it did not stand there, but for a size that reads its own value."""
    return key in settings.KNOWN and (value is not None or key == "default-shm-size")


def nothing(refused: list[str]) -> dict[str, Json]:
    """State the same of a file that is not there."""
    return {"refused": refused, "keys": [], "settings": {}}


def unread(hole: Hole) -> dict[str, Json]:
    """State the same of a file that could not be read."""
    return {"refused": incomplete([], hole), "keys": hole, "settings": hole}
