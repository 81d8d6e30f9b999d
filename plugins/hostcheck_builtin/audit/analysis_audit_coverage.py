"""Whether it is recorded who changes what an engine is made of: by the rules that the kernel has now, and by those that the next boot loads.

What is not there is not asked for; an engine is there if its program is, or if it runs.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from hostcheck.api import Hole, Json, View, attempt, incomplete, known, opening, pattern, worst_hole
from hostcheck_builtin.audit.coverage import taken_away, watched
from hostcheck_builtin.system.fact_members import each_known, sure

NARROW: Final = frozenset({"armv6l", "armv7l", "armv8l", "i386", "i486", "i586", "i686"})
"""Machines whose programs are all of 32 bits."""
PLAIN: Final = pattern(r"\A/[A-Za-z0-9_./@+-]+\Z", re.ASCII)
RUNTIME: Final = "runtime"


@dataclass(slots=True, kw_only=True)
class Moment:
    """Now, or after the next boot: what is lacking whatever the rules say, the rules, and why more than that is not known."""

    lack: list[str] = field(default_factory=list)
    rules: list[Any] = field(default_factory=list)
    unknown: Hole | None = None
    ends: str = ""
    taker: str = ""

    def ask(self, sentence: str, lacks: Callable[[], bool]) -> None:
        """Note what is lacking, or that it is not known whether it is."""
        found = attempt(lacks)
        if isinstance(found, Hole):
            self.unknown = worst_hole(self.unknown, found)
        elif found:
            self.lack.append(sentence)

    def read(self, rules: Any) -> None:
        """Take the rules; what keeps all from being recorded is lacking whatever else they say."""
        if isinstance(rules, Hole):
            self.unknown = worst_hole(self.unknown, rules)
            return
        self.rules, self.unknown = known(rules), worst_hole(self.unknown, opening(rules))
        self.taker = taken_away(self.rules)
        if self.taker:
            self.lack.append(f"{self.taker} keeps events from being recorded")


def derive(facts: Mapping[str, Any], values: Mapping[str, Json]) -> Json:
    """State each place with whether its changes are recorded now and after a reboot, what is lacking for that, and the paths to be watched."""
    places, hole = _places(facts)
    times = {"now": _now(facts), "boot": _boot(facts)}
    bits = (32,) if attempt(lambda: facts["host"]["kernel"]["machine"] in NARROW) is True else (32, 64)
    stated, takers = {}, set[str]()
    for path, place in places.items():
        stated[path] = {"kind": place["kind"], **{name: _recorded(moment, place, bits, takers) for name, moment in times.items()}}
    missing = {path: one for path, one in stated.items() if one["now"] is False or one["boot"] is False}
    unknown = worst_hole(hole, *(one[name] for one in stated.values() for name in times))
    return {
        "places": incomplete(stated, hole),
        "unrecorded": incomplete(missing, unknown),
        "lack": incomplete(_lack(times, stated, takers), unknown),
        "stops_at": attempt(_stops_at, facts),
        "kept_by": incomplete(sorted(takers | {moment.taker for moment in times.values() if moment.taker}), unknown),
        "installed": attempt(lambda: bool(facts["audit"]["daemon"]["installed"])),
        **_watching(places, hole),
    }


def _lack(times: Mapping[str, Moment], stated: Mapping[str, Mapping[str, Json]], takers: set[str]) -> list[str]:
    """Return what is lacking: whatever the rules say, what they take away, and what they leave out."""
    always = [sentence for moment in times.values() for sentence in moment.lack] if stated else []
    taken = [f"{taker} keeps some changes from being recorded" for taker in sorted(takers)]
    return [*always, *taken, *_without_rule(times, stated)]


def _watching(places: Mapping[str, Mapping[str, Any]], hole: Hole | None) -> dict[str, Json]:
    """State the paths that a command may name: plain ones, in the place of which nobody but root can put something else."""
    plain = {path: bool(PLAIN.match(path)) and attempt(lambda at: bool(sure(places[at]["root_only"])), path) for path in sorted(places)}
    unsure = worst_hole(hole, *plain.values())
    return {
        "to_watch": {"paths": unsure or " ".join(path for path, one in plain.items() if one is True), "root_only": True},
        "by_hand": incomplete([path for path, one in plain.items() if not one], unsure),
    }


def _without_rule(times: Mapping[str, Moment], stated: Mapping[str, Mapping[str, Json]]) -> Iterator[str]:
    """Yield what is lacking where rules are, and nothing else is."""
    for name, words in (("now", "the kernel's audit rules leave some out"), ("boot", "the audit rules that are loaded at boot leave some out")):
        if not times[name].lack and any(one[name] is False for one in stated.values()):
            yield words
            if times[name].ends:
                yield times[name].ends


def _recorded(moment: Moment, place: Mapping[str, Any], bits: tuple[int, ...], takers: set[str]) -> bool | Hole:
    if moment.lack:
        return False
    if moment.unknown:
        return moment.unknown
    is_tree = bool(place["tree"]) and not place["made_later"]
    found, taker = watched(moment.rules, str(place["realpath"]), bits, tree=is_tree)
    if taker:
        takers.add(taker)
    return found


def _places(facts: Mapping[str, Any]) -> tuple[dict[str, Mapping[str, Any]], Hole | None]:
    """Return the places of the engines that are there, each by where it really is, and the hole where there may be more."""
    places: View | Hole = attempt(lambda: facts["audit"]["places"])
    if isinstance(places, Hole):
        return {}, places
    seen, more = each_known(lambda: places, lambda place: place)
    engines, unread = _engines(facts, list(seen.values()))
    hole = worst_hole(opening(places), unread, more)
    found = {path: one for path, one in seen.items() if one["engine"] in engines}
    if "docker" in engines:
        roots, more = _data_roots(facts)
        hole = worst_hole(hole, more)
        real = [str(one["realpath"]) for one in found.values()]
        found |= {root: _data(root, seen.get(root)) for root in roots if not any(f"{root}/".startswith(f"{one}/") for one in real)}
    return {str(one["realpath"]): one for one in found.values()}, hole


def _data(root: str, seen: Any) -> Mapping[str, Any]:
    """Return what is said of a data directory by its path alone; of one that was `seen`, and is a hole, not whose it is."""
    unknown = seen if isinstance(seen, Hole) else False
    return {"kind": "data", "engine": "docker", "realpath": root, "tree": True, "made_later": False, "root_only": unknown}


def _engines(facts: Mapping[str, Any], places: list[Any]) -> tuple[set[str], Hole | None]:
    """Return the engines that are installed or run, with what they start, and the hole where there may be more; CRI-O reads what is named after podman."""
    engines = {str(one["engine"]) for one in places if one["kind"] == "program" and one["engine"] != RUNTIME}
    unread: Hole | None = None
    for name in ("installed", "processes"):
        each, more = each_known(lambda at=name: facts["engines"][at], lambda program: str(program["engine"]))  # type: ignore[misc]
        engines |= {*each.values()} - {"rootlesskit"}
        unread = worst_hole(unread, more)
    shared = {"podman"} if "crio" in engines else set()
    return engines | shared | ({RUNTIME} if engines else set()), unread


def _data_roots(facts: Mapping[str, Any]) -> tuple[list[str], Hole | None]:
    """Return where the daemons that run say that they keep their data."""
    said, unread = each_known(lambda: facts["engines"]["sockets"], lambda socket: str(socket["info"]["root_dir"]) if "info" in socket else "")
    return [one for one in said.values() if one.startswith("/")], unread


def _now(facts: Mapping[str, Any]) -> Moment:
    moment = Moment()
    kernel: Any = attempt(lambda: facts["audit"]["kernel"])
    if isinstance(kernel, Hole):
        return Moment(unknown=kernel)
    if not kernel["present"]:
        return Moment(lack=["this kernel has no audit, or it was turned off when it booted"])
    moment.ask("the kernel's audit is off", lambda: kernel["enabled"] == 0)
    moment.ask("no auditd runs that takes the records", lambda: kernel["pid"] == 0)
    moment.read(attempt(lambda: kernel["rules"]))
    return moment


def _stops_at(facts: Mapping[str, Any]) -> str:
    boot = facts["audit"]["boot"]
    return str(boot["stops"]["at"]) if "stops" in boot else ""


def _boot(facts: Mapping[str, Any]) -> Moment:
    moment = Moment()
    daemon: Any = attempt(lambda: facts["audit"]["daemon"])
    if isinstance(daemon, Hole):
        return Moment(unknown=daemon)
    if attempt(lambda: daemon["installed"]) is False:
        return Moment(lack=["auditd is not installed"])
    moment.ask("nothing starts auditd at boot", lambda: not daemon["enabled"])
    moment.ask("nothing loads audit rules at boot", lambda: daemon["loader"] == "none")
    boot: Any = attempt(lambda: facts["audit"]["boot"])
    if isinstance(boot, Hole):
        moment.unknown = worst_hole(moment.unknown, boot)
        return moment
    moment.ask("the last -e in the audit rules turns audit off", lambda: bool(boot["turned_off"]))
    moment.ask("others than root can change the files with the audit rules", lambda: not boot["root_owned"])
    ends = attempt(lambda: f"auditctl stops at {boot['stops']['at']}, which {boot['stops']['why']}" if "stops" in boot else "")
    moment.ends = "" if isinstance(ends, Hole) else ends
    moment.unknown = worst_hole(moment.unknown, ends)
    moment.read(attempt(lambda: boot["rules"]))
    return moment
