"""Who gets a group by a program with the set-group-ID bit: whoever may execute it, whether or not he stands in the group's line."""

from collections.abc import Mapping
from typing import Any

from hostcheck.api import Hole, View, attempt, known, opening
from hostcheck_builtin.accounts import access
from hostcheck_builtin.accounts.access import Route
from hostcheck_builtin.accounts.dac import SEARCH, Need
from hostcheck_builtin.accounts.people import People
from hostcheck_builtin.accounts.ways import SETGID
from hostcheck_builtin.sockets import requirements


def take(people: People, facts: Mapping[str, Any]) -> None:
    """Add the ways that the probe group-grants tells of setgid programs; people and their groups must be known as far as they are."""
    files: View | Hole = attempt(lambda: facts["group-grants"]["setgid_files"])
    if isinstance(files, Hole):
        people.lack_all(files)
        return
    people.lack_all(opening(files))
    for key in known(files):
        unknown = attempt(_one, people, files, key)
        people.lack_all(unknown)


def _one(people: People, files: View, key: str) -> None:
    """Add who may execute a program, which takes search on each directory of its way, and execute on the file."""
    file = files[key]
    gid, path = file["owner_gid"], file["realpath"]
    end = Need(place=requirements.place(path, file, "owner_uid", "owner_gid"), want=SEARCH)
    found = access.access(people, [Route(needs=(*requirements.searching(file, path), end))])
    for person in found.users:
        people.join(gid, person, f"{SETGID}{path}")
    people.lack(gid, found.hole)
