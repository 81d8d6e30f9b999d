"""The directories from which pods are started without anybody being asked: those of the kubelet's static pods, and those that k3s, RKE2 and k0s apply.

A kubelet starts what is in its staticPodPath with all the rights that a manifest says (kubernetes.io, Create static Pods); the others apply theirs as an
administrator (docs.k3s.io, Auto-Deploying Manifests; docs.k0sproject.io, Manifest Deployer).
"""

from typing import Final

from hostcheck.api import Hole, HoleError, Host, Json, LimitExceeded, attempt, incomplete
from hostcheck_builtin.files.searching import FileSearch
from hostcheck_builtin.system import yaml_file
from hostcheck_builtin.system.bounds import YAML_FILE_BYTES

OF_KUBEADM: Final = "/etc/kubernetes/manifests"
KUBELET: Final = "/var/lib/kubelet/config.yaml"
OTHERS: Final = {
    **{f"/var/lib/rancher/{name}/agent/pod-manifests": f"/var/lib/rancher/{name}/agent" for name in ("k3s", "rke2")},
    **{f"/var/lib/rancher/{name}/server/manifests": f"/var/lib/rancher/{name}/server" for name in ("k3s", "rke2")},
    "/var/lib/k0s/manifests": "/var/lib/k0s",
}
"""Directories by the one whose being there shows that they are read."""


def stated(host: Host, search: FileSearch) -> Json:
    """State each directory by its path with those of its members that others may be able to change; incomplete where the kubelet's settings cannot be read."""
    named = attempt(_of_kubelet, host, search)
    certain = {path for path, above in OTHERS.items() if _is_dir(search, above)}
    likely = {OF_KUBEADM} if named is None and _is_dir(search, OF_KUBEADM) else set()
    if isinstance(named, str) and named:
        certain.add(named)
    found = {path: search.folder(path, lambda _: False) for path in sorted(certain | likely)}
    told = {path: one if isinstance(one, Hole) else {**one, "certain": path in certain} for path, one in found.items()}
    return incomplete(told, named if isinstance(named, Hole) else None)


def _is_dir(search: FileSearch, path: str) -> bool:
    way = search.walk(path)
    return isinstance(way, Hole) or way.type == "dir" or way.stopped is not None


def _of_kubelet(host: Host, search: FileSearch) -> str | None:
    """Return what the kubelet's file of settings names, "" where it names nothing, None where there is no such file."""
    entry = search.file(KUBELET)
    if isinstance(entry, Hole):
        raise HoleError(entry)
    if entry["type"] in ("absent", "dangling"):
        return None
    document = yaml_file.read(KUBELET, host.read_bytes(KUBELET, limit=YAML_FILE_BYTES))
    path = document.get("staticPodPath") if isinstance(document, dict) else None
    if not isinstance(path, str) or not path.startswith("/"):
        return ""
    if len(path) > 4096:
        raise LimitExceeded(f"{KUBELET}: names a path that is too long")
    return path
