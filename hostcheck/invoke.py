"""Call what a plugin contributed: whatever it raises costs its own results, and is told as a hole or an error that names it.

Facts and holes leave here as plain JSON, in the process of the scanner as in a child.
"""

from collections.abc import Mapping
from typing import Any

from hostcheck import crash
from hostcheck.documents import compact
from hostcheck.host import Host, hole_of
from hostcheck.model import Analysis, Format, FormatError, Hole, Json, Probe, Why
from hostcheck.parting import FactsError, clean, escape, part, settle
from hostcheck.view import View

Stated = tuple[Json, list[dict[str, Json]]]
"""Facts in plain JSON, and their holes."""


def run(probe: Probe, host: Host) -> bytes:
    """Return what `probe` states about `host` as JSON ``{facts, holes, sources}``; whatever it raises is a hole at its root."""
    from hostcheck.host.record import Recorder

    recorder = Recorder(host)
    facts, holes = state(probe, recorder)
    return compact({"facts": facts, "holes": holes, "sources": part(recorder.sources)[0]})


def state(probe: Probe, host: Host) -> Stated:
    """Return the facts of `probe` and their holes, in plain JSON."""
    try:
        return part(probe.collect(host), escape)
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
