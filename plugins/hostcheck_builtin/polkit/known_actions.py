"""Actions of polkit by which whoever is granted them becomes root, each with its source.

An action counts only where it is registered by a file of its service: of any other polkit says that it is not known.
"""

from typing import Final, NamedTuple

from hostcheck_builtin.polkit.rules_files import EXEC


class KnownAction(NamedTuple):
    """What an action lets one do, after "may"; `sure` unless that takes something of which nothing is known here, `waits` as edges of paths say it."""

    does: str
    source: str
    sure: bool = True
    waits: str = "nothing"


PROGRAM: Final = KnownAction("run its program as root by pkexec", "pkexec(1), org.freedesktop.policykit.exec.path")
UNKNOWN: Final = KnownAction("", "what a service does for whoever is granted an action of its own", sure=False)
ACTIONS: Final = {
    EXEC: KnownAction("run any program as root by pkexec", "pkexec(1)"),
    "org.freedesktop.systemd1.manage-units": KnownAction("start a unit of one's own as root by systemd-run or run0", "systemd-run(1), run0(1)"),
    "org.freedesktop.systemd1.manage-unit-files": KnownAction(
        "enable a unit file of one's own, which root runs at the next boot", "systemctl(1), enable PATH", waits="reboot"
    ),
    "org.freedesktop.machine1.host-shell": KnownAction("open a shell as root by machinectl shell .host", "machinectl(1)"),
    "org.freedesktop.packagekit.package-install-untrusted": KnownAction(
        "install a package of one's own, whose scripts root runs", "org.freedesktop.packagekit.policy"
    ),
    "org.freedesktop.udisks2.open-device-system": KnownAction("write to the disks of the system", "udisks(8), OpenDevice()"),
    "io.snapcraft.snapd.manage": KnownAction("install a snap of one's own, whose hooks root runs", "snap(8), install --dangerous; CVE-2019-7304"),
    "org.projectatomic.rpmostree1.install-local-packages": KnownAction(
        "install a package of one's own, whose scripts root runs", "rpm-ostree(1)", sure=False, waits="reboot"
    ),
    "org.debian.apt.install-file": KnownAction("install a package of one's own, whose scripts root runs", "aptd(1)", sure=False),
    "org.freedesktop.accounts.user-administration": KnownAction(
        "make oneself an administrator, and set the password", "SetAccountType() of AccountsService", sure=False
    ),
    "org.libvirt.unix.manage": KnownAction("give a virtual machine the disks of the host", "libvirt.org/auth.html, polkit auth", sure=False),
}
"""In the order in which they are told: of several that one rule grants the first names the way."""
