"""Files that root's engines run and believe, and those that hold the keys to engines and registries: who could change them, and who could read them.

Each is walked from / on, with every directory and link on the way. Of a directory's members those are stated that are not root's alone, and what is not
there only where somebody else could make it. Contents are not stated.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from hostcheck.api import Hole, Host, Json, Why, attempt, incomplete, worst_hole
from hostcheck_builtin.dockerd import daemon_json
from hostcheck_builtin.files import named_hooks, places, registry_credentials, searching
from hostcheck_builtin.files.named_hooks import NamedBy
from hostcheck_builtin.files.named_paths import Named, named
from hostcheck_builtin.files.searching import FileSearch
from hostcheck_builtin.system import bounds, path_walk
from hostcheck_builtin.system.candidates import canonical
from hostcheck_builtin.system.path_walk import WalkedPath
from hostcheck_builtin.system.presence import absent_as

KINDS: Final = (
    *("programs", "units", "environments", "daemon_json", "directories", "plugins", "runtime_configuration", "containers_configuration"),
    *("data", "keys", "certificates", "credentials", "commands"),
)
USUAL: Final = (*places.PATH, *places.FOLDERS)
PODMANS: Final = tuple(folder for folder in places.FOLDERS if folder.endswith("/podman"))
ALONE: Final = frozenset(
    (*daemon_json.PLACES, *(path for engines in places.USUAL.values() for paths in engines.values() for path in paths), *places.REGISTRIES)
)
ETC_DOCKER: Final = "/etc/docker"


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class EngineFiles:
    """What is to be looked at, by kind; `present` are the engines that are installed, and `unsure` is the hole where there may be others.

    `started` are the programs that units start or that run, `hooks` what files in directories of plugins name.
    """

    search: FileSearch
    named: Named
    present: set[str] = field(default_factory=set)
    started: set[str] = field(default_factory=set)
    unsure: Hole | None = None
    wanted: dict[str, set[str]] = field(default_factory=lambda: {kind: set() for kind in KINDS})
    hooks: dict[str, NamedBy] = field(default_factory=dict)
    holes: dict[str, Hole | None] = field(default_factory=dict)

    def want(self, kind: str, path: str) -> None:
        """Take a path."""
        self.wanted[kind].add(path)

    def lack(self, kind: str, hole: Hole | None) -> None:
        """Note that there may be other paths of a kind."""
        self.holes[kind] = worst_hole(self.holes.get(kind), hole)


def collect(host: Host) -> Json:
    """State by kind each file or directory by its path."""
    found = EngineFiles(search=searching.begin(host), named=named(host))
    programs = _programs(found)
    _want(found)
    for folder in places.REGISTRIES:
        _registries(found, folder)
    _contexts(found)
    _hooks(found)
    credentials = _credentials(host, found)
    stated = {kind: _entries(found, kind) for kind in KINDS if kind not in ("programs", "credentials")}
    return {"programs": programs, "credentials": incomplete(credentials, found.holes.get("credentials")), **stated}


def _programs(found: EngineFiles) -> Json:
    """State the directories that engines' programs are looked for in, each with those that are there, and note which engines are installed."""
    inside: dict[str, dict[str, None]] = {folder: {} for folder in (*USUAL, *found.named.paths.get("program_folders", {}))}
    usual = (*places.DAEMONS, *places.HELPERS)
    for folder in list(inside):
        inside[folder] = dict.fromkeys(usual)
    for path in found.named.paths.get("programs", {}):
        folder, _, name = path.rpartition("/")
        called = _called(found, folder or "/")
        inside.setdefault(called, {})[name] = None
        if path in found.named.paths.get("started", {}):
            found.started.add(f"{called}/{name}")
    hole = worst_hole(found.named.holes.get("programs"), found.named.holes.get("program_folders"))
    members = {folder: _members(found, folder, inside) for folder in inside}
    searched = {*places.PATH, *(PODMANS if "podman" in found.present else ()), *found.named.paths.get("program_folders", {})}
    entries: dict[str, Json] = {}
    for folder, (programs, unseen) in members.items():
        hole = worst_hole(hole, unseen)
        if found.present and (programs or folder in searched):
            entry = _entry(found.search, folder, members=False)
            if isinstance(entry, Hole):
                hole = worst_hole(hole, entry)
            elif entry is not None and not (entry["realpath"] != folder and entry["realpath"] in inside and _is_closed(entry)):
                entries[folder] = {**entry, "members": incomplete(programs, worst_hole(unseen, found.named.holes.get("programs")))}
    found.unsure = worst_hole(found.named.holes.get("started"), *(unseen for _, unseen in members.values()))
    return incomplete(entries, hole)


def _members(found: EngineFiles, folder: str, inside: Mapping[str, Iterable[str]]) -> tuple[dict[str, Json], Hole | None]:
    """Return the programs of these names in a directory, but for links of root's to one that is told in another directory.

    One that is named and not there is one too, where somebody else can make it; in a usual directory that is told of the directory.
    """
    programs: dict[str, Json] = {}
    hole: Hole | None = None
    for name in inside[folder]:
        way = found.search.walk(f"{folder.rstrip('/')}/{name}")
        if isinstance(way, Hole) or (way.stopped and folder in USUAL and folder == next(reversed(way.parents))):  # it may not be there at all
            hole = worst_hole(hole, way if isinstance(way, Hole) else way.stopped)
        elif way.stopped or way.type in ("file", "dangling") or not (folder in USUAL or path_walk.roots_way(way)):
            hole = worst_hole(hole, way.stopped)
            _note(found, folder, name, way)
            entry, (real, _, called) = searching.stated(way), way.realpath.rpartition("/")
            if real == folder or not (called in inside.get(real, ()) and _is_closed(entry)):
                programs[name] = entry
    return programs, hole


def _note(found: EngineFiles, folder: str, name: str, way: WalkedPath) -> None:
    """Note that an engine is installed, where a program is one by its name, in a usual directory or where a unit starts it or it runs."""
    if way.type == "file" and name in (*places.DAEMONS, "docker") and (folder in USUAL or f"{folder}/{name}" in found.started):
        found.present.add(places.DAEMONS.get(name, "client"))


def _called(found: EngineFiles, folder: str) -> str:
    """Return what a directory is called without links, where only root can change those; where that is not known, programs may be in another one."""
    way = found.search.walk(folder)
    if isinstance(way, Hole) or way.stopped:
        found.named.lack(way if isinstance(way, Hole) else way.stopped, "programs")
        return folder
    return way.realpath if way.type == "dir" and _is_closed(searching.stated(way)) else folder


def _is_closed(entry: Json) -> bool:
    """Say whether only root can change the links and directories by which a path leads elsewhere."""
    folders = all(one["uid"] == 0 and not int(one["mode"], 8) & path_walk.OTHERS_WRITE and not one["acl"] for one in entry["parents"].values())
    return folders and all(link["uid"] == 0 for link in entry["links"].values())


def _want(found: EngineFiles) -> None:
    """Take what is named, and what the engines that are installed read unasked."""
    for kind, paths in found.named.paths.items():
        for path in paths if kind in KINDS and kind != "programs" else ():
            found.want(kind, ETC_DOCKER if path.rpartition("/")[0] == ETC_DOCKER and kind == "directories" else path)  # told as a member of it
    for kind, hole in found.named.holes.items():
        if kind in KINDS:
            found.lack(kind, hole)
    if "docker" in found.present:
        found.want("daemon_json", daemon_json.DEFAULT)
    for folder in places.LOAD_PATH if found.wanted["units"] else ():
        found.want("units", folder)
    client = {"docker"} if "client" in found.present else set[str]()
    for kind, engines in places.USUAL.items():
        for engine, usual in engines.items():
            for path in usual if engine in found.present | (client if kind == "commands" else set()) else ():
                found.want(kind, path)
    for path, kind in places.ROOTS_TLS.items():
        found.want(kind, path)
    for kind, wanted in found.wanted.items():
        wanted.update({places.above(kind, path) for path in wanted} - {""})


def _registries(found: EngineFiles, folder: str) -> None:
    """Take the directory of each registry, and the keys in it."""
    kind = next((kind for kind, paths in found.wanted.items() if folder in paths), "")
    names = found.search.names(folder) if kind else []
    if isinstance(names, Hole):
        found.lack(kind, names)
        found.lack("keys", names)
        return
    if len(names) > bounds.REGISTRIES_WITH_A_DIRECTORY:
        found.lack("keys", Hole(why=Why.LIMIT, message=f"{folder}: more than {bounds.REGISTRIES_WITH_A_DIRECTORY} registries"))
        found.lack(kind, Hole(why=Why.LIMIT, message=f"{folder}: more than {bounds.REGISTRIES_WITH_A_DIRECTORY} registries"))
    for name in names[: bounds.REGISTRIES_WITH_A_DIRECTORY]:
        found.want(kind, f"{folder}/{name}")
        inner = found.search.names(f"{folder}/{name}")
        if isinstance(inner, Hole):
            found.lack("keys", inner)
            continue
        keys = [file for file in inner if file.endswith(".key")]
        if len(keys) > bounds.KEYS_OF_A_REGISTRY:
            found.lack("keys", Hole(why=Why.LIMIT, message=f"{folder}/{name}: more than {bounds.KEYS_OF_A_REGISTRY} keys"))
        for file in keys[: bounds.KEYS_OF_A_REGISTRY]:
            found.want("keys", f"{folder}/{name}/{file}")


def _hooks(found: EngineFiles) -> None:
    """Take what files name in directories of plugins, but for what is in such a directory and told as a member of it."""
    for folder in sorted(found.wanted["plugins"].intersection(places.DOCKER_PLUGINS)):
        _plugins_of_their_own(found, folder)
    folders = found.wanted["plugins"]
    told, hole = named_hooks.named(found.search, folders, found.named.paths.get("plugins", {}))
    found.lack("plugins", hole)
    found.hooks = {path: one for path, one in told.items() if path not in folders and path.rpartition("/")[0] not in folders}
    found.wanted["plugins"] = folders | found.hooks.keys()


def _plugins_of_their_own(found: EngineFiles, folder: str) -> None:
    """Take the directories that plugins of Docker's have of their own; one that others may change is told as a member of the directory above."""
    names = found.search.names(folder)
    many = Hole(why=Why.LIMIT, message=f"{folder}: more than {bounds.PLUGIN_NAMES} names")
    found.lack("plugins", names if isinstance(names, Hole) else many if len(names) > bounds.PLUGIN_NAMES else None)
    for name in [] if isinstance(names, Hole) else names[: bounds.PLUGIN_NAMES]:
        way = found.search.walk(f"{folder}/{name}")
        if not isinstance(way, Hole) and way.type == "dir" and path_walk.roots_alone(way.end):
            found.want("plugins", f"{folder}/{name}")


def _contexts(found: EngineFiles) -> None:
    """Take the keys of the contexts of root's docker command."""
    places_of = [f"{places.ROOTS_CONTEXTS}/{name}" for name in _few(found, places.ROOTS_CONTEXTS)]
    for folder in [f"{place}/{name}" for place in places_of for name in _few(found, place)]:
        found.want("keys", f"{folder}/key.pem")


def _few(found: EngineFiles, folder: str) -> list[str]:
    """Return what is in a directory with keys, so far as it is looked at."""
    names = found.search.names(folder)
    many = Hole(why=Why.LIMIT, message=f"{folder}: more than {bounds.KEYS_OF_A_REGISTRY} names")
    found.lack("keys", names if isinstance(names, Hole) else many if len(names) > bounds.KEYS_OF_A_REGISTRY else None)
    return [] if isinstance(names, Hole) else names[: bounds.KEYS_OF_A_REGISTRY]


def _entries(found: EngineFiles, kind: str) -> Json:
    """State what stands at the paths of a kind."""
    hole = worst_hole(found.holes.get(kind), found.unsure)
    entries: dict[str, Json] = {}
    for path in sorted(found.wanted[kind]):
        entry = _entry(found.search, path, members=kind != "data" and path not in places.LOAD_PATH)
        if not isinstance(entry, Hole | None) and entry["type"] == "absent" and places.above(kind, path):
            continue  # who could make it is told of the directory above
        if isinstance(entry, Hole):
            hole = worst_hole(hole, entry)
        elif entry is not None:
            by = found.hooks.get(path) if kind == "plugins" else None
            entries[path] = entry if by is None else {**entry, "named_by": by.source, "certain": by.certain}
    return incomplete(entries, hole)


def _entry(search: FileSearch, path: str, *, members: bool) -> Json:
    """State what stands at a path; None where nothing does, and nobody but root can make it."""
    way = search.walk(path)
    if isinstance(way, Hole):
        return way
    if way.type == "absent" and path_walk.roots_way(way):
        return None
    return search.folder(path, _is_judged_alone) if members else search.file(path)


def _is_judged_alone(path: str) -> bool:
    """Say whether a member of a directory is no part of it here: it is judged itself, or is a certificate, which counts where it is named."""
    return (
        path in ALONE
        or path.rpartition("/")[0] in places.REGISTRIES
        or (path.rpartition("/")[0] == ETC_DOCKER and path.endswith((".pem", ".key", ".crt", ".cert")))
    )


def _credentials(host: Host, found: EngineFiles) -> dict[str, Json]:
    """State where root logs in to registries, and take the programs that are asked for that."""
    entries: dict[str, Json] = {}
    for path in places.CREDENTIALS:
        way = found.search.walk(path)
        hole = way if isinstance(way, Hole) else way.stopped if not way.user else None  # it may not be there at all
        if isinstance(way, Hole) or hole:
            found.lack("credentials", hole)
            found.lack("commands", hole)
        elif way.type != "absent":
            entries[path] = {**searching.stated(way), **_said(host, found, path)}
    found.want("commands", f"{places.ROOTS_HOME}/.docker/cli-plugins")
    return entries


def _said(host: Host, found: EngineFiles, path: str) -> dict[str, Json]:
    """State whether passwords stand in a file, and take the programs that it names."""
    raw = absent_as(b"", attempt, host.read_bytes, path, limit=bounds.REGISTRY_LOGINS_BYTES)
    said = raw if isinstance(raw, Hole) else attempt(registry_credentials.stated, path, raw)
    if isinstance(said, Hole):
        found.lack("commands", said)
        return {"secrets": said, "helpers": said}
    for one in _commands(said):
        found.want("commands", one)
    return {"secrets": said.secrets, "helpers": list(said.helpers)}


def _commands(said: registry_credentials.Stated) -> Iterator[str]:
    """Yield where the helpers that a file names are looked for, and the directories of plugins."""
    yield from (canonical(folder) for folder in said.folders)
    yield from (f"{folder}/docker-credential-{name}" for folder in places.PATH for name in said.helpers)
