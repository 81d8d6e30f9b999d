"""The way to a path: every directory and link walked, so that one can tell who may search each and who may replace it.

It is walked with lstat(2), one name at a time; what stands in a directory that is not root's alone is looked at only where the caller says so,
because looking at a user's FUSE mount asks that user's process, and at a server's asks the network.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from hostcheck.api import ABSENT, Hole, HoleError, Host, Json, LimitExceeded, Stat, Why
from hostcheck_builtin.system.mountinfo import mounts

LINKS: Final = 40
"""MAXSYMLINKS of the kernel (path_resolution(7))."""
OTHERS_WRITE: Final = 0o022
OTHERS_SEARCH: Final = 0o001

SLOW: Final = frozenset("autofs nfs nfs4 cifs smb3 smbfs 9p afs ceph coda lustre ncpfs fuse fuseblk".split())
"""File systems that ask a server, or a process of a user, and mount themselves when looked at; so does every fuse.NAME."""

Looks = dict[str, tuple[Stat, str] | OSError]
"""What stands at a path, and where it points if it is a link; or that nothing is there. Many ways lead through /var/run, and to nothing."""
Enter = Callable[[Stat], bool]
Shun = Callable[[str, bool], bool]
"""Asked of each name before it is looked at, with whether the way so far is root's alone: whether to go no further; may raise."""


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class Way:
    """What was met on the way to a path; `type` is that of what stands at its end, or dangling, absent, loop or link (one that was not to be followed)."""

    realpath: str
    end: Stat
    type: str
    parents: dict[str, Stat] = field(default_factory=dict)
    links: dict[str, tuple[str, Stat]] = field(default_factory=dict)


def always(_: Stat) -> bool:
    """Enter every directory, follow every link."""
    return True


def roots_alone(found: Stat) -> bool:
    """Say whether nobody but root can write here (a link has no mode of its own); an ACL may let others, so it does not count as root's alone."""
    return found.uid == 0 and (found.type == "link" or (not found.mode & OTHERS_WRITE and not found.acl))


def roots_link(found: Stat) -> bool:
    """Enter every directory, but follow only links that root made."""
    return found.type != "link" or found.uid == 0


def slow_mounts(host: Host) -> frozenset[str]:
    """Return where such file systems are mounted, but for the root directory's, which is looked at in any case."""
    return frozenset(point for point, fstype in _mounted(host).items() if point != "/" and (fstype in SLOW or fstype.startswith("fuse.")))


def users_mounts(host: Host) -> frozenset[str]:
    """Return where file systems are mounted that a user's process may be answering for, and may keep whoever looks waiting (mount.fuse3(8), allow_other)."""
    return frozenset(point for point, fstype in _mounted(host).items() if point != "/" and fstype.partition(".")[0] in ("fuse", "fuseblk"))


def _mounted(host: Host) -> dict[str, str]:
    return {mount.point: mount.fstype for mount in mounts(host)}


def below(path: str, points: frozenset[str]) -> bool:
    """Say whether a path, as it is written, leads to one of these places."""
    return any(f"{path}/".startswith(f"{point}/") for point in points)


def nowhere(_: str, __: bool) -> bool:
    """Shun no place."""
    return False


def refusing(points: frozenset[str] | Hole, *, roots_too: bool) -> Shun:
    """Return a refusal to look at these places, by ways that somebody but root can lay; with `roots_too` by any."""

    def refuse(path: str, alone: bool) -> bool:
        if alone and not roots_too:
            return False
        if isinstance(points, Hole):
            raise HoleError(points)
        if path in points:
            raise LimitExceeded(f"{path}: a file system that asks a server or a user's process is not looked at")
        return False

    return refuse


def walk(host: Host, path: str, looks: Looks, enter: Enter = always, *, shun: Shun = nowhere, absent: bool = False) -> Way | None:
    """Walk to `path`; return None where nothing is there, or where the way leads through a directory that is not to be entered.

    With `absent` the way to where nothing is there ends, as far as one can tell of it, at the last directory that is. `looks` keeps what was seen
    for the next walk. Raises what lstat(2) and readlink(2) raise but absence.
    """
    way = Way(realpath="/", end=_look(host, "/", looks)[0], type="dir")
    names, followed, alias, alone = _names(path), 0, False, True
    while names:
        if way.type == "dir":
            way.parents[way.realpath] = way.end
        if not enter(way.end):
            return None
        name, here, alone = names.pop(), way.realpath, alone and roots_alone(way.end)
        here = (here.rpartition("/")[0] or "/") if name == ".." else f"{here.rstrip('/')}/{name}"
        try:
            if shun(here, alone):
                return None
            end, target = _look(host, here, looks)
        except ABSENT:
            missing = "/".join([here, *reversed(names)])
            return _lost(way, missing) if alias else _nothing(way, missing) if absent else None
        if end.type != "link":
            way.realpath, way.end, way.type = here, end, end.type
            continue
        way.links[here], followed, alias, alone = (target, end), followed + 1, alias or not names, alone and end.uid == 0
        if not enter(end) or followed > LINKS:
            way.realpath, way.end, way.type = here, end, "loop" if followed > LINKS else "link"
            return way
        names += _names(target)
        if target.startswith("/"):
            way.realpath, way.end, way.type = "/", _look(host, "/", looks)[0], "dir"
    return way


def follow(host: Host, path: str, looks: Looks, link: Way, slow: frozenset[str] | Hole) -> Way:
    """Walk to `path` past a `link` that its user made, as far as all is that user's, or root's and anybody may search it.

    Return the link where that is not so, the end is another's, or one of the `slow` mounts is on the way: a user's link is to show nothing that is
    none of that user's. Where it leads nowhere, what is at the end is the link.
    """
    if isinstance(slow, Hole):
        raise HoleError(slow)
    uid = link.end.uid

    def enter(found: Stat) -> bool:
        return found.uid == uid or (found.uid == 0 and (found.type != "dir" or bool(found.mode & OTHERS_SEARCH)))

    way = walk(host, path, looks, enter, shun=lambda here, _: here in slow, absent=True)
    if way is not None and way.type in ("absent", "dangling", "loop"):
        way.end, way.type = link.end, "loop" if way.type == "loop" else "dangling"
    return link if way is None or way.type == "link" or way.end.uid != uid else way


def unfollowed(link: Way) -> dict[str, Json]:
    """State who listens behind a link that is not followed: that is not known."""
    return dict.fromkeys(("activated", "listening", "peer"), Hole(why=Why.UNSUPPORTED, message=f"{link.realpath}: a link that its user made is not followed"))


def _nothing(way: Way, missing: str) -> Way:
    """Return the way of a path where nothing is: what can be said of it is said of what should hold it."""
    way.realpath, way.type = missing, "absent"
    return way


def _lost(way: Way, missing: str) -> Way:
    """Return the way of a path that is a link to nothing: what can be said of it is said of the last link."""
    way.realpath, way.end, way.type = missing, list(way.links.values())[-1][1], "dangling"
    return way


def _names(path: str) -> list[str]:
    return [name for name in reversed(path.split("/")) if name not in ("", ".")]


def _look(host: Host, path: str, looks: Looks) -> tuple[Stat, str]:
    if path not in looks:
        looks[path] = _seen(host, path)
    seen = looks[path]
    if isinstance(seen, OSError):
        raise seen.with_traceback(None)
    return seen


def _seen(host: Host, path: str) -> tuple[Stat, str] | OSError:
    try:
        found = host.stat(path, follow=False)
        return found, host.read_link(path) if found.type == "link" else ""
    except ABSENT as error:
        return error


def join(way: Way, other: Way) -> None:
    """Add to a way what was met on another way to the same place."""
    way.parents.update(other.parents)
    way.links.update(other.links)


def mode(found: Stat) -> str:
    """Return the twelve permission bits in octal."""
    return f"{found.mode:04o}"


def acl(found: Stat) -> list[Json]:
    """Return the entries of the access ACL, as getfacl(1) writes them."""
    marks = ((4, "r"), (2, "w"), (1, "x"))
    return [{"tag": one.tag, "id": one.id, "perms": "".join(mark if one.perms & bit else "-" for bit, mark in marks)} for one in found.acl]


def stated(way: Way) -> dict[str, Json]:
    """State what a way showed; what is at the end is the link itself where that leads nowhere."""
    end = way.end
    return {
        "realpath": way.realpath,
        "type": way.type,
        "dev": end.dev,
        "ino": end.ino,
        "owner_uid": end.uid,
        "owner_gid": end.gid,
        "mode": mode(end),
        "acl": acl(end),
        "links": {path: {"target": target, "uid": link.uid} for path, (target, link) in way.links.items()},
        "parents": {path: {"uid": one.uid, "gid": one.gid, "mode": mode(one), "acl": acl(one)} for path, one in way.parents.items()},
    }
