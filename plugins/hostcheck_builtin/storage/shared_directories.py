"""Which data directories are the same, or lie inside one another, by device and inode."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from hostcheck.api import Hole, Json, View, attempt, known, opening, worst_hole


class Directory(NamedTuple):
    """A directory in which engines of a user, or of root, keep what they have; `above` are those above it."""

    path: str
    realpath: str
    uid: int
    owner: int
    id: str
    above: tuple[str, ...]
    engines: tuple[str, ...] = ()
    fstype: Json = ""

    @property
    def is_own(self) -> bool:
        """Say whether it belongs to whose engine uses it; what root names is root's."""
        return self.uid in (0, self.owner)


def of_root(roots: View | Hole) -> tuple[list[Directory], Hole | None]:
    """Return those of root's engines, and why there may be more."""
    if isinstance(roots, Hole):
        return [], roots
    found = [attempt(lambda at: _directory(at, 0, roots[at]), path) for path in known(roots)]
    return [one for one in found if not isinstance(one, Hole)], worst_hole(opening(roots), *found)


def of_user(uid: int, path: str, data: View) -> Directory:
    """Return one of a user's."""
    found: View = data[path]
    return _directory(path, uid, found)._replace(engines=tuple(found["engines"]), fstype=attempt(lambda: found["fstype"]))


def _directory(path: str, uid: int, found: View) -> Directory:
    return Directory(path, found["realpath"], uid, found["owner_uid"], found["id"], tuple(found["above"]))


class Index:
    """All of them, by what they are and by what they lie in: there may be many users."""

    def __init__(self, directories: Iterable[Directory]) -> None:
        """Take them."""
        self._by_id: dict[str, list[Directory]] = defaultdict(list)
        self._inside: dict[str, list[Directory]] = defaultdict(list)
        for one in directories:
            self._by_id[one.id].append(one)
            for above in one.above:
                self._inside[above].append(one)

    def shared_with(self, one: Directory) -> Iterator[tuple[Directory, str]]:
        """Yield those of others that a user's directory is, lies in or holds, each with which of it, so far as that counts against this user."""
        related = [(other, "same") for other in self._by_id[one.id]]
        related += [(other, "inside") for above in one.above for other in self._by_id.get(above, ())]
        related += [(other, "holds") for other in self._inside.get(one.id, ())]
        for other, relation in related:
            if other.uid != one.uid and other.is_own and (other.uid == 0 or not one.is_own or relation == "holds"):
                yield other, relation
