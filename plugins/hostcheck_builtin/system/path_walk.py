"""A path walked as the kernel walks it, with every directory and link on the way, so that one can tell who may search each and who may replace it.

It is walked with lstat(2), one name at a time; what stands in a directory that is not root's alone is looked at only where the caller says so,
because looking at a user's FUSE mount asks that user's process, and at a server's asks the network.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from errno import EINVAL
from functools import lru_cache
from itertools import dropwhile
from typing import Final

from hostcheck.api import ABSENT, AclEntry, Hole, HoleError, Host, Json, Stat, Why, attempt, incomplete
from hostcheck_builtin.system import bounds
from hostcheck_builtin.system.mounts_to_avoid import Avoid, nowhere

LINKS: Final = 40
"""MAXSYMLINKS of the kernel (path_resolution(7))."""
OTHERS_WRITE: Final = 0o022
OTHERS_SEARCH: Final = 0o001
STOPPED: Final = "stopped"

LstatCache = dict[str, tuple[Stat, str] | OSError]
"""What stands at a path, and where it points if it is a link; or that nothing is there. Many ways lead through /var/run, and to nothing."""
Enter = Callable[[Stat], bool]


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class WalkedPath:
    """What was met on the way to a path, and what stands at its end; `type` is that of the end, or what kept the walk from reaching one.

    These are link (one that was not to be followed), loop, closed (a directory that was not to be entered, a name to be avoided), absent, and dangling
    for a link to nothing. Where nothing is there, `above` is what should hold it, and `end` the same, or the last link. `user` is the first
    on the way who has laid something, 0 for none but root. `stopped` is why the walk went no further, and then its type is that too: what was met until
    there stands, and nothing is known of what lies behind.
    """

    realpath: str
    end: Stat
    type: str
    parents: dict[str, Stat] = field(default_factory=dict)
    links: dict[str, tuple[str, Stat]] = field(default_factory=dict)
    above: Stat | None = None
    user: int = 0
    stopped: Hole | None = None

    @property
    def found(self) -> bool:
        """Say whether something is there, if only a link."""
        return self.type not in ("absent", "closed", STOPPED)

    @property
    def met(self) -> Iterator[Stat]:
        """Yield each directory and link on the way."""
        yield from self.parents.values()
        yield from (link for _, link in self.links.values())

    def meet(self, here: str, found: Stat, target: str | None = None) -> None:
        """Note a directory that is entered, or a link with its target."""
        if target is None:
            self.parents[here] = found
        else:
            self.links[here] = target, found
        self.user = self.user or found.uid


def always(_: Stat) -> bool:
    """Enter every directory, follow every link."""
    return True


def roots_alone(found: Stat) -> bool:
    """Say whether nobody but root can write here (a link has no mode of its own); an ACL may let others, so it does not count as root's alone."""
    return found.uid == 0 and (found.type == "link" or (not found.mode & OTHERS_WRITE and not found.acl))


def roots_entry(found: Stat) -> bool:
    """Say whether nobody but root can enter a directory."""
    group = found.mode & 0o010 and (found.gid != 0 or found.acl)
    return found.uid == 0 and not found.mode & OTHERS_SEARCH and not group


def roots_way(way: WalkedPath) -> bool:
    """Say whether nobody but root can change where a path leads: each directory and link on the way is root's alone, whatever is at the end."""
    return all(map(roots_alone, way.met))


def roots_link(found: Stat) -> bool:
    """Enter every directory, but follow only links that root made."""
    return found.type != "link" or found.uid == 0


def walk(host: Host, path: str, lstats: LstatCache, enter: Enter = always, *, avoid: Avoid = nowhere, follow: bool = True) -> WalkedPath:
    """Walk to `path`, past links but, without `follow`, one at its end; `lstats` keeps what was seen for the next walk.

    Raises what lstat(2) and readlink(2) raise but absence, and HoleError for what its user makes too deep, or exchanges all the time.
    """
    walked = _begin(host, lstats)
    _walk(host, path, lstats, walked, enter, avoid, follow=follow)
    return walked


def way_to(host: Host, path: str, lstats: LstatCache, enter: Enter = always, *, avoid: Avoid = nowhere, follow: bool = True) -> WalkedPath | Hole:
    """Walk as `walk` does; where something stops that, return the way so far if somebody but root has a part in it, else the hole.

    Who controls a part of a way controls where it leads, whatever lies behind: what they put there is to make nothing unknown but whom else they let in.
    Below the first directory of a user's nothing is told then, since all of it is that user's word.
    """
    way = attempt(_begin, host, lstats)
    if isinstance(way, Hole):
        return way
    hole = attempt(_walk, host, path, lstats, way, enter, avoid, follow=follow)
    if hole is not None and roots_way(way):
        return hole
    if sum(map(len, _behind(way))) > bounds.WAY_OF_A_USER:
        message = f"{path[: bounds.PATH_SHOWN]}: leads through directories of a user's whose paths together have more than {bounds.WAY_OF_A_USER} characters"
        hole = hole or Hole(why=Why.LIMIT, message=message)
    return way if hole is None else _stop(way, hole)


def _stop(way: WalkedPath, hole: Hole) -> WalkedPath:
    way.type, way.stopped = STOPPED, theirs(way, hole)
    for place in _behind(way)[1:]:
        del way.parents[place]
    way.links = {place: link for place, link in way.links.items() if (place.rpartition("/")[0] or "/") in way.parents}
    return way


def _behind(walked: WalkedPath) -> list[str]:
    """Return the first directory of a user's on a way, and those after it."""
    return list(dropwhile(lambda path: not walked.parents[path].uid, walked.parents))


def theirs(way: WalkedPath, hole: Hole) -> Hole:
    """Return a hole at the end of a way, or behind it, as one about the things of the user who lays it; as it is where there is none on the way."""
    user = way.user or way.end.uid
    return hole.of(user)


def _begin(host: Host, lstats: LstatCache) -> WalkedPath:
    return WalkedPath(realpath="/", end=_lstat(host, "/", lstats)[0], type="dir")


def _walk(host: Host, path: str, lstats: LstatCache, walked: WalkedPath, enter: Enter, avoid: Avoid, *, follow: bool) -> None:
    names, followed, alias, alone = _names(path), 0, False, True
    while names:
        if names[-1] == "." and walked.type == "dir":  # stays where it is, but nothing is at FILE/. or FILE/ (path_resolution(7))
            names.pop()
            continue
        if not enter(walked.end):
            return _at(walked, walked.realpath, walked.end, "closed")
        if walked.type != "dir":
            return _missing(walked, "/".join([walked.realpath, *reversed(names)]), alias)
        walked.meet(walked.realpath, walked.end)
        if len(walked.parents) > bounds.DIRECTORIES_OF_A_WAY and not alone:
            raise HoleError(
                theirs(walked, Hole(why=Why.LIMIT, message=f"{path[: bounds.PATH_SHOWN]}: more than {bounds.DIRECTORIES_OF_A_WAY} directories deep"))
            )
        name, here, alone = names.pop(), walked.realpath, alone and roots_alone(walked.end)
        here = (here.rpartition("/")[0] or "/") if name == ".." else f"{here.rstrip('/')}/{name}"
        try:
            if avoid(here, alone):
                return _at(walked, here, walked.end, "closed")
            end, target = _lstat(host, here, lstats, free=alone or not walked.user)
        except ABSENT:
            return _missing(walked, "/".join([here, *reversed(names)]), alias)
        if end.type != "link":
            _at(walked, here, end, end.type)
            continue
        walked.meet(here, end, target)
        alias, alone = alias or not names, alone and end.uid == 0
        if not target:
            raise HoleError(theirs(walked, Hole(why=Why.LIMIT, message=f"{here}: changes all the time, is a link and is none")))
        if not (names or follow) or not enter(end):
            return _at(walked, here, end, "link")
        followed += 1
        if followed > LINKS:
            return _at(walked, here, end, "loop")
        names += _names(target)
        if target.startswith("/"):
            _at(walked, "/", _lstat(host, "/", lstats)[0], "dir")
    return None


def _at(walked: WalkedPath, here: str, end: Stat, kind: str) -> None:
    walked.realpath, walked.end, walked.type = here, end, kind


def _missing(walked: WalkedPath, path: str, alias: bool) -> None:
    """End where nothing is: what can be said of that is said of what should hold it, and of a link to nothing by the last link."""
    walked.above = walked.end
    _at(walked, path, list(walked.links.values())[-1][1] if alias else walked.end, "dangling" if alias else "absent")


def follow(host: Host, path: str, lstats: LstatCache, link: WalkedPath, slow: frozenset[str] | Hole) -> WalkedPath:
    """Walk to `path` past a `link` that its user made, as far as all is that user's, or root's and anybody may search it.

    Return the link where that is not so, the end is another's, or one of the `slow` mounts is on the way: a user's link is to show nothing that is
    none of that user's. Where it leads nowhere, what is at the end is the link.
    """
    if isinstance(slow, Hole):
        raise HoleError(slow)
    uid = link.end.uid

    def enter(found: Stat) -> bool:
        return found.uid == uid or (found.uid == 0 and (found.type != "dir" or bool(found.mode & OTHERS_SEARCH)))

    walked = walk(host, path, lstats, enter, avoid=lambda here, _: here in slow)
    if walked.type in ("absent", "dangling", "loop"):
        walked.end, walked.type = link.end, "loop" if walked.type == "loop" else "dangling"
    return link if walked.type in ("link", "closed") or walked.end.uid != uid else walked


def unfollowed(link: WalkedPath) -> dict[str, Json]:
    """State who listens behind a link that is not followed: that is not known."""
    return dict.fromkeys(("activated", "listening", "peer"), Hole(why=Why.UNSUPPORTED, message=f"{link.realpath}: a link that its user made is not followed"))


def _names(path: str) -> list[str]:
    return [*(["."] if path.endswith("/") else []), *(name for name in reversed(path.split("/")) if name)]


def _lstat(host: Host, path: str, lstats: LstatCache, *, free: bool = True) -> tuple[Stat, str]:
    """Look at a name, once; who controls what is not `free` is charged each time, for it is told each time."""
    known = lstats.get(path)
    seen = lstats[path] = _seen(host, path) if known is None else known
    if isinstance(seen, OSError):
        raise seen.with_traceback(None)
    if known is not None and seen[0].uid and not free:
        host.recall(path, seen[0])
    return seen


def _seen(host: Host, path: str) -> tuple[Stat, str] | OSError:
    """Look at a name; of one that is a link and is none in turn the link is told, without a target."""
    found: Stat | None = None
    for _ in range(bounds.CHANGING_NAME):
        try:
            found = host.stat(path, follow=False)
            return found, host.read_link(path) if found.type == "link" else ""
        except ABSENT as error:
            return error
        except OSError as error:
            if error.errno != EINVAL or found is None:  # readlink(2): no link any more
                raise
    return found, ""  # type: ignore[return-value]


def join(way: WalkedPath, other: WalkedPath) -> None:
    """Add to a way what was met on another way to the same place."""
    way.parents.update(other.parents)
    way.links.update(other.links)


def mode(found: Stat) -> str:
    """Return the twelve permission bits in octal."""
    return f"{found.mode:04o}"


class _Entries:
    """The entries of an ACL, known as what was looked at once: a directory is stated with each name below it."""

    __slots__ = ("of",)

    def __init__(self, of: tuple[AclEntry, ...]) -> None:
        self.of = of

    def __hash__(self) -> int:
        return id(self.of)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Entries) and self.of is other.of


def acl(found: Stat) -> list[Json]:
    """Return the entries of the access ACL, as getfacl(1) writes them; of one look always the same list."""
    return _stated(_Entries(found.acl)) if found.acl else []


@lru_cache(maxsize=4096)
def _stated(entries: _Entries) -> list[Json]:
    marks = ((4, "r"), (2, "w"), (1, "x"))
    return [{"tag": one.tag, "id": one.id, "perms": "".join(mark if one.perms & bit else "-" for bit, mark in marks)} for one in entries.of]


def stated(way: WalkedPath) -> dict[str, Json]:
    """State what a way showed; what is at the end is the link itself where that leads nowhere. Of a way that was stopped only that part is known."""
    end, stopped = way.end, way.stopped
    entry: dict[str, Json] = {
        "realpath": way.realpath,
        "type": way.type,
        "dev": end.dev,
        "ino": end.ino,
        "owner_uid": end.uid,
        "owner_gid": end.gid,
        "mode": mode(end),
        "acl": acl(end),
    }
    return {
        **(entry if stopped is None else dict.fromkeys(entry, stopped)),
        "links": incomplete({path: {"target": target or stopped, "uid": link.uid} for path, (target, link) in way.links.items()}, stopped),
        "parents": incomplete({path: {"uid": one.uid, "gid": one.gid, "mode": mode(one), "acl": acl(one)} for path, one in way.parents.items()}, stopped),
    }
