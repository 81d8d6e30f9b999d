"""What the system itself loads, and how sure that is."""

from typing import Any

import pytest
from root_programs.root_host import PASSWD, access, file, folder, listed

from hostcheck.host.answers import Stat

SUDO = {"/usr/bin/sudo": "x", "/usr/libexec/sudo/sudoers.so": "x"}
MODULES = {"/proc/sys/kernel/osrelease": "6.1.0-40-amd64\n", "/lib/modules/6.1.0-40-amd64/modules.dep": ""}
OPEN = file(0, 0o666)
TOOL = {"/opt/bobbin/tool": ""}
BOBS = {"/opt/bobbin": folder(1001), "/opt/bobbin/tool": file(1001)}


@pytest.mark.parametrize(
    ("path", "files", "stat", "said"),
    [
        ("/boot", {"/boot/x": ""}, folder(0, 0o777), (False, "reboot")),
        ("/boot/vmlinuz-6.1", {"/boot/vmlinuz-6.1": ""}, OPEN, (False, "reboot")),
        ("/boot/grub/grub.cfg", {"/boot/grub/grub.cfg": ""}, OPEN, (False, "reboot")),
        ("/lib/modules/6.1.0-40-amd64", MODULES, folder(0, 0o777), (False, "nothing")),
        ("/sbin/init", {"/sbin/init": "x"}, OPEN, (True, "reboot")),
        ("/lib64/ld-linux-x86-64.so.2", {"/lib64/ld-linux-x86-64.so.2": "x"}, OPEN, (True, "nothing")),
        ("/lib/ld-linux.so.2", {"/lib/ld-linux.so.2": "x", "/lib64/ld-linux-x86-64.so.2": "x"}, OPEN, (False, "nothing")),
        ("/lib/x86_64-linux-gnu/libc.so.6", {"/lib/x86_64-linux-gnu/libc.so.6": "x"}, OPEN, (True, "nothing")),
        ("/lib64/libc.so.6", {"/lib64/libc.so.6": "x"}, file(1001), (True, "nothing")),
        ("/usr/libexec/sudo/sudoers.so", SUDO, OPEN, (True, "nothing")),
        ("/usr/libexec/sudo", SUDO, folder(0, 0o777), (True, "nothing")),
        ("/etc/systemd/system.conf", {"/etc/systemd/system.conf": ""}, OPEN, (False, "reboot")),
        ("/etc/systemd/system.conf.d", {"/etc/systemd/system.conf.d/a.conf": ""}, folder(0, 0o777), (False, "reboot")),
        ("/opt/sh", {"/etc/passwd": PASSWD.replace("/root:/bin/sh", "/root:/opt/sh"), "/opt/sh": "x"}, OPEN, (True, "login")),
    ],
)
def test_what_is_loaded_counts_where_somebody_can_change_it(path: str, files: Any, stat: Any, said: tuple[bool, str]) -> None:
    assert path not in access(files)
    one = access(files, stats={path: stat})[path]
    assert (one["certain"], one["interaction"], one["as_uid"]) == (*said, 0)


def test_plugins_of_a_sudo_that_is_not_there_are_not_loaded() -> None:
    assert access({"/usr/libexec/sudo/sudoers.so": "x"}, stats={"/usr/libexec/sudo/sudoers.so": OPEN}) == {}


def test_what_only_root_can_look_into_is_nobody_elses() -> None:
    files = {"/boot/grub2/grub.cfg": PermissionError(13, "no"), "/boot/vmlinuz": PermissionError(13, "no")}
    assert listed("kernel", files, stats={"/boot": folder(0, 0o700), "/boot/grub2": folder(0, 0o700)}) == {}


@pytest.mark.parametrize(
    ("path", "text", "sure"),
    [
        ("/etc/sysctl.d/a.conf", "kernel.core_pattern = |/opt/bobbin/tool %p\n", True),
        ("/usr/lib/sysctl.d/a.conf", "kernel.modprobe=/opt/bobbin/tool\n", True),
        ("/etc/sysctl.conf", "kernel.modprobe=/opt/bobbin/tool\n", False),
        ("/etc/sysctl.d/a.conf", "kernel.core_pattern = /opt/bobbin/tool\n", None),
        ("/etc/sysctl.d/a.conf", "kernel.modprobe = /opt/bobbin/tool\nkernel.modprobe = /sbin/modprobe\n", None),
    ],
)
def test_programs_that_settings_of_the_kernel_name_are_run_after_a_boot(path: str, text: str, sure: bool | None) -> None:
    found = listed("kernel", {**TOOL, path: text}, stats=BOBS)
    assert [(use["certain"], use["when"]) for one in found.values() for use in one["uses"].values()] == ([] if sure is None else [(sure, "boot")])


@pytest.mark.parametrize(
    ("text", "path", "said"),
    [
        ("PATH=/opt/bobbin:/usr/bin\n", "/opt/bobbin", ("searches", True)),
        ('PATH="/usr/bin:/opt/bobbin"\n', "/opt/bobbin", ("searches", False)),
        ("export LD_PRELOAD=/opt/bobbin/tool\n", "/opt/bobbin/tool", ("loads", True)),
        ("LD_LIBRARY_PATH=/opt/bobbin\n", "/opt/bobbin", ("searches", True)),
        ("BASH_ENV=/opt/bobbin/tool\n", "/opt/bobbin/tool", ("loads", False)),
        ("# PATH=/opt/bobbin\nEDITOR=/opt/bobbin/tool\n", "", ()),
    ],
)
def test_variables_of_every_login(text: str, path: str, said: Any) -> None:
    found = listed("logins", {**TOOL, "/etc/environment": text}, stats=BOBS)
    assert {one: (use["how"], use["certain"]) for one, stated in found.items() for use in stated["uses"].values()} == ({path: said} if path else {})


def test_a_disk_of_a_group_or_a_user() -> None:
    mounts = "22 1 0:21 / /proc rw - proc proc rw\n27 1 254:0 / / rw - ext4 /dev/vda1 rw\n"
    files = {"/proc/self/mountinfo": mounts, "/dev/vda": "", "/etc/group": "root:x:0:\ndisk:x:6:ann\nimaging:x:60:bob\n"}
    given = {6: [], 60: ["/dev/vda"], 0: []}
    assert {gid: sorted(access(files, stats={"/dev/vda": Stat(type="block", uid=0, gid=gid, mode=0o660)})) for gid in given} == given
    (one,) = access(files, stats={"/dev/vda": Stat(type="block", uid=1001, gid=6, mode=0o660)}).values()
    assert (one["kind"], list(one["changed_by"]["users"])) == ("disk", ["ann", "bob"])


@pytest.mark.parametrize(
    ("source", "disk", "mode", "found"),
    [
        ("/dev/vda1", "/dev/vda1", 0o666, ["/dev/vda1"]),
        ("/dev/vda1", "/dev/vda", 0o666, ["/dev/vda"]),
        ("/dev/nvme0n1p2", "/dev/nvme0n1", 0o666, ["/dev/nvme0n1"]),
        ("/dev/vda1", "/dev/vda", 0o660, []),
        ("/dev/vda1", "/dev/vdb", 0o666, []),
        ("tmpfs", "/dev/vda", 0o666, []),
        ("/dev/vda1 rw\n28 27 0:50 / /home/bob/x rw - fuse.x /dev/vdb", "/dev/vdb", 0o666, []),
    ],
)
def test_a_disk_that_every_user_may_write(source: str, disk: str, mode: int, found: list[str]) -> None:
    mounts = f"22 1 0:21 / /proc rw - proc proc rw\n27 1 254:0 / / rw - ext4 {source} rw\n"
    told = access({"/proc/self/mountinfo": mounts, disk: ""}, stats={disk: Stat(type="block", uid=0, gid=6, mode=mode)})
    assert sorted(told) == found
    assert all((one["certain"], one["changed_by"]["everyone"], one["interaction"], one["kind"]) == (True, True, "nothing", "disk") for one in told.values())
