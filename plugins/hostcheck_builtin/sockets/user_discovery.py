"""Where users' engine sockets are: in their runtime directories, in their homes, and wherever else they listen by an engine's name.

Everything here may be planted by a user, so it speaks only of that user: a link of theirs is followed only to what is theirs too, and what denies in
one home leaves a hole of its own. What hangs in the kernel, as a home on a server that is gone, costs the probe that asks, and no other.
"""

from dataclasses import dataclass, field
from posixpath import normpath
from typing import Final

from hostcheck.api import Hole, Host, Json, Unsupported, Why, attempt, incomplete, worst_hole
from hostcheck_builtin.sockets.listening_names import chosen
from hostcheck_builtin.system import account_files, bounds, candidates, mounts_to_avoid, path_walk, quota
from hostcheck_builtin.system.credentials import all_seeing, credentials
from hostcheck_builtin.system.homes import home_of
from hostcheck_builtin.system.listeners import ListenerCache, bound, listen_everywhere, listener_of, unlisted
from hostcheck_builtin.system.path_walk import LstatCache, WalkedPath
from hostcheck_builtin.system.presence import absent_as, is_there
from hostcheck_builtin.system.socket_places import place_of

RUNTIME: Final = "/run/user"
IN_RUNTIME: Final = ("docker.sock", "podman/podman.sock", "containerd/containerd.sock", "buildkit/buildkitd.sock")
IN_HOME: Final = (".docker/run", ".docker/desktop", ".docker/xrd")
WITHOUT_RUNTIME: Final = ("/tmp/podman-run-{uid}", "/tmp/run-{uid}")
"""Where podman goes when there is no XDG_RUNTIME_DIR (GetRootlessRuntimeDir of containers/storage)."""
FIXED: Final = ("runtime-directory", "home")
OWN_FOLDER: Final = ("podman", "containerd", "buildkit")
"""Directories that engines make for their socket in the runtime directory."""
FACTS: Final = (
    *("acl", "activated", "dev", "engine", "ino", "links", "listening", "mode", "owner_gid", "parents", "peer", "realpath", "runtime_dir", "source", "type"),
)
GROUPS: Final = ("/sys/fs/cgroup", "/sys/fs/cgroup/systemd", "/sys/fs/cgroup/unified")
"""Where the tree of control groups that systemd keeps is mounted: v2, v1, both."""


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class UserSearch:
    """What was found so far: of each candidate its runtime directory, what names it and whose directory that is, 0 where it is not one user's.

    `unread` is the first source that could not be read, `left` stands for what is not looked at, since its user has too much.
    """

    host: Host
    cache: ListenerCache
    all_seeing: bool
    slow: frozenset[str] | Hole
    sockets: dict[str, Json] = field(default_factory=dict)
    left: dict[str, Json] = field(default_factory=dict)
    lstats: LstatCache = field(default_factory=dict)
    places: dict[str, tuple[str, str | Hole, int]] = field(default_factory=dict)
    managers: dict[int, tuple[int, ...] | Hole] = field(default_factory=dict)
    unread: Hole | None = None


def discover(host: Host) -> Json:
    """Return the facts of every engine socket that a user other than root has, by its path; incomplete where some cannot be looked at."""
    cache, slow = listen_everywhere(host), attempt(mounts_to_avoid.slow_mounts, host)
    search = UserSearch(host=host, cache=cache, all_seeing=all_seeing(host), slow=slow)
    _runtime(search)
    _alive(search)
    _listening(search)
    users = attempt(mounts_to_avoid.users_mounts, host)
    own = mounts_to_avoid.nowhere if isinstance(users, Hole) else mounts_to_avoid.refusing(users, roots_too=True)
    for path, (place, source, uid) in search.places.items():
        avoid = own if source in FIXED else mounts_to_avoid.refusing(search.slow, roots_too=True)
        way = attempt(_walk, search, path, avoid)
        if isinstance(way, Hole):
            _note(search, path, way, uid or _whose(search, path, avoid))
        elif way.found and (source in FIXED or not path_walk.roots_way(way)):
            account_files.keep(search.sockets, path, {"engine": candidates.named(path), "source": source, **_stated(search, way, path, place)})
    for path, entry in search.left.items():
        account_files.keep(search.sockets, path, entry)
    return incomplete(search.sockets, search.unread)


def _stated(search: UserSearch, way: WalkedPath, path: str, place: str) -> dict[str, Json]:
    """State what stands at a path; of a user's link that may not be followed that it is that user's, and of one that cannot be nothing else."""
    end = attempt(path_walk.follow, search.host, path, search.lstats, way, search.slow) if way.type == "link" else way
    if isinstance(end, Hole):
        return {**dict.fromkeys((*path_walk.stated(way), "runtime_dir", "activated", "listening", "peer"), end), "owner_uid": way.end.uid}
    return {**path_walk.stated(end), "runtime_dir": _folder(end, path.removeprefix(place)), **_listener(search, path, end)}


def _folder(way: WalkedPath, rest: str) -> str:
    """Return the runtime directory by its real path; where the way does not lead to `rest` in it, the directory that it does lead to."""
    folder = way.realpath.removesuffix(rest)
    if folder in way.parents:
        return folder
    last = next(reversed(way.parents))
    above, _, name = last.rpartition("/")
    return above if name in OWN_FOLDER else last


def _walk(search: UserSearch, path: str, avoid: mounts_to_avoid.Avoid) -> WalkedPath:
    return path_walk.walk(search.host, path, search.lstats, path_walk.roots_link, avoid=avoid)


def _note(search: UserSearch, path: str, hole: Hole, uid: int) -> None:
    """Keep why a path could not be looked at; where it is in a directory of one user's, that says nothing of anybody else."""
    if search.all_seeing:
        account_files.keep(search.sockets, path, _unknown(hole, uid) if uid else hole)
    else:
        search.unread = worst_hole(search.unread, hole)


def _whose(search: UserSearch, path: str, avoid: mounts_to_avoid.Avoid) -> int:
    """Return who alone, beside root, can put something at a path: by the nearest directory above that can be looked at; 0 where that is not one user."""
    while path := path.rpartition("/")[0]:
        way = attempt(_walk, search, path, avoid)
        if not isinstance(way, Hole):
            return way.end.uid if way.type == "dir" and not way.end.mode & path_walk.OTHERS_WRITE and not way.end.acl else 0
    return 0


def _runtime(search: UserSearch) -> None:
    names = absent_as([], attempt, search.host.list_dir, RUNTIME)
    if isinstance(names, Hole):
        search.unread = worst_hole(search.unread, names)
        return
    for name in names:
        if account_files.number(name):
            _add(search, f"{RUNTIME}/{name}", IN_RUNTIME, "runtime-directory", int(name))


def _add(search: UserSearch, place: str, names: tuple[str, ...], source: str, uid: int) -> None:
    for path in (f"{place}/{name}" for name in names):
        before = search.places.get(path, (place, source, uid))
        search.places[path] = before if before[2] == uid else (*before[:2], 0)


def _alive(search: UserSearch) -> None:
    """Add the homes of users who have a process: an engine that runs has one, and the homes of all others may be on a server that mounts them when asked."""
    processes, people = attempt(credentials, search.host), attempt(lambda: account_files.users(account_files.text_of(search.host, "/etc/passwd")))
    if isinstance(processes, Hole) or isinstance(people, Hole):
        search.unread = worst_hole(search.unread, processes, people)
        return
    unseen = [entry["host_mounts"] for entry in processes.values() if isinstance(entry["host_mounts"], Hole) and entry["user_mounts"] is not True]
    search.unread = worst_hole(search.unread, getattr(processes, "hole", None), *unseen)
    uids = sorted({entry["uids"][3] for entry in processes.values() if _lives_here(entry)})
    homes = _homes(search, people[0], uids)
    counted = quota.Quota(search.host, 1, bounds.USERS_NOT_IN_PASSWD)
    for uid in uids:
        if not counted.takes(uid):
            continue
        for home in sorted(homes.get(uid, ())):
            for folder in IN_HOME:
                _add(search, f"{home}/{folder}", ("docker.sock",), "home", uid)
        for place in WITHOUT_RUNTIME:
            _add(search, place.format(uid=uid), ("podman/podman.sock",), "runtime-directory", 0)
    for uid, hole in counted.left("users with processes").items():
        search.left[WITHOUT_RUNTIME[0].format(uid=uid)] = _unknown(hole, uid)


def _lives_here(entry: Json) -> bool:
    """Say whether processes see the host's homes, or whose view of them was not read because of what they mounted themselves."""
    return entry["host_mounts"] is True or (isinstance(entry["host_mounts"], Hole) and entry["user_mounts"] is True)


def _homes(search: UserSearch, people: dict[str, Json], uids: list[int]) -> dict[int, set[str]]:
    homes: dict[int, set[str]] = {}
    for user in people.values():
        if home := home_of(user):
            homes.setdefault(user["uid"], set()).add(home)
    known = {user["uid"] for user in people.values()}
    databases = attempt(account_files.databases_of, search.host)
    listed = not isinstance(databases, Hole) and account_files.ENUMERATES.issuperset(account_files.asked(databases, "passwd"))
    if not listed and not known.issuperset(uids):
        homeless = Hole(why=Why.LIMIT, message="users with processes who are not in /etc/passwd have homes that are not known")
        search.unread = worst_hole(search.unread, databases if isinstance(databases, Hole) else homeless)
    return homes


def _listening(search: UserSearch) -> None:
    """Add the names that somebody listens on; of a user with too many the rest stand under the first of them, and nothing is known of it but whose it is."""
    names = bound(search.cache)
    if isinstance(names, Hole):
        search.unread = worst_hole(search.unread, names)
        return
    search.unread = worst_hole(search.unread, unlisted(search.cache))
    source = search.unread or "listening"
    found = [path for path in names if _is_users(path) and path not in search.places]
    few, left, unread = chosen(search.host, search.cache, found, search.lstats, search.slow)
    search.unread = worst_hole(search.unread, unread)
    for path in few:
        place = path.rpartition("/")[0]
        above, _, last = place.rpartition("/")
        search.places[path] = (above if last in OWN_FOLDER else place, source, 0)
    for path, (uid, hole) in left.items():
        search.left[path] = _unknown(hole, uid)


def _unknown(hole: Hole, uid: int) -> dict[str, Json]:
    """State of a socket, or of many, no more than whose it is; who may connect is then not known of what this user lays."""
    theirs = hole.of(uid)
    return {**dict.fromkeys(FACTS, theirs), "owner_uid": uid}


def _is_users(path: str) -> bool:
    """Say whether a name is an engine's, and not one that the probe of the system's sockets looks at anyway."""
    return candidates.named(path) != "unknown" and normpath(path) == path and candidates.canonical(path) not in candidates.WELL_KNOWN


def _listener(search: UserSearch, path: str, way: WalkedPath) -> dict[str, Json]:
    if way.type == "link":
        return path_walk.unfollowed(way)
    if way.type != "socket":
        return {"activated": False, "listening": False}
    uid = way.end.uid
    if uid not in search.managers:
        search.managers[uid] = attempt(_managers, search.host, uid)
    return listener_of(search.cache, place_of(path, path_walk.stated(way), uid), search.managers[uid], ours=True, budget=_budget(search, uid))


def _budget(search: UserSearch, uid: int) -> str:
    """Return whose time it is for which the scanner may be kept waiting: an account's, or that of all users together who have none."""
    return f"uid {search.host.account(uid)}"


def _managers(host: Host, uid: int) -> tuple[int, ...]:
    """Return the processes that may be the systemd of a user; none where the system or the user has none (user@.service(5), systemd.exec(5))."""
    if not all(is_there(host, path, follow=False) for path in ("/run/systemd/system", f"{RUNTIME}/{uid}/systemd")):
        return ()
    for tree in GROUPS:
        if not is_there(host, f"{tree}/user.slice"):
            continue
        text = host.read_text(f"{tree}/user.slice/user-{uid}.slice/user@{uid}.service/init.scope/cgroup.procs", missing="")
        return tuple(int(line) for line in text.split("\n")[: bounds.PROCESSES_BESIDE_SYSTEMD] if line.isdigit() and line != "0")
    raise Unsupported("/sys/fs/cgroup: systemd's control groups are not there")
