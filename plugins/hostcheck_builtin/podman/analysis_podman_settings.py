"""What Podman is told for root, and what users' own files change for those users alone: what takes a protection away, adds to containers, or trusts images.

A user's file stands under that user and never for or against root. What the files of /etc say counts for users too, and is told once, under root.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final

from hostcheck.api import Hole, Json, View, attempt, both, incomplete, known, map_known, opening, worst_hole
from hostcheck_builtin.accounts import gather
from hostcheck_builtin.accounts.people import People
from hostcheck_builtin.podman.auto_ids import auto_ids
from hostcheck_builtin.podman.folders import SYSTEM
from hostcheck_builtin.podman.insecure import insecure
from hostcheck_builtin.podman.loosened import added, capabilities, copied, gets_out, loosened
from hostcheck_builtin.system.fact_members import collection

RUNS: Final = ("podman", "buildah")
PULLS: Final = (*RUNS, "skopeo", "crio")
FILES: Final = ("containers", "registries", "policy", "mounts")
ROOT: Final = "root"
POLICY: Final = f"{SYSTEM}/policy.json"
DROP_IN: Final = f"{SYSTEM}/registries.conf.d/zz-hostcheck-short-names.conf"
"""What a fix writes; it counts where no later file says something else."""
Kernel = Callable[[], View]


def derive(facts: Mapping[str, Any], values: Mapping[str, Json]) -> Json:
    """State whether Podman is here at all, what it is told by whom, and how ids are given out by --userns=auto."""
    kernel: Kernel = cache(lambda: facts["kernel"])
    root = {
        "who": ROOT,
        "uid": 0,
        "home": "",
        "used": attempt(_is_used, facts),
        **_parts(facts["podman-config"], kernel, lambda _: True, attempt(_is_here, facts, RUNS[:1])),
    }
    running, unread = _services(facts, kernel)
    homes, more = _homes(facts, kernel)
    return {
        "runs": attempt(_is_here, facts, RUNS),
        "pulls": attempt(_is_here, facts, PULLS),
        "scopes": incomplete({ROOT: root, **running, **homes}, worst_hole(more, unread)),
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


def _is_used(facts: Mapping[str, Any]) -> bool | Hole:
    """Say whether root's Podman keeps an image or a container, or an engine of root's that reads these files runs. What users keep counts for them alone."""
    kept, running = attempt(lambda: facts["storage"]["podman"].get("used", False)), facts["engines"]["processes"]
    engines = [attempt(lambda at: running[at]["engine"], path) for path in known(running)]
    if kept is True or "podman" in engines or "crio" in engines:
        return True
    return worst_hole(*(one for one in (kept, *engines) if isinstance(one, Hole)), opening(running)) or False


def _services(facts: Mapping[str, Any], kernel: Kernel) -> tuple[dict[str, Json], Hole | None]:
    """Return what running podmans of root's were told in their environment, by its variables, and the hole where there may be more."""
    services, more = collection(lambda: facts["podman-config"]["services"])
    return {name: attempt(lambda at: _service(at, services[at], kernel), name) for name in known(services)}, more


def _service(name: str, containers: View, kernel: Kernel) -> dict[str, Json]:
    return {"who": f"{ROOT} with {name}", "uid": 0, "home": "", "used": True, **_of_containers(containers, kernel), "added": attempt(added, containers)}


def _homes(facts: Mapping[str, Any], kernel: Kernel) -> tuple[dict[str, Json], Hole | None]:
    """Return what the files in homes decide, by home, and the hole where there may be more."""
    homes, people = attempt(lambda: facts["user-podman-config"]["homes"]), attempt(gather.users, facts)
    if isinstance(homes, Hole) or isinstance(people, Hole):
        return {}, worst_hole(homes, people)
    return {home: attempt(lambda at: _home(people, at, homes[at], kernel), home) for home in known(homes)}, opening(homes)


def _home(people: People, home: str, told: View, kernel: Kernel) -> dict[str, Json]:
    uid = told["uid"]
    name = people.owner(uid)
    who = name if name == f"uid {uid}" else f"{name} (uid {uid})"
    return {"who": who, "uid": uid, "home": home, "used": True, **_parts(told, kernel, _own_short_names, podman=False)}


def _own_short_names(registries: View) -> bool:
    """Say whether a file of the user's decides what short names stand for: else it is told under root."""
    return any(registries[name] in registries["files"] for name in ("short_name_file", "search_file"))


def _parts(told: View, kernel: Kernel, short_names: Callable[[View], bool], podman: bool | Hole) -> dict[str, Json]:
    """State what the files of one scope come to; what it has no files about is absent."""
    there = {name: attempt(lambda at: told[at], name) for name in FILES if attempt(lambda at: at in told, name) is not False}
    stated: dict[str, Json] = {}
    stated |= _of_containers(there["containers"], kernel) if "containers" in there else {}
    if "containers" in there or "mounts" in there:
        stated["added"] = _joined(*(map_known(there[name], add) for name, add in (("containers", added), ("mounts", copied)) if name in there))
    if "registries" in there:
        stated["insecure"] = map_known(there["registries"], lambda found: insecure(found["registries"]))
        names = map_known(there["registries"], lambda found: _short_names(found) if short_names(found) else None)
        stated |= {"short_names": names} if names else {}
    if "policy" in there:
        stated["policy"] = map_known(there["policy"], lambda found: _policy(found, podman))
    return stated


def _of_containers(containers: View | Hole, kernel: Kernel) -> dict[str, Json]:
    loose, more = map_known(containers, lambda found: loosened(found, kernel)), map_known(containers, capabilities)
    return {"loosened": loose, "capabilities": more, "gets_out": gets_out(loose, more)}


def _joined(*parts: Json) -> Json:
    """Return what is added by one file or another; what one of them adds is known, whatever is not known of the other."""
    found: dict[str, Json] = {}
    for part in parts:
        found |= {} if isinstance(part, Hole) else part
    return incomplete(found, worst_hole(*(part if isinstance(part, Hole) else getattr(part, "hole", None) for part in parts)))


def _short_names(registries: View) -> dict[str, Json]:
    names = {"mode": "short_name_mode", "mode_file": "short_name_file", "search_file": "search_file"}
    files, decides = list(registries["files"]), registries["short_name_file"]
    settable = all(path.startswith(f"{SYSTEM}/") for path in files) and decides < DROP_IN
    return {**{name: registries[fact] for name, fact in names.items()}, "search": list(registries["search"]), "files": files, "settable": settable}


def _policy(policy: View, podman: bool | Hole) -> dict[str, Json]:
    lists = {name: list(policy[name]) for name in ("default", "from_registries", "open_scopes")}
    counts = policy["file"] == POLICY and policy["decided_by"] == "default"
    return {"file": policy["file"], **lists, "settable": both(counts, podman)}
