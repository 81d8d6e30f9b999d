"""Where runtimes keep the document from which they made a container that runs: only root may look there, and only at the usual places is it looked for.

Of docker's own containers it is not read: docker tells the same, and more.
"""

from collections.abc import Iterator
from functools import cached_property
from typing import Any, Final

from hostcheck.api import Hole, HoleError, Host, Json, Nonsense, Why, attempt, map_known
from hostcheck_builtin.containers import oci_spec
from hostcheck_builtin.containers.host_paths import HostPaths
from hostcheck_builtin.engines import api_answers
from hostcheck_builtin.system.bounds import NAMESPACES_OF_TASKS as MANY
from hostcheck_builtin.system.bounds import OCI_CONFIG_BYTES as LIMIT
from hostcheck_builtin.system.control_groups import Group
from hostcheck_builtin.system.fact_members import sure
from hostcheck_builtin.system.presence import absent_as

TASKS: Final = "/run/containerd/io.containerd.runtime.v2.task"
STORES: Final = tuple(
    f"{root}/{driver}-containers" for root in ("/run/containers/storage", "/var/lib/containers/storage") for driver in ("overlay", "vfs", "btrfs")
)


class StateFiles:
    """Reads the documents of containers."""

    def __init__(self, host: Host, every: int | Hole) -> None:
        """Take the mask of all capabilities that there are."""
        self._host, self._every = host, every
        self._paths = HostPaths(host)

    def of(self, group: Group) -> Json:
        """Return what a container was given; raises HoleError where no document is found, or it is not to be read."""
        for path in self._places(group):
            text = absent_as(None, self._host.read_bytes, path, limit=LIMIT, follow=False)
            if text is not None:
                return self._placed(attempt(_parsed, path, text))
        raise HoleError(Hole(why=Why.UNSUPPORTED, message="no file of a runtime tells of it at the usual places"))

    def _places(self, group: Group) -> Iterator[str]:
        engine, _, namespace = group.key.partition(":")[0].partition("/")
        if engine not in ("docker", "podman", "cri-o"):
            for name in (namespace,) if namespace else self._namespaces:
                yield f"{TASKS}/{name}/{group.id}/config.json"
        if engine in ("podman", "cri-o", "kubernetes", "container"):
            yield from (f"{store}/{group.id}/userdata/config.json" for store in STORES)

    @cached_property
    def _namespaces(self) -> list[str]:
        """Return the namespaces of containerd that have containers which run."""
        return absent_as([], self._host.list_dir, TASKS, limit=MANY)

    def _placed(self, document: Any) -> Json:
        facts = oci_spec.told(sure(document), self._every)
        facts["mounts"] = map_known(facts["mounts"], lambda mounts: {one["destination"]: self._mount(one) for one in mounts})
        return facts

    def _mount(self, one: dict[str, Any]) -> Json:
        return {"real": self._paths.real(one["source"]), "writable": one["writable"], "propagation": one["propagation"]}


def _parsed(path: str, text: bytes) -> Json:
    try:
        return api_answers.parse(text)
    except Nonsense as error:
        raise Nonsense(f"{path}: {error}") from error
