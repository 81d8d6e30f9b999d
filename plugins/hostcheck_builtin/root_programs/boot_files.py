"""What is read and run as root at boot beside units, and directories of programs that services run at certain events.

A line in a directory of settings is enough for root: systemd-tmpfiles(8) writes any file, sysctl.d(5) sets the handler of crashes, binfmt.d(5) names programs.
Scripts of System V are certain only where systemd, which may run something else in their place, does not run.
"""

from typing import Final

from hostcheck.api import Hole
from hostcheck_builtin.root_programs.root_files import RootFiles
from hostcheck_builtin.root_programs.uses import RootUse

PLACES: Final = ("/etc", "/run", "/usr/local/lib", "/usr/lib", "/lib")
SETTINGS: Final = ("tmpfiles.d", "sysusers.d", "sysctl.d", "modules-load.d", "binfmt.d")
FILES: Final = ("/etc/sysctl.conf", "/etc/modules", "/etc/fstab", "/etc/inittab")
SCRIPTS: Final = ("/etc/rc.local", "/etc/rc.d/rc.local", "/etc/rc.d/rc.sysinit")
INIT: Final = ("/etc/init.d", "/etc/rc.d/init.d", "/etc/local.d")
HOOKS: Final = {
    "network": (
        *(f"{place}/NetworkManager/dispatcher.d" for place in ("/etc", "/usr/lib")),
        *(f"/etc/network/{name}.d" for name in ("if-pre-up", "if-up", "if-down", "if-post-down")),
        *(f"{place}/networkd-dispatcher/{name}.d" for place in ("/etc", "/usr/lib") for name in ("routable", "dormant", "no-carrier", "off", "carrier")),
        *("/etc/dhcp/dhclient-enter-hooks.d", "/etc/dhcp/dhclient-exit-hooks.d", "/etc/ppp/ip-up.d", "/etc/ppp/ip-down.d"),
    ),
    "package": (
        *(f"/etc/kernel/{name}.d" for name in ("preinst", "postinst", "prerm", "postrm", "install")),
        *("/etc/initramfs/post-update.d", "/etc/apt/apt.conf.d", "/usr/lib/kernel/install.d"),
    ),
}
SYSTEMD: Final = "/run/systemd/system"
"""There where systemd runs (sd_booted(3))."""


def take(files: RootFiles) -> None:
    """Take the settings of a boot, and scripts of System V."""
    for path in FILES:
        files.take(path, RootUse("boot-settings", "the system", "reads", path, "boot"))
    for folder in files.distinct(f"{place}/{name}" for name in SETTINGS for place in PLACES):
        use = RootUse("boot-settings", "systemd", "all", folder, "boot")
        files.folder(folder, use, use._replace(how="reads"), lambda name: name.endswith(".conf"))
    systemd = files.way(SYSTEMD)
    files.group.lack(systemd)
    runs = isinstance(systemd, Hole) or systemd.found
    use = RootUse("boot-script", "init", "runs", "", "boot", certain=systemd if isinstance(systemd, Hole) else not runs)
    for path in SCRIPTS:
        files.take(path, use._replace(place=path), reads=not runs)
    for folder in files.distinct(INIT):
        files.folder(folder, use._replace(place=folder, how="all"), use, reads=not runs)


def hooks(files: RootFiles) -> None:
    """Take directories of programs that are run when a network or a package changes; some of these services pass over what others may write."""
    for when, folders in HOOKS.items():
        for folder in files.distinct(folders):
            use = RootUse("hook", "a service of root's", "all", folder, when, certain=when == "package")
            files.folder(folder, use, use._replace(how="runs"))
