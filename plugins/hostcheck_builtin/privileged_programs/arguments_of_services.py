"""What tools of the system do with arguments: services, packages, settings of the kernel and of the network; which of them show a pager.

A pager of systemd's runs in a secure mode where it finds out that somebody else's session calls it (systemctl(1), SYSTEMD_PAGERSECURE), so that a shell out of
it is likely at most.
"""

from typing import Final

from hostcheck_builtin.privileged_programs.argument_words import (
    FREE,
    HARMLESS,
    PAGER,
    PROMPT,
    UNKNOWN,
    Again,
    Does,
    Words,
    anywhere,
    is_free,
    leading,
    taken,
    worst,
)
from hostcheck_builtin.privileged_programs.arguments_of_runners import command

STARTS: Final = frozenset(
    (
        "start stop restart reload try-restart reload-or-restart try-reload-or-restart condrestart force-reload is-active is-enabled is-failed enable "
        "disable reenable mask unmask kill reset-failed daemon-reload daemon-reexec preset reboot poweroff halt suspend hibernate hybrid-sleep freeze thaw"
    ).split()
)
"""What systemctl does without showing anything in a pager: with units that are installed it is no more than it says."""
ELSEWHERE: Final = ("-H", "-M", "--host", "--machine", "--root", "--image", "--user")
QUIET: Final = ("--no-pager", "-f", "--follow", "--flush", "--rotate", "--sync", "--vacuum-size", "--vacuum-time", "--vacuum-files")
CHANGES: Final = frozenset("set-time set-timezone set-ntp set-local-rtc set-hostname hostname set-chassis flush-caches reload renew".split())
LISTERS: Final = frozenset("journalctl loginctl networkctl resolvectl timedatectl hostnamectl bootctl coredumpctl".split())
PACKAGES: Final = frozenset("apt apt-get aptitude dnf dnf5 yum microdnf tdnf zypper dpkg rpm pacman apk snap flatpak".split())
REFRESHES: Final = frozenset("update clean autoclean check-update makecache refresh list search show info".split())
KEYS: Final = ("kernel.core_pattern", "kernel.modprobe", "kernel.hotplug", "fs.suid_dumpable", "kernel.poweroff_cmd")


def of_systemctl(_: str, words: Words, __: Again) -> Does:
    """Return what systemctl does; it takes units from files where they are named by a path."""
    parted = anywhere(words, ("-t", "-p", "-n", "-o", "-s", "-H", "-M", "--type", "--property", "--lines", "--output", "--signal", "--job-mode", "--kill-who"))
    if parted.has(*ELSEWHERE):
        return Does(UNKNOWN)
    verb, units = (parted.rest[0], parted.rest[1:]) if parted.rest else ("list-units", ())
    if is_free(verb) or (verb in ("enable", "link", "edit", "reenable") and any(map(is_free, units))):
        return Does(FREE)
    if verb == "edit":
        return Does(PROMPT)
    if verb == "link" or (verb in STARTS and any("/" in unit for unit in units)):
        return taken(*(unit for unit in units if "/" in unit or verb == "link"))
    if verb in STARTS:
        return Does(HARMLESS if not any("debug-shell" in unit for unit in units) else UNKNOWN)
    if verb in ("set-environment", "import-environment"):
        return Does(UNKNOWN)
    return Does(HARMLESS if parted.has("--version", "--help", "--no-pager") else PAGER)


def of_lister(_: str, words: Words, __: Again) -> Does:
    """Return what journalctl and its kin do."""
    parted = anywhere(words, ("-u", "-n", "-o", "-t", "-p", "--unit", "--lines", "--output", "--since", "--until"))
    if parted.has("-H", "-M", "--host", "--machine", "--root", "--image"):
        return Does(UNKNOWN)
    verb = parted.rest[0] if parted.rest else ""
    if verb in ("debug", "gdb"):
        return Does(PROMPT)
    return Does(HARMLESS if parted.has(*QUIET) or verb in CHANGES else PAGER)


def of_service(_: str, words: Words, __: Again) -> Does:
    """Return what service does: it starts a script of a name, which may be a path too."""
    if words and is_free(words[0]):
        return Does(FREE)
    return Does(UNKNOWN if words and "/" in words[0] else HARMLESS)


def of_packages(name: str, words: Words, __: Again) -> Does:
    """Return what a package manager does; scripts of packages run as root, and files may be packages too."""
    parted = anywhere(words, ("-o", "-c", "-t", "--option", "--config-file"))
    if parted.has("-o", "-c", "--option", "--config-file", "--setopt", "--config"):
        return Does(UNKNOWN)
    verb = parted.rest[0] if parted.rest else ""
    files = tuple(word for word in parted.rest if "/" in word or word.endswith((".deb", ".rpm")))
    if files:
        return worst((Does(UNKNOWN), taken(*files)))
    if verb == "changelog":
        return Does(PROMPT)
    if name == "dpkg":
        return Does(PAGER if parted.has("-l", "-L", "-s", "-p", "--list", "--status") else UNKNOWN if words else HARMLESS)
    return Does(HARMLESS if not words or verb in REFRESHES else UNKNOWN)


def of_pip(_: str, words: Words, __: Again) -> Does:
    """Return what pip does with a directory or a file, whose build is run."""
    parted = anywhere(words, ("-r", "-e", "-c", "--requirement", "--editable", "--index-url", "-i"))
    files = tuple(one for one in (*parted.rest, parted.value("-r", "--requirement"), parted.value("-e", "--editable")) if one == "." or "/" in one)
    named = (parted.value("-r", "--requirement"),) if parted.has("-r", "--requirement") else ()
    return worst((Does(UNKNOWN), taken(*files, *named))) if files or named else Does(UNKNOWN if words else HARMLESS)


def of_sysctl(_: str, words: Words, __: Again) -> Does:
    """Return what sysctl does: it sets what a file says, or a setting that is named."""
    parted = anywhere(words)
    if parted.has("-p", "--load"):
        return taken(*parted.rest) if parted.rest else Does(HARMLESS)
    sets = [word.partition("=")[0].replace("/", ".") for word in parted.rest if "=" in word]
    return Does(UNKNOWN if any(is_free(word) for word in words) or set(sets) & set(KEYS) else HARMLESS)


def of_modules(name: str, words: Words, __: Again) -> Does:
    """Return what insmod and modprobe do: modules by name are the system's."""
    parted = anywhere(words, ("-C", "-d", "-S", "--config", "--dirname"))
    if parted.has("-C", "-d", "--config", "--dirname"):
        return Does(UNKNOWN)
    if name == "insmod":
        return taken(parted.rest[0]) if parted.rest else Does(HARMLESS)
    return Does(FREE if any(map(is_free, words)) else HARMLESS)


def of_tables(_: str, words: Words, __: Again) -> Does:
    """Return what iptables does: it runs the program that loads modules (iptables(8), --modprobe)."""
    program = anywhere(words, ("--modprobe", "-M")).value("--modprobe", "-M")
    if any(map(is_free, words)):
        return Does(FREE)
    return taken(program) if program else Does(HARMLESS)


def of_ip(_: str, words: Words, again: Again) -> Does:
    """Return what ip does: it shows and sets what the network is, runs a program in a namespace, or a file of its commands."""
    parted = leading(words, ("-b", "-batch", "-n", "-netns", "-f", "-family"))
    if parted.has("-b", "-batch", "--batch"):
        return Does(UNKNOWN)
    if parted.rest[:1] in (("netns",), ("vrf",)) and parted.rest[1:2] == ("exec",):
        return command(parted.rest[3:], again) if len(parted.rest) > 3 else Does(FREE if any(map(is_free, parted.rest)) else UNKNOWN)
    return Does(FREE if parted.rest[:1] and is_free(parted.rest[0]) else HARMLESS)


def of_capture(_: str, words: Words, __: Again) -> Does:
    """Return what tcpdump does: to show packets is harmless."""
    parted = anywhere(words, ("-i", "-c", "-s", "-w", "-r", "-z", "-Z", "-F", "-G", "-W", "-C"))
    return Does(UNKNOWN if parted.has("-w", "-r", "-z", "-Z", "-F", "-V") else HARMLESS)


def of_mount(name: str, words: Words, __: Again) -> Does:
    """Return what mount does: to mount what fstab names, or to take a mount away, is no more than it says."""
    every = words in (("-a",), ("--all",), ("-l",))
    return Does(HARMLESS if not words or every or (name == "umount" and all(word.startswith(("/", "-")) for word in words)) else UNKNOWN)


def of_archive(_: str, words: Words, __: Again) -> Does:
    """Return what tar does: to take files out of an archive makes them as the archive says, setuid programs too."""
    first = words[0].lstrip("-") if words else ""
    options = anywhere((f"-{first}", *words[1:]) if words and not words[0].startswith("-") else words, ("-f", "-C", "-I", "-T", "-X", "--file", "--directory"))
    if not words:
        return Does(HARMLESS)
    if options.has("-x", "--extract", "--get") and options.has("-f", "--file"):
        return worst((Does(UNKNOWN), taken(options.value("-f", "--file"))))
    return Does(UNKNOWN)


def of_visudo(_: str, words: Words, __: Again) -> Does:
    """Return what visudo does: to check rules starts no editor."""
    return Does(HARMLESS if anywhere(words, ("-f",)).has("-c", "--check", "-V", "--version", "-h") else PROMPT)


FUNCTIONS: Final = {
    **dict.fromkeys(LISTERS, of_lister),
    **dict.fromkeys(("service", "invoke-rc.d", "rc-service"), of_service),
    **dict.fromkeys(PACKAGES, of_packages),
    **dict.fromkeys(("pip", "pipx", "uv"), of_pip),
    **dict.fromkeys(("insmod", "modprobe"), of_modules),
    **dict.fromkeys(("iptables", "ip6tables", "iptables-restore", "ip6tables-restore"), of_tables),
    **dict.fromkeys(("mount", "umount"), of_mount),
    **dict.fromkeys(("tar", "bsdtar", "star"), of_archive),
    **{"systemctl": of_systemctl, "sysctl": of_sysctl, "ip": of_ip, "tcpdump": of_capture, "visudo": of_visudo},
}
