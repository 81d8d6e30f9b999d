"""What is left open by a dockerd of root's that runs and listens at no socket at which it could be asked, as one on TCP alone does."""

from collections.abc import Mapping
from typing import Any

from hostcheck.api import Hole, Why


def unasked(facts: Mapping[str, Any], what: str) -> Hole | None:
    """Return the hole that it leaves in what docker has, None where each dockerd has a socket."""
    shown, sockets = facts["engine-scope"]["rootful_docker"], facts["engine-scope"]["sockets"]
    if not shown or any(path in sockets for path in shown):
        return None
    return Hole(why=Why.UNSUPPORTED, message=f"{shown[0]}: docker runs, and no socket is known at which it could be asked for its {what}")
