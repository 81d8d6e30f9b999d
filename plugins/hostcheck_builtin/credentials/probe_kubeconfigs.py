"""Files by which root and users log in to clusters: where distributions of Kubernetes put those of administrators, root's own, and ~/.kube/config.

What a user has in a home may be planted: a login counts as proven where root has the same secret in a file. Nothing of what a file says is stated but
which groups of administrators a certificate is for, until when, and where its server is.
"""

import posixpath
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Final

from hostcheck.api import Hole, Host, Json, Nonsense, Why, attempt, incomplete, worst_hole
from hostcheck_builtin.credentials import cluster_servers, kubeconfig_text
from hostcheck_builtin.credentials.client_certificates import ClientCertificate
from hostcheck_builtin.credentials.cluster_servers import Server
from hostcheck_builtin.credentials.home_entries import avoiding, home_entry
from hostcheck_builtin.credentials.kubeconfig_text import ClusterLogin
from hostcheck_builtin.files import searching
from hostcheck_builtin.system.bounds import CERTIFICATE_BYTES, KUBECONFIG_BYTES
from hostcheck_builtin.system.home_dir import Place, look_into_homes
from hostcheck_builtin.system.presence import absent_as, is_file

OF_KUBELETS: Final = (
    *("/etc/kubernetes/kubelet.conf", "/var/lib/rancher/k3s/agent/kubelet.kubeconfig", "/var/lib/rancher/rke2/agent/kubelet.kubeconfig"),
    *("/var/lib/k0s/kubelet.conf", "/var/snap/microk8s/current/credentials/kubelet.config"),
)
"""By which a kubelet logs in to its cluster: where one is, this host is a node."""
OF_ROOT: Final = (
    *(f"/etc/kubernetes/{name}.conf" for name in ("admin", "super-admin", "controller-manager", "scheduler", "kubelet")),
    *("/etc/rancher/k3s/k3s.yaml", "/etc/rancher/rke2/rke2.yaml", "/var/lib/k0s/pki/admin.conf"),
    *("/var/snap/microk8s/current/credentials/client.config", "/root/.kube/config"),
)
Where = Callable[[str], str]


@dataclass(slots=True, repr=False)
class RootSecrets:
    """The secrets that stand in files of root's, which are compared and never stated, and the hole where there may be others."""

    found: set[bytes] = field(default_factory=set)
    unread: Hole | None = None


def collect(host: Host) -> Json:
    """State ``{node, roots, homes}``: whether a kubelet is set up, and the files of root and by home those of users."""
    search = searching.begin(host)
    where = cluster_servers.judge(host, cache(lambda: _servers(host)))
    secrets = RootSecrets()
    roots: dict[str, Json] = {}
    for path in OF_ROOT:
        entry = search.file(path)
        if isinstance(entry, Hole) or entry["type"] not in ("absent", "dangling"):
            told = entry if isinstance(entry, Hole) else _told(entry, attempt(_of_root, host, path, entry["type"], where, secrets))
            roots[path] = entry if isinstance(entry, Hole) else {**entry, "logins": told}
            secrets.unread = worst_hole(secrets.unread, told)
    return {"node": attempt(_is_node, host), "roots": roots, "homes": _homes(host, where, secrets)}


def _told(entry: dict[str, Json], logins: Json) -> Json:
    """Return the logins of a file; what is not known of them is about the things of the user whose it is, or who has laid the way to it."""
    uid = entry["owner_uid"]
    if isinstance(uid, Hole) or not isinstance(logins, Hole):
        return uid if isinstance(uid, Hole) else logins
    return logins.of(uid)


def _is_node(host: Host) -> bool | Hole:
    told = [attempt(is_file, host, path) for path in OF_KUBELETS]
    return True in told or worst_hole(*(one for one in told if isinstance(one, Hole))) or False


def _servers(host: Host) -> frozenset[Server]:
    """Return the servers of this host's kubelets."""
    texts = ((path, host.read_bytes(path, missing=b"", limit=KUBECONFIG_BYTES)) for path in OF_KUBELETS)
    return frozenset(cluster_servers.server(one.server) for path, raw in texts for one in kubeconfig_text.logins(path, raw, lambda _: None))


def _of_root(host: Host, path: str, kind: str, where: Where, secrets: RootSecrets) -> Json:
    if kind != "file":
        raise Nonsense(f"{path}: not a file")

    def beside(name: str) -> bytes | None:
        return absent_as(None, host.read_bytes, posixpath.join(posixpath.dirname(path), name), limit=CERTIFICATE_BYTES)

    found = kubeconfig_text.logins(path, host.read_bytes(path, missing=b"", limit=KUBECONFIG_BYTES), beside)
    secrets.found.update(one.secret for one in found if one.secret)
    return _stated(path, found, where)


def _stated(path: str, found: list[ClusterLogin], where: Where, secrets: RootSecrets | None = None) -> Json:
    """State the logins of a file, each once: of a user's file they are proven where root has the same secret."""
    told: list[Json] = []
    for login in found:
        proven = secrets is None or login.secret in secrets.found or secrets.unread or False
        one: dict[str, Json] = {"by": login.by, "server": _where(path, login.server, where), "proven": proven, "key_apart": login.key_apart}
        certificate = login.certificate
        known = certificate if isinstance(certificate, ClientCertificate) else ClientCertificate((), "")
        one |= {"groups": list(known.groups), "expires": known.expires}
        one |= dict.fromkeys(("groups", "expires"), certificate) if isinstance(certificate, Hole) else {}
        if one not in told:
            told.append(one)
    return told


def _where(path: str, url: str, where: Where) -> str | Hole:
    """Say where a server is; a name that is not known now is not absent."""
    not_known = Hole(why=Why.UNSUPPORTED, message=f"{path}: whether its server is this host is not known")
    return absent_as(not_known, attempt, where, url)


def _homes(host: Host, where: Where, secrets: RootSecrets) -> Json:
    """State by home the kubeconfig in it; incomplete where a home is not known, or the scanner may not look into it."""
    found, unread = look_into_homes(host, partial(_of_user, where=where, secrets=secrets), avoid=avoiding)
    return incomplete({home.name: told for home, told in found}, unread)


def _of_user(place: Place, where: Where, secrets: RootSecrets) -> Json:
    """State the kubeconfig of a home: what it says counts where it belongs to the user or to root, and no link of the user's leads there."""
    if ".kube" not in place.names:
        return None
    path = f"{place.path}/.kube/config"
    entry = attempt(home_entry, place, path)
    if entry is None:
        return None
    if not isinstance(entry, Hole):
        entry["logins"] = attempt(_of_file, place, path, entry, where, secrets)
    return {"uid": min(place.uids), "kubeconfigs": {path: entry}}


def _of_file(place: Place, path: str, entry: dict[str, Json], where: Where, secrets: RootSecrets) -> Json:
    def beside(name: str) -> bytes | None:
        """Return a file of the same home that a kubeconfig names, and whose every directory is that user's."""
        full = posixpath.normpath(posixpath.join(posixpath.dirname(path), name))
        *folders, last = full.removeprefix(f"{place.path}/").split("/")
        folder = place.folder(*folders) if folders and full.startswith(f"{place.path}/") else None
        return None if folder is None else folder.read(last, CERTIFICATE_BYTES)

    if entry["type"] != "file" or entry["owner_uid"] not in (0, *place.uids):
        raise Nonsense(f"{path}: not a file of its user's")
    raw = place.host.read_bytes(path, missing=b"", limit=KUBECONFIG_BYTES, follow=False)
    return _stated(path, kubeconfig_text.logins(path, raw, beside), where, secrets)
