"""Which users cloud-init puts into which groups when an instance first boots: /etc/cloud/cloud.cfg and cloud.cfg.d, as cloud-init merges them.

What a file further on says of a key takes the place of what the earlier ones said, key by key within mappings; a list takes the place of a list.
"""

from collections.abc import Iterator
from typing import Any, Final

from hostcheck.api import ABSENT, Host, Json, Unsupported
from hostcheck_builtin.readers import plain_yaml
from hostcheck_builtin.readers.plain_yaml import OPAQUE

MAIN: Final = "/etc/cloud/cloud.cfg"
FOLDER: Final = "/etc/cloud/cloud.cfg.d"
NAMES: Final = 200
SIZE: Final = 1 << 18
TELLING: Final = ("group", "user", "system_info", "merge_", "\\")
"""One of these stands in every file that has anything to say here; a key can be written otherwise only with escapes."""
Pair = tuple[str, Json]


def grants(host: Host) -> Json:
    """State each user whom cloud-init is to put into groups, with those groups; raises Unsupported where a file is not plain enough to tell."""
    whole: dict[str, Any] = {}
    for path in _paths(host):
        text = host.read_text(path, missing="", limit=SIZE)
        if any(word in text for word in TELLING):
            _merge(whole, _read(path, text))
    return dict(_told(whole))


def _paths(host: Host) -> list[str]:
    try:
        return [MAIN, *(f"{FOLDER}/{name}" for name in host.list_dir(FOLDER, limit=NAMES) if name.endswith(".cfg"))]
    except ABSENT:
        return [MAIN]


def _read(path: str, text: str) -> dict[str, Any]:
    try:
        found = plain_yaml.read(text)
    except Unsupported as error:
        raise Unsupported(f"{path}: {error}") from error
    if found is None:
        return {}
    if not isinstance(found, dict) or any(key.startswith("merge_") for key in found):
        raise Unsupported(f"{path}: no mapping, or one that is merged in a way of its own")
    return {key: found[key] for key in ("users", "user", "groups", "system_info") if key in found}


def _merge(whole: dict[str, Any], more: dict[str, Any]) -> None:
    waiting = [(whole, more)]
    while waiting:
        into, new = waiting.pop()
        for key, value in new.items():
            if isinstance(value, dict) and isinstance(into.get(key), dict):
                waiting.append((into[key], value))
            else:
                into[key] = value


def _told(whole: dict[str, Any]) -> Iterator[Pair]:
    users = _each(whole.get("users", ["default"]), "users")
    if "default" in users:
        main = _inside(_inside(whole, "system_info"), "default_user")
        given = whole.get("user")
        own = {"name": given} if isinstance(given, str) else _inside(whole, "user")
        yield from _user("system_info/default_user", {**main, **own}, "(default user)")
    for number, user in enumerate(users):
        if isinstance(user, dict):
            yield from _user(f"users/{number}", user, f"({number})")
        elif not isinstance(user, str):
            raise Unsupported("users: a user that is not plain")
    for group in _each(whole.get("groups", []), "groups"):
        for name, members in group.items() if isinstance(group, dict) else ():
            for member in _each(members, "groups"):
                yield f"groups/{name}/{member}", {"user": str(member), "groups": [name]}


def _inside(content: dict[str, Any], key: str) -> dict[str, Any]:
    found = content.get(key) or {}
    if not isinstance(found, dict):
        raise Unsupported(f"{key}: no mapping")
    return found


def _user(place: str, user: dict[str, Any], unnamed: str) -> Iterator[Pair]:
    name = user.get("name") or unnamed
    groups = [*_each(user.get("primary_group"), place), *_each(user.get("groups"), place)]
    if not isinstance(name, str) or not all(isinstance(group, str) for group in groups):
        raise Unsupported(f"{place}: a name or group that is not plain")
    if groups:
        yield f"{place}/{name}", {"user": name, "groups": list(dict.fromkeys(groups))}


def _each(value: Any, place: str) -> list[Any]:
    """Return a list, the names in a text with commas, or the keys of a mapping."""
    if value is None:
        return []
    if isinstance(value, str):
        return [name.strip() for name in value.split(",") if name.strip()]
    if value is OPAQUE or (isinstance(value, list) and OPAQUE in value):
        raise Unsupported(f"{place}: written in a way that is not known here")
    return list(value)
