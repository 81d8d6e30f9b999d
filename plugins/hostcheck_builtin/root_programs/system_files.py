"""What the system itself loads: the kernel and its modules, the first program, the dynamic linker and libc, sudo's plugins, and what is set at boot.

What is on the way to the kernel is likely, because firmware may check signatures, and nobody but a boot reads it. Of several libcs the machine's own counts.
"""

from typing import Final

from hostcheck.api import Hole, Stat, attempt, pattern
from hostcheck_builtin.kernel import core_pattern, sysctl_files
from hostcheck_builtin.kernel.sysctl_files import Reading, Setting
from hostcheck_builtin.root_programs import kernel_line
from hostcheck_builtin.root_programs.root_files import RootFiles
from hostcheck_builtin.root_programs.uses import RootUse
from hostcheck_builtin.shell.shell_names import LIBRARIES, PRELOADS, SYSTEM
from hostcheck_builtin.system import account_files, bounds, mountinfo

BOOT: Final = "/boot"
KERNELS: Final = ("vmlinuz", "vmlinux", "initrd", "initramfs", "kernel", "bzImage", "Image", "cmdline.txt", "config.txt")
LOADERS: Final = ("/boot/grub/grub.cfg", "/boot/grub2/grub.cfg", "/boot/extlinux/extlinux.conf", "/boot/loader/loader.conf", "/etc/default/grub")
RELEASE: Final = "/proc/sys/kernel/osrelease"
NAME: Final = pattern(r"[A-Za-z0-9_.+~-]{1,64}")
INIT: Final = ("/sbin/init", "/etc/init", "/bin/init")
"""What the kernel runs first, of which the first that is there counts (kernel_init() of init/main.c)."""
LINKERS: Final = (
    *("/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1", "/lib64/ld64.so.2", "/lib/ld64.so.1", "/lib/ld-linux-riscv64-lp64d.so.1"),
    *("/lib/ld-linux-armhf.so.3", "/lib/ld-linux.so.2", *(f"/lib/ld-musl-{machine}.so.1" for machine in ("x86_64", "aarch64", "armhf", "armv7", "i386"))),
)
MACHINES: Final = ("x86_64", "aarch64", "powerpc64le", "s390x", "riscv64", "arm", "i386")
LIBCS: Final = (
    *("/lib64/libc.so.6", "/usr/lib64/libc.so.6", *(f"/lib/{machine}-linux-gnu{'eabihf' * (machine == 'arm')}/libc.so.6" for machine in MACHINES)),
    *("/usr/lib/libc.so.6", "/lib/libc.so.6"),
)
DISK: Final = "disk"
"""The group that udev gives disks (50-udev-default.rules)."""
PART: Final = pattern(r"\A(/dev/(?:[shvx]v?d[a-z]{1,3}))[0-9]{1,3}\Z|\A(/dev/(?:nvme[0-9]{1,3}n|mmcblk)[0-9]{1,3})p[0-9]{1,3}\Z")
"""A part of a disk, by the names that the kernel gives both."""
SUDO: Final = ("/usr/bin/sudo", "/usr/local/bin/sudo")
PLUGINS: Final = ("/usr/libexec/sudo", "/usr/lib/sudo", "/usr/lib64/sudo", "/usr/local/libexec/sudo")
SYSTEMD: Final = tuple(f"{place}/systemd/system.conf" for place in ("/etc", "/run", "/usr/local/lib", "/usr/lib"))
SET_AT_BOOT: Final = ("kernel.core_pattern", "kernel.modprobe", "kernel.hotplug", "kernel.poweroff_cmd")
"""Settings of the kernel that name a program which it runs."""
ENVIRONMENT: Final = "/etc/environment"


def boot(files: RootFiles) -> None:
    """Take the kernel with what starts it, its modules, and the first program."""
    use = RootUse("boot-image", "the boot loader", "reads", "", "boot", certain=False)
    if not files.is_shut(BOOT):
        files.folder(BOOT, use._replace(place=BOOT, how="all"), use._replace(how="loads"), lambda name: name.startswith(KERNELS))
    for path in [path for path in LOADERS if not files.is_shut(BOOT) and not files.is_shut(path.rpartition("/")[0])]:
        files.take(path, use._replace(place=path))
    release = files.text(RELEASE, limit=bounds.KERNEL_RELEASE_BYTES).strip()
    if NAME.fullmatch(release):
        folder = f"/lib/modules/{release}"
        for path, how in ((folder, "all"), (f"{folder}/modules.dep", "reads"), (f"{folder}/kernel", "all")):
            files.take(path, RootUse("module-install", "modprobe", how, folder, "module", certain=False))
    told, first = kernel_line.init(files), files.first(INIT) or INIT[0]
    files.take(told, kernel_line.USE, reads=True)
    files.take(first, kernel_line.USE._replace(place=first, certain=not told))
    manager = RootUse("boot-settings", "systemd", "reads", "", "boot", certain=False)
    for path in SYSTEMD:
        files.take(path, manager._replace(place=path))
    for folder in files.distinct(f"{path}.d" for path in SYSTEMD):
        files.folder(folder, manager._replace(place=folder, how="all"), manager, lambda name: name.endswith(".conf"))


def disks(files: RootFiles) -> None:
    """Take devices of mounted file systems, and the disks that these are parts of, that others than root may write; group disk is judged by itself."""
    table = attempt(mountinfo.mounts, files.host)
    files.group.lack(table)
    mounts = [] if isinstance(table, Hole) else [mount for mount in table if not mount.fstype.startswith("fuse")]  # of one of a user's the source is their word
    parts = [mount.source for mount in mounts if mount.source.startswith("/dev/") and ".." not in mount.source]
    for path in list(dict.fromkeys(one for part in parts for one in (part, PART.sub(r"\1\2", part))))[: bounds.KERNEL_DISKS]:
        way = files.way(path)
        files.group.lack(way)
        if not isinstance(way, Hole) and way.type == "block" and _is_open(files, way.end):
            files.group.take(path, way, RootUse("disk", "the kernel", "reads", path, "program"))


def _is_open(files: RootFiles, disk: Stat) -> bool:
    """Say whether others than root, and than group disk, may write a device."""
    if disk.mode & 0o002 or disk.uid or disk.acl:
        return True
    if not disk.mode & 0o020 or not disk.gid:
        return False
    usual = attempt(_group_disk, files)
    files.group.lack(usual)
    return not isinstance(usual, Hole) and disk.gid != usual


def _group_disk(files: RootFiles) -> int | None:
    groups = account_files.groups(account_files.text_of(files.host, "/etc/group"))[0].values()
    return next((one["gid"] for one in groups if one["name"] == DISK), None)


def libraries(files: RootFiles) -> None:
    """Take what every program is linked with, and what sudo loads."""
    use = RootUse("library-path", "every program of root's", "loads", "", "program")
    for kind in (LINKERS, LIBCS):
        sure = True
        for path in kind:
            way = files.way(path)
            if isinstance(way, Hole) or way.found:
                files.take(path, use._replace(place=path).only_if(sure))
                sure = False
    sudo = [files.way(path) for path in SUDO]
    if not any(isinstance(way, Hole) or way.type == "file" for way in sudo):
        return
    plugin = use._replace(by="sudo", when="session")
    for folder in files.distinct(PLUGINS):
        way = files.way(folder)
        if isinstance(way, Hole) or way.found:
            files.folder(folder, plugin._replace(place=folder, how="all"), plugin, lambda name: name.endswith(".so"))


def settings(files: RootFiles) -> None:
    """Take the programs that settings of the kernel name which are made at boot; certain where both readers of them make the same."""
    found = sysctl_files.configuration(files.host, SET_AT_BOOT)
    by_systemd, by_procps = (read(found, SET_AT_BOOT) for read in (sysctl_files.read_by_systemd, sysctl_files.read_by_procps))
    for name in SET_AT_BOOT:
        told = [_setting(files, reading, name) for reading in (by_systemd, by_procps)]
        for one in dict.fromkeys(one for one in told if one is not None):
            use = RootUse("kernel-helper", "the kernel", "runs", f"{one.path}:{one.line}", "boot", certain=told[0] == told[1])
            files.take(_program(name, one.value), use, reads=True)


def _setting(files: RootFiles, reading: Reading, name: str) -> Setting | None:
    one = reading.get(name)
    if isinstance(one, Hole):
        files.group.lack(one)
        return None
    return one


def _program(name: str, value: str) -> str:
    """Return the program that a setting names, "" where it names none."""
    if name != SET_AT_BOOT[0]:
        return next(iter(value.split()), "")
    handler = core_pattern.handler(value)
    return handler.path if handler is not None and handler.kind == "pipe" and not handler.chosen else ""


def logins(files: RootFiles) -> None:
    """Take the shells of root's accounts, and what the variables of every login name."""
    use = RootUse("profile", "a login as root", "runs", "/etc/passwd", "login")
    for user in files.accounts():
        if user["uid"] == 0:
            files.take(str(user["shell"]) or "/bin/sh", use)
    lines = files.text(ENVIRONMENT, limit=bounds.ENVIRONMENT_BYTES).split("\n")
    for number, line in enumerate(lines, 1):
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if equals and not name.startswith("#"):
            _variable(files, name.strip(), value.strip().strip("\"'"), use._replace(by="PAM", place=f"{ENVIRONMENT}:{number}"))


def _variable(files: RootFiles, name: str, value: str, use: RootUse) -> None:
    sure = True
    folders = [folder for folder in value.split(":")[: bounds.ENTRIES_OF_ENVIRONMENT] if folder.startswith("/")]
    for folder in folders if name == "PATH" or name in LIBRARIES else ():
        if name == "PATH":
            files.looks_in(folder, use.only_if(sure))
            sure = sure and folder not in SYSTEM
        else:
            files.take(folder, use._replace(how="searches", kind="library-path"))
    for path in value.replace(" ", ":").split(":")[: bounds.ENTRIES_OF_ENVIRONMENT] if name in PRELOADS else ():
        files.take(path, use._replace(how="loads", kind="library-path").only_if(name != "BASH_ENV"))
