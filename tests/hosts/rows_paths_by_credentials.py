"""Ways to root by a key of this host's cluster: openssl(1) accepts it, and with it one starts a pod with all rights on this node, which no test can do here."""

from credentials import signed_certificates as signed
from credentials.credential_host import ADMIN
from hosts.planting import Plant, all_of, shell, written
from hosts.rows_clusters import BY_KUBEADM, DAVES, K3S, KUBELETS, NODE, PKI, PODS, VERIFIES, copied, kept, logs_in, pair, puts, raw, signs
from hosts.rows_paths import EVERYONE
from hosts.walking import Walk, Way, step
from real_engines.rootless_world import RootlessWorld

READS = ("reads administers",)
LIKELY = ("likely nothing: reads administers",)
KUBEADMS = "kubeadm:cluster-admins"
ETCD = all_of(NODE, raw(f"{PKI}/etcd/ca.crt", signed.OTHER.certificate, "0644"))


def key(path: str = ADMIN, change: str = "chmod 0600 {0}") -> Plant:
    """Return the planting of a node with an administrator's key at a path."""
    return all_of(NODE, kept(signed.MASTERS, change, path))


def has(user: str, name: str, authority: str, group: str = "system:masters") -> Walk:
    """Return the walk of a user who has a key of the cluster's whose certificate an authority signed."""
    return step(user, f"set -- {PKI}/{name}.crt {PKI}/{name}.key {PKI}/{authority} {group}\n{VERIFIES}")


TLS = "/run/tls"
AT = "tcp://127.0.0.1:2376"
THEIRS = "{home}/dave/.docker"
SERVER = f"""
cd {TLS}
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout key.pem -out csr -subj /CN=server
echo subjectAltName=IP:127.0.0.1 > ext
openssl x509 -req -in csr -CA ca.pem -CAkey ca-key.pem -set_serial 9 -days 3 -extfile ext -out cert.pem
"""


def listens(world: RootlessWorld) -> None:
    """Start a dockerd of root's that lets in whoever has a certificate of its authority."""
    all_of(raw(f"{TLS}/ca.pem", signed.AUTHORITY.certificate, "0644"), raw(f"{TLS}/ca-key.pem", signed.AUTHORITY.key), shell("ip link set lo up", SERVER))(
        world
    )
    files = (f"--tlscacert={TLS}/ca.pem", f"--tlscert={TLS}/cert.pem", f"--tlskey={TLS}/key.pem")
    world.start_docker("--tlsverify", *files, "-H", AT)
    shell("chmod 0600 /run/docker.sock")(world)


def client(of: signed.Signed) -> Plant:
    """Return the planting of a client's key in dave's ~/.docker."""

    def plant(world: RootlessWorld) -> None:
        shell(f"install -d -o dave -g dave -m 0700 {THEIRS}")(world)
        for name, content in (("cert", of.certificate), ("key", of.key)):
            written(f"{THEIRS}/{name}.pem", content.decode(), "dave", 0o600)(world)

    return plant


DOCKS = step("dave", f"docker --tlsverify --tlscacert {TLS}/ca.pem --tlscert {THEIRS}/cert.pem --tlskey {THEIRS}/key.pem -H {AT} version")
"""A user whom root's dockerd answers, and for whom it starts a container with the host's /."""
WAYS = [
    Way(
        name="a client's key that root's dockerd accepts",
        plant=all_of(listens, client(signed.NODE)),
        walk=DOCKS,
        certain={"user:dave": ("reads connects controls",)},
        twin=client(signed.ELSEWHERE),
    ),
    Way(
        name="a client's key that root's dockerd accepts, until it expired",
        plant=all_of(listens, client(signed.NODE)),
        walk=DOCKS,
        certain={"user:dave": ("reads connects controls",)},
        twin=client(signed.OLD),
    ),
    Way(
        name="a key of a cluster's administrator for everybody",
        plant=key(change="chmod 0644 {0}"),
        walk=logs_in("nobody"),
        certain={EVERYONE: READS},
        twin=shell(f"chmod 0600 {ADMIN}"),
    ),
    Way(
        name="a key of a cluster's administrator for a group",
        plant=key(change="chgrp carol {0}; chmod 0640 {0}"),
        walk=logs_in("carol"),
        certain={"user:carol": READS},
        twin=shell(f"chgrp root {ADMIN}"),
    ),
    Way(
        name="a key of a cluster's administrator with an ACL",
        plant=key(change="chmod 0600 {0}; setfacl -m u:frank:r {0}"),
        walk=logs_in("frank"),
        certain={"user:frank": READS},
        twin=shell(f"setfacl -m m::- {ADMIN}"),
    ),
    Way(
        name="k3s's key for everybody",
        plant=key(K3S, "chmod 0644 {0}"),
        walk=logs_in("nobody", K3S),
        certain={EVERYONE: READS},
        twin=shell("chmod 0700 /etc/rancher/k3s"),
    ),
    Way(
        name="a key of a cluster's administrator that a user has a copy of",
        plant=all_of(NODE, copied()),
        walk=logs_in("dave", DAVES),
        certain={"user:dave": READS},
        twin=copied(signed.ELSEWHERE),
    ),
    Way(
        name="a key of a cluster's administrator that a user has a copy of, until it expired",
        plant=all_of(NODE, copied()),
        walk=logs_in("dave", DAVES),
        certain={"user:dave": READS},
        twin=copied(signed.OLD),
    ),
    Way(
        name="a key of an administrator of kubeadm's for everybody",
        plant=all_of(BY_KUBEADM, kept(signed.KUBEADM, "chmod 0644 {0}")),
        walk=logs_in("nobody", group=KUBEADMS),
        certain={EVERYONE: READS},
        twin=shell(f"chmod 0600 {ADMIN}"),
    ),
    Way(
        name="a key of an administrator of kubeadm's that a user has a copy of",
        plant=all_of(BY_KUBEADM, copied(signed.KUBEADM)),
        walk=logs_in("dave", DAVES, KUBEADMS),
        certain={"user:dave": READS},
        twin=copied(signed.ELSEWHERE),
    ),
    Way(
        name="a key of an administrator of kubeadm's on a node that kubeadm init did not run on",
        plant=all_of(NODE, copied(signed.KUBEADM)),
        walk=logs_in("dave", DAVES, KUBEADMS),
        other={"user:dave": LIKELY},
        twin=shell(f"rm {DAVES}"),
    ),
    Way(
        name="the key of a cluster's authority for everybody",
        plant=all_of(NODE, pair("ca", signed.AUTHORITY, "chmod 0644 {0}")),
        walk=signs("nobody"),
        certain={EVERYONE: READS},
        twin=shell(f"chmod 0600 {PKI}/ca.key"),
    ),
    Way(
        name="the key by which an API server asks kubelets, for a group",
        plant=all_of(BY_KUBEADM, pair("apiserver-kubelet-client", signed.KUBEADM, "chgrp carol {0}; chmod 0640 {0}")),
        walk=has("carol", "apiserver-kubelet-client", "ca.crt", KUBEADMS),
        certain={"user:carol": READS},
        twin=shell(f"chmod 0600 {PKI}/apiserver-kubelet-client.key"),
    ),
    Way(
        name="the key by which an API server logs in to etcd, for everybody",
        plant=all_of(ETCD, pair("apiserver-etcd-client", signed.ELSEWHERE, "chmod 0644 {0}")),
        walk=has("nobody", "apiserver-etcd-client", "etcd/ca.crt"),
        certain={EVERYONE: READS},
        twin=shell(f"chmod 0600 {PKI}/apiserver-etcd-client.key"),
    ),
    Way(
        name="the key for tokens of service accounts for everybody",
        plant=all_of(NODE, raw(f"{PKI}/sa.key", signed.RSA_AUTHORITY.key, "0644")),
        walk=step("nobody", f"echo x | openssl dgst -sha256 -sign {PKI}/sa.key -out /dev/null"),
        other={EVERYONE: LIKELY},
        twin=shell(f"chmod 0600 {PKI}/sa.key"),
    ),
    Way(
        name="static pods that a user may put there",
        plant=all_of(NODE, shell(KUBELETS.format(path=PODS), f"chown dave {PODS}")),
        walk=puts("dave"),
        certain={"user:dave": ("writes runs",)},
        twin=shell(f"chown root {PODS}; rm {PODS}/mine.yaml"),
    ),
    Way(
        name="static pods that a user may put where no kubelet is known to look",
        plant=all_of(NODE, shell(f"mkdir -p {PODS}; chown dave {PODS}")),
        walk=puts("dave"),
        other={"user:dave": ("likely nothing: writes runs",)},
        twin=shell(f"chown root {PODS}; rm {PODS}/mine.yaml"),
    ),
    Way(
        name="a key of a cluster's administrator that belongs to a user",
        plant=key(change="chmod 0600 {0}; chown dave {0}"),
        walk=logs_in("dave"),
        certain={"user:dave": READS},
        twin=shell(f"chown root {ADMIN}"),
    ),
]
