"""What is told of a host after somebody laid something there, beside what was told before, without what is those people's own."""

import re
from collections import Counter

from hosts.owners_crews import Crew
from hosts.test_hosts import named
from real_engines.rootless_world import RootlessWorld
from real_engines.scans import Scan

UNKNOWN = ("error", "unknown", "notchecked")
Told = dict[str, str]
Changes = dict[str, tuple[str | None, str | None]]


def told(scanned: Scan, world: RootlessWorld) -> Scan:
    """Return a scan with its results by rule and subject, and with the first step of each path that is more than potential."""
    known = [path for path in scanned.report.get("paths", ()) if path["strength"] != "potential"]
    paths = {f"PATH {path['principal'].removeprefix('user:')}: {path['strength']} {path['needs']}, {path['steps'][0]['edge']}": "fail" for path in known}
    scanned.report["told"] = named(scanned.results(), f"{world.base}/home") | paths
    return scanned


def lost(before: Scan, after: Scan, crew: Crew) -> Changes:
    """Return the findings that are others, without those on what is a crew's; a report counts what it has no room for, and that is no failure.

    A second path of somebody is left out where not even the first of everybody has room.
    """
    old, new = before.report["told"], after.report["told"]
    full = after.report["reach"]["users"] > len({path["principal"] for path in after.report["paths"]})
    left_out = {(one["rule"], one["result"]) for one in after.report.get("omitted", ())}
    changed = {text: (old.get(text), new.get(text)) for text in sorted(old.keys() | new.keys()) if old.get(text) != new.get(text)}
    return {
        text: (was, now)
        for text, (was, now) in changed.items()
        if not is_theirs(text, crew, new) and (now is not None or was == "fail" or was in UNKNOWN or (text.split()[0], was) not in left_out)
        if not (text.startswith("PATH ") and now is None and full)
    }


def is_theirs(text: str, crew: Crew, new: Told) -> bool:
    """Say whether a finding is about what is a crew's, or said that nobody had such a thing before."""
    rule, _, subject = text.partition(" ")
    if subject == "":
        return any(other.startswith(f"{rule} ") and other != text and is_theirs(other, crew, {}) for other in new)
    if whose := re.fullmatch("(?:.* of )?uid ([0-9]+)", subject):
        return crew.owns(int(whose[1]))
    words = set(re.split("[/ ():,]+", subject))
    if subject.startswith("/tmp/"):  # where no victim has anything
        return True
    runtime = re.search("/run(?:/user/|-)([0-9]+)/", subject)
    return bool(words & crew.accounts.keys()) or (runtime is not None and crew.owns(int(runtime[1])))


def fresh(before: Scan, after: Scan) -> list[str]:
    """Return the holes of a scan that another one had not, by probe: of those that say the same the first, with how many there are."""
    known = {hole["message"] for probe in before.evidence["probes"].values() for hole in probe["holes"]}
    holes = [(name, hole) for name, probe in after.evidence["probes"].items() for hole in probe["holes"] if hole["message"] not in known]
    first, alike = dict[str, str](), Counter[str]()
    for name, hole in holes:
        said = f"{name}: {hole['why']}, {re.sub('[0-9]+', 'N', hole['message'])[:200]}"
        first.setdefault(said, f"{name} {hole['pointer'][:80]}: {hole['why']}, {hole['message'][:200]}")
        alike[said] += 1
    return [f"{text} ({alike[said]} alike)" for said, text in first.items()][:30]
