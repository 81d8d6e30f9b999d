"""What a path stands on: whether it, and every directory and link on the way to it, is root's alone.

The way is walked with lstat(2), one name at a time, so that a link is judged by who could replace it, and a home at its end is never entered.
"""

from typing import Final, NamedTuple

from hostcheck.api import ABSENT, Host, Nonsense, Stat

LINKS: Final = 40
"""MAXSYMLINKS of the kernel (path_resolution(7))."""
STICKY: Final = 0o1000
OTHERS_WRITE: Final = 0o022

Looks = dict[str, Stat]


class Footing(NamedTuple):
    """Where a path ends: `place` without links, `type` ("" where nothing is there), `target` of a link.

    `root_owned` says whether nobody but root can change any of it; where nothing is there, whether nobody but root can make it appear.
    """

    place: str
    type: str
    target: str
    root_owned: bool


def footing(host: Host, path: str, looks: Looks, *, follow: bool = False) -> Footing:
    """Walk to `path` and say what it stands on; `looks` keeps what was seen for the next walk; with `follow` a link at the end is followed too.

    Raises what lstat(2) and readlink(2) raise but absence, and Nonsense after 40 links.
    """
    place, names, links, owned = "/", _names(path), 0, True
    here, found, target = place, _look(host, place, looks), ""
    while names:
        owned, above = owned and _is_roots(found), found
        name = names.pop()
        here = (place.rpartition("/")[0] or "/") if name == ".." else f"{place.rstrip('/')}/{name}"
        try:
            found = _look(host, here, looks)
            target = host.read_link(here) if found.type == "link" else ""
        except ABSENT:
            missing = "/".join([here, *reversed(names)])
            return Footing(place=missing, type="", target="", root_owned=owned and not above.mode & OTHERS_WRITE)
        if not target:
            place = here
        elif names or follow:
            owned, links = owned and _is_roots(found), links + 1
            if links > LINKS:
                raise Nonsense(f"{path}: more than {LINKS} links on the way")
            place = "/" if target.startswith("/") else place
            names += _names(target)
            here, found, target = place, _look(host, place, looks), ""
    return Footing(place=here, type=found.type, target=target, root_owned=owned and _is_roots(found))


def _names(path: str) -> list[str]:
    return [name for name in reversed(path.split("/")) if name not in ("", ".")]


def _look(host: Host, path: str, looks: Looks) -> Stat:
    if path not in looks:
        looks[path] = host.stat(path, follow=False)
    return looks[path]


def _is_roots(found: Stat) -> bool:
    """Say whether only root can change what this is: in a sticky directory others add names, and cannot take away root's (inode(7)).

    Under an ACL the group bits are its mask, so they tell of named users too (acl(5)).
    """
    if found.uid != 0:
        return False
    return found.type == "link" or not found.mode & OTHERS_WRITE or (found.type == "dir" and bool(found.mode & STICKY))
