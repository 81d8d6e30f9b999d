"""A daemon.json, as far as it is stated, and whether dockerd would start with it: what the file says, and what keeps dockerd from reading it.

That a file is not there is nothing wrong where dockerd looks by itself, and keeps it from starting where a flag names the file.
"""

import json
from collections.abc import Iterator
from typing import Any, Final

from hostcheck.api import Hole, Json, Nonsense, Why, attempt, incomplete
from hostcheck_builtin.daemon import accepted, settings
from hostcheck_builtin.system import daemon_json
from hostcheck_builtin.system.bounds import FAULTS_OF_DAEMON_JSON as WRONG

DEFAULT: Final = "/etc/docker/daemon.json"
OLD: Final = frozenset(("cluster-advertise", "cluster-store", "cluster-store-opts", "graph", "oom-score-adjust"))
"""Keys that older dockerds have, as 20.10, and 26 does not start with."""
FLAT: Final = frozenset(("builder", "cluster-store-opts", "default-network-opts", "default-ulimits", "features", "log-opts", "nri-opts", "runtimes"))
"""Keys whose members dockerd does not take for keys of its own (flatOptions of daemon/config/config.go); nri-opts came with version 29."""
NOT: Final = "dockerd would not start with it: "


def read(path: str, raw: bytes) -> dict[str, Json]:
    """State ``{keys, settings, refused}`` of a file: the keys that it has, those settings of them that are stated, and why dockerd would not start."""
    document = attempt(_document, path, raw)
    if isinstance(document, Hole):
        return {"refused": [document.message.removeprefix(f"{path}: {NOT}")], "keys": document, "settings": document}
    wrong = list(dict.fromkeys(_wrong(document)))
    keys = sorted(key for key in _flattened(document) if key in settings.KNOWN)
    stated = {key: _stated(path, key, document[key]) for key in sorted(document) if key in settings.SETTINGS and document[key] is not None}
    return {"refused": incomplete(wrong[:WRONG], _unsure(path, document)), "keys": keys, "settings": stated}


def _unsure(path: str, document: dict[str, Any]) -> Hole | None:
    """Return the hole for keys and values with which it depends on the version, or on the host, whether dockerd starts."""
    found = sorted(OLD & {*_flattened(document)})
    if found:
        return Hole(why=Why.UNSUPPORTED, message=f"{path}: older dockerds know the key {found[0]}, and newer ones do not start with it")
    values = (key for key in sorted(document) if _is_told(key, document[key]) and _fits(key, document[key]))
    first = next((key for key in values if accepted.takes(key, document) is None), "")
    return Hole(why=Why.UNSUPPORTED, message=f"{path}: it is not known whether dockerd starts with the value of {first}") if first else None


def _document(path: str, raw: bytes) -> dict[str, Any]:
    """Return the object in a file, whatever keys it has; raises Nonsense."""
    try:
        return daemon_json.daemon_json(path, raw)
    except Nonsense:
        encoding = next((name for mark, name in daemon_json.MARKS if raw.startswith(mark)), "utf-8")
        document = attempt(_loaded, raw, encoding)
        if not isinstance(document, dict):
            raise
        return document


def _loaded(raw: bytes, encoding: str) -> Any:
    try:
        return json.loads(raw.decode(encoding), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise Nonsense("not JSON") from error


def _refuse(word: str) -> Any:
    raise ValueError(f"{word} is no JSON")


def _flattened(document: dict[str, Any]) -> Iterator[str]:
    """Yield the keys as dockerd compares them with its flags: the members of an object count as keys, and theirs do not (configValuesSet)."""
    for key, value in document.items():
        yield from value if isinstance(value, dict) and key not in FLAT else [key]


def _wrong(document: dict[str, Any]) -> Iterator[str]:
    """Yield what dockerd would not start with, key by key; nothing that stands in the file is told, for a secret may stand in the place of a key."""
    for key in _flattened(document):
        if key not in settings.KNOWN | settings.ALL_FLAGS | PROXIES | OLD:
            right = key.lower() if key.lower() in settings.KNOWN else ""
            yield f"it writes the key {right} in other letters" if right else "it has a key that no dockerd up to version 29 knows"
    for key, value in document.items():
        if not _is_told(key, value):
            continue
        if not _fits(key, value):
            yield f"the value of {key} has the wrong type"
        elif accepted.takes(key, document) is False:
            yield f"the value of {key} is none that dockerd starts with"


def _is_told(key: str, value: Any) -> bool:
    """Say whether the value of a key counts: null is as if it did not stand there, but for a size that reads its own value."""
    return key in settings.KNOWN and (value is not None or key == "default-shm-size")


PROXIES: Final = frozenset(("http-proxy", "https-proxy", "no-proxy", "ftp-proxy", "all-proxy"))


def _fits(key: str, value: Any) -> bool:
    if key in settings.SETTINGS:
        return _fits_setting(key, value)
    if key in settings.OTHER_TEXTS:
        return isinstance(value, str)
    if key in settings.OTHER_FLAGS:
        return isinstance(value, bool)
    if key in settings.OTHER_LISTS:
        return isinstance(value, list) and all(isinstance(one, str) for one in value)
    if key in settings.OTHER_NUMBERS:
        return isinstance(value, int) and not isinstance(value, bool) and -(2**63) <= value < 2**63
    return key not in settings.OTHER_MAPS or isinstance(value, dict)


def _fits_setting(key: str, value: Any) -> bool:
    try:
        settings.stated(key, value)
    except TypeError:
        return False
    except ValueError:
        pass
    return True


def _stated(path: str, key: str, value: Any) -> Json:
    try:
        return settings.stated(key, value)
    except TypeError:
        return Hole(why=Why.NONSENSE, message=f"{path}: the value of {key} has the wrong type")
    except ValueError:
        return Hole(why=Why.LIMIT, message=f"{path}: the value of {key} is longer than can be stated")


def nothing(refused: list[str]) -> dict[str, Json]:
    """State the same of a file that is not there."""
    return {"refused": refused, "keys": [], "settings": {}}


def unread(hole: Hole) -> dict[str, Json]:
    """State the same of a file that could not be read."""
    return {"refused": incomplete([], hole), "keys": hole, "settings": hole}
