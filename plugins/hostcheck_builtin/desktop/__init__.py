"""Virtual machines of desktop products, seen from the host and from inside.

An engine inside a user's virtual machine is root there and nobody here, unless the machine shares the host's files.
"""

from collections.abc import Sequence
from typing import Final

from hostcheck.api import Analysis, Probe, beside, deferred, hookimpl

PROBES: Final = (
    Probe(
        id="desktop-vms",
        title="Desktop virtual machines: products, guests and what they share",
        facts_schema=beside(__file__, "probe_desktop_vms.facts.json"),
        collect=deferred(f"{__name__}.probe_desktop_vms", "collect"),
    ),
    Probe(
        id="user-desktop-vms",
        title="Desktop virtual machines of users",
        facts_schema=beside(__file__, "probe_user_desktop_vms.facts.json"),
        collect=deferred(f"{__name__}.probe_user_desktop_vms", "collect"),
        share=60,
        users=True,
    ),
)
ANALYSES: Final = (
    Analysis(
        id="desktop-vm",
        title="Who has a desktop virtual machine, and what it shares",
        reads=(
            "desktop-vms",
            "engine-scope",
            "engines",
            "host",
            "host-role",
            "nss",
            "principals",
            "sockets",
            "user-clients",
            "user-desktop-vms",
            "user-sockets",
        ),
        facts_schema=beside(__file__, "analysis_desktop_vm.facts.json"),
        derive=deferred(f"{__name__}.analysis_desktop_vm", "derive"),
    ),
)


@hookimpl
def hostcheck_probes() -> Sequence[Probe]:
    """Return the probes of this domain."""
    return PROBES


@hookimpl
def hostcheck_analyses() -> Sequence[Analysis]:
    """Return the analyses of this domain."""
    return ANALYSES
