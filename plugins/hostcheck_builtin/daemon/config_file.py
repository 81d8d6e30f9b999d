"""Where a dockerd looks for daemon.json, and what stands there.

Root's is read where root's flags say. A user's is read only where it is that user's own, below directories where no process of the user's answers for
the file system: it speaks of that user's daemon alone.
"""

from collections.abc import Callable

from hostcheck.api import ABSENT, Hole, Host, Json, Unsupported, Why, attempt
from hostcheck_builtin.daemon.daemon_process import Daemon
from hostcheck_builtin.dockerd import daemon_json
from hostcheck_builtin.dockerd.daemon_json import DEFAULT
from hostcheck_builtin.dockerd.flags import Flags
from hostcheck_builtin.system import mounts_to_avoid, path_walk
from hostcheck_builtin.system.fact_members import sure
from hostcheck_builtin.system.ownership import so_far
from hostcheck_builtin.system.path_walk import LstatCache


def of_root(host: Host, found: Flags | Hole, lstats: LstatCache) -> Json:
    """State the daemon.json that flags of root's lead to."""
    if isinstance(found, Hole):
        return found
    path = found.config_file or DEFAULT
    if not path.startswith("/"):
        return Hole(why=Why.UNSUPPORTED, message=daemon_json.ELSEWHERE)
    owned = attempt(lambda: so_far(host, path, lstats).root_owned)
    return {**_file(path, bool(found.config_file), lambda: host.read_bytes(path)), "root_owned": owned}


def of_user(host: Host, one: Daemon, home: Callable[[int], str | Hole], lstats: LstatCache) -> Json:
    """State the daemon.json of a user's daemon."""
    path = attempt(_path, one, home)
    if isinstance(path, Hole):
        return path
    given = not isinstance(one.flags, Hole) and bool(one.flags.config_file)
    return _file(path, given, lambda: users_own(host, path, one.uid, lstats))


def _path(one: Daemon, home: Callable[[int], str | Hole]) -> str:
    """Return where a rootless dockerd looks: below XDG_CONFIG_HOME, or in the home that its environment or the accounts name."""
    if told := sure(one.flags).config_file:
        path = told
    else:
        said = {} if isinstance(one.environment, Hole) else one.environment
        base = said.get("XDG_CONFIG_HOME") or said.get("HOME") or sure(home(one.uid))
        path = f"{base}/docker/daemon.json" if said.get("XDG_CONFIG_HOME") else f"{base}/.config/docker/daemon.json"
    if not path.startswith("/"):
        raise Unsupported(daemon_json.ELSEWHERE)
    return path


def users_own(host: Host, path: str, uid: int, lstats: LstatCache) -> bytes:
    """Return a file of a user's; raises Unsupported where it is a link or somebody else's."""
    avoid = mounts_to_avoid.refusing(mounts_to_avoid.users_mounts(host), roots_too=True)
    way = path_walk.walk(host, path, lstats, path_walk.roots_link, avoid=avoid)
    if way.type in ("absent", "dangling"):
        raise FileNotFoundError(path)
    if way.type != "file" or way.end.uid not in (uid, 0):
        raise Unsupported(f"{path}: not a file of uid {uid}, and not read")
    return host.read_bytes(way.realpath, follow=False)


def _file(path: str, given: bool, read: Callable[[], bytes]) -> dict[str, Json]:
    try:
        raw = attempt(read)
    except ABSENT:
        return {"path": path, "given": given, "present": False, **daemon_json.nothing([daemon_json.NAMED] if given else [])}
    if isinstance(raw, Hole):
        return {"path": path, "given": given, "present": raw, **daemon_json.unread(raw)}
    return {"path": path, "given": given, "present": True, **daemon_json.read(path, raw)}
