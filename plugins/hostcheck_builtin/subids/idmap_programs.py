"""newuidmap and newgidmap: the programs that write id maps for users who may not, and what gives them the power to.

That is the setuid bit or a file capability (newuidmap(1)), and neither works where the program lies on a file system mounted nosuid (mount(8)).
"""

from typing import Final

from hostcheck.api import ABSENT, Hole, Host, Json, Stat, attempt, incomplete, map_known, worst_hole
from hostcheck_builtin.subids.weak_points import weak_point
from hostcheck_builtin.system.capability_names import stated as capabilities_stated
from hostcheck_builtin.system.mountinfo import Mount, mount_of, mounts
from hostcheck_builtin.system.ownership import Ownership, foreign_ids, ownership
from hostcheck_builtin.system.path_walk import LstatCache

NAMES: Final = ("newuidmap", "newgidmap")
FOLDERS: Final = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin", "/run/wrappers/bin", "/run/current-system/sw/bin")
"""PATH of login(1), and where NixOS keeps programs with privileges."""
SETUID: Final = 0o4000
SETGID: Final = 0o2000


def programs(host: Host, lstats: LstatCache) -> Json:
    """State every newuidmap and newgidmap on the usual paths, by real path; incomplete where one of these could not be looked at."""
    foreign = foreign_ids(host)
    table = attempt(mounts, host)
    found: dict[str, Json] = {}
    hidden: Hole | None = None
    for name in NAMES:
        ways = {f"{folder}/{name}": attempt(ownership, host, f"{folder}/{name}", lstats, follow=True) for folder in FOLDERS}
        unseen = worst_hole(*ways.values())
        hidden = hidden or unseen
        seen = {path: way for path, way in ways.items() if not isinstance(way, Hole) and way.type}
        for place, end in {way.place: way.end for way in seen.values()}.items():
            leading = {path: way for path, way in seen.items() if way.place == place}
            owned = foreign or _owned(list(leading.values()), unseen)
            try:
                stated = _program(host, name, place, end, table)
            except ABSENT:
                continue
            if owned is not True:
                weak = next((path for path, way in leading.items() if not way.root_owned), "")
                stated["weak_point"] = foreign or unseen or attempt(weak_point, host, weak, lstats)
            mine = dict.fromkeys(("uid", "gid"), foreign) if foreign else {}
            found[place if place not in found else f"{place} as {name}"] = {**stated, **mine, "root_owned": owned}
    return incomplete(found, hidden)


def _owned(ways: list[Ownership], unseen: Hole | None) -> bool | Hole:
    """Say whether nobody but root can change any way that leads there; one that was not seen may be another."""
    return False if not all(way.root_owned for way in ways) else unseen or True


def _program(host: Host, name: str, place: str, found: Stat, table: list[Mount] | Hole) -> dict[str, Json]:
    given_by_file = attempt(host.file_capabilities, place)
    return {
        "name": name,
        "realpath": place,
        "type": found.type,
        "uid": found.uid,
        "gid": found.gid,
        "mode": f"{found.mode:04o}",
        "setuid": bool(found.mode & SETUID),
        "setgid": bool(found.mode & SETGID),
        "capabilities": map_known(given_by_file, capabilities_stated),
        "nosuid": map_known(table, lambda known: "nosuid" in mount_of(place, known).options.split(",")),
    }
