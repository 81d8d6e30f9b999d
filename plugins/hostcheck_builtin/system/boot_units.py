"""Which units systemd starts at the next boot, by the unit files that are still there then: systemd.unit(5), bootup(7).

A unit starts if the target of a boot pulls it in, by itself or by other units, or if a socket, timer or path that starts has it as its unit. /run is
empty after a boot, so nothing in it counts, no mask either; what generators will write is not known before.
"""

from collections import defaultdict
from typing import Final

from hostcheck.api import Hole, Host, LimitExceeded, attempt, worst_hole
from hostcheck_builtin.system import bounds, units
from hostcheck_builtin.system.fact_members import sure
from hostcheck_builtin.system.presence import absent_as

TARGETS: Final = tuple(f"{name}.target" for name in "default multi-user basic sysinit sockets timers paths local-fs".split())
"""Those of a usual boot (systemd.special(7)), each whether its own file is there or not."""
LINKED: Final = (".wants", ".requires", ".upholds")
PULLS: Final = (("Unit", "Wants"), ("Unit", "Requires"), ("Unit", "BindsTo"), ("Unit", "Upholds"), ("Service", "Sockets"))
LOCAL: Final = "rc-local.service"
"""Started where the script that it runs may be run (systemd-rc-local-generator(8))."""
FOLLOWED: Final = (".target", ".service", ".socket", ".timer", ".path")
"""Of others, such as mounts, only what their directories of links pull in is looked at."""


class BootUnits:
    """The unit files that outlive a boot, each read once."""

    def __init__(self, host: Host) -> None:
        """List the directories of units; raises what stops one from being listed."""
        self.host, self.folders = host, units.listed(host, units.KEPT)
        self.names = sorted(frozenset[str]().union(*self.folders.values()))
        self.read: dict[str, list[str] | Hole] = {}
        self.unread: Hole | None = None
        self.started = self._started()

    def texts(self, unit: str) -> list[str]:
        """Return a unit and its drop-ins in the order in which they count, nothing where it is masked or not there; raises what stopped the reading."""
        if unit not in self.read:
            self.read[unit] = attempt(lambda: list(units.texts(self.host, unit, self.folders)))
        return sure(self.read[unit])

    def starts(self, unit: str) -> bool | Hole:
        """Say whether a unit starts at the next boot."""
        return unit in self.started or self.unread or False

    def _started(self) -> frozenset[str]:
        links, reached, waiting = self._links(), set[str](), list(TARGETS)
        if "default.target" not in self.names:
            waiting.append("graphical.target")
        waiting += [LOCAL] if LOCAL in self.names and self._starts_local() else []
        while waiting:
            unit = self._real(waiting.pop())
            if unit in reached:
                continue
            reached.add(unit)
            if len(reached) > bounds.UNITS_AT_BOOT:
                raise LimitExceeded(f"more than {bounds.UNITS_AT_BOOT} units start at boot")
            waiting += links.get(unit, ())
            waiting += self._pulled(unit) if unit.endswith(FOLLOWED) else ()
        return frozenset(reached)

    def _starts_local(self) -> bool:
        """Say whether the generator of systemd lets a boot run the script of this host's own: it does where anybody may run that."""
        texts = attempt(self.texts, LOCAL)
        given = (
            [] if isinstance(texts, Hole) else [word for text in texts for line in units.settings(text, "Service", "ExecStart") for word in line.split()[:1]]
        )
        found = absent_as(None, attempt, self.host.stat, given[-1]) if given and given[-1].startswith("/") else None
        self.unread = worst_hole(self.unread, texts, found)
        return found is not None and not isinstance(found, Hole) and found.type == "file" and bool(found.mode & 0o111)

    def _links(self) -> dict[str, list[str]]:
        """Return which units the directories of each unit pull in; of two links with one name the first counts, and one to /dev/null takes it away."""
        found: dict[str, dict[str, str]] = defaultdict(dict)
        for folder, names in self.folders.items():
            for name in sorted(names):
                unit, dot, kind = name.rpartition(".")
                if f".{kind}" in LINKED and dot:
                    for one in self._in(f"{folder}/{name}"):
                        found[f"{unit}\0{kind}"].setdefault(one, f"{folder}/{name}/{one}")
        pulled: dict[str, list[str]] = defaultdict(list)
        for key, links in found.items():
            pulled[key.partition("\0")[0]] += [one for one, path in sorted(links.items()) if self._target(path) != "/dev/null"]
        return pulled

    def _in(self, folder: str) -> frozenset[str]:
        names = attempt(units.names_in, self.host, folder)
        if isinstance(names, Hole):
            self.unread = worst_hole(self.unread, names)
            return frozenset()
        return names

    def _target(self, path: str) -> str:
        """Return where a link leads, "" where it is none or that is not known."""
        target = absent_as("", attempt, lambda: self.host.read_link(path) if self.host.stat(path, follow=False).type == "link" else "")
        return "" if isinstance(target, Hole) else target

    def _real(self, unit: str) -> str:
        """Return the name of the unit of which a name is an alias: a link in a directory of units to a file with another name (systemd.unit(5))."""
        for _ in range(bounds.UNIT_ALIASES):
            place = next((f"{folder}/{unit}" for folder, names in self.folders.items() if unit in names), "")
            other = self._target(place).rpartition("/")[2] if place else ""
            if not other.endswith((".target", ".service", ".socket")) or other in (unit, units.template(unit)):
                return unit
            unit = other
        return unit

    def _pulled(self, unit: str) -> list[str]:
        texts = attempt(self.texts, unit)
        if isinstance(texts, Hole):
            self.unread = worst_hole(self.unread, texts)
            return []
        words = [word for section, key in PULLS for text in texts for value in units.settings(text, section, key) for word in value.split()]
        return [*words, *(_behind(unit, texts) if texts else [])]


def _behind(unit: str, texts: list[str]) -> list[str]:
    """Return what a socket, a timer or a path starts in its turn."""
    stem, _, kind = unit.rpartition(".")
    if kind == "socket":
        return [units.service_of(unit, texts)]
    named = [value for text in texts for value in units.settings(text, kind.capitalize(), "Unit") if value]
    return named[-1:] or [f"{stem}.service"] if kind in ("timer", "path") else []
