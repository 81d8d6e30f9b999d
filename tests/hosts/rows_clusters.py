"""Hosts for the rules about clusters (HC-K8N-09 to HC-K8N-12): a user reads a key and openssl(1) accepts it as an API server would, or puts a pod in its place.

No kube-apiserver runs here: a certificate is verified by the authority of the cluster, for clients and for today, and its key by the certificate. What that
then may do is as kubeadm's source and the roles say that every API server makes at its start.
"""

from dataclasses import replace

from credentials import signed_certificates as signed
from credentials.credential_host import ADMIN, CA, KUBELET, MANIFEST, kubeconfig
from credentials.signed_certificates import Signed
from hosts.planting import Plant, all_of, as_user, can, shell
from hosts.rows_files import MAKE, Proof, file, host, reads
from real_engines.rootless_world import RootlessWorld

PKI = "/etc/kubernetes/pki"
PODS = "/etc/kubernetes/manifests"
K3S = "/etc/rancher/k3s/k3s.yaml"
FAR = "https://api.example.org:6443"
DAVES = "{home}/dave/.kube/config"
OWN = "setpriv --reuid=dave --regid=dave --clear-groups sh -ec 'umask 077; mkdir -p {home}/dave/.kube; cat > " + DAVES + "' <<'END'\n{text}\nEND"
VERIFIES = """
crt=$1 key=$2 ca=$3 group=$4
openssl verify -purpose sslclient -CAfile "$ca" "$crt" >/dev/null 2>&1
openssl x509 -in "$crt" -noout -subject -nameopt multiline | grep -q "organizationName *= *$group\\$"
test "$(openssl x509 -in "$crt" -noout -pubkey)" = "$(openssl pkey -in "$key" -pubout)"
"""
"""A certificate that an API server accepts, of this group, whose key one has."""
FROM_KUBECONFIG = f"""
set -e
t=$(mktemp -d); trap 'rm -r "$t"' EXIT
for one in certificate key; do sed -n "s/^ *client-$one-data: //p" "$1" | base64 -d > $t/$one; done
set -- $t/certificate $t/key {CA} "$2"
{VERIFIES}
"""
SIGNS = (
    """
set -e
t=$(mktemp -d); trap 'rm -r "$t"' EXIT
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout $t/key -out $t/csr -subj /O=system:masters/CN=mine 2>/dev/null
echo extendedKeyUsage=clientAuth > $t/ext
openssl x509 -req -in $t/csr -CA "$1" -CAkey "$2" -set_serial 7 -days 3 -extfile $t/ext -out $t/crt 2>/dev/null
set -- $t/crt $t/key "$1" system:masters
"""
    + VERIFIES
)
KUBELETS = """
mkdir /run/var /run/work
mount --no-mtab -t overlay -o lowerdir=/var/lib,upperdir=/run/var,workdir=/run/work overlay /var/lib
mkdir -p /var/lib/kubelet
printf 'kind: KubeletConfiguration\\nstaticPodPath: %s\\n' {path} > /var/lib/kubelet/config.yaml
mkdir -p {path}
"""
"""A kubelet's settings, which only the host sees."""


def text(of: Signed = signed.MASTERS, server: str = FAR) -> str:
    """Return a kubeconfig with a certificate and its key."""
    return kubeconfig(of.user(), server)


def raw(path: str, content: bytes, mode: str = "0600", more: str = "") -> Plant:
    """Return the planting of a file of root's with its directories."""
    return file(path, content.decode().rstrip("\n"), f"chmod {mode} {path}; {more}")


def pair(name: str, of: Signed, change: str = "chmod 0600 {0}") -> Plant:
    """Return the planting of a certificate of the cluster's, and of its key with a change."""
    return all_of(raw(f"{PKI}/{name}.crt", of.certificate, "0644"), raw(f"{PKI}/{name}.key", of.key, "0600", change.format(f"{PKI}/{name}.key")))


NODE = all_of(
    file(KUBELET, kubeconfig({"client-certificate": "/none", "client-key": "/none"}), f"chmod 0600 {KUBELET}"), raw(CA, signed.AUTHORITY.certificate, "0644")
)
"""A kubelet that is set up, and the authority that it trusts."""
BY_KUBEADM = all_of(NODE, raw(MANIFEST, b"kind: Pod\n"), raw("/etc/kubernetes/super-admin.conf", text().encode()))
"""What kubeadm init leaves beside that."""


def kept(of: Signed = signed.MASTERS, change: str = "chmod 0600 {0}", path: str = ADMIN, server: str = FAR) -> Plant:
    """Return the planting of a kubeconfig of root's with a change."""
    return file(path, text(of, server), change.format(path))


def copied(of: Signed = signed.MASTERS, server: str = FAR) -> Plant:
    """Return the planting of a kubeconfig that dave keeps."""

    def plant(world: RootlessWorld) -> None:
        shell(OWN.replace("{text}", text(of, server)))(world)

    return plant


def logs_in(user: str, path: str = ADMIN, group: str = "system:masters", *, does: bool = True) -> Proof:
    """Return the proof that a user has what the API server accepts, from a kubeconfig."""
    return lambda world: can(world, user, "sh", "-c", FROM_KUBECONFIG, "sh", path.replace("{home}", f"{world.base}/home"), group) is does


def signs(user: str, name: str = "ca", *, does: bool = True) -> Proof:
    """Return the proof that a user makes a certificate of administrators that the authority's certificate verifies."""
    return lambda world: can(world, user, "sh", "-c", SIGNS, "sh", f"{PKI}/{name}.crt", f"{PKI}/{name}.key") is does


def puts(user: str, folder: str = PODS, *, does: bool = True) -> Proof:
    """Return the proof that a user puts a pod where a kubelet starts it from."""
    return as_user(user, *MAKE_POD, f"{folder}/mine.yaml", "kind: Pod\n", does=does)


MAKE_POD = ("/usr/bin/python3", "-I", "-c", MAKE)
HOSTS = [
    host(
        "admin.conf of kubeadm for everybody",
        all_of(BY_KUBEADM, kept(signed.KUBEADM, "chmod 0644 {0}")),
        logs_in("nobody", group="kubeadm:cluster-admins"),
        f"HC-K8N-10 {ADMIN}",
        "HC-ACC-20 every local user",
        twin="admin.conf of kubeadm of root's",
        also={"HC-K8N-10 /etc/kubernetes/super-admin.conf": "pass"},
    ),
    host(
        "admin.conf of kubeadm of root's",
        all_of(BY_KUBEADM, kept(signed.KUBEADM)),
        logs_in("nobody", group="kubeadm:cluster-admins", does=False),
        also={f"HC-K8N-10 {ADMIN}": "pass", "HC-ACC-20 every local user": "pass"},
    ),
    host(
        "k3s.yaml for everybody, without a kubelet",
        kept(signed.MASTERS, "chmod 0644 {0}", K3S, "https://127.0.0.1:6443"),
        reads("nobody", K3S),
        f"HC-K8N-10 {K3S}",
        twin="admin.conf of kubeadm of root's",
        also={"HC-ACC-20 every local user": "pass"},
    ),
    replace(
        host(
            "a copy of an administrator's kubeconfig in a home",
            all_of(BY_KUBEADM, copied(signed.KUBEADM)),
            logs_in("dave", DAVES, "kubeadm:cluster-admins"),
            f"HC-K8N-11 {DAVES}",
            "HC-ACC-20 dave",
            twin="a kubeconfig of another cluster in a home",
            profile="level2",
        ),
        remains=dict.fromkeys((f"HC-K8N-11 {DAVES}", "HC-ACC-20 dave"), "who has a copy keeps it: no command takes it away"),
    ),
    host(
        "a kubeconfig of another cluster in a home",
        all_of(BY_KUBEADM, copied(signed.ELSEWHERE)),
        logs_in("dave", DAVES, does=False),
        also={f"HC-K8N-11 {DAVES}": "pass"},
        profile="level2",
    ),
    host(
        "a kubeconfig in a home that everybody may read",
        all_of(BY_KUBEADM, copied(signed.OLD), shell(f"chmod 0711 {{home}}/dave; chmod 0755 {{home}}/dave/.kube; chmod 0644 {DAVES}")),
        reads("nobody", DAVES),
        f"HC-K8N-11 {DAVES}",
        twin="a kubeconfig of another cluster in a home",
        profile="level2",
    ),
    host(
        "the key of a cluster's authority for everybody",
        all_of(NODE, pair("ca", signed.AUTHORITY, "chmod 0644 {0}"), raw(f"{PKI}/sa.key", signed.RSA_AUTHORITY.key, "0644")),
        signs("nobody"),
        f"HC-K8N-12 {PKI}/ca.key",
        f"HC-K8N-12 {PKI}/sa.key",
        "HC-ACC-20 every local user",
        twin="keys of a cluster of root's",
    ),
    host(
        "keys of a cluster of root's",
        all_of(NODE, pair("ca", signed.AUTHORITY), raw(f"{PKI}/sa.key", signed.RSA_AUTHORITY.key)),
        signs("nobody", does=False),
        also={f"HC-K8N-12 {PKI}/ca.key": "pass", f"HC-K8N-12 {PKI}/sa.key": "pass", "HC-ACC-20 every local user": "pass"},
    ),
    host(
        "static pods that a user may put there",
        all_of(NODE, shell(KUBELETS.format(path=PODS), f"chown dave {PODS}")),
        puts("dave"),
        f"HC-K8N-09 {PODS}",
        "HC-ACC-20 dave",
        twin="static pods of root's",
    ),
    host(
        "a static pod that everybody may change",
        all_of(NODE, shell(KUBELETS.format(path="/etc/pods")), file("/etc/pods/a.yaml", "kind: Pod", "chmod 0666 /etc/pods/a.yaml")),
        as_user("nobody", *MAKE_POD[:3], "import sys; open(sys.argv[1], 'a')", "/etc/pods/a.yaml"),
        "HC-K8N-09 /etc/pods",
        "HC-ACC-20 every local user",
        twin="static pods of root's",
    ),
    host(
        "static pods of root's",
        all_of(NODE, shell(KUBELETS.format(path=PODS))),
        puts("dave", does=False),
        also={f"HC-K8N-09 {PODS}": "pass", "HC-ACC-20 every local user": "pass"},
    ),
]
