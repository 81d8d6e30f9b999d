"""The private keys by which the parts of this host's cluster know each other, what each is for, and etcd's database.

What a key is for is told by the certificate beside it, NAME.crt of NAME.key, and by who signed that, as kubeadm, k3s, RKE2, k0s and MicroK8s lay them.
"""

from typing import Final

from hostcheck.api import Hole, Host, Json, Why, attempt, incomplete, worst_hole
from hostcheck_builtin.credentials import client_certificates
from hostcheck_builtin.credentials.client_certificates import Certificate
from hostcheck_builtin.credentials.cluster_authorities import AUTHORITIES, FOLDERS, Authorities
from hostcheck_builtin.files.searching import FileSearch
from hostcheck_builtin.system.bounds import CERTIFICATE_BYTES
from hostcheck_builtin.system.bounds import CLUSTER_KEYS as MOST

ENDS: Final = ".key"
OF_TOKENS: Final = ("sa.key", "service.key", "service.current.key", "serviceaccount.key")
"""Keys that sign the tokens of service accounts: they have no certificate."""
DATABASES: Final = ("/var/lib/etcd/member/snap/db", *(f"/var/lib/rancher/{name}/server/db/etcd/member/snap/db" for name in ("k3s", "rke2")))
"""All of what a cluster is told, its secrets too (kubernetes.io, Operating etcd clusters for Kubernetes)."""


def stated(host: Host, search: FileSearch, authorities: Authorities) -> Json:
    """State each key by its path, and the database where there are keys; incomplete where a directory of keys could not be read, or has too many."""
    found: dict[str, Json] = {}
    holes: list[Hole | None] = []
    for folder in FOLDERS:
        way = search.walk(folder)
        if isinstance(way, Hole) or way.stopped or way.type != "dir":
            holes.append(way if isinstance(way, Hole) else way.stopped)
            continue
        names = search.inside(way)
        keys = [] if isinstance(names, Hole) else [name for name in names if name.endswith(ENDS)]
        holes.append(names if isinstance(names, Hole) else Hole(why=Why.LIMIT, message=f"{folder}: more than {MOST} keys") if len(keys) > MOST else None)
        for path in (f"{folder}/{name}" for name in keys[:MOST]):
            _take(found, path, search.file(path), attempt(_told, host, authorities, path))
    for path in DATABASES if found else ():
        _take(found, path, search.file(path), {"opens": "data", "group": "", "expires": ""})
    return incomplete(found, worst_hole(*holes))


def _take(found: dict[str, Json], path: str, entry: Json, told: dict[str, Json] | Hole) -> None:
    if isinstance(entry, Hole):
        found[path] = entry
    elif entry["type"] not in ("absent", "dangling"):
        found[path] = {**entry, **(dict.fromkeys(("opens", "group", "expires"), told) if isinstance(told, Hole) else told)}


def _told(host: Host, authorities: Authorities, path: str) -> dict[str, Json]:
    """Return what a key opens, the group of administrators that it makes one of, and until when."""
    raw = host.read_bytes(f"{path.removesuffix(ENDS)}.crt", missing=b"", limit=CERTIFICATE_BYTES)
    one = client_certificates.read(path, raw) if raw else None
    opens = "tokens" if one is None and path.rpartition("/")[2] in OF_TOKENS else _opens(authorities, path, one)
    named = one is not None and opens != "nothing"
    return {"opens": opens, "group": one.groups[0] if one and opens == "administrator" else "", "expires": one.expires if one and named else ""}


def _opens(authorities: Authorities, path: str, one: Certificate | None) -> str:
    if one is None or authorities.expired(one):
        return "nothing"
    for purpose in AUTHORITIES:
        if any(authority.whole == one.whole for authority in authorities.of(purpose)):
            return "authority" if purpose == "clients" else purpose
        if one.for_clients and (purpose != "clients" or one.groups) and authorities.trusted(path, one, purpose):
            return "administrator" if purpose == "clients" else purpose
    return "nothing"
