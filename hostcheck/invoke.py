"""Call what a plugin contributed: whatever it raises costs its own results, and is told as a hole or an error that names it.

Facts and holes leave here as plain JSON, in the process of the scanner as in a child.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from hostcheck import crash
from hostcheck.documents import compact
from hostcheck.host import Host, hole_of
from hostcheck.model import SHARES, Analysis, Format, FormatError, Hole, Json, Probe, Why
from hostcheck.packing import pack_facts
from hostcheck.parting import FactsError, clean, escape, part, settle
from hostcheck.view import View

if TYPE_CHECKING:
    from hostcheck.allotted import Allotment
    from hostcheck.host.charges import Charges

Stated = tuple[Json, list[dict[str, Json]]]
"""Facts in plain JSON, and their holes."""


def run(probe: Probe, host: Host) -> bytes:
    """Return what `probe` states about `host` as JSON ``{facts, holes, sources}``, with `shared` if the facts are packed.

    Whatever it raises is a hole at its root. Where the host charges accounts, the facts have a bound for each of them, too.
    """
    from hostcheck.allotted import BYTES, Allotment
    from hostcheck.host.record import Recorder

    recorder = Recorder(host)
    charges: Charges | None = getattr(host, "charges", None)
    facts, holes = state(probe, recorder, Allotment(probe.share * BYTES // SHARES, charges.accounts.of) if charges else None)
    return compact({**pack_facts(facts), "holes": holes, "sources": part(recorder.sources)[0]})


def state(probe: Probe, host: Host, allotment: "Allotment | None" = None) -> Stated:
    """Return the facts of `probe` and their holes, in plain JSON, of each account as much as its allotment has room for."""
    try:
        facts = probe.collect(host)
        return part(allotment.bounded(facts, probe.owners), escape, allotment.account) if allotment else part(facts, escape)
    except FactsError as error:
        return part(Hole(why=Why.NONSENSE, message=str(error)))
    except Exception as error:  # a probe may come from anybody; what it raises costs its own facts only
        return part(_hole(error), escape)


def derive(analysis: Analysis, given: Mapping[str, Json], values: Mapping[str, Json]) -> Json:
    """Return the facts of `analysis` in plain JSON, with the holes in their places, each with its origin."""
    try:
        return settle(analysis.derive(View(dict(given)), values), analysis.id)
    except Exception as error:  # an analysis may come from anybody; what it raises costs its own facts only
        return settle(_hole(error), analysis.id)


def _hole(error: Exception) -> Hole:
    return hole_of(error) or Hole(why=Why.CRASHED, message=crash.told(error))


def render(form: Format, report: dict[str, Any]) -> bytes:
    """Return `report` written as `form`, in UTF-8; raises FormatError."""
    try:
        return form.render(report).encode()
    except Exception as error:  # a format may come from anybody; what it raises costs its own output only
        raise FormatError(clean(f"the format {form.name!r} failed: {type(error).__name__}: {error}")[:500]) from None
