"""The kernel's settings that containers depend on: namespaces, control groups, security modules, sysctl.

What runs now and what a reboot would set are two facts.
"""

from collections.abc import Sequence
from typing import Final

from hostcheck.api import Probe, beside, deferred, hookimpl

PROBES: Final = (
    Probe(
        id="kernel",
        title="Kernel, namespaces, control groups and security modules",
        facts_schema=beside(__file__, "probe_kernel.facts.json"),
        collect=deferred(f"{__name__}.probe_kernel", "collect"),
    ),
)


@hookimpl
def hostcheck_probes() -> Sequence[Probe]:
    """Return the probes of this domain."""
    return PROBES
