"""The authorities that parts of this host's cluster trust, and whether they accept a certificate now, as an API server would.

An API server takes what an authority of --client-ca-file signed, for clients or for any use, until it expires (kube-apiserver; crypto/x509 of Go). etcd
takes what its own authority signed, and an API server believes whoever shows a certificate of the front proxy's about who asks (kubernetes.io, PKI
certificates and requirements; Configure the Aggregation Layer).
"""

from functools import cached_property
from typing import Final

from hostcheck.api import Host
from hostcheck_builtin.credentials import client_certificates, signatures
from hostcheck_builtin.credentials.client_certificates import Certificate
from hostcheck_builtin.system import host_time, yaml_file
from hostcheck_builtin.system.bounds import CERTIFICATE_BYTES, YAML_FILE_BYTES

KUBEADM: Final = "/etc/kubernetes"
API_SERVER: Final = f"{KUBEADM}/manifests/kube-apiserver.yaml"
RANCHER: Final = ("/var/lib/rancher/k3s", "/var/lib/rancher/rke2")
K0S: Final = "/var/lib/k0s/pki"
MICROK8S: Final = "/var/snap/microk8s/current/certs"
FOLDERS: Final = (
    *(f"{KUBEADM}/pki", f"{KUBEADM}/pki/etcd", *(f"{path}/server/tls{below}" for path in RANCHER for below in ("", "/etcd"))),
    *(K0S, f"{K0S}/etcd", MICROK8S),
)
"""Where the parts of a cluster keep their keys."""
AUTHORITIES: Final = {
    "clients": (
        *(f"{KUBEADM}/pki/ca.crt", f"{K0S}/ca.crt", f"{MICROK8S}/ca.crt"),
        *(f"{path}/{part}/client-ca.crt" for path in RANCHER for part in ("server/tls", "agent")),
    ),
    "etcd": (f"{KUBEADM}/pki/etcd/ca.crt", f"{K0S}/etcd/ca.crt", *(f"{path}/server/tls/etcd/server-ca.crt" for path in RANCHER)),
    "front-proxy": (f"{KUBEADM}/pki/front-proxy-ca.crt", f"{MICROK8S}/front-proxy-ca.crt", *(f"{path}/server/tls/request-header-ca.crt" for path in RANCHER)),
}
"""By what they are trusted for."""
CLIENTS: Final = "--client-ca-file="


class Authorities:
    """What a host trusts, each file read once and only if it is asked about."""

    def __init__(self, host: Host) -> None:
        """Take the host that is asked."""
        self._host = host
        self._read: dict[str, list[Certificate]] = {}

    def of(self, purpose: str) -> list[Certificate]:
        """Return the authorities that are trusted for something, none where this host knows none; raises what reading them raises."""
        if purpose not in self._read:
            paths = dict.fromkeys((*AUTHORITIES[purpose], *(self._named if purpose == "clients" else ())))
            texts = ((path, self._host.read_bytes(path, missing=b"", limit=CERTIFICATE_BYTES)) for path in paths)
            self._read[purpose] = [one for path, raw in texts if raw for one in client_certificates.each(path, raw)]
        return self._read[purpose]

    def trusted(self, path: str, one: Certificate, purpose: str) -> bool:
        """Say whether one of them has signed a certificate; raises what `signatures.signed_by` does."""
        return any(signatures.signed_by(path, one, authority) for authority in self.of(purpose))

    def expired(self, one: Certificate) -> bool:
        """Say whether a certificate holds no more; one that will only hold later is as good."""
        return one.ends < self._now

    @property
    def _named(self) -> list[str]:
        """Return the file that the manifest of an API server names (kubeadm, certificatesDir)."""
        document = yaml_file.read(API_SERVER, self._host.read_bytes(API_SERVER, missing=b"", limit=YAML_FILE_BYTES))
        spec = document.get("spec") if isinstance(document, dict) else None
        containers = spec.get("containers") if isinstance(spec, dict) else None
        words = [word for one in containers or () if isinstance(one, dict) for word in one.get("command") or () if isinstance(word, str)]
        return [word.removeprefix(CLIENTS) for word in words if word.startswith(f"{CLIENTS}/")]

    @cached_property
    def _now(self) -> str:
        return host_time.now(self._host)
