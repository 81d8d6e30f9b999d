"""The sockets that engines listen on, and who can connect to each.

A socket is root's if root listens on it, whatever the program behind it is called.
"""

from collections.abc import Sequence
from typing import Final

from hostcheck.api import Analysis, Probe, beside, deferred, hookimpl

PROBES: Final = (
    Probe(
        id="sockets",
        title="Engine sockets of the system",
        facts_schema=beside(__file__, "probe_sockets.facts.json"),
        collect=deferred(f"{__name__}.probe_sockets", "collect"),
        share=20,
        owners={"/sockets": "owner_uid"},
    ),
    Probe(
        id="socket-units",
        title="What makes engines' sockets at the next boot",
        facts_schema=beside(__file__, "probe_socket_units.facts.json"),
        collect=deferred(f"{__name__}.probe_socket_units", "collect"),
    ),
    Probe(
        id="user-sockets",
        title="Engine sockets of users",
        facts_schema=beside(__file__, "probe_user_sockets.facts.json"),
        collect=deferred(f"{__name__}.probe_user_sockets", "collect"),
        share=60,
        owners={"/sockets": "owner_uid"},
        users=True,
    ),
)
ANALYSES: Final = (
    Analysis(
        id="socket-access",
        title="Who can connect to which engine",
        reads=("containers", "group-grants", "host", "nss", "principals", "socket-units", "sockets", "user-sockets"),
        facts_schema=beside(__file__, "analysis_socket_access.facts.json"),
        derive=deferred(f"{__name__}.analysis_socket_access", "derive"),
        fills={"access": ""},
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
