"""The places of the catalogue that no other module looks at: each is taken as its entry says (leads/places)."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import partial
from typing import Final

from hostcheck.api import Hole
from hostcheck_builtin.leads import place_entries as places
from hostcheck_builtin.leads.place_entries import SIGNS, LeadPlace
from hostcheck_builtin.root_programs.root_files import RootFiles
from hostcheck_builtin.root_programs.uses import RootUse

LOGINS: Final = frozenset({"pam", "profile"})
"""Kinds of files that belong to logins; all others belong to units."""


def of_services(files: RootFiles) -> None:
    """Take what services, packages and a boot read and run."""
    _take(files, (one for one in places.looked_for() if one.kind not in LOGINS))


def of_logins(files: RootFiles) -> None:
    """Take what logins read and run."""
    _take(files, (one for one in places.looked_for() if one.kind in LOGINS))


def _take(files: RootFiles, chosen: Iterator[LeadPlace]) -> None:
    for one in chosen:
        there = [files.way(path) for path in one.needs]
        if there and not any(isinstance(way, Hole) or way.found for way in there):
            continue
        use = RootUse(one.kind, one.by, one.how, "", one.when, certain=one.certain)
        folders: dict[str, list[str]] = {}
        for place in one.place:
            above, pattern = places.base(place), place.rpartition("/")[2]
            for path in _expanded(files, above):
                if above == place:
                    files.take(path, use._replace(place=path), reads=one.reads)
                else:
                    folders.setdefault(path, []).append(pattern)
        for folder in files.distinct(folders):
            files.folder(folder, use._replace(place=folder, how="all"), use, partial(_matches, folders[folder]), reads=one.reads)


def _matches(patterns: list[str], name: str) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _expanded(files: RootFiles, place: str) -> Iterator[str]:
    """Yield the paths that a place stands for here; where no name is a pattern, that is the place, whether or not it is there."""
    first, *names = place.split("/")
    found = [first]
    for name in names:
        found = [f"{above}/{one}" for above in found for one in (sorted(_named(files, above, name)) if SIGNS & set(name) else (name,))]
    yield from found


def _named(files: RootFiles, folder: str, pattern: str) -> Iterator[str]:
    return (name for name in files.names(folder) if fnmatchcase(name, pattern))
