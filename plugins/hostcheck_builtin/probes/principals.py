"""Users and groups by the files, and the credentials of living processes.

Of a group's password only whether there is one is stated; a process counts for what it may do, whatever the files say by now.
"""

from typing import Any

from hostcheck.api import Hole, Host, Json, attempt
from hostcheck_builtin.readers import accounts
from hostcheck_builtin.readers.living import credentials
from hostcheck_builtin.readers.procfs import given


def collect(host: Host) -> Json:
    """State users, groups, group administrators, where names are looked up, and who is alive."""
    databases = attempt(accounts.databases_of, host)
    users = attempt(lambda: accounts.users(accounts.text_of(host, "/etc/passwd")))
    groups = attempt(lambda: accounts.groups(accounts.text_of(host, "/etc/group")))
    shadow = attempt(lambda: accounts.shadow_groups(accounts.text_of(host, "/etc/gshadow")))
    return {
        "users": given(users, lambda found: accounts.opened(found[0], found[2], databases, "passwd")),
        "groups": given(groups, lambda found: accounts.opened(found[0], found[2], databases, "group")),
        "gshadow": given(shadow, lambda found: found[0]),
        "nsswitch": databases,
        "malformed": {"passwd": _malformed(users), "group": _malformed(groups), "gshadow": _malformed(shadow)},
        "processes": attempt(credentials, host),
    }


def _malformed(read: Any) -> Json | Hole:
    return given(read, lambda found: accounts.told(found[1]))
