"""Hosts on which a user's session is inside a program that is setuid, stopped or waiting, and holds a group that the user has lost; each with its twin.

The kernel then shows another uid beside the user's, root's mostly. What goes on when the session is continued is the real newgrp(1), on a terminal.
"""

from hosts.planting import PYTHON, D, Host, Plant, all_of, both, can, connects, edit, engine, lines, over, ready
from hosts.rows_grants import CONNECT, EMPTIED, LEVEL2, PASSWORD, reached
from hosts.rows_sockets import CONTAINERD, FRANK
from real_engines.rootless_world import RootlessWorld
from real_engines.world import DOCKER_GID

G = DOCKER_GID
TERMINAL = """
import os, pty, select, signal, sys, time
groups, program = [int(word) for word in sys.argv[1].split()], sys.argv[2:]
pid, terminal = pty.fork()
if not pid:
    os.setgroups(groups); os.setgid(4006); os.setuid(4006)
    os.execve(program[0], program, {"PATH": "/usr/bin:/bin", "HOME": "/"})
def until(said):
    told = b""
    while said not in told: told += os.read(terminal, 1024)
"""
ASKED = 'until(b"assword")\n'
STOPS = TERMINAL + ASKED + "os.kill(pid, signal.SIGSTOP); os.waitpid(pid, os.WUNTRACED); print('ready', flush=True); time.sleep(600)"
GOES_ON = (
    TERMINAL
    + ASKED
    + f"""
os.kill(pid, signal.SIGSTOP); os.waitpid(pid, os.WUNTRACED); os.kill(pid, signal.SIGCONT)
os.write(terminal, b"open sesame\\n"); until(b"$")
os.write(terminal, b"exec /usr/bin/python3 -I -c '{CONNECT}' {D}\\n")
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"""
)
BECOMES = TERMINAL + "until(b'#' if program[-1] == 'root' else b'$'); print('ready', flush=True); time.sleep(600)"
LAID_DOWN = f"""
import os, time
os.setgroups([{G}]); os.setresgid(4006, 4006, 4006); os.setresuid(4006, 4006, 0)
print("ready", flush=True); time.sleep(600)
"""
LOCKED = all_of(lines("group", "locked:x:4901:"), lines("gshadow", f"locked:{PASSWORD}::"))
NEWGRP = (str(G), "/usr/bin/newgrp", "locked")
OPEN_SU = over("/etc/pam.d/su", "".join(f"{kind} sufficient pam_permit.so\n" for kind in ("auth", "account", "session")))
CAROL_IN = edit("group", lambda text: text.replace(f"docker:x:{G}:", f"docker:x:{G}:carol"))
LOST = (*reached("frank"), "HC-ACC-08 docker")


def waiting(name: str, owner: int, mode: int, *groups: int) -> Plant:
    """Return the planting of a program that waits, with this owner and mode, and of a session of frank's inside it, with these groups."""

    def plant(world: RootlessWorld) -> None:
        place = f"/run/own/{name}"
        world.run("install", "-D", "-o", str(owner), "-m", f"{mode:o}", "/usr/bin/sleep", place)
        started = world.start(place, "infinity", user="frank", groups=groups)
        world.wait(lambda: can(world, "root", "test", f"/proc/{started.pid}/exe", "-ef", place))

    return plant


HOSTS = [
    Host(
        name="a session that is stopped inside newgrp",
        plant=all_of(EMPTIED, LOCKED, lambda world: ready(world, *PYTHON, STOPS, *NEWGRP)),
        proof=both(connects(), lambda world: can(world, "root", *PYTHON, GOES_ON, *NEWGRP)),
        fails=LOST,
        twin="sessions that have no group by a program that is setuid",
        **LEVEL2,
    ),
    Host(
        name="a session inside a program that laid root down for now",
        plant=all_of(EMPTIED, lambda world: ready(world, *PYTHON, LAID_DOWN)),
        proof=connects("frank", sessions=FRANK),
        fails=LOST,
        twin="sessions that have no group by a program that is setuid",
        **LEVEL2,
    ),
    Host(
        name="a session inside a program of an approved user",
        plant=all_of(EMPTIED, CAROL_IN, waiting("carols", 4003, 0o4755, G)),
        proof=connects("carol", "frank", sessions=FRANK),
        fails=(f"HC-ACC-04 {D}", "HC-ACC-08 docker", "HC-RTL-01 frank"),
        also={"HC-RTL-01 carol": "pass"},
        says={f"HC-ACC-04 {D}": "frank", "HC-ACC-08 docker": "frank"},
        twin="sessions that have no group by a program that is setuid",
        values=("approved_groups=docker", "approved_users=carol"),
        **LEVEL2,
    ),
    Host(
        name="a session that is stopped inside a program with root's group",
        plant=all_of(EMPTIED, waiting("legacy", 0, 0o6755, G)),
        proof=connects("frank", sessions=FRANK),
        fails=LOST,
        twin="sessions that have no group by a program that is setuid",
        **LEVEL2,
    ),
    Host(
        name="sessions that have no group by a program that is setuid",
        plant=all_of(
            *(EMPTIED, CAROL_IN, engine(CONTAINERD, mode=0o660), OPEN_SU),
            *(lambda world, who=who: ready(world, *PYTHON, BECOMES, "4006", "/usr/bin/su", who) for who in ("carol", "root")),
            waiting("legacy", 0, 0o6755, 4006),
        ),
        proof=connects("carol"),
        fails=(f"HC-ACC-03 {D}",),
        also={
            "HC-RTL-01 carol": "pass",
            f"HC-ACC-04 {D}": "pass",
            f"HC-ACC-03 {CONTAINERD}": "pass",
            f"HC-ACC-13 {CONTAINERD}": "pass",
            "HC-ACC-08 docker": "pass",
        },
        twin="a session inside a program of an approved user",
        values=("approved_groups=docker", "approved_users=carol"),
        **LEVEL2,
    ),
]
