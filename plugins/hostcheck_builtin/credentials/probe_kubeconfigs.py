"""Keys to this host's cluster: kubeconfigs of administrators, root's and users', the private keys of the cluster's parts, and where static pods come from.

What a user has in a home may be planted, so that a certificate is verified by the authorities that this host trusts, and its key by the certificate. Nothing
of what a file says is stated but which groups of administrators a certificate is for, until when, who signed it, and where its server is.
"""

import posixpath
from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Any, Final

from hostcheck.api import Hole, Host, Json, Nonsense, Why, attempt, incomplete, worst_hole
from hostcheck_builtin.clients import shell_settings
from hostcheck_builtin.clients.client_endpoints import PROFILES
from hostcheck_builtin.credentials import cluster_keys, cluster_servers, docker_keys, kubeconfig_text, signatures, static_pods
from hostcheck_builtin.credentials.cluster_authorities import API_SERVER, AUTHORITIES, Authorities
from hostcheck_builtin.credentials.cluster_servers import Server
from hostcheck_builtin.credentials.home_entries import avoiding, home_entry
from hostcheck_builtin.credentials.kubeconfig_text import ClusterLogin
from hostcheck_builtin.files import searching
from hostcheck_builtin.files.searching import FileSearch
from hostcheck_builtin.system.bounds import CERTIFICATE_BYTES, CERTIFICATES_VERIFIED, KUBECONFIG_BYTES
from hostcheck_builtin.system.bounds import KUBECONFIGS_OF_A_USER as MANY
from hostcheck_builtin.system.home_dir import Folder, Place, look_into_homes
from hostcheck_builtin.system.presence import absent_as, is_file

OF_KUBELETS: Final = (
    *("/etc/kubernetes/kubelet.conf", "/var/lib/rancher/k3s/agent/kubelet.kubeconfig", "/var/lib/rancher/rke2/agent/kubelet.kubeconfig"),
    *("/var/lib/k0s/kubelet.conf", "/var/snap/microk8s/current/credentials/kubelet.config"),
)
"""By which a kubelet logs in to its cluster: where one is, this host is a node."""
OF_ROOT: Final = (
    *(f"/etc/kubernetes/{name}.conf" for name in ("admin", "super-admin", "controller-manager", "scheduler", "kubelet")),
    *("/etc/rancher/k3s/k3s.yaml", "/etc/rancher/rke2/rke2.yaml", "/var/lib/k0s/pki/admin.conf"),
    *(f"/var/lib/rancher/{name}/server/cred/{one}.kubeconfig" for name in ("k3s", "rke2") for one in ("admin", "supervisor")),
    *("/var/snap/microk8s/current/credentials/client.config", "/root/.kube/config"),
)
"""Those in server/cred are K3s' own, as an administrator (pkg/daemons/control/deps of K3s)."""
OF_KUBEADM: Final = (API_SERVER, AUTHORITIES["clients"][0], "/etc/kubernetes/super-admin.conf")
"""What kubeadm init leaves on the host where it has bound kubeadm:cluster-admins to cluster-admin, with the last of these (kubeadm 1.29 and later)."""
COPIES: Final = frozenset(("admin.conf", "super-admin.conf", "kubeconfig", "kubeconfig.yaml", "kubeconfig.yml", "k3s.yaml", "rke2.yaml"))
ENDS: Final = ".kubeconfig"
VARIABLE: Final = "KUBECONFIG"
"""What a copy of an administrator's kubeconfig is called in a home."""
CACHES: Final = frozenset(("cache", "http-cache", "kubectx", "kubens"))
"""What tools keep in ~/.kube beside kubeconfigs."""
NOTHING: Final[dict[str, Json]] = {"groups": [], "expires": "", "key_apart": False, "authority": "none-known", "usable": True}
"""What is stated of a login without a certificate of administrators."""
Where = Callable[[str], str]


def collect(host: Host) -> Json:
    """State ``{node, kubeadm, roots, homes, keys, static_pods}``: whether a kubelet is set up, and kubeadm made the cluster; the rest by path or home."""
    search = searching.begin(host)
    where = cluster_servers.judge(host, cache(lambda: _servers(host)))
    authorities = Authorities(host)
    roots: dict[str, Json] = {}
    for path in OF_ROOT:
        entry = search.file(path)
        if isinstance(entry, Hole) or entry["type"] not in ("absent", "dangling"):
            told = entry if isinstance(entry, Hole) else _told(entry, attempt(_of_root, host, path, entry["type"], where, authorities))
            roots[path] = entry if isinstance(entry, Hole) else {**entry, "logins": told}
    return {
        **{"node": attempt(_is_node, host), "kubeadm": _by_kubeadm(search), "roots": roots, "homes": _homes(host, where, authorities)},
        **{"keys": cluster_keys.stated(host, search, authorities), "static_pods": static_pods.stated(host, search)},
    }


def _by_kubeadm(search: FileSearch) -> bool | Hole:
    """Say whether kubeadm has made the cluster on this host."""
    ways = [search.walk(path) for path in OF_KUBEADM]
    there = all(not isinstance(way, Hole) and way.type == "file" for way in ways)
    return there or worst_hole(*(way if isinstance(way, Hole) else way.stopped for way in ways)) or False


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


def _of_root(host: Host, path: str, kind: str, where: Where, authorities: Authorities) -> Json:
    if kind != "file":
        raise Nonsense(f"{path}: not a file")

    def beside(name: str) -> bytes | None:
        return absent_as(None, host.read_bytes, posixpath.join(posixpath.dirname(path), name), limit=CERTIFICATE_BYTES)

    return _stated(path, kubeconfig_text.logins(path, host.read_bytes(path, missing=b"", limit=KUBECONFIG_BYTES), beside), where, authorities)


def _stated(path: str, found: list[ClusterLogin], where: Where, authorities: Authorities) -> Json:
    """State the logins of a file, each once."""
    told: list[Json] = []
    verified = 0
    for login in found:
        one: dict[str, Json] = {"by": login.by, "server": _where(path, login.server, where), **NOTHING}
        one["key_apart"] = login.by == "certificate" and login.key is None
        certificate = login.certificate
        if isinstance(certificate, Hole):
            one |= dict.fromkeys(("groups", "expires"), certificate)
        elif certificate is not None:
            one |= {"groups": list(certificate.groups), "expires": certificate.expires}
            verified += bool(certificate.groups)
            one |= _verified(path, login, authorities, verified) if certificate.groups else {}
        if one not in told:
            told.append(one)
    return told


def _verified(path: str, login: ClusterLogin, authorities: Authorities, count: int) -> dict[str, Json]:
    """State who has signed a certificate, and whether it is good for anything; the key is looked at only where it may be."""
    one: Any = login.certificate
    if count > CERTIFICATES_VERIFIED:
        many = Hole(why=Why.LIMIT, message=f"{path}: more than {CERTIFICATES_VERIFIED} certificates of administrators")
        return {"authority": many, "usable": many}
    known = attempt(authorities.of, "clients")
    trusted = known if isinstance(known, Hole) else attempt(authorities.trusted, path, one, "clients")
    authority = trusted if isinstance(trusted, Hole) else "this-cluster" if trusted else "another" if known else "none-known"
    usable = one.for_clients and attempt(lambda: not authorities.expired(one))
    if usable is True and trusted is True and login.key is not None:
        usable = login.key if isinstance(login.key, Hole) else attempt(signatures.is_key_of, path, login.key, one)
    return {"authority": authority, "usable": usable}


def _where(path: str, url: str, where: Where) -> str | Hole:
    """Say where a server is; a name that is not known now is not absent."""
    not_known = Hole(why=Why.UNSUPPORTED, message=f"{path}: whether its server is this host is not known")
    return absent_as(not_known, attempt, where, url)


def _homes(host: Host, where: Where, authorities: Authorities) -> Json:
    """State by home its kubeconfig, and keys that root's dockerd accepts; incomplete where a home is not known, or the scanner may not look into it."""
    found, unread = look_into_homes(
        host, partial(_of_user, where=where, authorities=authorities, daemons=cache(lambda: docker_keys.daemons(host))), avoid=avoiding
    )
    return incomplete({home.name: told for home, told in found}, unread)


def _of_user(place: Place, where: Where, authorities: Authorities, daemons: docker_keys.Daemons) -> Json:
    found = _kubeconfigs(place, where, authorities)
    keys = attempt(docker_keys.stated, place, authorities, daemons) if ".docker" in place.names else {}
    return {"uid": min(place.uids), "kubeconfigs": found, "docker_keys": keys} if found or keys else None


def _kubeconfigs(place: Place, where: Where, authorities: Authorities) -> dict[str, Json]:
    """State the kubeconfigs of a home: what they say counts where they belong to the user or to root, and no link of the user's leads there."""
    usual = f"{place.path}/.kube/config"
    copies, more = _copies(place)
    found: dict[str, Json] = {}
    if ".kube" in place.names and (entry := attempt(home_entry, place, usual)) is not None:
        found[usual] = entry if isinstance(entry, Hole) else {**entry, "logins": attempt(_of_file, place, usual, entry, where, authorities)}
    for path in copies:
        entry = attempt(home_entry, place, path)
        if path == usual or entry is None or (not isinstance(entry, Hole) and entry["type"] != "file"):
            continue
        logins = entry if isinstance(entry, Hole) else attempt(_of_file, place, path, entry, where, authorities, b"clusters")
        if isinstance(logins, Hole) and logins.why != Why.NONSENSE:
            found[path] = logins
        elif isinstance(entry, dict) and isinstance(logins, list) and logins:
            found[path] = {**entry, "logins": logins}
    return incomplete(found, more) if more else found


def _copies(place: Place) -> tuple[list[str], Hole | None]:
    """Return the paths of files that may be copies of a kubeconfig, by names, profiles and where they lie; and the hole where there may be others."""
    found = [*_named(place), *(f"{place.path}/{name}" for name in sorted(place.names) if name in COPIES or name.endswith(ENDS))]
    inside = attempt(lambda: list(_inside(place, place.folder(".kube"), deeper=True)))
    if isinstance(inside, Hole):
        return found, inside
    listed = list(dict.fromkeys((*found, *inside)))
    return listed[:MANY], Hole(why=Why.LIMIT, message=f"{place.path}/.kube: more than {MANY} files").of(place.owner()) if len(listed) > MANY else None


def _named(place: Place) -> Iterator[str]:
    """Yield the files below a home that its profiles name (kubectl(1), KUBECONFIG)."""
    home = Folder(place=place, path=place.path, uid=min(place.uids))
    for name in PROFILES:
        raw = attempt(home.read, name) if name in place.names else None
        told = shell_settings.shell(raw.decode("utf-8", "replace"), (VARIABLE,)).get(VARIABLE) if isinstance(raw, bytes) else None
        for path in told.split(":") if isinstance(told, str) else ():
            full = posixpath.normpath(path.replace("$HOME", place.path, 1))
            if full.startswith(f"{place.path}/"):
                yield full


def _inside(place: Place, folder: Folder | None, *, deeper: bool) -> Iterator[str]:
    """Yield what lies in a directory for kubeconfigs, and in directories there."""
    for name in () if folder is None else sorted(folder.names()):
        inner = attempt(place.folder, ".kube", name) if deeper and "." not in name and name not in CACHES else None
        if isinstance(inner, Folder):
            yield from _inside(place, inner, deeper=False)
        elif folder is not None and name not in CACHES:
            yield f"{folder.path}/{name}"


def _of_file(place: Place, path: str, entry: dict[str, Json], where: Where, authorities: Authorities, holds: bytes = b"") -> Json:
    """State the logins of a file of a home; none where the file does not hold some bytes, which spares the reading of YAML."""

    def beside(name: str) -> bytes | None:
        """Return a file of the same home that a kubeconfig names, and whose every directory is that user's."""
        full = posixpath.normpath(posixpath.join(posixpath.dirname(path), name))
        *folders, last = full.removeprefix(f"{place.path}/").split("/")
        folder = place.folder(*folders) if folders and full.startswith(f"{place.path}/") else None
        return None if folder is None else folder.read(last, CERTIFICATE_BYTES)

    if entry["type"] != "file" or entry["owner_uid"] not in (0, *place.uids):
        raise Nonsense(f"{path}: not a file of its user's")
    raw = place.host.read_bytes(path, missing=b"", limit=KUBECONFIG_BYTES, follow=False)
    return [] if holds not in raw else _stated(path, kubeconfig_text.logins(path, raw, beside), where, authorities)
