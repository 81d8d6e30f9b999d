"""Hosts for who counts: the accounts that a distribution ships with root's group, whom the site has approved, and who has subordinate ids.

The four lines are those of Red Hat's package setup; Alpine has the same. The proof is that root's group opens the socket: whoever acted as one of them would
be let in.
"""

from collections.abc import Callable

from hosts.planting import Host, Plant, all_of, edit, engine, ready, shell
from hosts.rows_rootless import podman, podman_answers
from hosts.rows_sockets import PODMAN, G
from real_engines.rootless_world import RootlessWorld
from real_engines.world import USERS

FOUR = (
    "sync:x:5:0:sync:/sbin:/bin/sync",
    "shutdown:x:6:0:shutdown:/sbin:/sbin/shutdown",
    "halt:x:7:0:halt:/sbin:/sbin/halt",
    "operator:x:11:0:operator:/root:/sbin/nologin",
)
NAMES = tuple(line.partition(":")[0] for line in FOUR)
CLOSED = {f"HC-ACC-16 {PODMAN}": "pass", "HC-ACC-05 root": "pass"}
COUNTS = (f"HC-ACC-16 {PODMAN}", "HC-ACC-05 root")
SERVER = {"role": "server", "profile": "level2"}
OTHERS = "approved_subid_owners=" + ",".join(USERS)
SLEEPS = "import os, time; os.setgroups([]); os.setgid(65534); os.setuid(11); print('ready', flush=True); time.sleep(600)"


def without(text: str) -> str:
    """Return a file of accounts without those that Debian calls the same."""
    return "".join(f"{line}\n" for line in text.splitlines() if line.partition(":")[0] not in NAMES)


def red_hat(*lines: str, operator: str = "*") -> Plant:
    """Return the planting of the four accounts, with these lines of /etc/passwd instead of some, and of root's podman as its socket unit makes it."""
    instead = {line.partition(":")[0]: line for line in (*FOUR, *lines)}

    def shadow(text: str) -> str:
        secrets = dict.fromkeys(NAMES, "*") | {"operator": operator}
        return without(text) + "".join(f"{name}:{secret}:19760:0:99999:7:::\n" for name, secret in secrets.items())

    accounts = edit("passwd", lambda text: without(text) + "".join(f"{line}\n" for line in instead.values()))
    keys = shell("mount --no-mtab -t tmpfs -o mode=0700 tmpfs /root", "mount --no-mtab -t tmpfs -o mode=0755 tmpfs /var/spool")
    return all_of(accounts, edit("shadow", shadow), keys, engine(PODMAN, mode=0o660))


def opens(*names: str) -> Callable[[RootlessWorld], bool]:
    """Return the proof that whoever acted as one of these would be let in."""
    return lambda world: set(names) <= world.able(PODMAN)


def acts(name: str, *plants: Plant) -> Host:
    """Return a host on which somebody can act as operator."""
    return Host(name=name, plant=all_of(*plants), proof=opens("operator"), fails=COUNTS, twin="Red Hat's accounts as they are shipped")


def open_ways(name: str, plant: Plant) -> Host:
    """Return a host on which somebody may act as operator, by a way that is not looked for."""
    unknown = dict.fromkeys((*COUNTS, *(f"HC-RTL-{number} *" for number in ("02", "03", "05"))), "error")
    return Host(name=name, plant=all_of(red_hat(), plant), proof=opens("operator"), also=unknown, twin="Red Hat's accounts as they are shipped")


def runs(world: RootlessWorld) -> None:
    """Let something run as operator."""
    ready(world, "/usr/bin/python3", "-I", "-c", SLEEPS)


def sshd(setting: str) -> Plant:
    """Return the planting of a file that sshd includes (sshd_config(5))."""
    return shell(
        f"install -d /etc/ssh/sshd_config.d && echo '{setting}' >/etc/ssh/sshd_config.d/site.conf",
        "echo 'Include /etc/ssh/sshd_config.d/*.conf' >/etc/ssh/sshd_config",
    )


UNITS = "/etc/systemd/system"
TEMPLATE = (f"install -d {UNITS}; printf '[Service]\\nUser=%%i\\n' >{UNITS}/watch@.service",)


def instance(name: str) -> Plant:
    """Return the planting of an enabled unit that runs as the user whom it is named after (%i of systemd.unit(5))."""
    wants = "/etc/systemd/system/multi-user.target.wants"
    return shell(
        f"install -d {wants}; printf '%s\\n' '[Service]' 'User=%i' '[Install]' 'WantedBy=multi-user.target' >/etc/systemd/system/watch@.service",
        f"ln -s /etc/systemd/system/watch@.service {wants}/watch@{name}.service",
    )


HOSTS = [
    Host(name="Red Hat's accounts as they are shipped", plant=red_hat(), proof=opens(*NAMES), also=CLOSED),
    acts("operator with a password", red_hat(operator="$y$j9T$hostcheck$abc")),
    acts("operator with a shell", red_hat("operator:x:11:0:operator:/root:/bin/bash")),
    acts("operator with a crontab", red_hat(), shell("install -d -m 0700 /var/spool/cron && echo '* * * * * true' >/var/spool/cron/operator")),
    acts("operator with a key", red_hat(), shell("install -d -m 0700 /root/.ssh; echo 'ssh-ed25519 AAAA x' >/root/.ssh/authorized_keys")),
    acts(
        "a unit that nobody started runs as operator",
        red_hat(),
        shell("install -d /run/systemd/transient; printf '[Service]\\nUser=operator\\n' >/run/systemd/transient/x.service"),
    ),
    acts("a process of operator's", red_hat(), runs),
    open_ways("sshd reads operator's keys elsewhere", sshd("AuthorizedKeysFile /etc/ssh/keys/%u")),
    open_ways("sshd lets in whom a CA has signed", sshd("TrustedUserCAKeys /etc/ssh/ca.pub")),
    acts("an instance of a unit whose name is the user", red_hat(), instance("operator")),
    acts(
        "a job of operator's that at has", red_hat(), shell("install -d -m 0700 /var/spool/at && install -m 0700 -o 11 /dev/null /var/spool/at/a0000101b2c3d4")
    ),
    acts("xinetd starts something as operator", red_hat(), shell("install -d /etc/xinetd.d && echo 'user = operator' >/etc/xinetd.d/watch")),
    acts(
        "a timer starts an instance whose name is the user", red_hat(), shell(*TEMPLATE, f"printf '[Timer]\\nUnit=watch@operator.service\\n' >{UNITS}/x.timer")
    ),
    open_ways("a template runs as its instance, and nothing shows who starts one", shell(*TEMPLATE)),
    Host(
        name="sshd reads root's own keys, and a note says so",
        plant=all_of(red_hat(), sshd("AuthorizedKeysFile .ssh/authorized_keys /root/.ssh/authorized_keys # as ever")),
        proof=opens(*NAMES),
        also=CLOSED,
        twin="sshd reads operator's keys elsewhere",
    ),
    Host(
        name="what systemd passes over among its units",
        plant=all_of(red_hat(), shell(f"install -d {UNITS}/a.service {UNITS}/b.socket; ln -s c.service {UNITS}/c.service")),
        proof=opens(*NAMES),
        also=CLOSED,
        twin="Red Hat's accounts as they are shipped",
    ),
    acts(
        "a unit with a byte order mark runs as operator",
        red_hat(),
        shell(f"install -d {UNITS}; printf '\\357\\273\\277[Service]\\nUser=operator\\n' >{UNITS}/x.service"),
    ),
    acts("an OpenRC script runs as operator", red_hat(), shell("install -d /etc/init.d && echo command_user=operator >/etc/init.d/watch")),
    Host(
        name="neither sshd nor an instance is about operator",
        plant=all_of(red_hat(), sshd("AuthorizedKeysFile .ssh/authorized_keys"), instance("nobody")),
        proof=opens(*NAMES),
        also=CLOSED,
        twin="sshd reads operator's keys elsewhere",
    ),
    Host(
        name="operator was put into the group root",
        plant=all_of(red_hat(), edit("group", lambda text: text.replace("root:x:0:", "root:x:0:operator", 1))),
        proof=opens("operator"),
        also=CLOSED,
        twin="Red Hat's accounts as they are shipped",
    ),
    Host(
        name="operator was put into the group docker",
        plant=all_of(red_hat(), edit("group", lambda text: text.replace(f"docker:x:{G}:alice", f"docker:x:{G}:operator")), shell(f"chgrp {G} {PODMAN}")),
        proof=opens("operator", "bob"),
        fails=(f"HC-ACC-16 {PODMAN}", "HC-ACC-05 docker"),
        twin="Red Hat's accounts as they are shipped",
        says={f"HC-ACC-16 {PODMAN}": "bob (primary group docker)"},
    ),
    Host(
        name="root's key, with which cloud-init lets nobody in",
        plant=all_of(
            red_hat(), shell("install -d -m 0700 /root/.ssh; echo 'no-port-forwarding,command=\"echo no\" ssh-ed25519 AAAA x' >/root/.ssh/authorized_keys")
        ),
        proof=opens(*NAMES),
        also=CLOSED,
    ),
    Host(
        name="twenty users whom useradd gave their ranges",
        plant=shell("for number in $(seq 20); do useradd -M user$number; done"),
        proof=lambda world: int(world.run("grep", "-c", "^user[0-9]*:[0-9]*:65536$", "/etc/subuid")) == 20,
        fails=("HC-SUB-14 default ranges", "HC-RTL-04"),
        says={"HC-SUB-14 default ranges": "owners who are not approved: user1, user10"},
        remains={"HC-SUB-14 default ranges": "a fix has commands for ten users, and says that the host is to be scanned again"},
        values=(OTHERS,),
        twin="a user's engine on a server",
        alone=True,
        **SERVER,
    ),
    Host(
        name="a user's engine on a server",
        plant=podman,
        proof=podman_answers,
        fails=("HC-RTL-04",),
        also={"HC-SUB-14 default ranges": "pass"},
        values=(OTHERS.replace("erin,", ""),),
        twin="a user's engine on a server, and ranges that nobody approved",
        alone=True,
        **SERVER,
    ),
    Host(
        name="a user's engine on a server, and ranges that nobody approved",
        plant=podman,
        proof=podman_answers,
        fails=("HC-RTL-04", "HC-SUB-14 default ranges"),
        values=("approved_subid_owners=alice,bob,carol,dave",),
        says={"HC-SUB-14 default ranges": "owners who are not approved: frank"},
        twin="a user's engine on a server",
        alone=True,
        **SERVER,
    ),
    Host(
        name="users who may run engines on a server",
        plant=podman,
        proof=podman_answers,
        also={"HC-SUB-14 default ranges": "pass", "HC-RTL-04": "notapplicable"},
        values=("rootless_users=alice,bob,carol,dave,frank",),
        twin="a user's engine on a server",
        alone=True,
        **SERVER,
    ),
]
