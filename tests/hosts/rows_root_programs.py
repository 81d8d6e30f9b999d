"""Hosts on which somebody changes what root runs by itself, and root then runs it: as cron, udev, PAM or a shell would; each with its twin.

No rule judges these facts alone, so a row says which files the analysis root-program-access has to tell, and as whom and when they are run. In each proof
a user first changes the file, and root then does what it does anyway: that what the user wrote ran as root is seen by a file that only root can make.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hosts.planting import Plant, all_of, can, setting, shell
from real_engines.rootless_world import RootlessWorld
from real_engines.world import DOCKER_GID

SITE = "/etc/site"
SCRIPT = f"{SITE}/backup.sh"
TABLE = "/etc/cron.d/site"
UNIT = "/etc/systemd/system/site.service"
ENABLED = "mkdir -p /etc/systemd/system/multi-user.target.wants; ln -s ../site.service /etc/systemd/system/multi-user.target.wants/site.service"
BECAME = "/run/became"
WRITTEN = f"#!/bin/sh\nid -u > {BECAME}\n"
PROGRAM = "#!/bin/sh\n:\n"
PUT = """
import os, sys
path, text = sys.argv[1:]
if os.path.exists(path) and not os.access(path, os.W_OK):
    os.unlink(path)
with open(path, "w") as file:
    file.write(text)
if os.stat(path).st_uid == os.getuid():
    os.chmod(path, 0o755)
"""
DAVES_GROUP = "dave"
DAVES = f"chown dave {SCRIPT}"
STAFF = f"chgrp {DOCKER_GID} {SCRIPT}; chmod 0775 {SCRIPT}"
Files = dict[str, tuple[str, str, list[str]]]
"""By path the kind, what it takes of others, and who can change it."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One such host: `user` does what `lays` says and puts a text at `path`, and root runs `then`.

    `files` are those that are certain, `perhaps` those that are not.
    `twin` is the host that differs in the one thing: there the same does not make anybody root.
    """

    name: str
    plant: Plant
    user: str = "dave"
    path: str = SCRIPT
    text: str = WRITTEN
    lays: str = ":"
    then: tuple[str, ...] = ("sh", "-c", SCRIPT)
    files: Files
    perhaps: tuple[str, ...] = ()
    twin: str = ""

    def becomes_root(self, world: RootlessWorld) -> bool:
        """Say whether the user becomes root: changes the file, and is run."""
        home = f"{world.base}/home"
        laid = can(world, self.user, "sh", "-ec", self.lays.replace("{home}", home))
        changed = laid and can(world, self.user, "/usr/bin/python3", "-I", "-c", PUT, self.path.replace("{home}", home), self.text)
        can(world, "root", *(word.replace("{home}", home) for word in self.then))
        return changed and can(world, "root", "grep", "-qx", "0", BECAME)


def file(path: str, text: str, *changes: str) -> Plant:
    """Return the planting of a program of root's with its directory, and of changes to it."""
    return shell(f"mkdir -p $(dirname {path}); cat > {path} <<'END'\n{text}\nEND\nchmod 0755 {path}", *changes)


CRON_IS_THERE = shell("mount --no-mtab -t tmpfs -o mode=0755 tmpfs /usr/local/sbin; cp /bin/true /usr/local/sbin/cron")


def table(line: str, *before: str) -> Plant:
    """Return the planting of a table of cron, and of a cron that reads none."""
    return all_of(CRON_IS_THERE, file(TABLE, "\n".join((*before, f"* * * * * root {line}"))), shell(f"chmod 0644 {TABLE}"))


def unit(*lines: str) -> Plant:
    """Return the planting of a unit that starts at boot."""
    return all_of(file(UNIT, "\n".join(("[Service]", *lines))), shell(f"chmod 0644 {UNIT}", ENABLED))


def pair(name: str, of_twin: str, fault: Plant, without: Plant, files: Files, **more: Any) -> list[Row]:
    """Return a host and its twin, on which nobody becomes root."""
    other = {name.removeprefix("twin_"): more.pop(name) for name in list(more) if name.startswith("twin_")}
    return [Row(name=name, plant=fault, files=files, twin=of_twin, **more), Row(name=of_twin, plant=without, files={}, **{**more, **other})]


DROP = f"{SITE}/drop"
AGAIN = f'{SCRIPT}; setpriv --reuid=dave --regid=dave --clear-groups sh -c \'{{ echo "#!/bin/sh"; echo "id -u > {BECAME}"; }} > {SCRIPT}\'; {SCRIPT}'
"""What root does now and at the next time, and dave between the two."""
OWNERS = f"touch .mine -- --reference=.mine -H; chmod 0777 .mine; ln -s {SCRIPT} link"
COPIES = f"ln -s {SITE} .to; touch -- --target-directory=.to"


def in_drop(command: str, owner: str = "dave") -> Plant:
    """Return the planting of a script of root's cron that does something with what is in a directory, and of whose that is."""
    return all_of(table(SCRIPT), file(SCRIPT, f"#!/bin/sh\ncd {DROP} && {command}"), shell(f"mkdir {DROP}; touch {DROP}/data; chown -R {owner} {DROP}"))


def by_names(program: str, command: str, harmless: str, lays: str, path: str = f"{DROP}/.x") -> list[Row]:
    """Return a host on which a program of root's takes names of files for options; the twin is harmless by its command, or because the directory is root's."""
    fault, twin = in_drop(command), in_drop(harmless or command, owner="dave" if harmless else "root")
    files: Files = {DROP: ("script", "wait", ["dave"])}
    names = (
        f"names of a user's files for {program}",
        f"{program} in root's directory" if not harmless else f"names of a user's files that {program} takes for files",
    )
    return pair(*names, fault, twin, files, path=path, lays=f"cd {DROP}; {lays}", then=("sh", "-c", AGAIN))


def in_python(options: str = "", *more: str) -> Plant:
    """Return the planting of a program of root's cron in Python, which imports a module of its own and one of Python's."""
    return all_of(table(JOB), file(JOB, f"#!/usr/bin/python3{options}\nimport os\nimport json"), shell(*more))


LINES = "/etc/tmpfiles.d/site.conf"
OPENED = f"systemd-tmpfiles --create {LINES}; {AGAIN.partition('; ')[2]}"
"""What a boot does, what dave does then, and what root does."""


def opened_at_boot(line: str) -> Plant:
    """Return the planting of a script of root's cron, and of a line of tmpfiles.d."""
    return all_of(table(SCRIPT), file(SCRIPT, PROGRAM), shell(f"mkdir -p /etc/tmpfiles.d; echo '{line}' > {LINES}"))


IMAGE, MOUNTED = "{home}/dave/data.img", "/srv/data"
IN_IMAGE = f"""
truncate -s 32M {IMAGE}.new; mke2fs -q -F {IMAGE}.new; cat {IMAGE}.new > {IMAGE}; rm {IMAGE}.new
for line in "write $(readlink -f /usr/bin/python3) own" "sif own mode 0104755" "sif own uid 0"; do debugfs -w -R "$line" {IMAGE}; done
mount {MOUNTED}; trap "umount {MOUNTED}" EXIT
{MOUNTED}/own -I -c "import os; os.setuid(0); print(0, file=open('{BECAME}', 'w'))"
"""
"""How dave writes a setuid program into a file system, mounts that and runs the program."""


def in_table(options: str) -> Plant:
    """Return the planting of an image of dave's, and of its line in the table of file systems."""
    made = f"mount --no-mtab -t tmpfs tmpfs /srv; mkdir {MOUNTED}; install -o dave /dev/null {IMAGE}"
    return shell(made, f"echo '{IMAGE} {MOUNTED} ext4 loop,noauto,{options} 0 0' > /etc/fstab")


VARIABLES = f"{SITE}/variables"
PRELOADED = f"""#include <stdio.h>
#include <unistd.h>
__attribute__((constructor)) static void made(void) {{
  FILE *file = geteuid() ? 0 : fopen("{BECAME}", "w");
  if (file) {{ fputs("0\\n", file); fclose(file); }}
}}
"""


STARTED = f"""
cp {{home}}/dave/own.so /run/own.so; env $(cat {VARIABLES}) /bin/true
"""
"""What systemd does: it starts the command as root with the variables."""


def variables_of(owner: str) -> Plant:
    """Return the planting of a unit of carol's, one command of which runs as root, and of its file of variables."""
    lines = ("User=carol", f"EnvironmentFile={VARIABLES}", "ExecStartPre=+/bin/true", "ExecStart=/bin/true")
    return all_of(unit(*lines), file(VARIABLES, "PORT=1", f"chown {owner} {VARIABLES}"))


JOB = f"{SITE}/job.py"
LAID = f"import os\nwith open('{BECAME}', 'w') as file:\n    print(os.getuid(), file=file)\n"
CRON: Callable[[str], Files] = lambda path: {path: ("cron", "wait", ["dave"])}  # noqa: E731 - a row in a word
ROWS = [
    *pair(
        "a script of root's cron that a group may write",
        "a script of root's cron that a group may read",
        all_of(table(SCRIPT), file(SCRIPT, PROGRAM, STAFF)),
        all_of(table(SCRIPT), file(SCRIPT, PROGRAM, f"chgrp {DOCKER_GID} {SCRIPT}")),
        {SCRIPT: ("cron", "wait", ["alice", "bob"])},
        user="alice",
    ),
    *pair(
        "a script of root's cron that an ACL lets a user write",
        "a script of root's cron with an ACL whose mask stops its user",
        all_of(table(f"sh {SCRIPT}"), file(SCRIPT, PROGRAM, f"setfacl -m u:erin:rw {SCRIPT}")),
        all_of(table(f"sh {SCRIPT}"), file(SCRIPT, PROGRAM, f"setfacl -m u:erin:rw,m::r {SCRIPT}")),
        {SCRIPT: ("cron", "wait", ["erin"])},
        user="erin",
        then=("sh", SCRIPT),
    ),
    *pair(
        "a user's file of variables for a unit of another user's, one command of which runs as root",
        "a file of variables of root's for a unit of a user's",
        variables_of("dave"),
        variables_of("root"),
        {VARIABLES: ("environment-file", "reboot", ["dave"])},
        path=VARIABLES,
        text="LD_PRELOAD=/run/own.so\n",
        lays=f"printf '%s' '{PRELOADED}' > {{home}}/dave/own.c; gcc -shared -fPIC -o {{home}}/dave/own.so {{home}}/dave/own.c",
        then=("sh", "-c", STARTED),
    ),
    *pair(
        "an image of a user's that users may mount with setuid programs",
        "an image of a user's that users may mount",
        in_table("user,exec,suid"),
        in_table("suid,user,exec"),
        {IMAGE: ("mount", "nothing", ["dave"])},
        path="{home}/dave/.x",
        lays=IN_IMAGE,
        then=("true",),
    ),
    *pair(
        "a script of root's cron that a line of tmpfiles.d gives to a user at boot",
        "a line of tmpfiles.d that gives a user's group no right to write",
        opened_at_boot(f"z {SCRIPT} 0775 root {DAVES_GROUP} -"),
        opened_at_boot(f"z {SCRIPT} 0755 root {DAVES_GROUP} -"),
        {SCRIPT: ("cron", "reboot", ["dave"])},
        path="{home}/dave/.x",
        then=("sh", "-c", OPENED),
    ),
    *pair(
        "a directory with a script of root's cron to which a line of tmpfiles.d adds an ACL at boot",
        "a line of tmpfiles.d that adds an ACL to another directory",
        opened_at_boot(f"a+ {SITE} - - - - user:dave:rwx"),
        opened_at_boot("a+ /etc/skel - - - - user:dave:rwx"),
        {SCRIPT: ("cron", "reboot", ["dave"])},
        path="{home}/dave/.x",
        then=("sh", "-c", OPENED.replace(f"> {SCRIPT}", f"> {SCRIPT}.x; chmod 0755 {SCRIPT}.x; mv -f {SCRIPT}.x {SCRIPT}")),
    ),
    *pair(
        "a program of cron.hourly that a user owns",
        "a file of a user's in cron.hourly that run-parts passes over by its name",
        all_of(CRON_IS_THERE, file("/etc/cron.hourly/site", PROGRAM, "chown dave /etc/cron.hourly/site")),
        all_of(CRON_IS_THERE, file("/etc/cron.hourly/site.sh", PROGRAM, "chown dave /etc/cron.hourly/site.sh")),
        CRON("/etc/cron.hourly/site"),
        path="/etc/cron.hourly/site",
        then=("run-parts", "/etc/cron.hourly"),
    ),
    *pair(
        "a PATH of cron's with a user's directory before the others",
        "a PATH of cron's with a directory of root's before the others",
        all_of(table("report", f"PATH={SITE}/bin:/usr/bin:/bin"), shell(f"mkdir -p {SITE}/bin; chown dave {SITE}/bin")),
        all_of(table("report", f"PATH={SITE}/bin:/usr/bin:/bin"), shell(f"mkdir -p {SITE}/bin")),
        {f"{SITE}/bin": ("search-path", "wait", ["dave"])},
        path=f"{SITE}/bin/report",
        then=("env", "-i", f"PATH={SITE}/bin:/usr/bin:/bin", "sh", "-c", "report"),
    ),
    *pair(
        "a script of root's cron that reads a user's file",
        "a script of root's cron that reads a file of root's",
        all_of(table(SCRIPT), file(SCRIPT, "#!/bin/sh\n. {home}/alice/settings")),
        all_of(table(SCRIPT), file(SCRIPT, f"#!/bin/sh\n. {SITE}/settings"), file(f"{SITE}/settings", ":")),
        {"{home}/alice/settings": ("script", "wait", ["alice"])},
        user="alice",
        path="{home}/alice/settings",
    ),
    *pair(
        "a program of root's cron that is not there, in a user's directory",
        "a program of root's cron that is not there, in a directory of root's",
        all_of(table(f"{SITE}/jobs/run"), shell(f"mkdir -p {SITE}/jobs; chown dave {SITE}/jobs")),
        all_of(table(f"{SITE}/jobs/run"), shell(f"mkdir -p {SITE}/jobs")),
        CRON(f"{SITE}/jobs/run"),
        path=f"{SITE}/jobs/run",
        then=("sh", "-c", f"{SITE}/jobs/run"),
    ),
    *pair(
        "a program of root's cron in a directory in which everybody may rename",
        "a program of root's cron in a sticky directory",
        all_of(table(SCRIPT), file(SCRIPT, PROGRAM, f"chmod 0777 {SITE}")),
        all_of(table(SCRIPT), file(SCRIPT, PROGRAM, f"chmod 1777 {SITE}")),
        {SCRIPT: ("cron", "wait", ["everyone"])},
    ),
    *pair(
        "drop-ins of a unit that a user may make",
        "drop-ins of a unit that root may make",
        all_of(unit("ExecStart=/bin/true"), shell(f"mkdir {UNIT}.d; chown dave {UNIT}.d")),
        all_of(unit("ExecStart=/bin/true"), shell(f"mkdir {UNIT}.d")),
        {f"{UNIT}.d": ("unit", "reboot", ["dave"])},
        path=f"{UNIT}.d/mine.conf",
        text="[Service]\nSwapped=1\n",
        then=("sh", "-c", f"systemd-analyze verify site.service 2>&1 | grep -q Swapped && id -u > {BECAME}"),
    ),
    *pair(
        "a unit that runs a user's program as root, whatever User= says",
        "a unit that runs a user's program as that user",
        all_of(unit("User=dave", f"ExecStart=+{SCRIPT}"), file(SCRIPT, PROGRAM, DAVES)),
        all_of(unit("User=dave", f"ExecStart={SCRIPT}"), file(SCRIPT, PROGRAM, DAVES)),
        {SCRIPT: ("unit", "reboot", ["dave"])},
        twin_then=("setpriv", "--reuid=dave", "--regid=dave", "--clear-groups", SCRIPT),
    ),
    *pair(
        "a user's program that a timer starts",
        "a user's program that a unit starts, which nothing starts",
        all_of(
            file(UNIT, f"[Service]\nExecStart={SCRIPT}"),
            file("/etc/systemd/system/site.timer", "[Timer]\nOnCalendar=hourly"),
            shell("mkdir -p /etc/systemd/system/timers.target.wants; ln -s ../site.timer /etc/systemd/system/timers.target.wants/"),
            file(SCRIPT, PROGRAM, DAVES),
        ),
        all_of(file(UNIT, f"[Service]\nExecStart={SCRIPT}"), file(SCRIPT, PROGRAM, DAVES)),
        {SCRIPT: ("timer", "wait", ["dave"])},
        twin_perhaps=(SCRIPT,),
    ),
    *pair(
        "a handler of crashes that a user owns",
        "a handler of crashes that root owns",
        all_of(setting("kernel.core_pattern", f"|{SCRIPT} %p"), file(SCRIPT, PROGRAM, "chown bob " + SCRIPT)),
        all_of(setting("kernel.core_pattern", f"|{SCRIPT} %p"), file(SCRIPT, PROGRAM)),
        {SCRIPT: ("kernel-helper", "nothing", ["bob"])},
        user="bob",
        then=("sh", "-c", "$(sed 's/^|//' /proc/sys/kernel/core_pattern)"),
    ),
    *pair(
        "a rule of udev that runs a user's program",
        "a rule of udev that runs a program of root's",
        all_of(file("/etc/udev/rules.d/99-site.rules", f'ACTION=="add", RUN+="{SCRIPT} %k"'), file(SCRIPT, PROGRAM, DAVES)),
        all_of(file("/etc/udev/rules.d/99-site.rules", f'ACTION=="add", RUN+="{SCRIPT} %k"'), file(SCRIPT, PROGRAM)),
        {SCRIPT: ("udev", "wait", ["dave"])},
    ),
    *pair(
        "a command in place of a module that a user owns",
        "a command in place of a module that root owns",
        all_of(file("/etc/modprobe.d/site.conf", f"install site {SCRIPT}"), file(SCRIPT, PROGRAM, DAVES)),
        all_of(file("/etc/modprobe.d/site.conf", f"install site {SCRIPT}"), file(SCRIPT, PROGRAM)),
        {SCRIPT: ("module-install", "nothing", ["dave"])},
    ),
    *pair(
        "a program of pam_exec that a user owns",
        "a program of pam_exec that root owns",
        all_of(
            file("/etc/pam.d/su", f"auth sufficient pam_rootok.so\naccount required pam_permit.so\nsession required pam_exec.so {SCRIPT}"),
            file(SCRIPT, PROGRAM, DAVES),
        ),
        all_of(
            file("/etc/pam.d/su", f"auth sufficient pam_rootok.so\naccount required pam_permit.so\nsession required pam_exec.so {SCRIPT}"),
            file(SCRIPT, PROGRAM),
        ),
        {SCRIPT: ("pam", "nothing", ["dave"])},
        then=("su", "-s", "/bin/true"),
    ),
    *by_names("tar", "tar czf ../all.tgz *", "tar czf ../all.tgz ./*", "touch -- --checkpoint=1 '--checkpoint-action=exec=sh .x'"),
    *by_names("zip", "zip -qr ../all.zip *", "", "touch -- -T '-TTsh .x'"),
    *by_names("rsync", "rsync -a * 127.0.0.1:/all/", "rsync -a -- * 127.0.0.1:/all/", "touch -- '-esh .x'"),
    *by_names("scp", "scp -q * 127.0.0.1:/all/", "scp -q ./* 127.0.0.1:/all/", "touch -- '-oProxyCommand=sh .x'"),
    *by_names("chown", "chown -R root *", "chown -R root ./*", OWNERS),
    *by_names("chmod", "nice chmod go-w *", "nice chmod go-w -- *", OWNERS),
    *by_names("cp", "cp -a * ../", "cp -a -- * /run/", COPIES, f"{DROP}/backup.sh"),
    *by_names("mv", "mv * ../", "", COPIES, f"{DROP}/backup.sh"),
    *by_names("install", "install * ../", "install -- * /run/", COPIES, f"{DROP}/backup.sh"),
    *by_names("ln", "ln -f * ../", "ln -f -- * /run/", COPIES, f"{DROP}/backup.sh"),
    *by_names("sort", "sort * > /run/sorted", "sort -- * > /run/sorted", "ln -s ../backup.sh .to; touch -- -o.to", f"{DROP}/text"),
    *pair(
        "a module of a user's beside a program in Python of root's cron",
        "a module of root's beside a program in Python of root's cron",
        in_python("", f"touch {SITE}/json.py; chown dave {SITE}/json.py"),
        in_python("", f"touch {SITE}/json.py"),
        {f"{SITE}/json.py": ("library-path", "wait", ["dave"])},
        path=f"{SITE}/json.py",
        text=LAID,
        then=("sh", "-c", JOB),
    ),
    *pair(
        "a program in Python of root's cron where everybody may lay modules",
        "a program in Python of root's cron that loads nothing from beside it",
        in_python("", f"chmod 1777 {SITE}"),
        in_python(" -I", f"chmod 1777 {SITE}"),
        {SITE: ("library-path", "wait", ["everyone"])},
        path=f"{SITE}/json.py",
        text=LAID,
        then=("sh", "-c", JOB),
    ),
    *pair(
        "a part of the profile that a user owns",
        "a part of the profile that root owns",
        file("/etc/profile.d/site.sh", ":", "chown dave /etc/profile.d/site.sh"),
        file("/etc/profile.d/site.sh", ":"),
        {"/etc/profile.d/site.sh": ("profile", "login", ["dave"])},
        path="/etc/profile.d/site.sh",
        then=("sh", "-lc", ":"),
    ),
]
HOSTS = {row.name: row for row in ROWS}
