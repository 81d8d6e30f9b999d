"""What evidence says of itself that no scan says, so that whoever judges it is told: no document can prove where it comes from.

A careful forger is not found out. Each of these has another cause too: a machine whose clock was not set, or evidence that was edited to hide names.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from hostcheck.model import Json

FIRST, LAST = "2013-03", "2100"
"""Between which a host can have been scanned: the first release of Docker, and a year that no version of hostcheck will see."""
BUILT_IN: Final = "built-in"
DEEP: Final = "-deep"
"""How the names of our probes end that run only where that is asked for."""
NAMED: Final = 3
"""How many of a kind are named; all are counted."""


def unconfirmed(evidence: Mapping[str, Any], as_of: str = "") -> list[str]:
    """Return a sentence for each thing that `evidence`, a valid document that is judged `as_of` a date, says and nothing confirms."""
    return [*_clock(evidence["clock"], as_of), *_digests(evidence), *_nobodys(evidence), *_sources(evidence), *_privileges(evidence)]


def _clock(clock: str, as_of: str) -> Iterator[str]:
    try:
        datetime.fromisoformat(clock)
        is_possible = FIRST <= clock < LAST
    except ValueError:
        is_possible = False
    if not is_possible:
        yield f"its clock says {clock}, when no host can have been scanned"
    elif as_of and clock[: len(as_of)] > as_of:
        yield f"its clock says {clock}, which is after {as_of}, the date as of which it is judged"


def _digests(evidence: Mapping[str, Any]) -> Iterator[str]:
    """Yield whose digests are one digit again and again, which is the digest of nothing."""
    plugins = [f"plugin {plugin['distribution']}" for plugin in evidence["plugins"] if _is_blank(plugin["sha256"])]
    schemas = [f"probe {name}" for name, probe in evidence["probes"].items() if _is_blank(probe["schema_sha256"])]
    sources = [f"source of {name}" for name, probe in evidence["probes"].items() for source in probe["sources"] if _is_blank(source.get("sha256", "x0"))]
    if found := [*plugins, *sorted(schemas), *sorted(sources)]:
        yield f"{_many(found, 'digest')} blank: {_listed(found)}"


def _is_blank(digest: str) -> bool:
    return len(set(digest)) == 1


def _nobodys(evidence: Mapping[str, Any]) -> Iterator[str]:
    """Yield the probes that none of the plugins has which the evidence names."""
    told = {name for plugin in evidence["plugins"] for name in plugin["contributes"]["probes"]}
    if found := sorted(evidence["probes"].keys() - told):
        yield f"{_many(found, 'probe')} of no plugin that it names: {_listed(found)}"


def _sources(evidence: Mapping[str, Any]) -> Iterator[str]:
    """Yield the probes of ours that state facts and have read nothing; those of others may read by other means."""
    ours = _ours(evidence)
    if found := sorted(name for name, probe in evidence["probes"].items() if name in ours and probe["facts"] is not None and not probe["sources"]):
        yield f"{_many(found, 'probe')} without sources: {_listed(found)}"


def _privileges(evidence: Mapping[str, Any]) -> Iterator[str]:
    """Yield that a user without privileges was refused nothing, where all of our probes asked: some of what they ask for only root may read."""
    probes = evidence["probes"]
    ours = {name for name in _ours(evidence) if not name.endswith(DEEP)}
    whole = ours and ours <= probes.keys()
    if evidence["euid"] != 0 and int(evidence["capabilities"].strip() or "0", 16) == 0 and whole and not any(probes[name]["holes"] for name in ours):
        yield f"user id {evidence['euid']}, without privileges, was refused nothing"


def _ours(evidence: Mapping[str, Any]) -> set[str]:
    return {name for plugin in evidence["plugins"] if plugin["allowed"] == BUILT_IN for name in plugin["contributes"]["probes"]}


def _many(found: list[Json], noun: str) -> str:
    return f"{len(found)} {noun} is" if len(found) == 1 else f"{len(found)} {noun}s are"


def _listed(found: list[str]) -> str:
    return ", ".join(found[:NAMED]) + (f" and {len(found) - NAMED} more" if len(found) > NAMED else "")
