"""What Podman is told for root, and what users' own files change for those users alone: what takes a protection away, adds to containers, or trusts images.

A user's file stands under that user and never for or against root. What the files of /etc say counts for users too, and is told once, under root.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final

from hostcheck.api import Hole, Json, View, attempt, incomplete, known, map_known, opening, worst_hole
from hostcheck_builtin.accounts import gather
from hostcheck_builtin.accounts.people import People
from hostcheck_builtin.podman.auto_ids import auto_ids
from hostcheck_builtin.podman.insecure import insecure
from hostcheck_builtin.podman.loosened import added, capabilities, loosened

RUNS: Final = ("podman", "buildah")
PULLS: Final = (*RUNS, "skopeo", "crio")
ROOT: Final = "root"
Kernel = Callable[[], View]


def derive(facts: Mapping[str, Any], values: Mapping[str, Json]) -> Json:
    """State whether Podman is here at all, what it is told by whom, and how ids are given out by --userns=auto."""
    kernel: Kernel = cache(lambda: facts["kernel"])
    root = {"who": ROOT, "uid": 0, "home": "", **_parts(facts["podman-config"], kernel, lambda _: True)}
    users, more = _users(facts, kernel)
    return {
        "runs": attempt(_is_here, facts, RUNS),
        "pulls": attempt(_is_here, facts, PULLS),
        "scopes": incomplete({ROOT: root, **users}, more),
        "auto": auto_ids(facts),
    }


def _is_here(facts: Mapping[str, Any], names: tuple[str, ...]) -> bool | Hole:
    """Say whether one of these programs is installed; or root runs a Podman that lies elsewhere."""
    programs = facts["podman-config"]["programs"]
    found = [attempt(lambda at: programs[at]["name"], path) for path in known(programs)]
    if any(name in names for name in found):
        return True
    unread = worst_hole(*found, opening(programs))
    running = facts["engines"]["processes"]
    engines = [attempt(lambda at: running[at]["engine"], path) for path in known(running)]
    return "podman" in engines or worst_hole(unread, *engines, opening(running)) or False


def _users(facts: Mapping[str, Any], kernel: Kernel) -> tuple[dict[str, Json], Hole | None]:
    """Return what the files in homes decide, by user and home, and the hole where there may be more."""
    users, people = attempt(lambda: facts["user-podman-config"]["users"]), attempt(gather.users, facts)
    if isinstance(users, Hole) or isinstance(people, Hole):
        return {}, worst_hole(users, people)
    found: dict[str, Json] = {}
    more = opening(users)
    for uid in known(users):
        homes = attempt(lambda at: users[at], uid)
        if isinstance(homes, Hole):
            found[people.owner(int(uid))] = homes
            continue
        for home in known(homes):
            found[f"{people.owner(int(uid))} ({home})"] = attempt(lambda at, of, who: _user(people, int(who), at, of[at], kernel), home, homes, uid)
        more = worst_hole(more, opening(homes))
    return found, more


def _user(people: People, uid: int, home: str, told: View, kernel: Kernel) -> dict[str, Json]:
    name = people.owner(uid)
    who = name if name == f"uid {uid}" else f"{name} (uid {uid})"
    return {"who": who, "uid": uid, "home": home, **_parts(told, kernel, _own_short_names)}


def _own_short_names(registries: View) -> bool:
    """Say whether a file of the user's decides what short names stand for: else it is told under root."""
    return any(registries[name] in registries["files"] for name in ("short_name_file", "search_file"))


def _parts(told: View, kernel: Kernel, short_names: Callable[[View], bool]) -> dict[str, Json]:
    """State what the files of one scope come to; what it has no files about is absent."""
    there = {name: attempt(lambda at: told[at], name) for name in ("containers", "registries", "policy", "mounts") if _stands(told, name)}
    parts: dict[str, Json] = {}
    if "containers" in there:
        parts["loosened"] = map_known(there["containers"], lambda found: loosened(found, kernel))
        parts["capabilities"] = map_known(there["containers"], capabilities)
    if "containers" in there or "mounts" in there:
        parts["added"] = _added(there)
    if "registries" in there:
        parts["insecure"] = map_known(there["registries"], lambda found: insecure(found["registries"]))
        parts |= {"short_names": one} if (one := map_known(there["registries"], lambda found: _short_names(found) if short_names(found) else None)) else {}
    if "policy" in there:
        parts["policy"] = map_known(there["policy"], _policy)
    return parts


def _stands(told: View, name: str) -> bool:
    return name in known(told)


def _added(there: Mapping[str, Any]) -> Json:
    """State what is added; what one file adds is known, whatever is not known of the other."""
    parts = [there.get(name) for name in ("containers", "mounts")]
    containers, mounts = (None if isinstance(part, Hole) else part for part in parts)
    return incomplete(added(containers, mounts), worst_hole(*parts))


def _short_names(registries: View) -> dict[str, Json]:
    names = {"mode": "short_name_mode", "mode_file": "short_name_file", "search_file": "search_file"}
    return {**{name: registries[fact] for name, fact in names.items()}, "search": list(registries["search"])}


def _policy(policy: View) -> dict[str, Json]:
    lists = {name: list(policy[name]) for name in ("default", "from_registries", "open_scopes")}
    return {"file": policy["file"], **lists}
