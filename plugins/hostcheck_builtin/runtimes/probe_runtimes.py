"""What containerd, CRI-O and BuildKit of the system are told by their files, their options and what their units say.

Nothing is asked of them: what a file says holds from the next start, and from then on if it was not changed since. Runtimes of users are left out: what
they are told decides about their user only.
"""

from typing import Any, Final

from hostcheck.api import ABSENT, Hole, Host, Json, attempt, incomplete, worst_hole
from hostcheck_builtin.runtimes import buildkit, containerd_facts, crio, nri, registries, told
from hostcheck_builtin.system.candidates import DAEMON_JSON
from hostcheck_builtin.system.daemon_json import daemon_json
from hostcheck_builtin.system.path_walk import LstatCache

SNAP: Final = "/snap/docker/current/bin/dockerd"


def collect(host: Host) -> Json:
    """State ``{buildkit, containerd, crio, handlers, nri, pods, registries}``, each by the file that counts."""
    lstats: LstatCache = {}
    tellers = told.tellers(host, lstats)
    reads = containerd_facts.configurations(host, lstats, tellers["containerd"])
    crios = crio.configurations(host, tellers["crio"])
    builders, files = buildkit.configurations(host, tellers["buildkitd"])
    dockers = {path: read for path in DAEMON_JSON if (read := _daemon_json(host, path)) is not None}
    docker = told.installed(host, ("dockerd", SNAP))
    builders |= {path: buildkit.of_docker(read, path, docker) for path, read in dockers.items()}
    unread = {program: one.unread for program, one in tellers.items()}
    pods = worst_hole(unread["containerd"], unread["crio"])
    return {
        "buildkit": incomplete(builders, unread["buildkitd"]),
        "containerd": incomplete({one.path: one.facts for one in reads}, unread["containerd"]),
        "crio": incomplete({one.path: one.facts for one in crios}, unread["crio"]),
        "handlers": _joined([*(attempt(containerd_facts.handlers, one) for one in reads), *(attempt(crio.handlers, one) for one in crios)], pods),
        "nri": incomplete(
            {
                **{one.path: nri.of_containerd(host, one, lstats) for one in reads},
                **{one.path: nri.of_crio(host, one, lstats) for one in crios},
                **{path: nri.of_docker(host, read, path, docker, lstats) for path, read in dockers.items()},
            },
            pods,
        ),
        "pods": incomplete({one.path: containerd_facts.confinement(one) for one in reads} | {one.path: crio.confinement(one) for one in crios}, pods),
        "registries": _registries(host, reads, crios, {path: (read, builders[path]["there"]) for path, read in files.items()}, worst_hole(*unread.values())),
    }


def _registries(host: Host, reads: list[containerd_facts.Read], crios: list[crio.Crio], files: dict[str, Any], unread: Hole | None) -> Json:
    found, unknown = registries.of_files(host, reads)
    own = [attempt(registries.of_containerd, one) for one in reads if one.facts["there"] is not False]
    own += [attempt(registries.of_crio, one) for one in crios]
    own += [attempt(registries.of_buildkit, path, *read) for path, read in files.items()]
    return _joined([found, *own], worst_hole(unknown, unread))


def _joined(parts: list[Any], unread: Hole | None) -> Json:
    """Return all members, incomplete where some parts are not known."""
    unknown = worst_hole(unread, *parts)
    return incomplete({key: value for part in parts if not isinstance(part, Hole) for key, value in sorted(part.items())}, unknown)


def _daemon_json(host: Host, path: str) -> dict[str, Any] | Hole | None:
    def read(path: str) -> dict[str, Any]:
        return daemon_json(path, host.read_bytes(path))

    try:
        return attempt(read, path)
    except ABSENT:
        return None
