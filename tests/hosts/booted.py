"""A throwaway host that a real systemd boots: its own root, /dev, processes and control groups; /sys and /proc/sys are read-only.

Only so is a systemd kept from changing the machine: in namespaces alone it sets modes in /dev, mounts control groups and writes sysctls for everybody.
"""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from uuid import uuid4

SYSTEMD: Final = Path("/usr/lib/systemd/systemd")
HEAD: Final = "[Unit]\nDefaultDependencies=no\n"
BOOT: Final = r"""
set -eu
base=$1 root=$1/root
mount --make-rprivate /
mount -t tmpfs -o mode=755 host "$root"
cd "$root"
mkdir usr etc dev proc sys run tmp var root old out opt var/lib var/log
chmod 1777 tmp
mount --bind /usr usr
mount -o remount,bind,ro usr
for name in bin sbin lib lib64; do [ ! -e "/usr/$name" ] || ln -s "usr/$name" "$name"; done
cp /etc/passwd /etc/group /etc/nsswitch.conf /etc/ld.so.cache etc/
cp -r /etc/alternatives etc/
: >etc/machine-id
cp -r "$base/files/." .
mount --bind "$base/told" out
mount -t tmpfs -o mode=755 dev dev
mknod -m 666 dev/null c 1 3; mknod -m 666 dev/zero c 1 5; mknod -m 666 dev/full c 1 7
mknod -m 666 dev/random c 1 8; mknod -m 666 dev/urandom c 1 9; mknod -m 666 dev/tty c 5 0; mknod -m 600 dev/kmsg c 1 11
ln -s /proc/self/fd dev/fd
: >dev/console
mount --bind "$base/console" dev/console
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=666 pts dev/pts
ln -s pts/ptmx dev/ptmx
mount -t proc proc proc
mount --bind proc/sys proc/sys
mount -o remount,bind,ro proc/sys
mount -t sysfs -o ro sys sys
mount -t tmpfs -o mode=755 run run
mkdir run/lock
mount -t cgroup2 cgroup2 sys/fs/cgroup
pivot_root . old
cd /
umount -l /old
exec env -i container=lab PATH=/usr/sbin:/usr/bin "$2" /usr/lib/systemd/systemd --system --unit=lab.target --show-status=0 --log-target=console
"""
TELL: Final = '#!/bin/sh\nname=$1\nshift\nfor word; do printf "%s\\0" "$word"; done >"/out/.$name"\nmv "/out/.$name" "/out/$name"\n'
"""A program that writes down what it is given after its first word, which is the name of the file."""


TRY = """#!/usr/bin/python3 -I
import json, os, socket
able = []
for name, uid, gid, groups in json.load(open("/opt/users")):
    child = os.fork()
    if not child:
        os.setgroups(groups), os.setresgid(gid, gid, gid), os.setresuid(uid, uid, uid)
        try:
            socket.socket(socket.AF_UNIX).connect(PATH)
        except OSError:
            os._exit(1)
        os._exit(0)
    if not os.waitpid(child, 0)[1]:
        able.append(name)
for path in (PATH,):
    found = os.stat(path) if os.path.exists(path) else None
    able.append(f"{found.st_mode & 0o7777:04o} {found.st_uid}:{found.st_gid}" if found else "none")
open("/out/.END", "w").write("".join(f"{one}\\0" for one in able))
os.rename("/out/.END", "/out/END")
"""
"""Writes down which users connect to a socket, and what it is."""
REBOOT: Final = """[Unit]
After=sockets.target multi-user.target
[Service]
Type=oneshot
ExecStart=-/bin/sh -c "sed -n 's/^@reboot root //p' /etc/cron.d/* | sh"
"""
"""Runs what tables of cron say of a boot, since the machine has no cron."""
LEFT_OUT: Final = (
    *("systemd-udevd.service systemd-udev-trigger.service systemd-sysctl.service systemd-modules-load.service systemd-remount-fs.service").split(),
    *("systemd-logind.service systemd-journald.service systemd-journald.socket systemd-journald-dev-log.socket console-getty.service").split(),
    *("getty.target dev-hugepages.mount dev-mqueue.mount sys-kernel-debug.mount sys-kernel-tracing.mount sys-kernel-config.mount").split(),
    *("sys-fs-fuse-connections.mount systemd-networkd.service systemd-resolved.service dbus.socket dbus.service").split(),
)
"""Units of the machine's that need more than the host has."""


def connecting(archive: Path, path: str, users: Mapping[str, tuple[int, int, list[int]]], *, seconds: float = 60) -> tuple[set[str], str]:
    """Boot a host with the files of an archive as a machine is booted, and return which users connect to a socket then, with its mode and owners.

    A user is a uid, a gid and more groups.
    """
    base = _base()
    system = "/etc/systemd/system"
    end = "[Unit]\nAfter=multi-user.target sockets.target reboot.service\n[Service]\nType=oneshot\nExecStartPre=/bin/sleep 1\nExecStart=/opt/try\n"
    lab = f"{HEAD}Wants=multi-user.target sockets.target reboot.service end.service\n"
    told = json.dumps([[name, *one] for name, one in users.items()])
    files = {"end.service": end, "lab.target": lab, "reboot.service": REBOOT}
    _write(base, {**{f"{system}/{name}": text for name, text in files.items()}, "/opt/users": told, "/opt/try": TRY.replace("PATH", repr(path))})
    for unit in LEFT_OUT:
        (base / f"files{system}/{unit}").symlink_to("/dev/null")
    subprocess.run(("tar", "--extract", f"--file={archive}", f"--directory={base}/files"), check=True)
    (base / "files/opt/try").chmod(0o755)
    try:
        _boot(base, "A=passed", seconds)
        assert (base / "told/END").exists(), (base / "console").read_text(errors="replace")[-4000:]
        *able, found = (base / "told/END").read_text().split("\0")[:-1]
        return set(able), found
    finally:
        shutil.rmtree(base)


def told(files: Mapping[str, str], *, passed: str = "A=passed", seconds: float = 60) -> dict[str, list[bytes]]:
    """Boot a host with these files, start all of its services that are no templates, and return by name what `/opt/tell` was given.

    `passed` is a variable of systemd's own.
    """
    base = _base()
    names = sorted(path.rpartition("/")[2] for path in files if path.endswith(".service") and "@." not in path)
    lab = f"{HEAD}Wants={' '.join(names)} end.service\n"
    end = f"{HEAD}After={' '.join(names)}\n[Service]\nType=oneshot\nExecStart=/opt/tell END\n"
    system = "/etc/systemd/system"
    _write(base, {**files, f"{system}/lab.target": lab, f"{system}/end.service": end, "/opt/tell": TELL})
    (base / "files/opt/tell").chmod(0o755)
    try:
        _boot(base, passed, seconds)
        assert (base / "told/END").exists(), (base / "console").read_text(errors="replace")[-2000:]
        return {one.name: one.read_bytes().split(b"\0")[:-1] for one in (base / "told").iterdir()}
    finally:
        shutil.rmtree(base)


def _base() -> Path:
    base = Path(tempfile.mkdtemp(prefix="hostcheck-booted-", dir="/var/tmp"))
    (base / "console").touch()
    for folder in ("root", "told", "files"):
        (base / folder).mkdir()
    return base


def _write(base: Path, files: Mapping[str, str]) -> None:
    for path, text in files.items():
        place = base / "files" / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text.encode(errors="surrogateescape"))


def _boot(base: Path, passed: str, seconds: float) -> None:
    cage = _unified() / f"hostcheck-booted-{uuid4()}"
    inner = cage / "init"
    inner.mkdir(parents=True)
    spaces = ("--cgroup", "--mount", "--pid", "--fork", "--kill-child", "--ipc", "--uts", "--net")
    argv = ("sh", "-c", 'echo $$ >"$0"; exec unshare "$@"', f"{inner}/cgroup.procs", *spaces, "sh", "-c", BOOT, "boot", str(base), passed)
    with (base / "console").open("ab") as console:
        begun = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=console)
    end = time.monotonic() + seconds
    try:
        while begun.poll() is None and time.monotonic() < end and not (base / "told/END").exists():
            time.sleep(0.05)
    finally:
        begun.send_signal(signal.SIGKILL)  # --kill-child ends process 1 of the host, and with it all others
        begun.wait()
        _empty(cage, time.monotonic() + 10)


def _unified() -> Path:
    """Return where the machine has its control groups of version 2."""
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        if " - cgroup2 " in line:
            return Path(line.split(" ")[4])
    raise AssertionError("this machine has no cgroup2 mounted")


def _empty(cage: Path, end: float) -> None:
    """Take the control groups away as soon as nothing is in them."""
    while cage.exists():
        for folder, _, _ in os.walk(cage, topdown=False):
            try:
                os.rmdir(folder)
            except OSError:
                if time.monotonic() > end:
                    raise
        time.sleep(0.02)
