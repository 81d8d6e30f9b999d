"""Ways to root by the key of a cluster's administrator: the user reads it, and with it starts a pod with all rights on this node, which no test can do here."""

from credentials.credential_host import ADMIN, KUBELET, kubeconfig
from hosts.planting import Plant, all_of, shell
from hosts.rows_files import file
from hosts.rows_paths import EVERYONE
from hosts.walking import Walk, Way, step

K3S = "/etc/rancher/k3s/k3s.yaml"
MINE = "{home}/dave/.kube/config"
READS = ("reads administers",)
NODE = file(KUBELET, kubeconfig({"client-certificate": "/none", "client-key": "/none"}), f"chmod 0600 {KUBELET}")
COPIED = f"setpriv --reuid=dave --regid=dave --clear-groups sh -ec 'umask 077; mkdir {{home}}/dave/.kube; cat > {MINE}' < {ADMIN}"


def key(path: str = ADMIN, change: str = "chmod 0600 {0}") -> Plant:
    """Return the planting of a node with an administrator's key at a path."""
    return all_of(NODE, file(path, kubeconfig(), change.format(path)))


def reads(user: str, path: str = ADMIN) -> Walk:
    """Return the walk of a user who reads the key at a path."""
    return step(user, f"grep -q client-key-data {path}")


WAYS = [
    Way(
        name="a key of a cluster's administrator for everybody",
        plant=key(change="chmod 0644 {0}"),
        walk=reads("nobody"),
        certain={EVERYONE: READS},
        twin=shell(f"chmod 0600 {ADMIN}"),
    ),
    Way(
        name="a key of a cluster's administrator for a group",
        plant=key(change="chgrp carol {0}; chmod 0640 {0}"),
        walk=reads("carol"),
        certain={"user:carol": READS},
        twin=shell(f"chgrp root {ADMIN}"),
    ),
    Way(
        name="a key of a cluster's administrator with an ACL",
        plant=key(change="chmod 0600 {0}; setfacl -m u:frank:r {0}"),
        walk=reads("frank"),
        certain={"user:frank": READS},
        twin=shell(f"setfacl -m m::- {ADMIN}"),
    ),
    Way(
        name="k3s's key for everybody",
        plant=key(K3S, "chmod 0644 {0}"),
        walk=reads("nobody", K3S),
        certain={EVERYONE: READS},
        twin=shell("chmod 0700 /etc/rancher/k3s"),
    ),
    Way(
        name="a key of a cluster's administrator that a user has a copy of",
        plant=all_of(key(), shell(COPIED)),
        walk=reads("dave", MINE),
        certain={"user:dave": READS},
        twin=shell(f"rm {MINE}"),
    ),
    Way(
        name="a key of a cluster's administrator that belongs to a user",
        plant=key(change="chmod 0600 {0}; chown dave {0}"),
        walk=reads("dave"),
        certain={"user:dave": READS},
        twin=shell(f"chown root {ADMIN}"),
    ),
]
