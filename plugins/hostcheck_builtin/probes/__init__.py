"""One module a probe: what each reads is its own, and what it states is described in the facts schema beside it.

They are imported before any is forked: what they share is then read once, and not once in every child.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from hostcheck.api import Host, Json, Probe, beside, hookimpl
from hostcheck_builtin.probes import (
    desktop_vms,
    engines,
    group_grants,
    host,
    kernel,
    nss,
    principals,
    sockets,
    subids,
    user_clients,
    user_desktop_vms,
    user_engines,
    user_sockets,
)

PROBES: Final[Mapping[str, tuple[str, Callable[[Host], Json]]]] = {
    "desktop-vms": ("Desktop virtual machines: products, guests and what they share", desktop_vms.collect),
    "engines": ("Engines of the system", engines.collect),
    "group-grants": ("What gives users groups beside /etc/group", group_grants.collect),
    "host": ("Scan context and host identity", host.collect),
    "kernel": ("Kernel, namespaces, control groups and security modules", kernel.collect),
    "nss": ("Users and groups by the name service", nss.collect),
    "principals": ("Users, groups and the groups of living processes", principals.collect),
    "sockets": ("Engine sockets of the system", sockets.collect),
    "subids": ("Subordinate ids, and the programs that map them", subids.collect),
    "user-clients": ("Clients of users, and what systemd starts for them", user_clients.collect),
    "user-desktop-vms": ("Desktop virtual machines of users", user_desktop_vms.collect),
    "user-engines": ("Engines of users", user_engines.collect),
    "user-sockets": ("Engine sockets of users", user_sockets.collect),
}


@hookimpl
def hostcheck_probes() -> Iterator[Probe]:
    """Return the built-in probes."""
    for name, (title, collect) in PROBES.items():
        yield Probe(id=name, title=title, facts_schema=beside(__file__, f"{name}.facts.json"), collect=collect)
