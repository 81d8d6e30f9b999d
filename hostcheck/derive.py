"""Turn the evidence of one host into the facts that rules judge: check what probes stated, and join it by analyses.

An analysis that reads a hole states a hole; one that raises is a hole itself; neither can stop another.
"""

from collections.abc import Mapping
from itertools import islice
from typing import Any, Final

from hostcheck import invoke
from hostcheck.documents import load_facts_schema
from hostcheck.evaluate import Facts
from hostcheck.model import Analysis, FactsError, Hole, HostcheckError, Json, Probe, Why, unite
from hostcheck.proof import children
from hostcheck.schema import compile_schema

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
        schemas[name] = load_facts_schema(probes[name].facts_schema)[0]
        document[name] = _stated(name, stated, schemas[name], broken)
    for analysis in in_order(analyses):
        schemas[analysis.id] = load_facts_schema(analysis.facts_schema)[0]
        document[analysis.id] = _checked(analysis.id, _derived(analysis, document, absent, values), schemas[analysis.id], broken)
    return Facts(document=document, broken=broken, absent=absent, schemas=schemas)


def _stated(name: str, stated: Mapping[str, Any], schema: Json, broken: dict[str, str]) -> Json:
    try:
        return _checked(name, unite(stated["facts"], stated["holes"], name), schema, broken)
    except (FactsError, HostcheckError) as error:
        broken[name] = f"{name}: {error}"
        return Hole(why=Why.NONSENSE, message=str(error), at=name)


def _checked(name: str, facts: Json, schema: Json, broken: dict[str, str]) -> Json:
    """Return the facts, or the hole that stands for them where they break their own schema."""
    if compile_schema(schema)(facts) is not False:
        return facts
    broken[name] = f"{name}: its facts break its own schema at {conflict(schema, facts)}"
    return Hole(why=Why.NONSENSE, message=broken[name], at=name)


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
            raise HostcheckError(f"analyses read each other in a circle: {' -> '.join((*path, name))}")
        for needed in analyses[name].reads:
            if needed in analyses and needed not in ordered:
                visit(needed, (*path, name))
        ordered.setdefault(name, analyses[name])

    for name in sorted(analyses):
        visit(name, ())
    return list(ordered.values())


def _derived(analysis: Analysis, document: Mapping[str, Json], absent: Mapping[str, str], values: Mapping[str, Json]) -> Json:
    given = {name: document.get(name, _missing(name, absent)) for name in analysis.reads}
    return unite(*invoke.derive(analysis, given, values), analysis.id)


def _missing(name: str, absent: Mapping[str, str]) -> Hole:
    return Hole(why=Why.UNSUPPORTED, message=absent.get(name, f"the probe {name!r} is not in this evidence"), at=name)
