"""Hosts on which somebody gets an engine's group without standing in its line, or kept it, each with its twin.

What gives the group is the real thing: su with pam_group, sg with a password, useradd, adduser and systemd-sysusers, which change a copy of /etc that only
the proof sees. systemd does not run here: of a unit it is proved what its user can do with the groups that systemd would give it.
"""

from collections.abc import Callable

from hosts.planting import PYTHON, D, Host, Plant, all_of, as_user, both, can, connects, edit, engine, lines, over, session, shell, without_alice, without_bob
from real_engines.rootless_world import RootlessWorld
from real_engines.world import DOCKER_GID

G = DOCKER_GID
LEVEL2 = {"profile": "level2"}
CONNECT = "import socket, sys; socket.socket(socket.AF_UNIX).connect(sys.argv[1])"
GROUPS = "/etc/security/group.conf"
SU = "auth optional pam_group.so\nauth sufficient pam_rootok.so\naccount required pam_permit.so\nsession required pam_permit.so\n"
SESSION = SU.replace("auth optional pam_group", "session optional pam_group")
PASSWORD = "$5$hostcheck$BxpiwdnTDJCVgNrd09pozDOtuSaNUQNm.XqVK./uKK0"
"""Of ``open sesame`` (crypt(5))."""
TYPED = """
import os, pty, select, sys, time
pid, terminal = pty.fork()
if not pid:
    os.execvp("sg", ["sg", "docker", "-c", sys.argv[2]])
told, last = b"", time.monotonic() + 20
while time.monotonic() < last and select.select([terminal], [], [], 20)[0]:
    try:
        told += os.read(terminal, 1024)
    except OSError:
        break
    if b"assword" in told:
        os.write(terminal, sys.argv[1].encode() + b"\\n")
        told = b""
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"""


def grants(rule: str, su: str = SU) -> Plant:
    """Return the planting of an engine whose group has no members, of a rule of pam_group's, and of what su loads."""
    return all_of(EMPTIED, over(GROUPS, f"# by the hour\n{rule}\n"), over("/etc/pam.d/su", su))


def by_su(user: str, *, does: bool = True) -> Callable[[RootlessWorld], bool]:
    """Return the proof that a user can connect in a session of su, or cannot, and never in another."""
    return both(connects(), lambda world: can(world, "root", "su", user, "-c", f"/usr/bin/python3 -I -c '{CONNECT}' {D}") is does)


def logged_in(user: str, *, does: bool = True) -> Callable[[RootlessWorld], bool]:
    """Return the proof that a user can connect with the groups that a login gives (initgroups(3)), or cannot."""
    ids = (f"--reuid={user}", f"--regid={user}", "--init-groups")
    return lambda world: can(world, "root", "setpriv", *ids, *PYTHON, CONNECT, D) is does


def by_password(user: str, password: str, *, does: bool = True) -> Callable[[RootlessWorld], bool]:
    """Return the proof that a user can connect after newgrp(1) with a password, or cannot."""
    return as_user(user, *PYTHON, TYPED, password, f"/usr/bin/python3 -I -c '{CONNECT}' {D}", does=does)


def once_made(user: str, *commands: str, does: bool = True) -> Callable[[RootlessWorld], bool]:
    """Return the proof that a user can connect once these commands of root's have run, on a copy of /etc that is thrown away, or cannot."""
    copy = "mount -t tmpfs tmpfs /mnt; cp -a /etc /mnt/etc; mount --no-mtab --bind /mnt/etc /etc; mount -t tmpfs tmpfs /home"
    ids = f"--reuid=$(id -u {user}) --regid=$(id -g {user}) --init-groups"
    last = f"setpriv {ids} /usr/bin/python3 -I -c '{CONNECT}' {D}"
    return lambda world: can(world, "root", "unshare", "--mount", "sh", "-ec", "; ".join((copy, *commands, last))) is does


def reached(*users: str) -> tuple[str, ...]:
    """Return the failures where users can connect to root's engine."""
    return (f"HC-ACC-04 {D}", *(f"HC-RTL-01 {user}" for user in users))


def kept(world: RootlessWorld) -> None:
    """Let carol be logged in by su, with the group that pam_group gives her there."""
    process = world.start("su", "carol", "-c", "exec sleep 600")
    world.wait(lambda: any(f"{G} " in world.run("sh", "-c", f"grep ^Groups: /proc/{pid}/status || :") for pid in children(process.pid)))


def children(pid: int) -> list[int]:
    """Return the children of a process."""
    with open(f"/proc/{pid}/task/{pid}/children") as told:
        return [int(child) for child in told.read().split()]


CAROL = {"carol": (4003, 4003, [G])}
FRANK = {"frank": (4006, 4006, [G])}
GROUP = engine(mode=0o660, group=G)
EMPTIED = all_of(GROUP, without_alice, without_bob)
RULE = "su;*;carol;Al0000-2400;docker"
NOTHING = {"HC-ACC-08 docker": "pass", "HC-ACC-09 docker": "pass", f"HC-ACC-03 {D}": "pass"}
GIVEN = "HC-ACC-09 docker"
UNIT = "/run/systemd/transient/watch.service"
WITHOUT_FRANK = all_of(edit("passwd", lambda text: "".join(line + "\n" for line in text.splitlines() if not line.startswith("frank:"))))

HOSTS = [
    Host(name="nothing gives the group", plant=EMPTIED, proof=connects(), also=NOTHING, **LEVEL2),
    Host(
        name="pam_group at su",
        plant=grants(RULE),
        proof=both(by_su("carol"), by_su("dave", does=False)),
        fails=(*reached("carol"), GIVEN),
        also={"HC-ACC-08 docker": "pass"},
        twin="pam_group that su does not load",
        **LEVEL2,
    ),
    Host(name="pam_group that su does not load", plant=grants(RULE, SESSION), proof=by_su("carol", does=False), also=NOTHING, **LEVEL2),
    Host(
        name="a line of /etc/group behind a #",
        plant=all_of(EMPTIED, lines("group", f"# docker:x:{G}:carol")),
        proof=logged_in("carol"),
        fails=(*reached("carol"), GIVEN),
        says={GIVEN: "the # before it does not disable"},
        twin="nothing gives the group",
        **LEVEL2,
    ),
    Host(
        name="a line of /etc/group behind a #, where compat reads it",
        plant=all_of(EMPTIED, lines("group", f"#docker:x:{G}:carol"), over("/etc/nsswitch.conf", "passwd: files\ngroup compat\n")),
        proof=logged_in("carol", does=False),
        also=NOTHING,
        twin="a line of /etc/group behind a #",
        **LEVEL2,
    ),
    Host(
        name="pam_group at su for who is approved",
        plant=grants(RULE),
        proof=by_su("carol"),
        fails=(f"HC-ACC-03 {D}",),
        also={GIVEN: "pass", f"HC-ACC-04 {D}": "pass", "HC-RTL-01 carol": "pass"},
        twin="pam_group at su",
        values=("approved_groups=docker", "approved_users=carol"),
        **LEVEL2,
    ),
    Host(
        name="pam_group for another user",
        plant=grants("su;*;dave & !dave;Al0000-2400;docker"),
        proof=both(by_su("carol", does=False), by_su("dave", does=False)),
        also=NOTHING,
        twin="pam_group at su",
        **LEVEL2,
    ),
    Host(
        name="pam_group by an included file, to whoever is not in dave's place",
        plant=all_of(grants("s*;tty*|*;c*;!Al0000-0000&Al0000-2400|Al;docker,disk", "@include common-auth\n" + SESSION), over("/etc/pam.d/common-auth", SU)),
        proof=both(by_su("carol"), by_su("dave", does=False)),
        fails=(*reached("carol"), "HC-ACC-17 disk", GIVEN),
        twin="pam_group for another user",
        **LEVEL2,
    ),
    Host(
        name="pam_group for the members of a group",
        plant=all_of(grants("su;*;%crew;Al0000-2400;docker"), lines("group", "crew:x:4901:erin")),
        proof=both(by_su("erin"), by_su("carol", does=False)),
        fails=(*reached("erin"), GIVEN),
        twin="pam_group for another user",
        **LEVEL2,
    ),
    Host(
        name="a session that pam_group gave the group",
        plant=all_of(grants(RULE), kept),
        proof=both(by_su("carol"), connects("carol", sessions=CAROL)),
        fails=(*reached("carol"), GIVEN),
        also={"HC-ACC-08 docker": "pass"},
        remains={f"HC-ACC-04 {D}": "the session is ended, and the line of group.conf, which gives the next one, is left to an editor"},
        twin="the same session where pam_group gives nothing any more",
        **LEVEL2,
    ),
    Host(
        name="the same session where pam_group gives nothing any more",
        plant=all_of(grants(RULE), kept, over(GROUPS, "")),
        proof=connects("carol", sessions=CAROL),
        fails=(*reached("carol"), "HC-ACC-08 docker"),
        also={GIVEN: "pass"},
        twin="nothing gives the group",
        cases=(93,),
        **LEVEL2,
    ),
    Host(
        name="a session that kept the group, and what explains it",
        plant=all_of(EMPTIED, session),
        proof=connects("frank", sessions=FRANK),
        fails=(*reached("frank"), "HC-ACC-08 docker"),
        also={GIVEN: "pass"},
        twin="a session of a member",
        cases=(93,),
        **LEVEL2,
    ),
    Host(
        name="a session of a member",
        plant=all_of(EMPTIED, session, edit("group", lambda text: text.replace(f"docker:x:{G}:", f"docker:x:{G}:frank"))),
        proof=connects("frank"),
        fails=reached("frank"),
        also={"HC-ACC-08 docker": "pass"},
        twin="a session that kept the group, and what explains it",
        **LEVEL2,
    ),
    Host(
        name="a session of a user who was deleted",
        plant=all_of(EMPTIED, session, WITHOUT_FRANK),
        proof=connects("frank", sessions=FRANK),
        fails=(*reached("uid 4006"), "HC-ACC-08 docker"),
        twin="nothing gives the group",
        cases=(84, 93),
        **LEVEL2,
    ),
    Host(
        name="a session by another name of the same group",
        plant=all_of(EMPTIED, session, lines("group", f"runners:x:{G}:frank")),
        proof=connects("frank"),
        fails=(*reached("frank"), GIVEN),
        also={"HC-ACC-08 docker": "pass"},
        twin="a session of a member",
        cases=(92, 93),
        **LEVEL2,
    ),
    Host(
        name="another name of the same group, without members",
        plant=all_of(EMPTIED, lines("group", f"runners:x:{G}:")),
        proof=both(connects(), once_made("dave", "usermod -aG runners dave")),
        fails=(GIVEN,),
        twin="nothing gives the group",
        cases=(92,),
        **LEVEL2,
    ),
    Host(
        name="a password of the group",
        plant=all_of(EMPTIED, edit("gshadow", lambda text: text.replace("docker:!:", f"docker:{PASSWORD}:"))),
        proof=both(by_password("carol", "open sesame"), by_password("carol", "open barley", does=False), connects()),
        fails=reached(),
        twin="no password of the group",
    ),
    Host(name="no password of the group", plant=EMPTIED, proof=by_password("carol", "open sesame", does=False), also={f"HC-ACC-04 {D}": "pass"}),
    Host(
        name="useradd gives new users the group",
        plant=all_of(EMPTIED, over("/etc/default/useradd", "SHELL=/bin/sh\nGROUPS=docker\n")),
        proof=both(connects(), once_made("heidi", "useradd heidi")),
        fails=(GIVEN,),
        twin="useradd gives new users nothing",
        **LEVEL2,
    ),
    Host(
        name="useradd gives new users nothing",
        plant=all_of(EMPTIED, over("/etc/default/useradd", "SHELL=/bin/sh\n# GROUPS=docker\n")),
        proof=both(connects(), once_made("heidi", "useradd heidi", does=False)),
        also=NOTHING,
        **LEVEL2,
    ),
    Host(
        name="adduser gives new users the group",
        plant=all_of(EMPTIED, over("/etc/adduser.conf", 'EXTRA_GROUPS="audio docker"\nADD_EXTRA_GROUPS=yes\n')),
        proof=both(connects(), once_made("heidi", "adduser --disabled-password --comment= heidi >/dev/null")),
        fails=(GIVEN,),
        twin="adduser gives it to who asks for it",
        **LEVEL2,
    ),
    Host(
        name="adduser gives it to who asks for it",
        plant=all_of(EMPTIED, over("/etc/adduser.conf", 'EXTRA_GROUPS="audio docker"\nADD_EXTRA_GROUPS=0\n')),
        proof=both(connects(), once_made("heidi", "adduser --disabled-password --comment= heidi >/dev/null", does=False)),
        also=NOTHING,
        **LEVEL2,
    ),
    Host(
        name="systemd-sysusers puts a user into the group",
        plant=all_of(EMPTIED, shell("mkdir /run/sysusers.d; echo 'm dave docker' >/run/sysusers.d/dave.conf")),
        proof=both(connects(), once_made("dave", "systemd-sysusers /run/sysusers.d/dave.conf")),
        fails=(GIVEN,),
        twin="nothing gives the group",
        **LEVEL2,
    ),
    Host(
        name="a service with the group",
        plant=all_of(EMPTIED, shell(f"mkdir -p /run/systemd/transient; printf '[Service]\\nUser=dave\\nSupplementaryGroups=docker\\n' >{UNIT}")),
        proof=both(connects(), connects("dave", sessions={"dave": (4004, 4004, [G])})),
        fails=(*reached("dave"), GIVEN),
        twin="a service of root's with the group",
        **LEVEL2,
    ),
    Host(
        name="a service of root's with the group",
        plant=all_of(EMPTIED, shell(f"mkdir -p /run/systemd/transient; printf '[Service]\\nSupplementaryGroups=docker\\n' >{UNIT}")),
        proof=connects(),
        also=NOTHING,
        **LEVEL2,
    ),
]
