"""What tools of the system do with arguments: services, packages, settings of the kernel and of the network; which of them show a pager.

A pager of systemd's runs in a secure mode where it finds out that somebody else's session calls it (systemctl(1), SYSTEMD_PAGERSECURE), so that a shell out of
it is likely at most.
"""

from collections.abc import Mapping
from typing import Final

from hostcheck_builtin.privileged_programs.command_words import FREE, HARMLESS, UNKNOWN, Call, Does, Judge, is_free, part, start, taken, worst

KEYS: Final = frozenset(("kernel.core_pattern", "kernel.modprobe", "kernel.hotplug", "fs.suid_dumpable", "kernel.poweroff_cmd"))


def _units(call: Call) -> Does:
    """Return what systemctl does with units, which it takes from files where they are named by a path; those that are installed are no more than they say."""
    verb, units = call.rest[0], call.rest[1:]
    if verb in ("enable", "link", "reenable") and any(map(is_free, units)):
        return FREE
    if files := [unit for unit in units if "/" in unit or verb == "link"]:
        return taken(*files)
    return HARMLESS if not any("debug-shell" in unit for unit in units) else UNKNOWN


def _service(call: Call) -> Does:
    """Return what service does: it starts a script of a name, which may be a path too."""
    name = call.words[0] if call.words else ""
    return FREE if is_free(name) else UNKNOWN if "/" in name else HARMLESS


def _package_files(call: Call) -> Does | None:
    """Return what a package manager does with files, which may be packages, whose scripts run as root."""
    files = tuple(word for word in call.rest if "/" in word or word.endswith((".deb", ".rpm")))
    return worst((UNKNOWN, taken(*files))) if files else None


def _build(call: Call) -> Does:
    """Return what pip does with a directory or a file, whose build is run."""
    named = (call.value("-r --requirement"),) if call.has("-r --requirement") else ()
    files = [one for one in (*call.rest, *named, call.value("-e --editable")) if one == "." or "/" in one]
    return worst((UNKNOWN, taken(*files, *named)))


def _settings(call: Call) -> Does:
    """Return what sysctl does: it sets what a file says, or a setting that is named."""
    if call.has("-p --load"):
        return taken(*call.rest) if call.rest else HARMLESS
    sets = {word.partition("=")[0].replace("/", ".") for word in call.rest if "=" in word}
    return UNKNOWN if any(map(is_free, call.words)) or sets & KEYS else HARMLESS


def _in_namespace(call: Call) -> Does | None:
    """Return what ip does that runs a program in a namespace."""
    verb = call.rest[1] if len(call.rest) > 1 else ""
    if verb == "exec" and len(call.rest) > 3:
        return start(call.rest[3:], call.again)
    return FREE if is_free(verb) or (verb == "exec" and any(map(is_free, call.rest))) else UNKNOWN if verb == "exec" else None


def _archive(call: Call) -> Does:
    """Return what tar does: to take files out of an archive makes them as the archive says, setuid programs too."""
    first, *rest = call.words
    options, _ = part((first if first.startswith("-") else f"-{first}", *rest), "-f -C -I -T -X --file --directory")
    if options.keys() & {"-x", "--extract", "--get"} and options.keys() & {"-f", "--file"}:
        return worst((UNKNOWN, taken(options.get("-f", options.get("--file", "")))))
    return UNKNOWN


JUDGES: Final[Mapping[str, Judge]] = {
    "units": _units,
    "service": _service,
    "package-files": _package_files,
    "build": _build,
    "settings": _settings,
    "in-namespace": _in_namespace,
    "archive": _archive,
}
