"""A host on which many users have something that a scan must tell, each by another probe, and the attackers a path of their own that is certain.

Each attack aims at one of these: what is told of them after it is what was told before.
"""

import os
from pathlib import Path

from hosts import attacks
from hosts.owners_crews import ACCOUNTS
from hosts.planting import engine, lines, shell, written
from hosts.rows_machines import WRITABLE
from hosts.rows_paths_by_credentials import key
from hosts.rows_root_programs import CRON_IS_THERE
from real_engines.rootless_world import RootlessWorld

PROGRAM = "#!/bin/sh\n:\n"
SPOOLS = (
    "mount --no-mtab -t tmpfs -o mode=0755 tmpfs /var/spool",
    "install -d -m 1730 /var/spool/cron/crontabs; install -d -m 1770 /var/spool/cron/atjobs",
    "mount --no-mtab -t tmpfs -o mode=1777 tmpfs /dev/shm",
)
SITE = """install -d /etc/site /etc/cron.d /etc/systemd/system/multi-user.target.wants
for name in erin frank carol bob; do printf '#!/bin/sh\\n:\\n' > /etc/site/$name; chmod 0755 /etc/site/$name; chown $name /etc/site/$name; done
echo '* * * * * root /etc/site/erin' > /etc/cron.d/zz-site
echo '* * * * * /etc/site/frank' > /var/spool/cron/crontabs/alice; chown alice /var/spool/cron/crontabs/alice; chmod 0600 /var/spool/cron/crontabs/alice
printf '[Service]\\nExecStart=/etc/site/carol\\n' > /etc/systemd/system/zz.service; ln -s ../zz.service /etc/systemd/system/multi-user.target.wants/
printf '#!/bin/sh\\n/etc/site/bob\\n' > /var/spool/cron/atjobs/b0000101bd5f1a; chmod 0700 /var/spool/cron/atjobs/b0000101bd5f1a"""
"""Root's cron runs a script of erin's, alice's cron one of frank's, systemd one of carol's, and a job of root's for at(1) one of bob's."""
HOMES = (
    "chmod 0711 {home}/alice {home}/carol; install -d -m 1777 -o alice {home}/alice/shared",
    "cp /bin/bash {home}/alice/shared/x; chown root:carol {home}/alice/shared/x; chmod 4750 {home}/alice/shared/x",
    "setfacl -m u:frank:rw {home}/alice/.profile; setfacl -m u:erin:rw {home}/carol/.ssh/authorized_keys",
    "install -d -m 0755 /etc/ssh; echo 'StrictModes no' > /etc/ssh/sshd_config",
    "chmod 0711 /run/user/4005",
)
"""A setuid shell of root's for carol where all may write in alice's home, a profile of alice's that frank may write, and keys of carol's that erin may."""
FAILS = {
    "HC-ACC-04 /run/docker.sock",
    "HC-SUB-01 subuid:bob:0",
    "HC-VMX-02 alice",
    "HC-ACC-18 /run/user/4005/podman/podman.sock",
    *(f"HC-ACC-20 {name}" for name in ("alice", "bob", "carol", "erin", "frank")),
}
"""What must be told of the victims, whatever the attackers lay."""


def victim(world: RootlessWorld) -> None:
    """Plant what each victim has, the accounts of the attackers, and in root's cron a job and a directory of jobs in each attacker's home."""
    attacks.victim(world)
    accounts(world)
    shell(*SPOOLS)(world)
    CRON_IS_THERE(world)
    written("{home}/alice/.profile", "umask 027\n", "alice")(world)
    written("{home}/alice/.lima/default/lima.yaml", WRITABLE, "alice")(world)
    written("{home}/carol/.ssh/authorized_keys", "", "carol")(world)
    shell(SITE, *HOMES)(world)
    engine("/run/user/4005/podman/podman.sock", 0o660, group=4006, user="erin")(world)
    key(change="chgrp erin {0}; chmod 0640 {0}")(world)
    programs(world, ACCOUNTS)
    table = "".join(f"* * * * * root {world.base}/home/{name}/job\n* * * * * root run-parts {world.base}/home/{name}/jobs\n" for name in ACCOUNTS)
    (world.etc / "cron.d/crew").write_text(f"{table}PATH={world.base}/home/dave/bin:/usr/bin:/bin\n* * * * * root report\n")


def accounts(world: RootlessWorld) -> None:
    """Give the attackers accounts, homes and runtime directories."""
    more = [(name, uid) for name, uid in ACCOUNTS.items() if name != "dave"]
    lines("passwd", *(f"{name}:x:{uid}:{uid}::{world.base}/home/{name}:/bin/bash" for name, uid in more))(world)
    lines("group", *(f"{name}:x:{uid}:" for name, uid in more))(world)
    for name, uid in more:
        home = Path(world.base, "home", name)
        home.mkdir(mode=0o700)
        os.chown(home, uid, uid)
    world.run("sh", "-ec", "; ".join(f"install -d -m 0700 -o {uid} -g {uid} /run/user/{uid}" for _, uid in more))


def programs(world: RootlessWorld, who: dict[str, int]) -> None:
    """Put programs of their own into homes."""
    for name, uid in who.items():
        for program in ("job", "jobs/one", "bin/report"):
            path = Path(world.base, "home", name, program)
            path.parent.mkdir(mode=0o755, exist_ok=True)
            path.write_text(PROGRAM)
            path.chmod(0o755)
            for one in (path, path.parent):
                os.chown(one, uid, uid)
