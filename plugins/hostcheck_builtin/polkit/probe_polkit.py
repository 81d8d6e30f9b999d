"""Rules of polkit about actions by which one becomes root, and what holds for each where no rule says otherwise.

Without polkit nothing else is looked at than where it would be.
"""

from typing import Final

from hostcheck.api import Hole, HoleError, Host, Json, attempt
from hostcheck_builtin.system.ownership import foreign_ids
from hostcheck_builtin.system.presence import is_there

DAEMONS: Final = {
    "/usr/lib/polkit-1/polkitd": "rules",
    "/usr/libexec/polkit-1/polkitd": "rules",
    "/usr/libexec/polkitd": "pkla",
    "/usr/lib/policykit-1/polkitd": "pkla",
    "/usr/share/dbus-1/system-services/org.freedesktop.PolicyKit1.service": "rules",
}
"""Where distributions put the daemon, and what starts it, with what it reads: 0.105 of Debian and Ubuntu stands where none does that reads rules."""
PARTS: Final = ("pkexec", "files", "actions")


def collect(host: Host) -> Json:
    """State what is there of polkit; without it, nothing."""
    if foreign := foreign_ids(host):
        raise HoleError(foreign)
    reads = attempt(_reads, host)
    if isinstance(reads, Hole):
        return dict.fromkeys(("reads", *PARTS), reads)
    if not reads:
        return {"reads": reads, **{part: {} for part in PARTS}}
    from hostcheck_builtin.polkit import readings  # for the hosts that have polkit

    return {"reads": reads, **readings.stated(host, reads)}


def _reads(host: Host) -> str:
    for path, reads in DAEMONS.items():
        if is_there(host, path):
            return reads
    return ""
