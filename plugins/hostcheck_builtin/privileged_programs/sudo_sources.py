"""Where sudo takes its rules from: the files, or a directory service that nsswitch.conf names, or another policy that sudo.conf loads.

Without a line in nsswitch.conf it asks the files alone (sudo_read_nss() in plugins/sudoers/sudo_nss.c of sudo).
"""

import re
from typing import Final

from hostcheck.api import ABSENT, Host, Json, attempt, map_known, pattern
from hostcheck_builtin.privileged_programs.sudoers_files import SUDOERS

SERVICES: Final = ("files", "ldap", "sss")
LDAP: Final = "/etc/sudo-ldap.conf"
SSS: Final = "/var/lib/sss/pipes/sudo"
"""Where SSSD answers sudo; without it there are no rules from SSSD, whatever nsswitch.conf names, as stock Fedora does (sss_client of SSSD)."""
LINE: Final = pattern(r"sudoers:(.*)", re.IGNORECASE)
PLUGIN: Final = pattern(r"Plugin[ \t]+(\S+)[ \t]+(\S+)[ \t]*(.*)", re.IGNORECASE)


def sources(host: Host) -> Json:
    """State which services are asked, in order, whether a file for LDAP is there, and whether SSSD answers."""
    named = map_known(attempt(lambda: host.read_text("/etc/nsswitch.conf", missing="")), services)
    return {
        "services": map_known(named, lambda found: found or ["files"]),
        "named": map_known(named, bool),
        "ldap_conf": attempt(exists, host, LDAP),
        "sss_answers": attempt(exists, host, SSS),
    }


def exists(host: Host, path: str) -> bool:
    """Say whether something is at a path."""
    try:
        host.stat(path)
    except ABSENT:
        return False
    return True


def services(text: str) -> list[str]:
    """Return the services of the first line about sudoers, without conditions in brackets; none where there is no such line."""
    for line in text.split("\n"):
        if match := LINE.match(line.partition("#")[0].strip(" \t")):
            return [word for word in dict.fromkeys(match[1].lower().split()) if word in SERVICES]
    return []


def policy(text: str) -> dict[str, Json]:
    """Return the policy that a sudo.conf names, sudo's own where it names none (sudo.conf(5)), and the file that it reads."""
    found: dict[str, Json] = {"own": True, "file": SUDOERS, "options": []}
    for line in text.split("\n"):
        match = PLUGIN.fullmatch(line.partition("#")[0].strip(" \t\r"))
        if match is None or match[1] in ("sudoers_io", "sudoers_audit"):
            continue
        if match[1] != "sudoers_policy":
            # an approval or audit plugin only adds to what is there; which of them a symbol is stands in the library alone
            found["own"] = False
            continue
        options = dict(one.partition("=")[::2] for one in match[3].split())
        found["file"] = options.pop("sudoers_file", SUDOERS)
        found["options"] = sorted(options)
        found["own"] = found["own"] and match[2].rpartition("/")[2].startswith("sudoers.")
    return found
