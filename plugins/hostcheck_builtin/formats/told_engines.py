"""What engines run and were told, in a line each, for the first screen of the text and of the page: containers, listeners, relays, the next start.

Read from the sections `containers`, `network`, `restart` and `access` of a report. Where there is nothing to tell, there is no line.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from hostcheck.api import unread

Document = dict[str, Any]
TLS: Final[Mapping[str, str]] = {
    "none": "no TLS",
    "server": "TLS, but no client certificate",
    "mutual": "client certificates",
    "client certificates": "client certificates",
}
MOST: Final = 6
"""How many things one line names."""
AFTER: Final = " after reboot"
"""How names end in the section `access` of sockets that are not there yet."""


def lines(report: Document) -> Iterator[list[str]]:
    """Yield what each line is about, and what it says."""
    containers, network, restart = report.get("containers", {}), report.get("network", {}), report.get("restart", {})
    yield from _line("containers", [*_containers(containers), *_unknown(containers, "/containers")])
    yield from _line("on the network", [*_apis(network), *_unknown(network, "/apis")])
    yield from _line("passed on by", [*_relays(network), *_unknown(network, "/relays")])
    yield from _line("a restart changes", [*_changes(restart), *_unknown(restart, "/daemons")])
    yield from _line("after a reboot", [*_opened(report.get("access", {})), *_planned(network)])


def _line(about: str, told: list[str]) -> Iterator[list[str]]:
    if told:
        more = f"; and {len(told) - MOST} more" if len(told) > MOST else ""
        yield [about, "; ".join(told[:MOST]) + more]


def _containers(section: Document) -> Iterator[str]:
    """Yield which containers reach the host, and how many run of each engine's."""
    found: Document = section.get("containers", {})
    names = sorted(name for name, one in found.items() if one.get("runs") and one.get("ways"))
    if names:
        more = f" and {len(names) - MOST} more" if len(names) > MOST else ""
        yield f"{len(names)} {'reaches' if len(names) == 1 else 'reach'} the host ({', '.join(names[:MOST])}{more})"
    counted = Counter((name.partition(":")[0], one.get("runs")) for name, one in found.items() if ":" in name)
    for engine in sorted({engine for engine, _ in counted}):
        unknown = f", {counted[engine, None]} not known" if counted[engine, None] else ""
        yield f"{engine}: {counted[engine, True]} running, {counted[engine, False]} stopped{unknown}"
    yield from (f"not known: {name}" for name in sorted(found) if ":" not in name)  # all of a user's, none of which has a name


def _apis(section: Document) -> Iterator[str]:
    """Yield the listeners that take orders, and others where not only this host reaches them, the most open first."""
    apis = sorted(section.get("apis", {}).items())
    for address, api in sorted(apis, key=lambda one: (one[1].get("reach") == "loopback", one[1].get("tls") == "mutual")):
        if api.get("serves", "api") == "api" or api.get("reach") != "loopback":
            what = "" if api.get("serves", "api") == "api" else " (not its API)" if api["serves"] == "other" else f" ({api['serves']})"
            yield f"{api.get('engine', 'an engine')}{what} on {address}, {TLS.get(api.get('tls', ''), 'TLS not known')}"


def _relays(section: Document) -> Iterator[str]:
    for place, relay in sorted(section.get("relays", {}).items()):
        sockets = ", ".join(relay.get("sockets", ())) or "an engine's socket"
        yield f"{relay.get('exe', 'a program')} hands {sockets} on at {place}"


def _changes(section: Document) -> Iterator[str]:
    for name, daemon in sorted(section.get("daemons", {}).items()):
        if daemon.get("refuses"):
            yield f"{name} would not start: {', '.join(daemon['refuses'])}"
        for setting, change in sorted(daemon.get("differences", {}).items()):
            yield f"{setting} of {name} from {change.get('running', 'what is not known')} to {change.get('after_restart', 'what is not known')}"


def _opened(section: Document) -> Iterator[str]:
    """Yield the sockets to which somebody can connect then who cannot now."""
    for name, socket in sorted(section.get("sockets", {}).items()):
        if name.endswith(AFTER) and (socket.get("everyone") or socket.get("users")):
            who = "every local user" if socket.get("everyone") else ", ".join(sorted(socket["users"])[:MOST])
            yield f"{name.removesuffix(AFTER)} opens to {who}"


def _planned(section: Document) -> Iterator[str]:
    """Yield what will listen then and does not now."""
    for _, one in sorted(section.get("planned", {}).items()):
        what = f"{one.get('unit', 'a unit')} makes {one.get('engine', 'an engine')} listen on {one.get('address', 'TCP')}"
        yield f"{what}, {TLS.get(one.get('tls', ''), 'TLS not known')}"


def _unknown(section: Document, at: str) -> Iterator[str]:
    """Yield that there may be more, where the collection at a pointer is not known."""
    for hole in section.get("holes", ()):
        if hole["pointer"] == at:
            yield f"perhaps more (not known: {unread(hole['why'], hole['message'])})"
            return
