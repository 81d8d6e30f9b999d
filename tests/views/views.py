"""The views of a host from which less is seen than root sees: eleven that users and administrators do have, and how each is entered.

README's unit is read from docs/running.md, so that its view is the one that is recommended. What systemd would do is done by setpriv and a filter of system
calls: no systemd runs here.
"""

import re
from dataclasses import dataclass
from pathlib import Path

RUNNING = Path(__file__).parents[2] / "docs/running.md"
OWN_LOCK = "mount --no-mtab -t tmpfs -o mode=0700 tmpfs /run/hostcheck"
OWN_MOUNTS = ("unshare", "--mount", "--propagation", "private", "sh", "-ec")
FAMILIES = """
import ctypes, os, struct, sys
AUDIT_ARCH, SOCKET = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}[os.uname().machine]
LOAD, EQUAL, RETURN, ALLOW, REFUSE = 0x20, 0x15, 0x06, 0x7FFF0000, 0x00050000 | 97  # EAFNOSUPPORT
families = [int(word) for word in sys.argv[1].split(",")]
rest = len(families)
program = [(LOAD, 0, 0, 4), (EQUAL, 0, rest + 4, AUDIT_ARCH), (LOAD, 0, 0, 0), (EQUAL, 0, rest + 2, SOCKET), (LOAD, 0, 0, 16)]
program += [(EQUAL, rest - number, 0, family) for number, family in enumerate(families)]
program += [(RETURN, 0, 0, REFUSE), (RETURN, 0, 0, ALLOW)]
code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *one) for one in program))
libc = ctypes.CDLL(None, use_errno=True)
filtering = struct.pack("HP", len(program), ctypes.addressof(code))
if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, ctypes.c_char_p(filtering), 0, 0):  # PR_SET_NO_NEW_PRIVS; PR_SET_SECCOMP, SECCOMP_MODE_FILTER
    sys.exit(os.strerror(ctypes.get_errno()))
os.execvp(sys.argv[2], sys.argv[2:])
"""
"""Refuse sockets of other families than these, as RestrictAddressFamilies= does (systemd.exec(5))."""
NUMBERS = {"AF_UNIX": 1, "AF_INET": 2, "AF_INET6": 10, "AF_NETLINK": 16}


@dataclass(frozen=True, kw_only=True)
class View:
    """Who scans, and through which command; `proof` is a command that succeeds in this view, and not in root's."""

    user: str = "root"
    through: tuple[str, ...] = ()
    proof: str

    @property
    def own_run(self) -> bool:
        """Say whether /run/hostcheck, where a scan of root's takes its lock, is this view's own."""
        return any(OWN_LOCK in word for word in self.through)


def unit(option: str) -> list[str]:
    """Return what the recommended unit sets an option to."""
    found = re.search(rf"^{option}=(.*)$", RUNNING.read_text(encoding="utf-8"), re.MULTILINE)
    assert found, f"the unit in docs/running.md has no {option}="
    return found[1].split()


def of_the_unit() -> tuple[str, ...]:
    """Return the command that enters the view of the unit."""
    kept = ",".join(f"+{name.removeprefix('CAP_').lower()}" for name in unit("CapabilityBoundingSet"))
    families = ",".join(str(NUMBERS[name]) for name in unit("RestrictAddressFamilies"))
    assert unit("NoNewPrivileges") == ["yes"]
    return ("setpriv", f"--bounding-set=-all,{kept}", "--inh-caps=-all", "/usr/bin/python3", "-I", "-c", FAMILIES, families)


def after(*commands: str) -> tuple[str, ...]:
    """Return the command that runs another one in mounts of its own, after these."""
    return (*OWN_MOUNTS, f'{"; ".join((OWN_LOCK, *commands))}; exec "$@"', "sh")


OWN_PROC = (
    "mkdir -p -m 0700 /run/hostcheck/sys",
    "mount --no-mtab --rbind /proc/sys /run/hostcheck/sys",
    "mount --no-mtab -t proc proc /proc",
    "mount --no-mtab --rbind /run/hostcheck/sys /proc/sys",
)
"""Settings of the kernel are planted by mounts over /proc/sys, and another /proc would show those of the machine."""
OWN_IDS = "test $(cut -c-10 /proc/self/uid_map | tr -d ' ') = 0 && ! grep -q 4294967295 /proc/self/uid_map"
VIEWS = {
    "nobody": View(user="nobody", proof="test $(id -u) = 65534"),
    "a member of the engine's group": View(user="alice", proof="id -Gn | grep -qw docker"),
    "unshare -Ur": View(user="alice", through=("unshare", "-Ur"), proof=f"test $(id -u) = 0 && {OWN_IDS}"),
    "root without capabilities": View(
        through=("setpriv", "--bounding-set=-all", "--inh-caps=-all"), proof="test $(id -u) = 0 && grep -q '^CapEff:.0*$' /proc/self/status"
    ),
    "README's unit": View(through=of_the_unit(), proof="grep -q '^Seccomp:.2' /proc/self/status && grep -q '^NoNewPrivs:.1' /proc/self/status"),
    "a pid namespace of its own": View(through=("unshare", "--pid", "--fork", *after(*OWN_PROC)), proof="test $(ls -d /proc/[0-9]* | wc -l) -lt 9"),
    "a net namespace of its own": View(through=("unshare", "--net"), proof="test $(wc -l < /proc/net/unix) = 1"),
    "a mount namespace of its own": View(
        through=after("mount --no-mtab -t tmpfs tmpfs /tmp", "mount --no-mtab -t tmpfs tmpfs /run/user", "mount --no-mtab -t tmpfs tmpfs {homes}"),
        proof='test -z "$(ls /run/user {homes} | grep -v :)"',
    ),
    "a user namespace of its own": View(through=("unshare", "--user", "--map-root-user"), proof=f"test $(id -u) = 0 && {OWN_IDS}"),
    "no /proc": View(through=after("mount --no-mtab -t tmpfs tmpfs /proc"), proof="test ! -e /proc/self"),
    "a /proc of processes alone": View(through=after("mount --no-mtab -t proc -o subset=pid proc /proc"), proof="test -e /proc/self && test ! -e /proc/net"),
}
