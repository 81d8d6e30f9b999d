"""Read the document of a benchmark, in either version, within its bounds.

The older form, a head and a file for each section (`hostcheck.benchmark/1`), is turned into the newer one here, so that nobody else knows of it.
"""

import os
from collections.abc import Mapping
from typing import Any, Final

from hostcheck.documents import DocumentError, digest, parse, read_bytes, read_own, recognise, require_kind
from hostcheck.model import Json
from hostcheck.weight import weight

PROFILES: Final = 100


HEAVIEST: Final = 200_000
"""How many values a benchmark may stand for, what its rules refer to among it: eight times what the one has that comes with hostcheck. Such a
benchmark is checked in some ten seconds, in which a scan waits where a plugin brought it."""


def require_light(path: str, document: Mapping[str, Any]) -> None:
    """Raise DocumentError where it would take too long to look at what a benchmark says."""
    if len(document["profiles"]) > PROFILES:
        raise DocumentError(f"{path}: has {len(document['profiles'])} profiles, and a benchmark has at most {PROFILES}; leave out those that nobody selects")
    try:
        heavy = weight(document) > HEAVIEST
    except RecursionError:
        heavy = True
    if heavy:
        raise DocumentError(f"{path}: stands for more than {HEAVIEST} values with all that its rules refer to; use fewer rules, or fewer references")


def rules_of_1(path: str, head: Mapping[str, Any], digests: list[str], shipped: bool) -> tuple[dict[str, dict[str, Any]], dict[str, str]]:
    """Return the rules of a benchmark of version 1 in the form of version 2, and the file of each; adds the digests of the files."""
    if "rules" in head:
        raise DocumentError(f"{path}: is one section of a benchmark; name the benchmark.json that lists it")
    rules: dict[str, dict[str, Any]] = {}
    sources: dict[str, str] = {}
    for name in head["sections"]:
        place = _beside(path, name)
        section, content = read_document(place, shipped)
        digests.append(digest(content))
        for rule in section.get("rules", ()):
            if rule["id"] in rules:
                raise DocumentError(f"{place}: rule {rule['id']}: is in {sources[rule['id']]} too; each rule needs an id of its own")
            rules[rule["id"]], sources[rule["id"]] = _from_1(rule, section["title"]), place
    return rules, sources


def _from_1(rule: Mapping[str, Any], section: str) -> dict[str, Any]:
    """Return a rule of version 1 as one of version 2: its remediation is one note, and where `applies` is false it does not apply."""
    reason = rule.get("notapplicable", "its condition does not hold on this host")
    exempt = [{"when": _not(rule["applies"]), "is": reason}] if "applies" in rule else []
    found = {key: value for key, value in rule.items() if key not in ("id", "remediation", "applies", "notapplicable")}
    return {
        **found,
        "section": section,
        "fix": [{"note": rule["remediation"]}],
        "references": [{"source": text, **({"url": text} if text.startswith(("https://", "http://")) else {})} for text in rule["references"]],
        "notapplicable": exempt + ([{"is": reason}] if "notapplicable" in rule else []),
    }


def _not(schema: Json) -> Json:
    """Return the schema that accepts what `schema` refuses; definitions stand at the top of a schema only."""
    if not isinstance(schema, dict) or "$defs" not in schema:
        return {"not": schema}
    return {"not": {key: value for key, value in schema.items() if key != "$defs"}, "$defs": schema["$defs"]}


def read_document(path: str, shipped: bool) -> tuple[dict[str, Any], bytes]:
    """Return the document of a file and its bytes; raises DocumentError."""
    if path.endswith((".yaml", ".yml")):
        raise DocumentError(f"{path}: is YAML; a scan needs the compiled document: run `hostcheck compile {os.path.dirname(path) or '.'}`")
    if shipped:
        document, content = read_own(path)
        require_kind(document, "benchmark", path)
        return document, content
    content = read_bytes(path)
    return recognise(parse(content, path), "benchmark", path), content


def _beside(path: str, name: str) -> str:
    if os.path.basename(name) != name or name in ("", ".", ".."):
        raise DocumentError(f"{path}: section {name!r} must be the name of a file beside it")
    return os.path.join(os.path.dirname(path), name)
