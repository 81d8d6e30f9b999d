"""Files that root runs or believes by itself, whether or not an engine is there: tables of cron, units, helpers of the kernel, PAM, root's profiles and keys.

Each is walked from / on, as the files of engines are. Only those are stated that the modes do not leave to root alone; of the others the count.
Of accounts those are told that have no password, and of sockets of engines what root changes of their permissions after a boot.
"""

from typing import Final

from hostcheck.api import Hole, Host, Json, attempt
from hostcheck_builtin.root_programs import (
    account_sources,
    boot_files,
    cron_jobs,
    file_system_table,
    kernel_helpers,
    kernel_line,
    known_places,
    login_files,
    logrotate,
    network_interfaces,
    open_accounts,
    package_hooks,
    packaged,
    path_programs,
    root_files,
    service_programs,
    socket_changes,
    system_files,
    unit_programs,
    user_files,
)

OF_SYSTEM: Final = (system_files.boot, system_files.libraries, system_files.settings, system_files.disks)
LOOKS: Final = {
    "cron": (cron_jobs.take, cron_jobs.at_jobs, logrotate.take),
    "units": (
        file_system_table.take,
        network_interfaces.take,
        unit_programs.take,
        unit_programs.generators,
        boot_files.take,
        known_places.of_services,
        package_hooks.take,
        kernel_line.take,
        service_programs.take,
    ),
    "kernel": (kernel_helpers.take, kernel_helpers.udev, kernel_helpers.modules, kernel_helpers.linker, *OF_SYSTEM),
    "logins": (
        account_sources.take,
        login_files.pam,
        login_files.homes,
        known_places.of_logins,
        system_files.logins,
        path_programs.directories,
        path_programs.take,
    ),
}
RUNS: Final = ("cron", "units", "kernel")
"""The groups of what root runs without a login."""


def collect(host: Host) -> Json:
    """State ``{files, alone}`` of each group: what others than root may be able to change, and how many files they cannot."""
    files, changes = root_files.begin(host), socket_changes.begin(host)
    if not isinstance(changes, Hole):
        files.changes = changes
        changes.roots |= set(cron_jobs.names_of_root(files) if changes.found else ())
    for group, looks in LOOKS.items():
        files.begin(group, *looks)
    packaged.tell(host, files.groups.values())
    return {
        **{name: group.facts() for name, group in files.groups.items()},
        "users": attempt(user_files.stated, files),
        "sockets": changes if isinstance(changes, Hole) else changes.facts(*(files.groups[name].hole for name in RUNS)),
        "open_accounts": attempt(open_accounts.stated, files),
        "su": attempt(open_accounts.su, files),
    }
