"""What an authorization plugin makes of the control of an engine: it is asked before a container starts, and may refuse (dockerd(8), --authorization-plugin).

Which requests a plugin refuses is in its own policy, which no probe reads. So it is not known whether whoever connects becomes root, until the site says in
trusted_authorization_plugins that this one refuses what leads there; that is then likely, since a policy may forget a request.
"""

from collections.abc import Collection
from dataclasses import replace

from hostcheck.api import Hole, Why
from hostcheck_builtin.paths.graph import Edge, Strength


def asked(edge: Edge, plugins: Collection[str] | Hole, trusted: Collection[str]) -> Edge:
    """Return the edge from an engine's socket or address to root, as sure as its authorization plugins let it be."""
    if isinstance(plugins, Hole):
        return replace(edge, strength=Strength.POTENTIAL, hole=plugins)
    if not plugins or edge.strength is Strength.POTENTIAL:
        return edge
    named = ", ".join(sorted(plugins))
    if any(plugin in trusted for plugin in plugins):
        return replace(edge, because=f"{edge.because}, unless its authorization plugin {named} refuses that", strength=Strength.LIKELY)
    unknown = Hole(why=Why.LIMIT, message=f"depends on the authorization plugin {named}, whose policy is not read")
    return replace(edge, because=f"{edge.because}, if its authorization plugin {named} lets it", strength=Strength.POTENTIAL, hole=unknown)
