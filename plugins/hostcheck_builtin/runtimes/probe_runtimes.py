"""What containerd, CRI-O and BuildKit of the system are told by their files, their options and what their units say.

Nothing is asked of them: what a file says holds from the next start, and from then on if it was not changed since. Runtimes of users are left out: what
they are told decides about their user only.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeVar

from hostcheck.api import Hole, Host, Json, attempt, incomplete, map_known, worst_hole
from hostcheck_builtin.dockerd.daemon_json import PLACES
from hostcheck_builtin.dockerd.told import ToldDaemon, of_file
from hostcheck_builtin.runtimes import buildkit, command_options, containerd_facts, crio, nri, registries
from hostcheck_builtin.system.path_walk import LstatCache
from hostcheck_builtin.system.presence import absent_as

SNAP: Final = "/snap/docker/current/bin/dockerd"
T = TypeVar("T")


def collect(host: Host) -> Json:
    """State ``{buildkit, containerd, crio, handlers, nri, pods, registries}``, each by the file that counts."""
    lstats: LstatCache = {}
    tellers = command_options.tellers(host, lstats)
    reads, more = containerd_facts.configurations(host, lstats, tellers["containerd"])
    crios = crio.configurations(host, tellers["crio"])
    builders = buildkit.configurations(host, tellers["buildkitd"])
    dockers = {path: read for path in PLACES if (read := _daemon_json(host, path)) is not None}
    docker = command_options.installed(host, ("dockerd", SNAP))
    pods = worst_hole(more, tellers["crio"].unread)
    by_docker = _each(dockers, lambda one, path: buildkit.of_docker(one, path, docker))
    nri_docker = _each(dockers, lambda one, _: nri.of_docker(host, one, docker, lstats))
    nri_pods = _each(reads, lambda one, _: nri.of_containerd(host, one, lstats)) | _each(crios, lambda one, _: nri.of_crio(host, one, lstats))
    handlers = [*_each(reads, lambda one, _: containerd_facts.handlers(one)).values(), *_each(crios, lambda one, _: crio.handlers(one)).values()]
    return {
        "buildkit": incomplete(_each(builders, lambda one, _: one.facts) | by_docker, tellers["buildkitd"].unread),
        "containerd": incomplete(_each(reads, lambda one, _: one.facts), more),
        "crio": incomplete(_each(crios, lambda one, _: one.facts), tellers["crio"].unread),
        "handlers": _joined(handlers, pods),
        "nri": incomplete(nri_pods | nri_docker, pods),
        "pods": incomplete(_each(reads, lambda one, _: containerd_facts.confinement(one)) | _each(crios, lambda one, _: crio.confinement(one)), pods),
        "registries": _registries(host, reads, crios, builders, worst_hole(pods, tellers["buildkitd"].unread)),
    }


def _each(found: Mapping[str, T | Hole], state: Callable[[T, str], Json]) -> dict[str, Json]:
    """State each by its path, as a hole where it is not known whether there is one."""
    return {path: one if isinstance(one, Hole) else attempt(state, one, path) for path, one in found.items()}


def _registries(host: Host, reads: Mapping[str, Any], crios: Mapping[str, Any], builders: Mapping[str, Any], unread: Hole | None) -> Json:
    found, unknown = registries.of_files(host, [one for one in reads.values() if not isinstance(one, Hole)], worst_hole(unread, *reads.values()))
    own = [map_known(one, registries.of_containerd) for one in reads.values()]
    own += [map_known(one, registries.of_crio) for one in crios.values()]
    own += [map_known(one, registries.of_buildkit) for one in builders.values()]
    return incomplete(registries.together([found, *own]), worst_hole(unknown, unread, *own))


def _joined(parts: Iterable[Any], unread: Hole | None) -> Json:
    """Return all members, incomplete where some parts are not known."""
    parts = list(parts)
    unknown = worst_hole(unread, *parts)
    return incomplete({key: value for part in parts if not isinstance(part, Hole) for key, value in sorted(part.items())}, unknown)


def _daemon_json(host: Host, path: str) -> ToldDaemon | Hole | None:
    return absent_as(None, attempt, lambda: of_file(path, host.read_bytes(path)))
