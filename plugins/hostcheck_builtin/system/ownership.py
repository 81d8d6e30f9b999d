"""Whose a path is: whether it, and every directory and link on the way to it, is root's alone.

It follows from a walk that enters no home at its end, and judges a link by who could replace it.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from hostcheck.api import Hole, HoleError, Host, Json, Nonsense, Stat, Why, attempt
from hostcheck_builtin.system.path_walk import LINKS, OTHERS_WRITE, LstatCache, WalkedPath, mode, theirs, walk, way_to
from hostcheck_builtin.system.procfs import INIT_USERNS, demand

STICKY: Final = 0o1000


class Ownership(NamedTuple):
    """Where a path ends: `place` without links, `type` ("" where nothing is there), `target` of a link; `end` is what stands there, or should hold it.

    `root_owned` says whether nobody but root can change any of it; where nothing is there, whether nobody but root can make it appear. `others` is what
    somebody else can change, by path: the end, directories and links on the way. `stopped` is why no more than the beginning of the way is known.
    """

    place: str
    type: str
    target: str
    root_owned: bool
    end: Stat
    others: Mapping[str, Stat]
    stopped: Hole | None = None


def foreign_ids(host: Host) -> Hole | None:
    """Return the hole that stands for whose anything is, where the scanner is not known to be in the first user namespace; None where it is.

    Elsewhere an owner that is not mapped is shown as nobody, and 0 may be anybody (user_namespaces(7)): a denial, for it must never look better.
    """
    namespace = attempt(demand, host.read_link, "/proc/self/ns/user")
    if namespace == INIT_USERNS:
        return None
    inside = "the scanner is in a user namespace, where ids are not the host's"
    return Hole(why=Why.DENIED, message=f"{namespace.message}: whose files are is not known" if isinstance(namespace, Hole) else inside)


def hosts_ownership(host: Host, path: str, lstats: LstatCache, *, follow: bool = False) -> Ownership:
    """Return what `ownership` does; raises HoleError where ids are not the host's."""
    if foreign := foreign_ids(host):
        raise HoleError(foreign)
    return ownership(host, path, lstats, follow=follow)


def so_far(host: Host, path: str, lstats: LstatCache) -> Ownership:
    """Return what `ownership` does past all links; where the walk was stopped on a way that somebody else can change, whose the way is until there.

    Raises HoleError where that is not so, and where ids are not the host's.
    """
    way = way_to(host, path, lstats)
    if hole := foreign_ids(host) or (way if isinstance(way, Hole) else None):
        raise HoleError(hole)
    assert isinstance(way, WalkedPath)
    if way.type == "loop":
        way.stopped = theirs(way, _loop(path))
    if way.stopped is None:
        return of_walked(path, way)
    others = {at: found for at, found in _met(way).items() if not _is_roots(found)}
    if not others:
        raise HoleError(way.stopped)
    return Ownership(way.realpath, "", "", root_owned=False, end=way.end, others=others, stopped=way.stopped)


def ownership(host: Host, path: str, lstats: LstatCache, *, follow: bool = False) -> Ownership:
    """Walk to `path` and say whose it is; with `follow` a link at its end is followed too. Raises as `walk` does, and Nonsense after 40 links."""
    return of_walked(path, walk(host, path, lstats, follow=follow))


def put_by_root(host: Host, path: str, lstats: LstatCache) -> bool:
    """Say whether something is at `path` that only root can have put there; raises as `ownership` does."""
    end = ownership(host, path, lstats)
    return bool(end.type) and end.root_owned


def of_walked(path: str, walked: WalkedPath) -> Ownership:
    """Say whose a path is that was walked to its end; raise Nonsense after 40 links."""
    if walked.type == "loop":
        raise Nonsense(_loop(path).message)
    above = walked.above
    met = _met(walked)
    if above is None or above not in met.values():
        met[walked.realpath] = walked.end if above is None else above
    others = {at: found for at, found in met.items() if not _is_roots(found) or (found is above and found.mode & OTHERS_WRITE)}
    if above is not None:
        return Ownership(walked.realpath, "", "", not others, above, others)
    target = walked.links[walked.realpath][0] if walked.type == "link" else ""
    return Ownership(walked.realpath, walked.type, target, not others, walked.end, others)


def _met(walked: WalkedPath) -> dict[str, Stat]:
    return {**walked.parents, **{at: link for at, (_, link) in walked.links.items()}}


def stated_others(others: Mapping[str, Stat]) -> dict[str, Json]:
    """State what others can change: whose each is, and its mode."""
    return {path: {"uid": one.uid, "gid": one.gid, "mode": mode(one)} for path, one in others.items()}


def _loop(path: str) -> Hole:
    return Hole(why=Why.NONSENSE, message=f"{path}: more than {LINKS} links on the way")


def _is_roots(found: Stat) -> bool:
    """Say whether only root can change what this is: in a sticky directory others add names, and cannot take away root's (inode(7)).

    Under an ACL the group bits are its mask, so they tell of named users too (acl(5)).
    """
    if found.uid != 0:
        return False
    return found.type == "link" or not found.mode & OTHERS_WRITE or (found.type == "dir" and bool(found.mode & STICKY))
