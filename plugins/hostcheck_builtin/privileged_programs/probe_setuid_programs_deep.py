"""Programs that give whoever runs them the rights of their owner, or capabilities, wherever they lie on a file system of this host (`--deep`).

Each file system is walked once, in an equal part of the time that is left. Directories that only root may enter are passed over: nobody gets at what is in
them. File systems that ask a server or a user's process are left alone.
"""

from collections.abc import Iterator
from typing import Final

from hostcheck.api import Hole, Host, Json, attempt, map_known
from hostcheck_builtin.privileged_programs import probe_setuid_programs
from hostcheck_builtin.privileged_programs.setuid_copies import Known
from hostcheck_builtin.privileged_programs.setuid_packages import Brought
from hostcheck_builtin.system import path_walk, program_search
from hostcheck_builtin.system.bounds import DIRECTORIES_BELOW_A_MOUNT as DEPTH
from hostcheck_builtin.system.bounds import PROGRAM_NAMES_OF_A_USER_DEEP, PROGRAMS_OF_A_USER_DEEP
from hostcheck_builtin.system.bounds import ROOTS_NAMES as MANY
from hostcheck_builtin.system.mountinfo import Mount
from hostcheck_builtin.system.program_search import POWERLESS, Bounds, ProgramSearch

BOUNDS: Final = Bounds(directory=MANY, roots=MANY, names=PROGRAM_NAMES_OF_A_USER_DEEP, programs=PROGRAMS_OF_A_USER_DEEP, passed=MANY)
KERNEL: Final = frozenset(
    "autofs binfmt_misc bpf cgroup cgroup2 configfs debugfs devpts efivarfs fusectl hugetlbfs mqueue nsfs proc pstore rpc_pipefs securityfs selinuxfs sysfs"
    " tracefs".split()
)
"""File systems that the kernel makes up, on which no program can be put (filesystems(5))."""
WHICH: Final = "names on these file systems"


def collect(host: Host) -> Json:
    """State each program by its path, a hole for each file system that was not walked to its end, and which were walked."""
    found = program_search.begin(host, "owner", BOUNDS)
    if isinstance(found, Hole):
        return {"programs": found, "walked": found, "package_databases": found}
    chosen, points = list(_chosen(found)), {mount.point for mount in found.table}
    for number, mount in enumerate(chosen):
        found.looked |= points - {mount.point}
        found.looked.discard(mount.point)
        found.take(mount.point, DEPTH, reachable=True, part=len(chosen) - number)
    known, brought = Known(host), Brought(host, found.table, found.found.values())
    told = {path: map_known(way, lambda way: probe_setuid_programs.stated(host, known, brought, way)) for path, way in found.found.items()}
    lost = {f"uid {uid}": hole for uid, hole in (found.names.left(WHICH) | found.programs.left(probe_setuid_programs.WHICH)).items()}
    programs: dict[str, Json] = {path: program for path, program in told.items() if program is not None} | found.holes | lost
    left_alone = sorted(point for point in found.slow if not found.is_powerless(point))
    walked = {"directories": dict(found.walked), "homes": 0, "home_depth": 0, "left_alone": left_alone}
    return {"programs": programs, "walked": walked, "package_databases": brought.packages.stated()}


def _chosen(found: ProgramSearch) -> Iterator[Mount]:
    """Yield a mount for each file system, and others of it that show what is not walked there."""
    seen = {mount.point: mount for mount in found.table}  # of two at one point the later covers the earlier
    walked: list[Mount] = []
    for mount in sorted(seen.values(), key=lambda mount: (len(mount.root), mount.point)):
        powerless = POWERLESS & set(mount.options.split(","))
        if mount.fstype in KERNEL or mount.point in found.slow or powerless or not _is_open(found, mount.point):
            continue
        if not any(_shows(found, one, mount) for one in walked):
            walked.append(mount)
            yield mount


def _shows(found: ProgramSearch, one: Mount, other: Mount) -> bool:
    """Say whether what one mount shows is walked at another, where users get at it."""
    root = one.root.rstrip("/")
    if one.device != other.device or not f"{other.root.rstrip('/')}/".startswith(f"{root}/"):
        return False
    return _is_open(found, f"{one.point.rstrip('/')}{other.root[len(root) :]}")


def _is_open(found: ProgramSearch, path: str) -> bool:
    """Say whether anybody but root may come to a path; where that is not known, somebody may."""
    way = attempt(path_walk.walk, found.host, path, found.lstats, path_walk.roots_link, avoid=lambda here, _: here in found.slow)
    return isinstance(way, Hole) or not any(map(path_walk.roots_entry, way.parents.values()))
