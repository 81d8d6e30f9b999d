"""Where somebody other than root gets in first, on the way to a path that is not root's alone: the place that a fix has to begin with.

All above that place is root's, but for directories with the sticky bit, in which others can put something else where a name is theirs.
"""

from typing import Final

from hostcheck.api import Host, Json, Stat
from hostcheck_builtin.system.ownership import STICKY
from hostcheck_builtin.system.path_walk import OTHERS_WRITE, LstatCache, WalkedPath, mode, walk

EVERYONE: Final = 0o002
Place = tuple[str, Stat]


def weak_point(host: Host, path: str, lstats: LstatCache) -> Json:
    """State the first place on the way to `path` that others can change; `path` is not root's alone, and `lstats` has what `ownership` saw."""
    walked = walk(host, path, lstats, follow=True)
    order = _in_order(walked)
    missing = walked.above is not None
    last = len(order) - 1
    weak = next(place for place, one in enumerate(order) if not _is_roots(one[1]) or (place == last and missing))
    name, found = order[weak]
    return {
        "path": name,
        "type": found.type,
        "uid": found.uid,
        "gid": found.gid,
        "mode": mode(found),
        "everyone": found.type != "link" and bool(found.mode & EVERYONE),
        "root_only": all(one.type == "link" or not one.mode & OTHERS_WRITE for _, one in order[:weak]),
    }


def _in_order(walked: WalkedPath) -> list[Place]:
    """Return what was met on a way, from the top, with what stands at its end."""
    order: list[Place] = []
    for folder, found in walked.parents.items():
        order.append((folder, found))
        order += [(path, link) for path, (_, link) in walked.links.items() if (path.rpartition("/")[0] or "/") == folder]
    return order if walked.above is not None else [*order, (walked.realpath, walked.end)]


def _is_roots(found: Stat) -> bool:
    """Say whether only root can change what this is, as `ownership` does."""
    return found.uid == 0 and (found.type == "link" or not found.mode & OTHERS_WRITE or (found.type == "dir" and bool(found.mode & STICKY)))
