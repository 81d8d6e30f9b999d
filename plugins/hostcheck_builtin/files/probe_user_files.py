"""Files of users that hold their keys to engines and for SSH and their passwords for registries, and plugins that their docker command runs.

All of it is the user's own and may be planted, so it speaks of that user only: no link of theirs is followed but to what is theirs too, and what is not
looked at is a hole of its own path. What a file says is not stated.
"""

from collections.abc import Iterator
from functools import partial
from typing import Final

from hostcheck.api import Hole, HoleError, Host, Json, LimitExceeded, Why, attempt, incomplete
from hostcheck_builtin.files import registry_credentials, searching, ssh_private_keys
from hostcheck_builtin.system import bounds, mounts_to_avoid, path_walk
from hostcheck_builtin.system.home_dir import Folder, Place, look_into_homes
from hostcheck_builtin.system.homes import Home

CREDENTIALS: Final = ((".docker", "config.json"), (".config/containers", "auth.json"))
Kinds = dict[str, dict[str, Json]]
"""What was found, by kind and path."""


def collect(host: Host) -> Json:
    """State ``{homes}``: by home what its user keeps there, if anything; incomplete where a home is not known, or the scanner may not look into it."""
    found, unread = look_into_homes(host, _told, avoid=lambda spared: partial(_avoid, spared), closed=_closed)
    return {"homes": incomplete({home.name: told for home, told in found}, unread)}


def _closed(home: Home, spared: frozenset[str]) -> Json:
    mounted = mounts_to_avoid.below(home.name, spared)
    return {"uid": min(home.uids), **{kind: {home.name: home.place} for kind in LOOKS}} if mounted else home.place


def _avoid(spared: frozenset[str], path: str, _: bool) -> bool:
    if path in spared:
        raise HoleError(Hole(why=Why.LIMIT, message=f"{path}: a file system that asks a user's process is not looked at"))
    return False


def _told(place: Place) -> Json:
    """State what there is in a home, None where that is nothing."""
    uid = place.owner()
    kinds: Kinds = {kind: {} for kind in LOOKS}
    holes = {kind: _hole(partial(look, place, kinds)) for kind, look in LOOKS.items()}
    if not any(kinds.values()) and not any(holes.values()):
        return None
    return {"uid": uid, **{kind: incomplete(entries, holes[kind]) for kind, entries in kinds.items()}}


def _hole(look: partial[None]) -> Hole | None:
    taken = attempt(look)
    return taken if isinstance(taken, Hole) else None


def _keys(place: Place, kinds: Kinds) -> None:
    """Take the key of ~/.docker, and that of each endpoint of each context (docker-context(1))."""
    for folder in key_folders(place, kinds["keys"]):
        if "key.pem" in folder.names():
            _take(kinds["keys"], f"{folder.path}/key.pem", _entry(folder, "key.pem"))


def key_folders(place: Place, keys: dict[str, Json]) -> Iterator[Folder]:
    """Yield the directories of a home in which docker keeps keys; what cannot be looked into is put among `keys` as a hole of its path."""
    folder = _folder(place, keys, ".docker")
    if folder is not None:
        yield folder
    contexts = None if folder is None else _folder(place, keys, ".docker", "contexts/tls")
    for context in [] if contexts is None else _few(contexts, keys):
        endpoints = _folder(place, keys, ".docker", f"contexts/tls/{context}")
        for endpoint in [] if endpoints is None else _few(endpoints, keys):
            inner = _folder(place, keys, ".docker", f"contexts/tls/{context}/{endpoint}")
            if inner is not None:
                yield inner


def _folder(place: Place, entries: dict[str, Json], *names: str) -> Folder | None:
    """Return a directory; where its user has put something else there, a hole of that path stands for all that may be in it."""
    try:
        return place.folder(*names)
    except HoleError as error:
        entries["/".join((place.path, *names))] = error.hole
        return None


def _few(folder: Folder, entries: dict[str, Json]) -> list[str]:
    """Return what is in a directory; where that is too much, a hole of its path stands for all of it."""
    names = folder.names()
    if len(names) > bounds.CLIENT_FILES_OF_A_USER:
        entries[folder.path] = Hole(why=Why.LIMIT, message=f"{folder.path}: more than {bounds.CLIENT_FILES_OF_A_USER} names")
        return []
    return names


def _credentials(place: Place, kinds: Kinds) -> None:
    for below, name in CREDENTIALS:
        first, _, rest = below.partition("/")
        folder = _folder(place, kinds["credentials"], first, *([rest] if rest else []))
        if folder is None or name not in folder.names():
            continue
        entry = _entry(folder, name)
        raw = attempt(folder.read, name, bounds.REGISTRY_LOGINS_BYTES)
        if entry is None or raw is None:
            continue
        path = f"{folder.path}/{name}"
        said = raw if isinstance(raw, Hole) else attempt(registry_credentials.stated, path, raw)
        if not isinstance(entry, Hole):
            entry |= dict.fromkeys(("secrets", "helpers"), said) if isinstance(said, Hole) else {"secrets": said.secrets, "helpers": list(said.helpers)}
        _take(kinds["credentials"], path, entry)


def _commands(place: Place, kinds: Kinds) -> None:
    folder = _folder(place, kinds["commands"], ".docker", "cli-plugins")
    if folder is not None:
        _take(kinds["commands"], folder.path, _stated(place, folder.path))


def _ssh_keys(place: Place, kinds: Kinds) -> None:
    """Take the keys that ssh tries by itself, and those of the home that ~/.ssh/config names (ssh_config(5), IdentityFile)."""
    folder = _folder(place, kinds["ssh_keys"], ".ssh")
    if folder is None:
        return
    names = folder.names()
    told = attempt(folder.read, "config") if "config" in names else None
    paths = [f".ssh/{name}" for name in ssh_private_keys.USUAL if name in names]
    named = ssh_private_keys.named(told.decode("utf-8", "replace"), place.path) if isinstance(told, bytes) else []
    for path in dict.fromkeys(paths + named[: bounds.IDENTITY_FILES]):
        protection = _protection(place, kinds["ssh_keys"], path)
        if protection is not None:
            kinds["ssh_keys"][f"{place.path}/{path}"] = protection if isinstance(protection, Hole) else {"protection": protection}
    if len(named) > bounds.IDENTITY_FILES:
        raise LimitExceeded(f"{folder.path}/config: names more than {bounds.IDENTITY_FILES} keys")
    if isinstance(told, Hole):
        raise HoleError(told)


def _protection(place: Place, entries: dict[str, Json], path: str) -> str | Hole | None:
    """Return what protects a key in a home, None where none is there."""
    *folders, name = path.split("/")
    folder = _folder(place, entries, *folders) if folders else Folder(place=place, path=place.path, uid=min(place.uids))
    raw = None if folder is None else attempt(folder.read, name, bounds.SSH_KEY_BYTES)
    return attempt(ssh_private_keys.protection, f"{place.path}/{path}", raw) if isinstance(raw, bytes) else raw


LOOKS: Final = {"keys": _keys, "credentials": _credentials, "commands": _commands, "ssh_keys": _ssh_keys}


def _entry(folder: Folder, name: str) -> Json:
    return _stated(folder.place, f"{folder.path}/{name}")


def _take(entries: dict[str, Json], path: str, entry: Json) -> None:
    """Keep what stands at a path; where that is not known, only that path is not."""
    if entry is not None:
        entries[path] = entry


def _stated(place: Place, path: str) -> Json:
    """State what stands at a path of a home, None where nothing does; what a link of the user's leads to where that is the user's too."""
    way = attempt(lambda: path_walk.walk(place.host, path, place.lstats, path_walk.roots_link, avoid=place.avoid))
    if isinstance(way, Hole):
        return way
    if way.type == "link":
        slow = attempt(mounts_to_avoid.slow_mounts, place.host)
        link = way
        way = attempt(lambda: path_walk.follow(place.host, path, place.lstats, link, slow))
    if isinstance(way, Hole) or way.type in ("link", "closed"):
        return way if isinstance(way, Hole) else Hole(why=Why.UNSUPPORTED, message=f"{way.realpath}: a link that its user made is not followed")
    return searching.stated(way) if way.found else None
