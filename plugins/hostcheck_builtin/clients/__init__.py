"""Which engine a user's client is told to talk to, and what systemd starts for that user.

Settings are read as the programs themselves read them; nothing of a user's is executed.
"""

from collections.abc import Sequence
from typing import Final

from hostcheck.api import Probe, beside, deferred, hookimpl

PROBES: Final = (
    Probe(
        id="user-clients",
        title="Clients of users, and what systemd starts for them",
        facts_schema=beside(__file__, "probe_user_clients.facts.json"),
        collect=deferred(f"{__name__}.probe_user_clients", "collect"),
        share=30,
        users=True,
    ),
)


@hookimpl
def hostcheck_probes() -> Sequence[Probe]:
    """Return the probes of this domain."""
    return PROBES
