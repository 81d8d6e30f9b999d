"""Ways to root by a private key that a user has, and by which a real sshd lets root in."""

import os

from hosts.planting import Plant, all_of, can, shell, stopped
from hosts.walking import PROVES, Way, cleaned, root_by, step, then
from real_engines.rootless_world import RootlessWorld

SSHD = os.environ.get("HOSTCHECK_TEST_SSHD", "/usr/sbin/sshd")
"""A real sshd, of the package openssh-server."""
OWN_SSHD = "/usr/local/sbin/sshd"
HIS = "{home}/frank/.ssh"
SETTINGS = "/etc/ssh/sshd_config.d/own.conf"
ROOTS = "/root/.ssh/authorized_keys"
LISTENS = "echo > /dev/tcp/127.0.0.1/22"
SSH = f"ssh -F none -i {HIS}/id -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o BatchMode=yes -o ConnectTimeout=5 root@127.0.0.1"
LOGS_IN = {"user:frank": ("logs-in",)}
STARTS = all_of(
    shell(
        "ip link set lo up; mount --no-mtab -t tmpfs -o mode=0700 tmpfs /root; mount --no-mtab -t tmpfs -o mode=0755 tmpfs /usr/local/sbin",
        f"cp {SSHD} {OWN_SSHD}; install -d /run/sshd",
        f"install -d -m 0700 /root/.ssh; install -d -o frank -g frank -m 0700 {HIS}",
        "install -d /etc/ssh/sshd_config.d /etc/systemd/system/multi-user.target.wants; echo 'Include /etc/ssh/sshd_config.d/*.conf' > /etc/ssh/sshd_config",
        "ln -sf /lib/systemd/system/ssh.service /etc/systemd/system/multi-user.target.wants/ssh.service",
        "rm -f /etc/ssh/ssh_host_*; ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/ssh_host_ed25519_key; sed -i 's/^root:[^:]*:/root:*:/' /etc/shadow",
        "getent passwd sshd >/dev/null || echo 'sshd:x:4999:65534::/run/sshd:/usr/sbin/nologin' >> /etc/passwd",
    ),
)


AS_FRANK = "setpriv --reuid=frank --regid=frank --clear-groups ssh-keygen -q"


def has_key(made: str = "-t ed25519", options: str = "") -> Plant:
    """Return the planting of an sshd that starts at boot, and of a key of frank's by which it lets root in."""
    return all_of(
        STARTS,
        shell(f"{AS_FRANK} {made} -N '' -f {HIS}/id", f"(echo -n '{options}'; cat {HIS}/id.pub) > {ROOTS}"),
    )


def logs_in(world: RootlessWorld) -> bool:
    """Say whether frank logs in as root: by the real sshd, which listens in this host's own network."""
    folder = os.path.join(os.path.dirname(os.path.dirname(SSHD)), "lib/openssh")
    paths = [word for name in ("session", "auth") for word in ("-o", f"Sshd{name.title()}Path={folder}/sshd-{name}") if os.path.exists(f"{folder}/sshd-{name}")]
    world.start(OWN_SSHD, "-D", "-o", "ListenAddress=127.0.0.1", "-o", "UsePAM=no", *paths)
    try:
        world.wait(lambda: can(world, "root", "bash", "-c", LISTENS))
        return root_by(step("frank", f"{SSH} {PROVES}"))(world)
    finally:
        stopped(world)


def signs_and_logs_in(world: RootlessWorld) -> bool:
    """Say whether frank logs in with a certificate that he signs himself."""
    made = f"rm -f {HIS}/id*; ssh-keygen -q -t ed25519 -N '' -f {HIS}/id; ssh-keygen -q -s {HIS}/ca -I x -n root {HIS}/id.pub"
    return cleaned(then(step("frank", made), logs_in), f"{HIS}/id", f"{HIS}/id.pub", f"{HIS}/id-cert.pub")(world)


WAYS = [
    Way(
        name="a private key of root's that a user has",
        plant=has_key(),
        walk=logs_in,
        certain=LOGS_IN,
        twin=shell(f"{AS_FRANK} -p -P '' -N sesame -f {HIS}/id"),
    ),
    Way(
        name="a private key of root's in the older form that a user has",
        plant=has_key("-t rsa -m PEM"),
        walk=logs_in,
        other={"user:frank": ("likely nothing: logs-in",)},
        twin=shell(f"ssh-keygen -q -t ed25519 -N '' -f /run/other; cp /run/other.pub {ROOTS}"),
    ),
    Way(
        name="a key of an authority that signs for root, which a user has",
        plant=all_of(
            STARTS,
            shell(
                f"{AS_FRANK} -t ed25519 -N '' -f {HIS}/ca",
                f"(echo -n 'cert-authority '; cat {HIS}/ca.pub) > {ROOTS}",
            ),
        ),
        walk=signs_and_logs_in,
        certain=LOGS_IN,
        twin=shell(f"rm {ROOTS}"),
    ),
    *(
        Way(name=f"a private key of root's, and sshd {name}", plant=has_key(), walk=logs_in, certain=LOGS_IN, twin=shell(change))
        for name, change in {
            "that lets root in by nothing": f"echo 'PermitRootLogin no' > {SETTINGS}",
            "with a list of users": f"echo 'AllowUsers carol' > {SETTINGS}",
            "with revoked keys": f"cp {ROOTS} /etc/ssh/revoked; echo 'RevokedKeys /etc/ssh/revoked' > {SETTINGS}",
            "with other files of keys": f"echo 'AuthorizedKeysFile /etc/ssh/keys/%u' > {SETTINGS}",
            "with one command": f"sed -i 's,^,command=\"/bin/false\" ,' {ROOTS}",
        }.items()
    ),
]
