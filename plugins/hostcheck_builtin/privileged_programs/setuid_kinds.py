"""What a program is by its name and place: of an engine, a shell or what serves as one, a helper of containers, or what distributions ship setuid.

By its name alone a program is what its maker calls it. That it is one for certain says its content, or a place where root alone puts what packages bring.
"""

from typing import Final

from hostcheck_builtin.privileged_programs import setuid_abilities

ENGINES: Final = frozenset(
    (
        "buildah buildctl buildkitd conmon containerd containerd-shim-runc-v2 crictl crio crun ctr docker dockerd incus incusd k3s kata-runtime lxc lxc-attach "
        "lxc-execute lxc-start lxd nerdctl nsenter podman rke2 runc runsc systemd-nspawn unshare youki"
    ).split()
)
ALONE: Final = frozenset(("docker", "nsenter", "runc", "unshare"))
"""These need nothing else that runs, which tests/hosts shows: docker runs a plugin, and runc a hook, of its caller's."""
HELPERS: Final = frozenset(
    (
        "apptainer-suid bwrap firejail fusermount fusermount3 lxc-user-nic newgidmap newuidmap rootlesskit sexec-suid singularity-suid slirp4netns "
        "start-suid starter-suid snap-confine"
    ).split()
)
"""Made to be run by users who have no other right (design of each: newuidmap(1), bwrap(1), lxc-user-nic(1)); what an old one allows is its version's matter."""
EXPECTED: Final = frozenset(
    (
        "abrt-action-install-debuginfo-to-abrt-cache arping at batch brave-sandbox cdda2wav cdrecord chage chfn chrome-sandbox chsh clockdiff crontab "
        "dbus-daemon-launch-helper dmcrypt-get-device doas dotlockfile dumpcap exim exim4 expiry fping fping6 gpasswd grub2-set-bootflag gst-ptp-helper "
        "kcheckpass kgrantpty krb5_child ksu ldap_child mail-lock mail-touchlock mail-unlock mount mount.cifs mount.davfs mount.ecryptfs_private "
        "mount.nfs mount.nfs4 mount.ntfs mount.ntfs-3g msedge-sandbox mtr mtr-packet newgrp ntfs-3g nvidia-modprobe p11_child pam_extrausers_chkpwd "
        "pam_timestamp_check passwd ping ping4 ping6 pkexec polkit-agent-helper-1 postdrop postqueue pppd pt_chown rcp readcd rlogin rscsi rsh screen "
        "selinux_child sendmail sg spice-client-glib-usb-acl-helper ssh-agent ssh-keysign sssd_be staprun su sudo sudoedit suexec traceroute traceroute6 "
        "traceroute6.iputils ubuntu-core-launcher umount umount.cifs umount.nfs umount.nfs4 unix2_chkpwd unix_chkpwd userhelper usernetctl utempter "
        "VBoxHeadless VBoxNetAdpCtl VBoxNetDHCP VBoxNetNAT VBoxSDL VirtualBoxVM vlock-main vmware-authd vmware-user-suid-wrapper wall wodim write "
        "wshowkeys Xorg Xorg.wrap"
    ).split()
)
"""What Debian, Ubuntu, Fedora, RHEL, openSUSE, Arch and Alpine install with the setuid bit, the setgid bit or capabilities."""
SYSTEM: Final = ("/usr/bin/", "/usr/sbin/", "/usr/lib", "/usr/libexec/", "/usr/games/", "/bin/", "/sbin/", "/lib", "/run/wrappers/")
"""Where packages of distributions put programs."""
BROWSERS: Final = ("/opt/google/chrome/", "/opt/microsoft/msedge/", "/opt/brave.com/brave/")
"""And those of the makers of browsers their sandboxes."""


def is_known(name: str) -> bool:
    """Say whether a program of this name is one whose copies are looked for."""
    return name in ENGINES or bool(setuid_abilities.called(name))


def is_of_system(path: str) -> bool:
    """Say whether a program lies where packages of distributions put such."""
    return path.startswith(SYSTEM) or path.startswith(BROWSERS)


def kind_of(name: str, path: str, *, same: bool, roots: bool) -> str:
    """Return what a program is that is called so: by its content where it is the `same` as that, else by its place too.

    `roots` says that only root can change it.
    """
    if name in ENGINES:
        return "engine"
    if not same and roots and name in HELPERS:
        return "helper"
    if not same and roots and name in EXPECTED and is_of_system(path):
        return "expected"
    return "shell" if setuid_abilities.called(name) else "other"
