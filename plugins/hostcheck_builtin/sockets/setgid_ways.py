"""Who gets a group by a program with the set-group-ID bit: whoever may execute it, whether or not he stands in the group's line.

What a user hides of such programs leaves open whom that user lets in, which is told with the paths to root; it leaves nothing open of anybody else.
"""

from collections.abc import Mapping
from typing import Any, Final

from hostcheck.api import Hole, View, attempt, known, opening, worst_hole
from hostcheck_builtin.accounts import access, path_routes
from hostcheck_builtin.accounts.access import Route
from hostcheck_builtin.accounts.dac import SEARCH, Inode, Need
from hostcheck_builtin.accounts.people import People
from hostcheck_builtin.accounts.ways import SETGID
from hostcheck_builtin.sockets import requirements
from hostcheck_builtin.system.bounds import SETGID_WAYS_OF_A_GROUP as WAYS

EVERYBODY: Final = 0o111


def take(people: People, facts: Mapping[str, Any]) -> None:
    """Add the ways that the probe group-grants tells of setgid programs; people and their groups must be known as far as they are."""
    files: View | Hole = attempt(lambda: facts["group-grants"]["setgid_files"])
    if isinstance(files, Hole):
        people.lack_all(files)
        return
    unknown = [opening(files), *(attempt(_one, people, files, key) for key in known(files))]
    people.lack_all(worst_hole(*(hole for hole in unknown if hole and not hole.owners)))


def _one(people: People, files: View, key: str) -> None:
    """Add who may execute a program, which takes search on each directory of its way, and execute on the file."""
    file = files[key]
    gid, path = file["owner_gid"], file["realpath"]
    people.programs[path] = attempt(lambda: requirements.only_root(requirements.exposed(file), path)) is True
    end = Need(place=path_routes.place(path, file, "owner_uid", "owner_gid"), want=SEARCH)
    route = Route(needs=(*path_routes.searching(file, path), end))
    if all(_open_to_all(need.place) for need in route.needs):
        if len(people.open_ways[gid]) < WAYS:
            people.open_ways[gid][f"{SETGID}{path}"] = None
        people.lack(gid, worst_hole(people.unknown.users, people.unknown.reach, people.unknown.sessions))
        return
    found = access.access(people, [route])
    for person in found.users:
        people.join(gid, person, f"{SETGID}{path}")
    people.lack(gid, worst_hole(found.hole, found.unknown_people))


def _open_to_all(place: Inode) -> bool:
    """Say whether the permissions give search or execute to everybody: to the owner, to each group, and to others."""
    return place.mode & EVERYBODY == EVERYBODY and not place.acl
