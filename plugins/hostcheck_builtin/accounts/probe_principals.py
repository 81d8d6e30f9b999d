"""Users and groups by the files, and the credentials of living processes.

Of a group's password only whether there is one is stated; a process counts for what it may do, whatever the files say by now.
"""

from typing import Any

from hostcheck.api import Hole, Host, Json, attempt, map_known, worst_hole
from hostcheck_builtin.accounts.stock_accounts import stock_accounts
from hostcheck_builtin.system import account_files
from hostcheck_builtin.system.credentials import credentials


def collect(host: Host) -> Json:
    """State users, groups, group administrators, where names are looked up, and who is alive."""
    databases = attempt(account_files.databases_of, host)
    users = attempt(lambda: account_files.users(account_files.text_of(host, "/etc/passwd")))
    text = attempt(account_files.text_of, host, "/etc/group")
    groups = map_known(text, account_files.groups)
    shadow = attempt(lambda: account_files.shadow_groups(account_files.text_of(host, "/etc/gshadow")))
    return {
        "users": map_known(users, lambda found: account_files.opened(found[0], found[2], databases, "passwd")),
        "groups": map_known(groups, lambda found: account_files.opened(found[0], found[2], databases, "group")),
        "commented_groups": _commented(text, databases),
        "gshadow": map_known(shadow, lambda found: found[0]),
        "nsswitch": databases,
        "malformed": {"passwd": _malformed(users), "group": _malformed(groups), "gshadow": _malformed(shadow)},
        "processes": attempt(credentials, host),
        "stock_accounts": map_known(users, lambda found: stock_accounts(host, found[0], {} if isinstance(groups, Hole) else groups[0])),
    }


def _commented(text: str | Hole, databases: dict[str, list[str]] | Hole) -> Json | Hole:
    if isinstance(text, Hole) or isinstance(databases, Hole):
        return worst_hole(text, databases)
    return account_files.commented_groups(text) if account_files.asks_files(databases) else {}


def _malformed(read: Any) -> Json | Hole:
    return map_known(read, lambda found: account_files.told(found[1]))
