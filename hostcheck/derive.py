"""Turn the evidence of one host into the facts that rules judge: check what probes stated, and join it by analyses.

An analysis that reads a hole states a hole; one that raises is a hole itself; neither can stop another.
"""

from collections.abc import Callable, Collection, Mapping
from functools import cache, partial
from itertools import islice
from typing import Any, Final

from hostcheck import invoke
from hostcheck.documents import load_facts_schema
from hostcheck.evaluate import Facts
from hostcheck.model import Analysis, Hole, HostcheckError, Json, Probe, Why
from hostcheck.origins import children
from hostcheck.parting import FactsError, unite
from hostcheck.schema import Predicate, compile_schema

LOOKED_AT: Final = 10_000
"""Members of a collection among which the place is looked for where facts break their schema: the message is worth no more time."""


def derive(evidence: dict[str, Any], probes: Mapping[str, Probe], analyses: Mapping[str, Analysis], values: Mapping[str, Json]) -> Facts:
    """Return the facts of `evidence`, a valid evidence document, with those of the analyses; `values` reach the analyses (`role`)."""
    document: dict[str, Json] = {}
    broken: dict[str, str] = {}
    absent: dict[str, str] = {}
    schemas: dict[str, Json] = {}
    for name, stated in sorted(evidence["probes"].items()):
        if name not in probes:
            absent[name] = f"the probe {name!r} is in the evidence, but not installed here"
            continue
        if stated["version"] != probes[name].version:
            absent[name] = f"{name}: the evidence states version {stated['version']} of these facts, this hostcheck reads version {probes[name].version}"
            continue
        schemas[name] = load_facts_schema(probes[name].facts_schema)
        document[name], broken[name] = checked(name, partial(unite, stated["facts"], stated["holes"], name), probes[name].facts_schema)
    unasked = {name for name, probe in probes.items() if probe.deep and name not in evidence["probes"]}
    for analysis in in_order(analyses):
        schemas[analysis.id] = load_facts_schema(analysis.facts_schema)
        derived = partial(invoke.derive, analysis, given(analysis, document, absent, unasked), values)
        document[analysis.id], broken[analysis.id] = checked(analysis.id, derived, analysis.facts_schema)
    return Facts(document=document, broken={name: how for name, how in broken.items() if how}, absent=absent, schemas=schemas)


def checked(name: str, stated: Callable[[], Json], path: str) -> tuple[Json, str]:
    """Return the facts that `name` stated, and how they break their schema at `path`: "" where they do not, and else a hole stands for them."""
    try:
        facts = stated()
    except (FactsError, HostcheckError) as error:
        return Hole(why=Why.NONSENSE, message=str(error), at=name), f"{name}: {error}"
    if judge_of(path)(facts) is not False:
        return facts, ""
    message = f"{name}: its facts break its own schema at {conflict(load_facts_schema(path), facts)}"
    return Hole(why=Why.NONSENSE, message=message, at=name), message


@cache
def judge_of(path: str) -> Predicate:
    """Return the predicate of the facts schema at `path`, which is compiled once: an interpreter may judge thousands of documents by it."""
    return compile_schema(load_facts_schema(path))


def conflict(schema: Json, facts: Json) -> str:
    """Return the pointer of the deepest place where `facts` break `schema`, as far as properties and items lead."""
    at, here = "", [schema]
    judges: dict[int, Any] = {}
    while isinstance(facts, dict | list):
        members = facts.items() if isinstance(facts, dict) else ((str(index), item) for index, item in enumerate(facts))
        for token, item in islice(members, LOOKED_AT):
            inner = [found for one in here for found in children(one, token, schema)]
            if any((judges.get(id(found)) or judges.setdefault(id(found), compile_schema(_rooted(found, schema))))(item) is False for found in inner):
                at, here, facts = f"{at}/{token}", inner, item
                break
        else:
            break
    return at or "/"


def _rooted(schema: Json, root: Json) -> Json:
    return {**schema, "$defs": root["$defs"]} if isinstance(schema, dict) and "$defs" in root else schema


def in_order(analyses: Mapping[str, Analysis]) -> list[Analysis]:
    """Return the analyses so that each stands after those that it reads; raises HostcheckError where they read each other in a circle."""
    ordered: dict[str, Analysis] = {}

    def visit(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            raise HostcheckError(f"analyses depend on each other in a circle: {' -> '.join((*path, name))}")
        for needed in analyses[name].reads:
            if needed in analyses and needed not in ordered:
                visit(needed, (*path, name))
        ordered.setdefault(name, analyses[name])

    for name in sorted(analyses):
        visit(name, ())
    return list(ordered.values())


def given(analysis: Analysis, document: Mapping[str, Json], absent: Mapping[str, str], unasked: Collection[str] = ()) -> dict[str, Json]:
    """Return the facts that `analysis` reads, None for a probe that was not to look; of what else is not in `document` a hole says why."""
    return {name: None if name in unasked else document.get(name, _missing(name, absent)) for name in analysis.reads}


def _missing(name: str, absent: Mapping[str, str]) -> Hole:
    return Hole(why=Why.UNSUPPORTED, message=absent.get(name, f"the probe {name!r} is not in this evidence"), at=name)
