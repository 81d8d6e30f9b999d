"""Who may know of netgroups on this host: innetgr(3) asks the sources of `netgroup` in nsswitch.conf(5), and where none knows a netgroup nobody is in it."""

from typing import Final

from hostcheck.api import Hole, Host, attempt, worst_hole
from hostcheck_builtin.system import account_files
from hostcheck_builtin.system.presence import is_there

DATABASE: Final = "netgroup"
FILE: Final = "/etc/netgroup"
DOMAIN: Final = "/proc/sys/kernel/domainname"
"""The NIS domain of this host, without which ypbind(8) does not start."""
UNSET: Final = ("", "(none)")
UNNAMED: Final = ("files", "nis")
"""Who may be asked where nsswitch.conf has no line about netgroups, by the version of the C library."""


def sources(host: Host) -> list[str] | Hole:
    """Return the sources that may know a netgroup: all that are named, but for files, NIS and SSSD where these are not set up."""
    text = attempt(lambda: host.read_text("/etc/nsswitch.conf", missing=""))
    if isinstance(text, Hole):
        return text
    named = account_files.sources(text, (DATABASE,)).get(DATABASE, UNNAMED)
    known = {name: attempt(_may_know, host, name) for name in named}
    return [name for name, knows in known.items() if knows is True] or worst_hole(*known.values()) or []


def _may_know(host: Host, name: str) -> bool:
    if name in ("files", "compat"):
        return is_there(host, FILE)
    if name in ("nis", "nisplus"):
        return host.read_text(DOMAIN, missing="").strip() not in UNSET
    return account_files.sssd_is_set_up(host) if name == "sss" else True
