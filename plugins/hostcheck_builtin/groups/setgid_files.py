"""Programs that give whoever runs them a group: files with the set-group-ID bit, where users put programs.

A member of a group can make one of any program (chgrp(1), chmod(1)), and it gives the group when the membership is gone. What a mount with nosuid keeps
from giving its group is left out.
"""

from typing import Final

from hostcheck.api import Hole, Host, Json, incomplete, map_known, worst_hole
from hostcheck_builtin.system import path_walk
from hostcheck_builtin.system.program_search import BOUNDS, FLAT, WHAT, search

WHICH: Final = "programs that give a group"


def setgid_files(host: Host) -> Json:
    """State each setgid program that was found, by path; incomplete where a directory could not be looked through."""
    found = search(host, "group", BOUNDS, dict.fromkeys(FLAT, 0))
    if isinstance(found, Hole):
        return incomplete({}, found)
    stated = {path: map_known(way, path_walk.stated) for path, way in found.found.items()}
    left = (*found.names.left(WHAT).values(), *found.programs.left(WHICH).values())
    roots = (hole for place, hole in found.cuts().items() if found.cut[place][1] == 0)
    return incomplete(stated, worst_hole(*found.holes.values(), *left, *roots))
