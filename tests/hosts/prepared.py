"""What a user has prepared in a throwaway host for the trials of programs, and what shows that one of these came to something.

What root writes below /root, /usr and /var of that host is written over copies, so that a trial changes nothing of the machine.
"""

import base64
import shlex
from typing import Final

from hosts.planting import shell
from real_engines.rootless_world import RootlessWorld

USER: Final = "frank"
DIR: Final = "/run/caller"
DONE: Final = "/run/roots/done"
PLACES: Final = {"run": f"{DIR}/run", "done": DONE, "secret": "/run/roots/secret", "disk": "/run/roots/disk", "dir": DIR, "user": USER}
SECRET: Final = "hunter2swordfish"
"""What stands in the file that only root can read."""
HEX: Final = SECRET.encode().hex()
SHOWN: Final = (SECRET, SECRET[::-1], base64.b64encode(SECRET.encode()).decode()[:20], base64.b32encode(SECRET.encode()).decode()[:24], HEX, HEX.upper())
"""How programs show that, without blanks."""
RESET: Final = f"""
rm -rf /run/roots {DIR}/root{DONE}
install -d -m 0755 /run/roots
umask 077
printf '%s\\n' {SECRET} > /run/roots/secret
head -c 1048576 /dev/zero > /run/roots/disk
chmod 0660 /run/roots/disk
cp -p /run/kept/passwd /run/kept/group /run/kept/shadow /run/kept/gshadow /etc
install -o {USER} -m 0644 /dev/null {DIR}/moved
"""
CHANGED: Final = f"""
ls -A /run/roots | grep -qvx -e secret -e disk && exit 0
grep -qx {SECRET} /run/roots/secret || exit 0
test "$(head -c 1048576 /dev/zero | cksum)" != "$(cksum < /run/roots/disk)"
"""
RUN: Final = f"#!/usr/bin/python3 -I\nopen({DONE!r}, 'w')\n"
"""A script that keeps the effective user's rights, which a shell lays down."""
LIBRARY: Final = f'#include <fcntl.h>\n__attribute__((constructor)) static void made(void) {{ creat("{DONE}", 0600); }}\n'
JAVA: Final = f'new java.io.FileWriter("{DONE}").close();'
FILES: Final = {
    "run": RUN,
    "parts/part": RUN,
    "text": "text\n",
    "long": "a line of text\n" * 300,
    "own.c": LIBRARY,
    "x.tcl": f"exec {DIR}/run\n",
    "x.py": "pass\n",
    "x.jsh": f"{JAVA}\n/exit\n",
    "X.java": f"public class X {{ public static void main(String[] a) throws Exception {{ {JAVA} }} }}\n",
    "build.ninja": f"rule x\n  command = {DIR}/run\nbuild y: x\ndefault y\n",
    "x.c": "int main(void) { return 0; }\n",
    "x.pic": f".PS\nsh X {DIR}/run X\n.PE\n",
    "x.po": 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "a"\nmsgstr "b"\n',
    "x.1": ".TH X 1\n" + ".PP\na line of text\n" * 300,
    "x.patch": "--- a\n+++ b\n@@ -1 +1 @@\n-text\n+more\n",
    "x.conf": f"f {DONE} 0644 root root - x\n",
    "member": "x",
    "anacrontab": f"1 0 x {DIR}/run\n",
    "interfaces": f"iface lo inet loopback\n  pre-up {DIR}/run\n  pre-down {DIR}/run\n",
    "modprobe.conf": f"install hostcheck {DIR}/run\n",
    "supervisord.conf": f"[supervisord]\nlogfile=/dev/null\nlogfile_maxbytes=0\npidfile={DIR}/pid\n[program:x]\ncommand={DIR}/run\n",
    "rsnapshot.conf": "\n".join(
        "\t".join(line.split(" "))
        for line in (
            "config_version 1.2",
            f"snapshot_root {DIR}/snapshots/",
            "cmd_rsync /usr/bin/rsync",
            f"cmd_preexec {DIR}/run",
            "retain alpha 2",
            f"backup {DIR}/parts/ here/",
            "",
        )
    ),
    "goss.yaml": f"command:\n  x:\n    exec: {DIR}/run\n    exit-status: 0\n",
    "modules/empty": "",
    "mbox": "From a@b Thu Jan  1 00:00:00 1970\nSubject: x\n\nx\n",
    "root/etc/nsswitch.conf": "passwd: own files\ngroup: own files\nshadow: own files\n",
    "machine/sys/devices/system/cpu/possible": "0\n",
    "machine/sys/block/sda/dev": "8:0\n",
    "machine/sys/block/sda/size": "9\n",
}
"""What the user wrote; `machine` looks like /, and has links to the secret where a kernel tells of processors and disks."""
MADE: Final = (
    "cp -L /usr/bin/python3 python",
    "gcc -shared -fPIC own.c -o own.so",
    "install -D own.so root/lib/x86_64-linux-gnu/libnss_own.so.2; install -d root/run/roots",
    "cp /etc/passwd /etc/group /etc/shadow root/etc",
    "cp own.so modules/libown.so",
    "ar q x.a member",
    "truncate -s 4M image; mke2fs -q -F image",
    "python3 -c \"import zipfile; zipfile.ZipFile('x.zip', 'w').write('member')\"",
    "mksquashfs member x.squashfs -quiet || true",
    "install -d dpkg/info dpkg/updates alternatives state apt/var/lib/apt/lists/partial apt/var/cache/apt/archives/partial; touch dpkg/status dpkg/available",
    "install -d machine/proc machine/dev machine/sys/dev/block machine/sys/block/sda/device machine/sys/devices/system/cpu/vulnerabilities",
    "cp /proc/cpuinfo machine/proc; ln -s ../../block/sda machine/sys/dev/block/8:0",
    "ln -s /run/roots/secret machine/sys/devices/system/cpu/vulnerabilities/x; ln -s /run/roots/secret machine/sys/block/sda/device/model",
)


def prepare(world: RootlessWorld) -> None:
    """Let the user prepare all that the trials need."""
    over = [
        f"install -d /run/over/{name}/up /run/over/{name}/work; mount --no-mtab -t overlay "
        f"-o lowerdir=/{name},upperdir=/run/over/{name}/up,workdir=/run/over/{name}/work overlay /{name}"
        for name in ("root", "usr", "var")
    ]
    shell("mount --no-mtab -t tmpfs -o mode=0755,suid tmpfs /opt; ip link set lo up", *over)(world)
    shell("install -d /run/kept; cp -p /etc/passwd /etc/group /etc/shadow /etc/gshadow /run/kept")(world)
    for name, text in FILES.items():
        world.run("sh", "-ec", f'install -D -m 0755 /dev/null {DIR}/{name}; printf %s "$1" > {DIR}/{name}', "sh", text)
    shell(*(f"cd {DIR}; {one}" for one in MADE), f"chown -Rh {USER} {DIR}")(world)


def allowed(world: RootlessWorld, paths: list[str]) -> None:
    """Let the user run these programs as root with any arguments."""
    rule = f"{USER} ALL = NOPASSWD: {', '.join(path.replace(':', chr(92) + ':') for path in paths)}"
    world.run("sh", "-ec", f"printf '%s\\n' {shlex.quote(rule)} > /etc/sudoers.d/own; chmod 0440 /etc/sudoers.d/own; visudo -cqf /etc/sudoers.d/own")
