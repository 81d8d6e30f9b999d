"""Clients' keys in ~/.docker that a dockerd of root's on this host accepts: the authority that it was told has signed the certificate beside the key.

dockerd takes what its --tlscacert signed for clients, until it expires, and believes no other authority then (daemon.go and tlsconfig of moby; crypto/x509).
Where it was told none it reads ca.pem in ~/.docker of whoever runs it.
"""

from collections.abc import Callable
from typing import Final

from hostcheck.api import Hole, HoleError, Host, Json, LimitExceeded, Unsupported, attempt, worst_hole
from hostcheck_builtin.credentials import client_certificates, signatures
from hostcheck_builtin.credentials.client_certificates import Certificate
from hostcheck_builtin.credentials.cluster_authorities import Authorities
from hostcheck_builtin.dockerd import told
from hostcheck_builtin.engines import engine_programs
from hostcheck_builtin.files.probe_user_files import key_folders
from hostcheck_builtin.system import procfs
from hostcheck_builtin.system.bounds import ARGUMENTS_OF_DOCKERD, CERTIFICATE_BYTES, CERTIFICATES_VERIFIED, ROOTS_DOCKERDS
from hostcheck_builtin.system.home_dir import Folder, Place
from hostcheck_builtin.system.presence import absent_as

PROGRAM: Final = "/dockerd"
OF_ROOT: Final = "/root/.docker/ca.pem"
Daemons = Callable[[], dict[int, list[Certificate]]]
"""What returns the authorities of each dockerd of root's, by pid; raises what keeps that from being known."""


def daemons(host: Host) -> dict[int, list[Certificate]]:
    """Return the authorities that each dockerd of root's was told, by pid; raises HoleError where there may be others."""
    running = engine_programs.of_root(host, {})
    found = {pid: attempt(absent_as, None, _authorities, host, pid) for pid in running.pids[:ROOTS_DOCKERDS]}
    unread = worst_hole(running.unread, *found.values())
    if unread is not None:
        raise HoleError(unread)
    return {pid: known for pid, known in found.items() if known and not isinstance(known, Hole)}


def _authorities(host: Host, pid: int) -> list[Certificate] | None:
    if not host.process(pid).exe.removesuffix(" (deleted)").endswith(PROGRAM):
        return None
    says = told.told(host, procfs.command(host, pid, ARGUMENTS_OF_DOCKERD))
    path = says.said("tlscacert") or OF_ROOT
    raw = host.read_bytes(path, missing=b"", limit=CERTIFICATE_BYTES)
    if not raw and says.tls() == "client certificates":
        raise Unsupported(f"/proc/{pid}: dockerd asks for clients' certificates, and whose it accepts is not known")
    return list(client_certificates.each(path, raw)) if raw else None


def stated(place: Place, authorities: Authorities, daemons: Daemons) -> dict[str, Json]:
    """State by path each key that one accepts, and until when; what is not known is a hole of its path."""
    found: dict[str, Json] = {}
    for count, folder in enumerate(key_folders(place, found)):
        path = f"{folder.path}/key.pem"
        if count == CERTIFICATES_VERIFIED:
            raise LimitExceeded(f"{place.path}: more than {CERTIFICATES_VERIFIED} directories with keys of clients")
        one = attempt(_accepted, folder, path, authorities, daemons)
        if one is not None:
            found[path] = one
    return found


def _accepted(folder: Folder, path: str, authorities: Authorities, daemons: Daemons) -> Json:
    names = folder.names()
    if "key.pem" not in names or "cert.pem" not in names:
        return None
    raw = {name: folder.read(f"{name}.pem", CERTIFICATE_BYTES) for name in ("key", "cert")}
    if not raw["key"] or not raw["cert"]:
        return None
    one = client_certificates.read(path, raw["cert"])
    by = [pid for pid, known in daemons().items() if one.for_clients and any(signatures.signed_by(path, one, authority) for authority in known)]
    if not by or authorities.expired(one) or not signatures.is_key_of(path, raw["key"], one):
        return None
    return {"accepted_by": sorted(by), "expires": one.expires, "as_open": _as_open(folder)}


def _as_open(folder: Folder) -> bool:
    """Say whether whoever can read the key can read the certificate beside it, which it is worth nothing without."""
    key, certificate = (folder.place.host.stat(f"{folder.path}/{name}.pem", follow=False) for name in ("key", "cert"))
    return (key.gid, key.acl) == (certificate.gid, certificate.acl) and not key.mode & ~certificate.mode & 0o044
