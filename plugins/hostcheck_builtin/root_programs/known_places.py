"""The places of the catalogue that no other module looks at: each is taken as its entry says (leads/places)."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import partial
from typing import Final

from hostcheck.api import Hole, attempt, pattern, worst_hole
from hostcheck_builtin.leads import place_entries as places
from hostcheck_builtin.leads.place_entries import SIGNS, LeadPlace
from hostcheck_builtin.root_programs.root_files import RootFiles
from hostcheck_builtin.root_programs.uses import RootUse
from hostcheck_builtin.system.path_walk import WalkedPath

LOGINS: Final = frozenset({"pam", "profile"})
"""Kinds of files that belong to logins; all others belong to units."""


NAMES: Final = {"apt": pattern(r"[A-Za-z0-9_-]+|[A-Za-z0-9_.-]+\.conf"), "dpkg": pattern(r"[A-Za-z0-9_-]+")}
"""Files that apt (apt.conf(5)) and dpkg (dpkg(1)) do not pass over."""
BINARIES: Final = ("/usr/bin", "/usr/local/bin")


def of_services(files: RootFiles) -> None:
    """Take what services, packages and a boot read and run."""
    for one in places.looked_for():
        if one.kind not in LOGINS:
            files.group.lack(attempt(_take, files, one))


def of_logins(files: RootFiles) -> None:
    """Take what logins read and run."""
    for one in places.looked_for():
        if one.kind in LOGINS:
            files.group.lack(attempt(_take, files, one))


def _take(files: RootFiles, one: LeadPlace) -> None:
    there = [files.way(path) for path in one.needs]
    if there and not any(isinstance(way, Hole) or way.found for way in there):
        return
    sure = True if any(isinstance(way, WalkedPath) and way.found for way in there) else worst_hole(*there) or True
    use = RootUse(one.kind, one.by, one.how, "", one.when, certain=one.certain and not one.refuses and _has_shell(files, one), refused=one.refuses).only_if(
        sure
    )
    folders: dict[str, list[str]] = {}
    for place in one.place:
        above, wanted = places.base(place), place.rpartition("/")[2]
        for path in expanded(files, above, of_program=one.of_program):
            if above == place:
                files.take(path, use._replace(place=path), reads=one.reads)
            else:
                folders.setdefault(path, []).append(wanted)
    real = {path: way if isinstance(way, Hole) else way.realpath for path in folders for way in [files.way(path)]}
    for folder in files.distinct(folders):
        wanted_here = [wanted for path, patterns in folders.items() if real[path] == real[folder] for wanted in patterns]
        files.folder(folder, use._replace(place=folder, how="all"), use, partial(_counts, files, one, wanted_here), reads=one.reads)


def _has_shell(files: RootFiles, one: LeadPlace) -> bool:
    """Say whether root has one of the shells that an entry names."""
    return not one.shells or any(user["uid"] == 0 and str(user["shell"]).rpartition("/")[2] in one.shells for user in files.accounts())


def _counts(files: RootFiles, one: LeadPlace, patterns: list[str], name: str) -> bool:
    """Say whether a file of a directory is read by its name."""
    if one.names and not (files.counts(name) if one.names == "run-parts" else NAMES[one.names].fullmatch(name)):
        return False
    return any(fnmatchcase(name, wanted) for wanted in patterns)


def expanded(files: RootFiles, place: str, *, of_program: bool = False) -> Iterator[str]:
    """Yield the paths that a place stands for here; where no name is a pattern, that is the place, whether or not it is there."""
    first, *names = place.split("/")
    found = [first]
    for name in names:
        found = [f"{above}/{each}" for above in found for each in (sorted(_named(files, above, name, of_program=of_program)) if SIGNS & set(name) else (name,))]
    yield from found


def _named(files: RootFiles, folder: str, wanted: str, *, of_program: bool) -> Iterator[str]:
    """Yield the directories of a pattern; where a program must be there, those of which one is, or is not known not to be."""
    for name in files.names(folder or "/"):
        if fnmatchcase(name, wanted):
            programs = [files.way(f"{where}/{name}") for where in BINARIES] if of_program else []
            if not programs or any(isinstance(way, Hole) or way.found for way in programs):
                yield name
