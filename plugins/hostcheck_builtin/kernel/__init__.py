"""The kernel's settings that containers depend on: namespaces, control groups, security modules, sysctl.

What runs now and what a reboot would set are two facts.
"""

from typing import Final

from hostcheck_builtin.system.contributions import contributes, probe

PROBES: Final = (probe(__name__, id="kernel", title="Kernel, namespaces, control groups and security modules"),)
hostcheck_probes = contributes(PROBES)
