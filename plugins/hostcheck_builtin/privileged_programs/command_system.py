"""What tools of the system do with arguments: services, packages, settings of the kernel and of the network; which of them show a pager.

A pager of systemd's runs in a secure mode where it finds out that somebody else's session calls it (systemctl(1), SYSTEMD_PAGERSECURE), so that a shell out of
it is likely at most.
"""

from typing import Final

from hostcheck_builtin.privileged_programs.command_words import (
    FREE,
    HARMLESS,
    LEADING,
    PAGER,
    PLAIN,
    PROMPT,
    UNKNOWN,
    Call,
    Does,
    Form,
    all_files,
    first_file,
    is_free,
    part,
    start,
    taken,
    worst,
)

STARTS: Final = frozenset(
    (
        "start stop restart reload try-restart reload-or-restart try-reload-or-restart condrestart force-reload is-active is-enabled is-failed enable "
        "disable reenable mask unmask kill reset-failed daemon-reload daemon-reexec preset reboot poweroff halt suspend hibernate hybrid-sleep freeze thaw"
    ).split()
)
"""What systemctl does without showing anything in a pager: with units that are installed it is no more than it says."""
CHANGES: Final = frozenset("set-time set-timezone set-ntp set-local-rtc set-hostname hostname set-chassis flush-caches reload renew".split())
REFRESHES: Final = frozenset("update clean autoclean check-update makecache refresh list search show info".split())
KEYS: Final = frozenset(("kernel.core_pattern", "kernel.modprobe", "kernel.hotplug", "fs.suid_dumpable", "kernel.poweroff_cmd"))


def _systemctl(call: Call) -> Does:
    """Return what systemctl does; it takes units from files where they are named by a path."""
    verb, units = (call.rest[0], call.rest[1:]) if call.rest else ("list-units", ())
    if is_free(verb) or (verb in ("enable", "link", "edit", "reenable") and any(map(is_free, units))):
        return FREE
    if verb == "edit":
        return PROMPT
    if verb == "link" or (verb in STARTS and any("/" in unit for unit in units)):
        return taken(*(unit for unit in units if "/" in unit or verb == "link"))
    if verb in STARTS:
        return HARMLESS if not any("debug-shell" in unit for unit in units) else UNKNOWN
    if verb in ("set-environment", "import-environment"):
        return UNKNOWN
    return HARMLESS if call.has("--version --help --no-pager") else PAGER


def _lister(call: Call) -> Does:
    verb = call.rest[0] if call.rest else ""
    if verb in ("debug", "gdb"):
        return PROMPT
    quiet = call.has("--no-pager -f --follow --flush --rotate --sync --vacuum-size --vacuum-time --vacuum-files")
    return HARMLESS if quiet or verb in CHANGES else PAGER


def _service(call: Call) -> Does:
    """Return what service does: it starts a script of a name, which may be a path too."""
    name = call.words[0] if call.words else ""
    return FREE if is_free(name) else UNKNOWN if "/" in name else HARMLESS


def _package(call: Call) -> Does:
    """Return what a package manager does; scripts of packages run as root, and files may be packages too."""
    verb = call.rest[0] if call.rest else ""
    files = tuple(word for word in call.rest if "/" in word or word.endswith((".deb", ".rpm")))
    if files:
        return worst((UNKNOWN, taken(*files)))
    if verb == "changelog":
        return PROMPT
    if call.name == "dpkg" and call.words:
        return PAGER if call.has("-l -L -s -p --list --status") else UNKNOWN
    return HARMLESS if not call.words or verb in REFRESHES else UNKNOWN


def _pip(call: Call) -> Does:
    """Return what pip does with a directory or a file, whose build is run."""
    named = (call.value("-r --requirement"),) if call.has("-r --requirement") else ()
    files = [one for one in (*call.rest, *named, call.value("-e --editable")) if one == "." or "/" in one]
    return worst((UNKNOWN, taken(*files, *named))) if files or named else (UNKNOWN if call.words else HARMLESS)


def _sysctl(call: Call) -> Does:
    """Return what sysctl does: it sets what a file says, or a setting that is named."""
    if call.has("-p --load"):
        return all_files(call) if call.rest else HARMLESS
    sets = {word.partition("=")[0].replace("/", ".") for word in call.rest if "=" in word}
    return UNKNOWN if any(map(is_free, call.words)) or sets & KEYS else HARMLESS


def _tables(call: Call) -> Does:
    """Return what iptables does: it runs the program that loads modules (iptables(8), --modprobe)."""
    program = call.value("--modprobe -M")
    return taken(program) if program else HARMLESS


def _ip(call: Call) -> Does:
    """Return what ip does: it shows and sets what the network is, runs a program in a namespace, or a file of its commands."""
    if call.rest[:1] in (("netns",), ("vrf",)) and call.rest[1:2] == ("exec",):
        return start(call.rest[3:], call.again) if len(call.rest) > 3 else (FREE if any(map(is_free, call.rest)) else UNKNOWN)
    return FREE if call.rest and is_free(call.rest[0]) else HARMLESS


def _mount(call: Call) -> Does:
    """Return what mount does: to mount what fstab names, or to take a mount away, is no more than it says."""
    every = call.words in (("-a",), ("--all",), ("-l",))
    return HARMLESS if every or (call.name == "umount" and all(word.startswith(("/", "-")) for word in call.words)) else UNKNOWN


def _archive(call: Call) -> Does:
    """Return what tar does: to take files out of an archive makes them as the archive says, setuid programs too."""
    first, *rest = call.words
    options, _ = part((first if first.startswith("-") else f"-{first}", *rest), "-f -C -I -T -X --file --directory")
    if options.keys() & {"-x", "--extract", "--get"} and options.keys() & {"-f", "--file"}:
        return worst((UNKNOWN, taken(options.get("-f", options.get("--file", "")))))
    return UNKNOWN


FORMS: Final = {
    "systemctl": Form(
        "-t -p -n -o -s -H -M --type --property --lines --output --signal --job-mode --kill-who",
        {"-H -M --host --machine --root --image --user": UNKNOWN},
        _systemctl,
    ),
    "journalctl loginctl networkctl resolvectl timedatectl hostnamectl bootctl coredumpctl": Form(
        "-u -n -o -t -p --unit --lines --output --since --until", {"-H -M --host --machine --root --image": UNKNOWN}, _lister
    ),
    "service invoke-rc.d rc-service": Form("", {}, _service, options=PLAIN),
    "apt apt-get aptitude dnf dnf5 yum microdnf tdnf zypper dpkg rpm pacman apk snap flatpak": Form(
        "-o -c -t --option --config-file", {"-o -c --option --config-file --setopt --config": UNKNOWN}, _package
    ),
    "pip pipx uv": Form("-r -e -c --requirement --editable --index-url -i", {}, _pip),
    "sysctl": Form("", {}, _sysctl),
    "insmod": Form("-C -d -S --config --dirname", {"-C -d --config --dirname": UNKNOWN}, first_file, HARMLESS),
    # modules by name are the system's
    "modprobe": Form("-C -d -S --config --dirname", {"-C -d --config --dirname": UNKNOWN}, lambda call: FREE if any(map(is_free, call.words)) else HARMLESS),
    "iptables ip6tables iptables-restore ip6tables-restore": Form("--modprobe -M", {}, _tables),
    "ip": Form("-b -batch -n -netns -f -family", {"-b -batch --batch": UNKNOWN}, _ip, options=LEADING),
    "tcpdump": Form("-i -c -s -w -r -z -Z -F -G -W -C", {"-w -r -z -Z -F -V": UNKNOWN}, HARMLESS),
    "mount umount": Form("", {}, _mount, HARMLESS, PLAIN),
    "tar bsdtar star": Form("", {}, _archive, HARMLESS, PLAIN),
    "visudo": Form("-f", {"-c --check -V --version -h": HARMLESS}, PROMPT),
}
