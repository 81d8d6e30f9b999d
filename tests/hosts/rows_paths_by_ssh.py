"""Ways to root by a private key that a user has, and by which a real sshd lets root in."""

import os
from collections.abc import Callable

from hosts.planting import Plant, all_of, can, members, shell, stopped
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


def of_roots(*lines: str) -> Plant:
    """Return the planting of an sshd that starts at boot, of a key of root's by which it lets root in, and of a directory of backups."""
    made = "ssh-keygen -q -t ed25519 -N '' -f /root/.ssh/id_ed25519; cp /root/.ssh/id_ed25519.pub /root/.ssh/authorized_keys"
    return all_of(STARTS, members("staff", ["frank"]), shell(made, "mount --no-mtab -t tmpfs -o mode=0755 tmpfs /var/backups", *lines))


def takes(command: str) -> Callable[[RootlessWorld], bool]:
    """Return the walk of frank, who logs in as root by the key that a command shows."""
    return cleaned(then(step("frank", f"umask 077; {command} > {HIS}/id"), logs_in), f"{HIS}/id")


ROOTS_OWN = "/root/.ssh/id_ed25519"
SIGNERS = "/srv/ssh-ca/user_ca"
"""The private key of an authority of sshd's, whose public key lies in /etc/ssh."""
TRUSTS = all_of(
    STARTS,
    members("staff", ["frank"]),
    shell(
        "mount --no-mtab -t tmpfs -o mode=0755 tmpfs /srv; install -d /srv/ssh-ca",
        f"ssh-keygen -q -t ed25519 -N '' -f {SIGNERS}; mv {SIGNERS}.pub /etc/ssh/user_ca.pub; echo 'TrustedUserCAKeys /etc/ssh/user_ca.pub' > {SETTINGS}",
        f"chgrp staff {SIGNERS}; chmod 0640 {SIGNERS}",
    ),
)
READS = {"user:frank": ("reads logs-in",)}
WAYS = [
    Way(
        name="a key of root's that everybody reads",
        plant=of_roots(f"chmod 0755 /root /root/.ssh; chmod 0644 {ROOTS_OWN}"),
        walk=takes(f"cat {ROOTS_OWN}"),
        certain={"every local user": ("reads logs-in",)},
        twin=shell(f"chmod 0600 {ROOTS_OWN}"),
    ),
    Way(
        name="a copy of root's key among backups",
        plant=of_roots(f"install -d /var/backups/night; install -m 0640 -g staff {ROOTS_OWN} /var/backups/night/key"),
        walk=takes("cat /var/backups/night/key"),
        certain=READS,
        twin=shell("chmod 0600 /var/backups/night/key"),
    ),
    Way(
        name="an archive with root's key among backups",
        plant=of_roots("tar -C / -czf /var/backups/root.tar.gz root/.ssh; chgrp staff /var/backups/root.tar.gz; chmod 0640 /var/backups/root.tar.gz"),
        walk=takes("tar -xzOf /var/backups/root.tar.gz root/.ssh/id_ed25519"),
        certain=READS,
        twin=shell("chmod 0750 /var/backups; chgrp root /var/backups"),
    ),
    Way(
        name="a private key of root's in a user's home under another name",
        plant=all_of(has_key(), shell(f"mv {HIS}/id {{home}}/frank/root_key")),
        walk=takes("cat {home}/frank/root_key"),
        certain=LOGS_IN,
        twin=shell(f"sed -i 's/^/# /' {ROOTS}"),
    ),
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
    Way(
        name="a key of sshd's authority that a group may read",
        plant=TRUSTS,
        walk=cleaned(then(step("frank", f"umask 077; cp {SIGNERS} {HIS}/ca"), signs_and_logs_in), f"{HIS}/ca"),
        certain=READS,
        twin=shell(f"chmod 0600 {SIGNERS}"),
    ),
    Way(
        name="a key of sshd's authority beside its public key",
        plant=all_of(TRUSTS, shell(f"mv {SIGNERS} /etc/ssh/user_ca")),
        walk=cleaned(then(step("frank", f"umask 077; cp /etc/ssh/user_ca {HIS}/ca"), signs_and_logs_in), f"{HIS}/ca"),
        certain=READS,
        twin=shell("ssh-keygen -q -t ed25519 -N '' -f /run/other; cp /run/other.pub /etc/ssh/user_ca.pub"),
    ),
    Way(
        name="a directory of sshd's keys that a group may write, whose modes sshd does not look at",
        plant=all_of(
            STARTS,
            members("staff", ["frank"]),
            shell(
                "mount --no-mtab -t tmpfs -o mode=0755 tmpfs /srv; install -d -m 2775 -g staff /srv/keys",
                f"printf 'AuthorizedKeysFile /srv/keys/%%u\nStrictModes no\n' > {SETTINGS}; {AS_FRANK} -t ed25519 -N '' -f {HIS}/id",
            ),
        ),
        walk=cleaned(then(step("frank", f"cp {HIS}/id.pub /srv/keys/root"), logs_in), "/srv/keys/root"),
        certain={"user:frank": ("writes runs",)},
        twin=shell(f"sed -i s/no/yes/ {SETTINGS}"),
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
