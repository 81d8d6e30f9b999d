"""Which users cloud-init puts into which groups when an instance first boots: /etc/cloud/cloud.cfg and cloud.cfg.d, as cloud-init merges them.

What a file further on says of a key takes the place of what the earlier ones said, key by key within mappings; a list takes the place of a list. Users
and groups may be lists, mappings or texts with commas, and a user beside them (user) is the default user, who is made whatever users says. Its YAML is
that of `yaml.safe_load` (load_yaml of cloudinit/util.py, 25.1), in which yes is a flag and no name.
"""

from collections.abc import Iterator
from typing import Any, Final

from hostcheck.api import Host, Json, Unsupported, pattern
from hostcheck_builtin.system import bounds, yaml_file
from hostcheck_builtin.system.presence import absent_as
from hostcheck_builtin.system.yaml_file import Undecided

MAIN: Final = "/etc/cloud/cloud.cfg"
FOLDER: Final = "/etc/cloud/cloud.cfg.d"
TELLING: Final = (b"group", b"user", b"system_info", b"merge_", b"\\")
"""One of these stands in every file that has anything to say here; a key can be written otherwise only with escapes."""
DEFAULT: Final = "default"
"""Who stands in users so, or without a name, is the user whom system_info describes (cloudinit/distros/ug_util.py, 25.1)."""
PLACE: Final = "system_info/default_user"
UNNAMED: Final = "(default user)"
YES: Final = ("true", "1", "on", "yes")
NO: Final = ("false", "0", "off", "no")
"""What a mapping may say of a user instead of keys: whether there is to be one."""
NAME: Final = pattern(r"[^:\s]{1,64}")
"""What may be the name of a user or a group (passwd(5)), or of a key: with a colon or a blank it is something else, and may be a password."""
Pair = tuple[str, Json]
Keys = dict[str, Any]


def grants(host: Host) -> Json:
    """State each user whom cloud-init is to put into groups, with those groups; raises Unsupported where a file is not plain enough to tell."""
    whole: dict[str, Any] = {}
    for path in [MAIN, *(f"{FOLDER}/{name}" for name in absent_as([], host.list_dir, FOLDER, limit=bounds.CLOUD_CONFIG_FILES) if name.endswith(".cfg"))]:
        raw = host.read_bytes(path, missing=b"", limit=bounds.CLOUD_CONFIG_BYTES)
        if any(word in raw for word in TELLING):
            _merge(whole, _read(path, raw))
    return dict(_told(whole))


def _read(path: str, raw: bytes) -> dict[str, Any]:
    found = yaml_file.read(path, raw, safe_load=True)
    if found is None:
        return {}
    if not isinstance(found, dict) or any(isinstance(key, str) and key.startswith("merge_") for key in found):
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
    for name, (place, user) in _users(whole).items():
        yield from _user(place, name, user)
    groups = whole.get("groups") or []
    for group in [groups] if isinstance(groups, dict) else _each(groups, "groups"):
        for name, members in group.items() if isinstance(group, dict) else ():
            for member in _names([name, *_each(members, "groups")], "groups")[1:]:
                yield f"groups/{name}/{member}", {"user": member, "groups": [name]}


def _users(whole: dict[str, Any]) -> dict[str, tuple[str, Keys]]:
    """Return where each user stands and what is said of it, the default user under its own name."""
    found: dict[str, tuple[str, Keys]] = {}
    old = whole.get("user") or {}
    old = {"name": old} if isinstance(old, str) else _mapping(old, "user")
    listed = whole.get("users", [DEFAULT])
    for place, name, user in _listed({DEFAULT: "true", **listed} if old and isinstance(listed, dict) else listed):
        _add(found, place, name, user)
    if old and not isinstance(listed, dict):
        _add(found, "user", DEFAULT, {})
    if DEFAULT in found:
        own = found.pop(DEFAULT)[1]
        main = _mapping(whole.get("system_info"), "system_info").get("default_user")
        _take_default(found, {**_mapping(main, "default_user"), **old}, own)
    return found


def _listed(users: Any) -> Iterator[tuple[str, Any, Keys]]:
    """Yield where each user stands, its name and what is said of it; who has no name is the default user."""
    if isinstance(users, dict):
        for name, user in ((name, users[name]) for name in _names([*users], "users")):
            if isinstance(user, dict):
                yield f"users/{name}", name, user
            elif (said := user.text if isinstance(user, Undecided) else str(user)).lower() not in (*YES, *NO):
                raise Unsupported(f"users/{name}: neither a mapping nor yes or no")
            elif said.lower() in YES:
                yield f"users/{name}", name, {}
        return
    for number, user in enumerate(_each(users, "users")):
        if isinstance(user, dict):
            yield f"users/{number}", user.get("name", DEFAULT), user
        else:
            yield from ((f"users/{number}", name, {}) for name in _each([None] if user is None else user, "users"))


def _add(found: dict[str, tuple[str, Keys]], place: str, name: Any, user: Keys) -> None:
    """Take what is said of a user: of what is said twice the first counts."""
    for known in _names([name], place):
        said = found.setdefault(known, (place, {}))[1]
        for key in _names([*user], place):
            said.setdefault(key.replace("-", "_").strip(), user[key])


def _take_default(found: dict[str, tuple[str, Keys]], main: Keys, own: Keys) -> None:
    """Give the default user its name, and the groups of its own entry, else those that it has as such and by that name."""
    if not main:
        return
    (name,) = _names([main.get("name") or UNNAMED], "default_user")
    _add(found, PLACE, name, {})
    named = found.pop(name)[1]
    both = [*_each(named.pop("groups", None), name), *_each(main.get("groups"), PLACE)]
    _add(found, PLACE, name, own)
    _add(found, PLACE, name, {"groups": both, **named})
    _add(found, PLACE, name, main)


def _mapping(found: Any, place: str) -> Keys:
    if not isinstance(found or {}, dict):
        raise Unsupported(f"{place}: no mapping")
    return found or {}


def _user(place: str, name: str, user: Keys) -> Iterator[Pair]:
    groups = _names([*_each(user.get("primary_group"), place), *_each(user.get("groups"), place)], place)
    if groups:
        yield f"{place}/{name}", {"user": name, "groups": list(dict.fromkeys(groups))}


def _names(found: list[Any], place: str) -> list[str]:
    if not all(isinstance(one, str) and (one == UNNAMED or NAME.fullmatch(one)) for one in found):
        raise Unsupported(f"{place}: a name that is not plain")
    return found


def _each(value: Any, place: str) -> list[Any]:
    """Return a list, the names in a text with commas, or the keys of a mapping."""
    if value is None:
        return []
    if isinstance(value, str):
        return [name.strip() for name in value.split(",") if name.strip()]
    if isinstance(value, Undecided):
        raise Unsupported(f"{place}: a flag, a number or a date, and no name")
    return list(value)
