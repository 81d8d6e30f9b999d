"""What stands at a path of a home where a user keeps a credential: no link of the user's is followed, and no file system that the user's process serves."""

from hostcheck.api import Hole, HoleError, Json, LimitExceeded, Why
from hostcheck_builtin.files import searching
from hostcheck_builtin.system import mounts_to_avoid, path_walk
from hostcheck_builtin.system.home_dir import Place


def avoiding(spared: frozenset[str]) -> mounts_to_avoid.Avoid:
    """Return what refuses a file system that may ask a process of a user's."""

    def avoid(path: str, _: bool) -> bool:
        if path in spared:
            raise LimitExceeded(f"{path}: a file system that asks a user's process is not looked at")
        return False

    return avoid


def home_entry(place: Place, path: str) -> dict[str, Json] | None:
    """State what stands at a path, None where nothing does; raises HoleError for a link of the user's."""
    way = path_walk.walk(place.host, path, place.lstats, path_walk.roots_link, avoid=place.avoid)
    if way.type in ("link", "closed"):
        raise HoleError(Hole(why=Why.UNSUPPORTED, message=f"{way.realpath}: a link that its user made is not followed"))
    return searching.stated(way) if way.found and way.type != "dangling" else None
