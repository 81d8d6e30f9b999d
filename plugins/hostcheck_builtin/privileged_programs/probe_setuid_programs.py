"""Programs that give whoever runs them the rights of their owner, or capabilities: where they lie, who can get there, and which known program each is.

Whether one is meant to do so is not judged. A file on a mount with nosuid or noexec gives nothing and is left out. Digests are compared, and not stated:
with those of shells and engines of this host, and with what the package has of the file.
"""

from collections.abc import Mapping
from dataclasses import replace
from stat import S_ISGID, S_ISUID
from typing import Final

from hostcheck.api import ABSENT, Hole, Host, Json, LimitExceeded, attempt, incomplete, map_known, worst_hole
from hostcheck_builtin.privileged_programs import setuid_kinds
from hostcheck_builtin.privileged_programs.setuid_copies import Known
from hostcheck_builtin.privileged_programs.setuid_packages import Brought, is_roots
from hostcheck_builtin.system import capability_names, path_walk, program_search
from hostcheck_builtin.system.bounds import CLOSED_PLACES_NAMED as PLACES
from hostcheck_builtin.system.bounds import PROGRAMS_BELOW
from hostcheck_builtin.system.bounds import SETUID_SCRIPT_BYTES as SCRIPT
from hostcheck_builtin.system.path_walk import WalkedPath
from hostcheck_builtin.system.program_search import FLAT, ProgramSearch

SYSTEM: Final = {
    **dict.fromkeys(FLAT, 0),
    **dict.fromkeys(("/bin", "/sbin", "/run/wrappers/bin"), 0),
    **dict.fromkeys(("/usr/lib", "/usr/lib64", "/lib"), 1),
    **dict.fromkeys((f"/usr/lib/{machine}-linux-gnu/lxc" for machine in ("x86_64", "aarch64")), 0),
    **dict.fromkeys(("/usr/libexec", "/usr/local", "/root"), 2),
}
"""PATH of login(1) and where NixOS keeps programs with privileges, then what packages install for programs to call (hier(7)), and root's home.

Below /usr/lib a second level is three times as much, and packages put no such program there but that of LXC.
"""
BOUNDS: Final = replace(program_search.BOUNDS, roots=program_search.BOUNDS.names)
"""A user's mail may be a hundred thousand files in one directory."""
WHICH: Final = "programs with the setuid bit or capabilities"


def collect(host: Host) -> Json:
    """State each program by its path, a hole for each place that was not looked through to its end, and where was looked at all."""
    found = program_search.search(host, "owner", BOUNDS, SYSTEM)
    if isinstance(found, Hole):
        return {"programs": found, "walked": found, "package_databases": found}
    known, brought = Known(host), Brought(host, found.table, found.found.values())
    programs: dict[str, Json] = {path: map_known(way, lambda way: stated(host, known, brought, way)) for path, way in found.found.items()}
    programs = {path: program for path, program in programs.items() if program is not None}
    unread = {place: _of_home(hole, place, found.homes) for place, hole in {**found.cuts(), **found.holes}.items() if place} | _untold(found)
    named, others = _named(unread)
    return {
        "programs": incomplete(programs | named, worst_hole(found.holes.get(""), others)),
        "walked": _walked(found),
        "package_databases": brought.packages.stated(),
    }


def _named(unread: dict[str, Hole]) -> tuple[dict[str, Json], Hole | None]:
    """Return the holes of places that were not searched, by place, and the hole that is left by those of root's that are not named.

    At most PLACES are named, those of root first. The others of users share one hole, which opens nothing that is not theirs.
    """
    ordered = sorted(unread.items(), key=lambda one: bool(one[1].owners))
    told: dict[str, Json] = dict(ordered[:PLACES])
    theirs = {place: hole for place, hole in ordered[PLACES:] if hole.owners}
    shared = worst_hole(*theirs.values())
    if shared is not None:
        whose = f"uid {shared.owners[0]}" if shared.owners else "many users"  # of very many a hole names none
        told[f"other places, such as those of {whose}"] = shared
    return told, worst_hole(*(hole for _, hole in ordered[PLACES:] if not hole.owners))


def stated(host: Host, known: Known, brought: Brought, way: WalkedPath) -> Json:
    """State a program; None where it gives nothing any more. Raises LimitExceeded where a user may have taken it away, and may put it back."""
    try:
        return _stated(host, known, brought, way)
    except ABSENT:
        if path_walk.roots_way(way):
            return None
        raise LimitExceeded(f"{way.realpath}: was a program at the first look, and is gone or was exchanged meanwhile") from None


def _stated(host: Host, known: Known, brought: Brought, way: WalkedPath) -> Json:
    end = way.end
    capabilities: Json = None
    given = attempt(host.file_capabilities, way.realpath)
    if isinstance(given, Hole) or given.revision:
        capabilities = map_known(given, capability_names.stated)
    setuid = bool(end.mode & S_ISUID)
    if capabilities is None and not setuid:
        return None
    same = attempt(known.same_as, way)
    package: dict[str, Json] = {} if isinstance(same, str) else brought.of(way, capabilities)
    script = _script(host, way, capabilities, package)
    return {
        **path_walk.stated(way),
        "setuid": setuid,
        "setgid": bool(end.mode & S_ISGID),
        **({} if capabilities is None else {"capabilities": capabilities}),
        **({} if same is None else {"same_as": same}),
        **package,
        **({} if script is None else {"script": script}),
    }


def _script(host: Host, way: WalkedPath, capabilities: Json, package: Mapping[str, Json]) -> bool | Hole | None:
    """Say whether what is called like a known program, or is none of a package, is a script; None of others. Its rights are its interpreter's (execve(2))."""
    if setuid_kinds.is_known(way.realpath.rpartition("/")[2]):
        return attempt(_is_script, host, way)
    if not is_roots(way, capabilities) or isinstance(package.get("package"), dict):
        return None
    return attempt(_is_script, host, way) or None


def _is_script(host: Host, way: WalkedPath) -> bool:
    return way.end.size <= SCRIPT and host.read_bytes(way.realpath, limit=SCRIPT, follow=False, parsed=False).startswith(b"#!")


def _of_home(hole: Hole, place: str, homes: Mapping[str, int]) -> Hole:
    """Return a hole that says whose home it is in."""
    if place not in homes:
        return hole
    hole = hole.of(homes[place])
    return hole if "uid " in hole.message else replace(hole, message=f"home of uid {homes[place]}: {hole.message}")


def _untold(found: ProgramSearch) -> dict[str, Hole]:
    """Return by user the hole that all programs leave that were too many to be stated."""
    return {f"uid {uid}": hole for uid, hole in found.programs.left(WHICH).items()}


def _walked(found: ProgramSearch) -> Json:
    """State how deep each directory was looked through; of homes, of which there may be very many, only how many.

    A home that its user hides is one of these: what is not known of it is told among the programs.
    """
    unread = {place: hole for place, hole in found.holes.items() if place.startswith("/") and place not in found.walked}
    lost = worst_hole(found.holes.get(""), *(hole for place, hole in unread.items() if place in found.homes and not hole.owners))
    directories = {place: known for place, known in {**found.walked, **unread}.items() if place not in found.homes}
    return {
        # A place that is a link stands under where it leads, which is not known where the way to it is not.
        "directories": incomplete(directories, worst_hole(found.holes.get(""), *unread.values())),
        "homes": lost or sum(place in found.walked or place in unread for place in found.homes),
        "home_depth": PROGRAMS_BELOW,
        "left_alone": sorted(point for point in found.slow if not found.is_powerless(point)),
    }
