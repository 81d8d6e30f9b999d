"""linux-smart-enumeration, run as a user of a throwaway host, and what it names there.

It is somebody else's script under the GPL: it is run, and no part of it is kept here. The variable of the environment HOSTCHECK_TEST_LSE says where it is.
"""

import os
import re
import subprocess
from pathlib import Path

from real_engines.rootless_world import RootlessWorld
from real_engines.world import USERS

VARIABLE = "HOSTCHECK_TEST_LSE"
PLACE = "/run/lse.sh"
OPTIONS = ("-i", "-c", "-l", "1", "-p", "2")
"""It asks for no password and uses no colours; what it calls interesting is told; it watches processes for two seconds (with 0 it waits for ever)."""
HEADING = re.compile(r"\[(?P<mark>[!*i])\] (?P<test>[a-z]{3}[0-9]{3}) .*")
RULER = re.compile(r"-+|START +PID +USER COMMAND|-+ \S+ -+|total \S+|")
TITLE = re.compile(r"=+\( .* \)=+")
LISTED = re.compile(r"(?P<mode>[-bcdlps][-rwxsStT]{9})\S* +[0-9]+ +(?P<owner>\S+) +(?P<group>\S+) +(\S+,)? *\S+ +[A-Z][a-z]{2} +[0-9]+ +[0-9:]+ (?P<name>.*)")
"""A line of ls(1): how many links, how big and of when it is differs from run to run."""
OF_ROOTS_HOME = "fst070"
"""The test of it that lists what is in /root."""
PROCESS = re.compile(r"\S+ +(?P<pid>[0-9]+) +(?P<told>\S+ .*)")
NOT_THE_HOSTS = re.compile(rf"/tmp/(tmp\.\w{{10}}|tmux-[0-9]+)|/run/user/[0-9]+/gnupg|{PLACE}|/var/tmp/hostcheck-.*")
"""Files that it makes itself, or that programs make which it calls; those of other hosts on this machine."""
Named = set[tuple[str, str]]
"""What it named: each line with the test of it that printed the line, behind ``!`` for what it holds important and ``*`` for what it holds interesting."""


def names(world: RootlessWorld, user: str, script: Path) -> Named:
    """Return what it names as a user of a host, without what differs from run to run; processes are those of this host that are still there."""
    world.run("sh", "-c", f'printf %s "$1" > {PLACE}; chmod 0755 {PLACE}', "sh", script.read_text(encoding="utf-8"))
    home = f"{world.base}/home/{user}" if user in USERS else "/nonexistent"
    settings = (f"HOME={home}", f"USER={user}", "TERM=dumb", "PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin")
    argv = world.inside("env", "-i", *settings, "bash", PLACE, *OPTIONS, user=user)
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=120, cwd="/", check=True)
    found = read(done.stdout.decode(errors="replace"), world)
    world.run("rm", PLACE)
    return found


def read(text: str, world: RootlessWorld) -> Named:
    """Return what it printed, by its tests."""
    found: Named = set()
    test = ""
    for line in map(str.strip, text.splitlines()):
        if heading := HEADING.fullmatch(line):
            test = f"{heading['mark']}{heading['test']}"
        elif TITLE.fullmatch(line):
            test = ""
        elif test and not RULER.fullmatch(line) and (told := plain(test, line, world)):
            found.add((test, told))
    return found


def plain(test: str, line: str, world: RootlessWorld) -> str:
    """Return a line as it is again on the same host; "" of what is none of the host."""
    line = without_base(line, world)
    if "pro" in test:
        process = PROCESS.fullmatch(line)
        return process["told"] if process and is_of(world, process["pid"]) else ""
    if listed := LISTED.fullmatch(line):
        name = f"/root/{listed['name']}" if test.endswith(OF_ROOTS_HOME) else listed["name"]
        return "" if name.endswith(("/.", "/..")) else f"{listed['mode']} {listed['owner']}:{listed['group']} {name}"
    return "" if NOT_THE_HOSTS.fullmatch(line) else line


def without_base(text: str, world: RootlessWorld) -> str:
    """Return a text with ``{home}`` for where homes are, and ``{base}`` for what else belongs to this host alone."""
    return text.replace(f"{world.base}/home", "{home}").replace(str(world.base), "{base}")


def is_of(world: RootlessWorld, pid: str) -> bool:
    """Say whether a process is in the network of a host, and is there still."""
    try:
        return os.readlink(f"/proc/{pid}/ns/net") == os.readlink(f"/proc/{world.holder.pid}/ns/net")
    except OSError:
        return False
