"""What gives users a group without their standing in /etc/group: pam_group, systemd's units, setgid programs, and what makes users.

What is configured is told as it stands: to whom it gives a group depends on who there is, and pam_group gives nobody anything at a service that does not
load it.
"""

from hostcheck.api import Hole, Host, Json, attempt, map_known
from hostcheck_builtin.groups import cloud_config, new_users, pam_group, pam_stacks, setgid_files, sysusers, unit_groups
from hostcheck_builtin.system.bounds import GROUP_CONF_BYTES as SIZE


def collect(host: Host) -> Json:
    """State what grants groups, by the configuration of each that does."""
    text = attempt(lambda: host.read_text(pam_group.CONF, missing="", limit=SIZE))
    return {
        "pam_group": {"rules": map_known(text, _rules), "services": pam_stacks.loading(host, "pam_group.so")},
        "units": attempt(unit_groups.service_groups, host),
        "new_users": new_users.new_users(host),
        "cloud_init": attempt(cloud_config.grants, host),
        "sysusers": sysusers.memberships(host),
        "setgid_files": setgid_files.setgid_files(host),
    }


def _rules(text: str) -> Json:
    found: dict[str, Json | Hole] = {}
    for rule in pam_group.rules(text):
        fields = {"services": rule.services, "ttys": rule.ttys, "users": rule.users, "times": rule.times}
        # Two rules stand on one line where a field too many ends the first.
        key, count = f"{pam_group.CONF}:{rule.line}", 1
        while key in found:
            count += 1
            key = f"{pam_group.CONF}:{rule.line}#{count}"
        found[key] = {**fields, "groups": list(rule.groups)}
    return found
