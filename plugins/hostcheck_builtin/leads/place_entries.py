"""Places that make root of whoever can write there, or tell what root alone is to know: the entries of places/*.yaml, as places.json has them.

A place is a path, or a pattern as of fnmatch(3) in each of its names. A pattern for the last name stands for the files in a directory.
"""

import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache, lru_cache
from typing import Any, Final, NamedTuple

from hostcheck_builtin.leads import PLACES

SIGNS: Final = frozenset("*?[")
HOW: Final = {
    "runs": "runs it",
    "reads": "reads it",
    "mounts": "mounts it, and programs with the setuid bit count there",
    "loads": "loads it",
    "opens": "writes to a file in it, and follows a link in its place",
    "rotates": "makes and renames files in it",
    "searches": "looks in it for what it runs or loads",
    "all": "uses the files in it",
    "names": "gives the names of the files in it to a program, which takes one that begins with - for an option",
}
"""How root uses what is at a place, in words."""


class LeadPlace(NamedTuple):
    """Some places of which all the same is true.

    `what` is there, in words; `gives` is write, read, connect or link, for what one has to be able to do; `opens` says of what is read what
    that gets one at: the login of root's, or the passwords of accounts. What is below counts too, but of one `alone`.
    `by`, `kind`, `how`, `when` and `certain` say who reads or runs it (see RootUse), and `reads` that what a script names counts as well. One that `refuses`
    passes over what others than root own or may write, so that only who writes as root is sure of it. Files count whose names obey the rules of a program
    (`names`), and directories of which there is a program (`of_program`). `needs` are programs of which one must be there, `shells` those of which root must
    have one for it to be certain. Where a `reader` looks at the place by itself, nothing of that is said. `walked` names the test that became root.
    """

    place: tuple[str, ...]
    what: str
    source: str
    gives: str = "write"
    opens: str = ""
    alone: bool = False
    kind: str = ""
    by: str = ""
    how: str = ""
    when: str = ""
    certain: bool = True
    refuses: bool = False
    reads: bool = False
    names: str = ""
    of_program: bool = False
    shells: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    reader: str = ""
    walked: str = ""

    @property
    def folders(self) -> tuple[str, ...]:
        """Return the places without the pattern for files: the directories, and what is no directory."""
        return tuple(dict.fromkeys(map(base, self.place)))


@cache
def all_places() -> tuple[LeadPlace, ...]:
    """Return every entry of the catalogue."""
    with open(PLACES, "rb") as file:
        rows = json.loads(file.read())["places"]
    return tuple(map(_place, rows))


def _place(row: dict[str, Any]) -> LeadPlace:
    told: dict[str, Any] = {key: tuple(one) if isinstance(one, list) else one for key, one in row.items()}
    return LeadPlace(**told)


def base(place: str) -> str:
    """Return a place without a pattern for the last name."""
    folder, _, name = place.rpartition("/")
    return folder if SIGNS & set(name) else place


@cache
def of(gives: str, *, alone: bool) -> dict[str, str]:
    """Return what is at each place to write or to read, by its path; of those that count only by themselves, or of those that count with all below."""
    return {path: what for path, what in _by_folder(gives, alone=alone) if not SIGNS & set(path)}


def by_pattern(path: str, gives: str, *, whole: bool = False) -> tuple[str, str] | None:
    """Return the first place with a pattern that a path is, and what is there; unless `whole`, also one that it is below, or a directory above."""
    names = path.split("/")
    for place, wanted, what in _near(gives, *names[1:3]) if len(names) > 2 else _patterns(gives):
        if (not whole or len(names) == len(wanted)) and all(map(fnmatchcase, names, wanted)):
            return place, what
    return None


@lru_cache(maxsize=1024)
def _near(gives: str, first: str, second: str) -> tuple[tuple[str, list[str], str], ...]:
    """Return the patterns that begin with these two names: a scan asks for very many paths in few directories."""
    return tuple(one for one in _patterns(gives) if all(map(fnmatchcase, (first, second), one[1][1:3])))


@cache
def _patterns(gives: str) -> tuple[tuple[str, list[str], str], ...]:
    return tuple((place, place.split("/"), what) for place, what in _by_folder(gives, alone=False) if SIGNS & set(place))


@cache
def _certain() -> dict[str, bool]:
    found: dict[str, bool] = {}
    for one in all_places():
        for path in one.folders if one.gives != "read" else ():
            found[path] = found.get(path, False) or one.certain
    return found


def is_certain(place: str) -> bool:
    """Say whether a place surely makes root of whoever can use it; so does what is no place of the catalogue."""
    return _certain().get(place, True)


def is_known(path: str) -> bool:
    """Say whether a path is a place where writing makes root, or lies below one."""
    path = path.rstrip("/")
    folders = [path[:end] for end, sign in enumerate(path) if sign == "/" and end] + [path]
    known = of("write", alone=False)
    return any(folder in known or by_pattern(folder, "write", whole=True) for folder in folders)


def holds_one(folder: str) -> bool:
    """Say whether such a place is a directory, or lies below it."""
    above = f"{folder.rstrip('/')}/"
    return any(f"{place}/".startswith(above) for place in of("write", alone=False))


def _by_folder(gives: str, *, alone: bool) -> Iterator[tuple[str, str]]:
    return ((path, one.what) for one in all_places() if (one.gives, one.alone) == (gives, alone) for path in one.folders)


def secrets(opens: str) -> list[str]:
    """Return the places whose reader gets at something."""
    return [place for one in all_places() if one.opens == opens for place in one.place]


def looked_for() -> Iterator[LeadPlace]:
    """Yield the places that no reader looks at by itself."""
    return (one for one in all_places() if not one.reader)
