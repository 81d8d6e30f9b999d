"""Whether a file is as its package brought it, by the databases of dpkg, apk and rpm: they are read as files, and nothing runs.

MD5, which dpkg uses, is enough: a user would have to find a second file with the digest of a given one, and nobody can (RFC 6151, 2.2). Only who makes a
package can choose two files with one digest, and its scripts are root's in any case.
"""

from collections.abc import Collection, Iterable
from typing import Final, Protocol

from hostcheck.api import Hole, HoleError, Host, Json, Nonsense, Unsupported, Why, attempt, incomplete, worst_hole
from hostcheck_builtin.system import apk_database, dpkg_database, rpm_database
from hostcheck_builtin.system.apk_database import ApkDatabase
from hostcheck_builtin.system.bounds import FILES_WITHOUT_A_DIGEST_NAMED as NAMED
from hostcheck_builtin.system.dpkg_database import DpkgDatabase, Recorded
from hostcheck_builtin.system.fact_members import sure
from hostcheck_builtin.system.ownership import Ownership, foreign_ids, ownership
from hostcheck_builtin.system.path_walk import LstatCache
from hostcheck_builtin.system.rpm_database import RpmDatabase

MANAGERS: Final = {
    dpkg_database.LISTS: "dpkg",
    apk_database.INSTALLED: "apk",
    **dict.fromkeys((f"{folder}/{name}" for folder in rpm_database.FOLDERS for name in (rpm_database.SQLITE, rpm_database.NDB, rpm_database.BERKELEY)), "rpm"),
    **{"/var/lib/pacman/local": "pacman", "/nix/store": "nix", "/var/db/pkg": "portage"},
}
"""Whose a database is, by where it lies; the last three are not read."""
NONE: Final = Hole(why=Why.UNSUPPORTED, message="no database of a manager of packages is on this host, so nothing says what its programs should be")


class Database(Protocol):
    """The records of one manager."""

    def recorded(self, path: str) -> list[Recorded]:
        """Return what packages have at a path, nothing where none has a file there; raises what reading a host raises."""
        ...


class PackageDigests:
    """The databases of this host, each read when it is first asked.

    `names` are those of the files that will be asked for, and `first` packages of dpkg's that may have them.
    """

    def __init__(self, host: Host, names: Iterable[str], first: Collection[str]) -> None:
        """Look which databases there are."""
        lstats: LstatCache = {}
        self._foreign = foreign_ids(host)
        dpkg = DpkgDatabase(host, names := frozenset(names), first)
        made: dict[str, Database] = {dpkg_database.LISTS: dpkg, apk_database.INSTALLED: ApkDatabase(host, names)}
        made |= {path: RpmDatabase(host, path, names) for path, manager in MANAGERS.items() if manager == "rpm"}
        ways = {path: attempt(ownership, host, path, lstats, follow=True) for path in MANAGERS}
        self._ways = {path: way for path, way in ways.items() if isinstance(way, Hole) or way.type}
        self._databases = {path: made.get(path, _Unread(path)) for path in self._ways}
        self._holes: dict[str, Hole] = {}
        self._without: dict[str, list[str]] = {}

    def of(self, path: str) -> list[Recorded]:
        """Return what packages have at a path; raises HoleError where none is known to have a file there and a database could not be read."""
        if self._foreign:
            raise HoleError(self._foreign)
        for place in self._databases:
            found = self._holes[place] if place in self._holes else attempt(self._asked, place, path)
            if isinstance(found, Hole):
                self._holes[place] = found
            elif found:
                if not any(one.digest for one in found):
                    self._without.setdefault(place, []).append(path)
                return found
        if unread := worst_hole(*self._holes.values()):
            raise HoleError(unread)
        if not self._databases:
            raise HoleError(NONE)
        return []

    def _asked(self, place: str, path: str) -> list[Recorded]:
        way = sure(self._ways[place])
        if not way.root_owned:
            raise Nonsense(f"{place}: others than root can change it, so it says nothing of what root put there")
        return self._databases[place].recorded(path)

    def stated(self) -> Json:
        """State of each database by its place whose it is, and whether it told what it was asked for."""
        if self._foreign:
            return self._foreign
        stated = {place: self._one(place, way) for place, way in self._ways.items() if not isinstance(way, Hole)}
        return incomplete(stated, worst_hole(*self._ways.values()))

    def _one(self, place: str, way: Ownership) -> Json:
        complete = self._holes.get(place) or self._lacking(place) or True
        return {"manager": MANAGERS[place], "root_only": way.root_owned, "complete": complete}

    def _lacking(self, place: str) -> Hole | None:
        """Return the hole of the files that packages hold and have no digest of."""
        paths = self._without.get(place, [])
        more = f" and {len(paths) - NAMED} more" if len(paths) > NAMED else ""
        return Hole(why=Why.UNSUPPORTED, message=f"{place} has no digest of {', '.join(paths[:NAMED])}{more}") if paths else None


class _Unread:
    """The database of a manager that is only seen to be there."""

    def __init__(self, path: str) -> None:
        self._path = path

    def recorded(self, path: str) -> list[Recorded]:
        raise Unsupported(f"{self._path}: the database of {MANAGERS[self._path]} is not read")
