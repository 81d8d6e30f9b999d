"""What a command of a rule gives: by its program, by how its path is written, and by which arguments the rule allows.

A command is limited where its program is not known to start a shell or to write any file; what the program itself does is not looked at.
"""

from fnmatch import fnmatchcase
from typing import Final, NamedTuple

from hostcheck_builtin.privileged_programs.program_names import PATH
from hostcheck_builtin.privileged_programs.shell_commands import COMMANDS, ENGINE, SHELL, WRITE, Gives, of_program

LIMITED: Final = "limited"
ANY: Final = "any-command"
RANKS: Final = (ANY, SHELL, ENGINE, WRITE, "environment", LIMITED)
"""From the most to the least."""
ROOTS_FILES: Final = (
    *("/etc/sudoers", "/etc/sudoers.d/*", "/etc/doas.conf", "/etc/passwd", "/etc/shadow", "/etc/group", "/etc/gshadow", "/etc/pam.d/*", "/etc/security/*"),
    *("/etc/crontab", "/etc/cron.*", "/etc/anacrontab", "/etc/ld.so.preload", "/etc/ld.so.conf*", "/etc/systemd/*", "/etc/profile*", "/etc/bash.bashrc"),
    *("/etc/sudo.conf", "/etc/ssh/*", "/root/*", "/etc/docker/*", "/etc/containerd/*", "/etc/containers/*", "/etc/udev/*", "/etc/modprobe.d/*"),
    *(
        "/etc/init.d/*",
        "/etc/rc.local",
        "/etc/subuid",
        "/etc/subgid",
        "/etc/polkit-1/*",
        "/usr/*",
        "/lib/*",
        "/bin/*",
        "/sbin/*",
        "/boot/*",
        "/etc/environment",
    ),
    *("/var/spool/cron/*", "/etc/sysctl*", "/etc/fstab", "/etc/NetworkManager/dispatcher.d/*", "/etc/dhcp/*", "/etc/apt/*", "/etc/logrotate*"),
)
"""Files that root acts on, as patterns in which * also matches a /."""


def edits_roots(files: str) -> bool:
    """Say whether root acts on what is in one of these files, which stand with spaces between them."""
    return any(fnmatchcase(file, one) for file in files.split() for one in ROOTS_FILES)


class Effect(NamedTuple):
    """What a command of a rule gives, through which engine, in words, and whether that is certain."""

    gives: str
    engine: str
    how: str
    certain: bool


def of_command(name: str, path: str, args: str) -> Effect:
    """Return what a command gives, by its name, the kind of its path and the kind of its arguments."""
    if path == "word":
        return _sudoedit(name, args) if name.startswith("sudoedit") else Effect(LIMITED, "", "lists what others may run", True)
    if path == "regex":
        return Effect(SHELL, "", "the rule names programs by a regular expression, which hostcheck does not evaluate", False)
    if path == "directory":
        folder = name.rstrip("/") or "/"
        if folder in PATH:
            return Effect(ANY, "", f"every program in {folder} is allowed, and a shell is one of them", True)
        return Effect(LIMITED, "", f"every program in {folder} is allowed", False)
    if path == "wildcard":
        return _wildcard(name, args)
    return _of_args(name, of_program(name), args)


def _of_args(name: str, found: Gives | None, args: str) -> Effect:
    called = name.rpartition("/")[2]
    if found is None:
        return Effect(LIMITED, "", f"{called} is not known to start a shell or to write any file", True)
    effect = Effect(found.gives, found.engine, f"{called} {found.how}", True)
    if args == "any" or (args == "none" and found.bare) or (args == "given" and found.fixed):
        return effect
    if args in ("wildcard", "regex"):
        return effect._replace(how=f"{effect.how}, if the pattern for its arguments allows that", certain=found.fixed)
    return Effect(LIMITED, "", f"{called} may be run only {'with the arguments in the rule' if args == 'given' else 'without arguments'}", True)


def _wildcard(name: str, args: str) -> Effect:
    """Return the worst of what a wildcard in a path matches, as far as programs are known; a star matches no slash (sudoers(5))."""
    folder, _, base = name.rpartition("/")
    folders = [one for one in PATH if one.count("/") == folder.count("/") and fnmatchcase(one, folder)]
    met = sorted({one.gives for known, one in COMMANDS.items() if folders and fnmatchcase(known, base)}, key=RANKS.index)
    if not met:
        return Effect(LIMITED, "", "the wildcard in its path matches no program that is known to start a shell or to write any file", False)
    called = next(known for known, one in COMMANDS.items() if one.gives == met[0] and fnmatchcase(known, base))
    found = _of_args(called, COMMANDS[called], args)
    return found._replace(how=f"its path has a wildcard, which matches {called}: {found.how}", certain=False)


def _sudoedit(name: str, args: str) -> Effect:
    if args == "any":
        return Effect(WRITE, "", "sudoedit writes any file", True)
    files = name.removeprefix("sudoedit").strip()
    if args == "given":
        if edits_roots(files):
            return Effect(WRITE, "", f"sudoedit writes {files}, and root acts on what is in there", True)
        return Effect(LIMITED, "", f"sudoedit writes {files}", True)
    return Effect(LIMITED if args == "none" else WRITE, "", "sudoedit writes the files that its pattern matches", args == "none")
