"""Whether PAM lets su(1) change to an account without a password, and asks nothing else: pam.d(5), pam_unix(8).

Only what is certain counts: a module that may want something else, as pam_wheel, makes it not so, unless its line can only let somebody in. Of lines with
a control in brackets, a jump behind pam_unix is followed, as Debian writes it.
"""

from collections.abc import Iterator
from typing import Final

from hostcheck.api import Host, LimitExceeded, pattern
from hostcheck_builtin.system import bounds
from hostcheck_builtin.system.pam_lines import FOLDERS, PamLine, pam_lines
from hostcheck_builtin.system.presence import absent_as

SERVICES: Final = ("su", "other")
HARMLESS: Final = frozenset(
    f"pam_{name}.so"
    for name in (
        *("cap", "ecryptfs", "env", "faildelay", "faillock", "fprintd", "gnome_keyring", "group", "keyinit", "krb5", "kwallet", "kwallet5", "lastlog", "ldap"),
        *("limits", "localuser", "mkhomedir", "nologin", "permit", "rootok", "sss", "systemd", "systemd_home", "umask", "unix", "usertype", "warn", "winbind"),
    )
)
"""Modules that keep nobody from an account of this host's own, but for a while."""
LETS_ONLY: Final = frozenset(("optional", "sufficient"))
JUMP: Final = pattern(r"\[(?:[^\]]*[ \t])?success=([0-9]{1,3})(?:[ \t][^\]]*)?\]")
ENDS: Final = pattern(r"\[(?:[^\]]*[ \t])?success=(?:done|end)(?:[ \t][^\]]*)?\]")
END: Final = "substack"
"""Stands for a module where a substack ends: what is decided in it goes on behind it."""


def asks_nobody(host: Host) -> bool:
    """Say whether it is certain that who has no password is asked for none; raises what reading a file raises."""
    lines = _service(host, SERVICES[0])
    other = _service(host, SERVICES[1]) if {line.kind for line in lines} < {"auth", "account"} else []
    auth, account = ([line for line in lines if line.kind == kind] or [line for line in other if line.kind == kind] for kind in ("auth", "account"))
    return _passes(auth, "nullok") and _passes(account, "")


def _passes(lines: list[PamLine], wanted: str) -> bool:
    """Say whether pam_unix, with this argument, lets somebody in, and no other module may keep them out."""
    passed, at = False, 0
    while at < len(lines):
        line, at = lines[at], at + 1
        if line.name == "pam_unix.so" and line.control != "optional":
            if wanted and wanted not in line.arguments:
                return False
            passed = True
            if line.control == "sufficient" or ENDS.fullmatch(line.control):
                at = next((at for at in range(at, len(lines)) if lines[at].module == END), len(lines))
            jump = JUMP.fullmatch(line.control)
            at += int(jump[1]) if jump else 0
        elif not _is_harmless(line):
            return False
    return passed or not wanted


def _is_harmless(line: PamLine) -> bool:
    return line.control in LETS_ONLY or line.name in HARMLESS


def _service(host: Host, name: str) -> list[PamLine]:
    return list(_lines(host, name, "", [bounds.FILES_OF_SU], 0))


def _lines(host: Host, name: str, only: str, left: list[int], depth: int) -> Iterator[PamLine]:
    """Yield the lines of a file and of those that it includes, of one kind where `only` says which."""
    left[0] -= 1
    if left[0] < 0 or depth > bounds.INCLUDES_OF_SU:
        raise LimitExceeded(f"more than {bounds.FILES_OF_SU} files of PAM's for one service")
    for line in pam_lines(_text(host, name)):
        if line.kind == "@include":
            yield from _lines(host, line.module, only, left, depth + 1)
        elif only in ("", line.kind) and line.includes:
            yield from _lines(host, line.module, line.kind, left, depth + 1)
            if line.control == "substack":
                yield line._replace(control="optional", module=END)
        elif only in ("", line.kind):
            yield line


def _text(host: Host, name: str) -> str:
    """Return a file, by its path or from the first directory that has it; "" where none has."""
    for path in (name,) if name.startswith("/") else tuple(f"{folder}/{name}" for folder in FOLDERS):
        text = absent_as(None, host.read_text, path, limit=bounds.PAM_STACK_BYTES)
        if text is not None:
            return text
    return ""
