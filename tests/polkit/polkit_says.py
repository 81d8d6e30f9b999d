"""What the real polkitd says of users by some files of rules, in a mount namespace of its own, and what our facts say.

pkcheck(1) tells three answers apart: yes, no, and that somebody's password is wanted. Nobody has a session here.
"""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Final

from polkit.made_rules import PROGRAM
from polkit.polkit_host import ACTIONS, EXEC, SHARE, SUDOERS, UNITS, derive, polkit

from hostcheck.model import Hole

PEOPLE: Final = {name: 54_001 + number for number, name in enumerate(("ann", "bob", "cat", "dan", "eve"))}
"""With numbers that the machine has no users of: processes run as these, and other tests see them."""
GROUPS: Final = {"sudo": (54_101, ["ann"]), "staff": (54_102, ["bob", "cat"]), "libvirt": (54_103, ["cat", "eve"])}
OTHER = "/usr/bin/other"
ASKS = ((EXEC, OTHER), (EXEC, PROGRAM), (UNITS, ""))
MARK = "org.example.mark"
SCRIPT = r"""
import json, os, shutil, subprocess, sys, time
told = json.load(sys.stdin)
folders = ("/etc/polkit-1", "/usr/share/polkit-1", "/usr/local/share", "/run/polkit-1", "/run/dbus")
for folder in folders:
    os.makedirs(folder, exist_ok=True)
    subprocess.run(("mount", "-t", "tmpfs", "-o", "mode=0755", "tmpfs", folder), check=True)
for place in ("/etc/polkit-1", "/usr/share/polkit-1", "/usr/local/share/polkit-1", "/run/polkit-1"):
    os.makedirs(place + "/rules.d")
os.makedirs("/usr/share/polkit-1/actions")
for path, text in told["files"].items():
    with open("/run/dbus/made", "w") as file:
        file.write(text)
    if path.startswith("/usr/share/polkit-1/"):
        shutil.copy("/run/dbus/made", path)
    else:
        os.rename("/run/dbus/made", own := "/run/dbus/" + path.replace("/", "-"))
        subprocess.run(("mount", "--bind", own, path), check=True)
started = [subprocess.Popen(("dbus-daemon", "--system", "--nofork", "--nopidfile", "--nosyslog"), stderr=subprocess.DEVNULL)]
def wait(ready):
    end = time.monotonic() + 60
    while not ready():
        assert time.monotonic() < end, "polkitd does not answer"
        time.sleep(0.02)
try:
    wait(lambda: os.path.exists("/run/dbus/system_bus_socket"))
    started.append(subprocess.Popen(("/usr/lib/polkit-1/polkitd", "--no-debug"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
    pids = {}
    for name, uid in told["users"].items():
        started.append(subprocess.Popen(("setpriv", f"--reuid={uid}", f"--regid={uid}", "--init-groups", "sleep", "600")))
        pids[name] = started[-1].pid
    def asked(name, action, *details):
        words = [word for key, value in details for word in ("--detail", key, value)]
        argv = ("pkcheck", "--action-id", action, "--process", str(pids[name]), *words)
        return subprocess.run(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=40).returncode
    answers = []
    for number, files in enumerate(told["cases"]):
        for path, text in files.items():
            with open(path, "w") as file:
                file.write(text)
        with open("/etc/polkit-1/made", "w") as file:
            file.write(told["mark"].replace("NUMBER", str(number)))
        os.rename("/etc/polkit-1/made", "/etc/polkit-1/rules.d/00-mark.rules")
        wait(lambda: asked(min(pids), told["action"], ("number", str(number))) == 0)
        answers.append([{name: asked(name, action, *([("program", program)] if program else [])) for name in pids} for action, program in told["asks"]])
        for path in files:
            os.unlink(path)
finally:
    for child in started[::-1]:
        child.kill()
        child.wait()
json.dump(answers, sys.stdout)
"""


def says(cases: Sequence[Mapping[str, str]]) -> list[list[dict[str, int]]]:
    """Return for each of the cases and each of what is asked the exit code of pkcheck for each user."""
    people = {**PEOPLE, "messagebus": 90, "polkitd": 91}
    passwd = "root:x:0:0::/root:/bin/sh\n" + "".join(f"{name}:x:{uid}:{uid}::/:/bin/sh\n" for name, uid in people.items())
    groups = {**{name: (uid, []) for name, uid in people.items()}, **GROUPS}
    group = "root:x:0:\n" + "".join(f"{name}:x:{gid}:{','.join(members)}\n" for name, (gid, members) in groups.items())
    files = {"/etc/passwd": passwd, "/etc/group": group, "/etc/nsswitch.conf": "passwd: files\ngroup: files\n", f"{SHARE}/50-default.rules": SUDOERS, **ACTIONS}
    files["/usr/share/polkit-1/actions/mark.policy"] = next(iter(ACTIONS.values())).replace(EXEC, MARK)
    mark = f'polkit.addRule(function(a, s) {{ if (a.id == "{MARK}") return a.lookup("number") == "NUMBER" ? "yes" : "no"; }});\n'
    told = {"files": files, "cases": cases, "users": PEOPLE, "asks": ASKS, "action": MARK, "mark": mark}
    argv = ("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", sys.executable, "-I", "-c", SCRIPT)
    done = subprocess.run(argv, input=json.dumps(told), capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    answers: list[list[dict[str, int]]] = json.loads(done.stdout)
    return answers


def ours(files: Mapping[str, str]) -> tuple[list[dict[str, set[str]]], bool]:
    """Return for each of what is asked what is wanted of each user, and whether all is known; "" stands for a grant that is not certain of just this."""
    groups: dict[str, tuple[int, list[str]]] = {**{name: (uid, []) for name, uid in PEOPLE.items()}, **GROUPS}
    found = derive(polkit({**files, f"{SHARE}/50-default.rules": SUDOERS}), people=PEOPLE, groups=groups)
    if isinstance(found, Hole):
        return [{name: set() for name in PEOPLE} for _ in ASKS], False
    grants = found["grants"]
    told: list[dict[str, set[str]]] = [{name: set() for name in PEOPLE} for _ in ASKS]
    for row in grants.values():
        known = not isinstance(row["certain"], Hole) and not row["session"] and row["certain"]
        for number, (action, program) in enumerate(ASKS):
            sure = known and action == row["actions"][0] and row["program"] == (program if program == PROGRAM else "")
            for name in PEOPLE if row["everyone"] else [row["name"]]:
                told[number][name] |= {row["needs"] if sure else ""} if action in row["actions"] else set()
    return told, not isinstance(getattr(grants, "hole", None), Hole)
