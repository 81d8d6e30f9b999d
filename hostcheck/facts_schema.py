"""Facts schemas as files: what several of them describe alike stands in the `$defs` of one file, to which the others refer by its relative path.

``{"$ref": "../system/definitions.facts.json#/$defs/acl"}`` is such a reference. The schema that is loaded has all that it refers to in its own `$defs`.
"""

import os
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from hostcheck.deferred import pattern
from hostcheck.documents import compact, digest, parse_own, read_bytes
from hostcheck.model import Json
from hostcheck.parting import FactsError

ANNOTATIONS: Final = frozenset({"title", "description", "$comment"})
ELSEWHERE: Final = pattern(rb'"\$ref"\s*:\s*"([^"#\\]+)#/\$defs/([^"/\\]+)"')
HERE: Final = pattern(rb'"\$ref":"#/\$defs/([^"/\\]+)"')


@cache
def load_facts_schema(path: str) -> dict[str, Any]:
    """Return the facts schema at `path`, read once a process, with the definitions of other files that it refers to; raises DocumentError, FactsError."""
    return read_facts_schema(path)


def read_facts_schema(path: str) -> dict[str, Any]:
    """Return the facts schema at `path` with the definitions of other files that it refers to in its `$defs`; raises DocumentError, FactsError."""
    schema, elsewhere = _parsed(path)
    if elsewhere:
        definitions = schema["$defs"] = {**schema.get("$defs", {})}
        origins = dict.fromkeys(definitions, path)
        for file, name in elsewhere:
            _define(definitions, origins, file, name)
    return schema


def files_of(path: str) -> tuple[str, ...]:
    """Return the files that the facts schema at `path` is made of, itself first; raises DocumentError."""
    found = {path: None}
    for file in (files := [path]):
        new = {os.path.normpath(os.path.join(os.path.dirname(file), other.decode())): None for other, _ in ELSEWHERE.findall(read_bytes(file))}
        files += new.keys() - found.keys()
        found |= new
    return tuple(found)


@cache
def facts_schema_digest(path: str) -> str:
    """Return the digest of the facts schema at `path` without its annotations, which say what a fact means and not which facts there may be."""
    return digest(compact(_bare(load_facts_schema(path))))


def _parsed(path: str) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """Return what the file says, its references to other files as such to its own `$defs`, and what these are: file and name."""
    content, beside = read_bytes(path), os.path.dirname(path)
    elsewhere = [(os.path.normpath(os.path.join(beside, file.decode())), name.decode()) for file, name in ELSEWHERE.findall(content)]
    schema = parse_own(ELSEWHERE.sub(rb'"$ref":"#/$defs/\2"', content) if elsewhere else content, path)
    if not isinstance(schema, dict) or not isinstance(schema.get("$defs", {}), dict):
        raise FactsError(f"{path}: a facts schema is an object, and so are its $defs")
    return schema, list(dict.fromkeys(elsewhere))


def _define(definitions: dict[str, Json], origins: dict[str, str], file: str, name: str) -> None:
    """Add the definition `name` of `file`, and those that it refers to, each of which has one origin."""
    if origins.get(name, file) != file:
        raise FactsError(f"{file}: /$defs/{name}: {origins[name]} has another definition of this name; rename one of them")
    if name in origins:
        return
    stated, elsewhere = _definitions(file)
    if name not in stated:
        raise FactsError(f"{file}: has no definition {name!r} in its $defs; there are {', '.join(sorted(stated)) or 'none'}")
    origins[name], definitions[name] = file, stated[name]
    for other in dict.fromkeys(HERE.findall(compact(stated[name]))):
        _define(definitions, origins, elsewhere.get(other.decode(), file), other.decode())


@cache
def _definitions(path: str) -> tuple[Mapping[str, Json], Mapping[str, str]]:
    """Return the definitions of a file, and in which file those stand that it refers to elsewhere."""
    schema, elsewhere = _parsed(path)
    return schema.get("$defs", {}), {name: file for file, name in elsewhere}


def _bare(value: Json) -> Json:
    """Return a part of a schema without annotations; a fact of such a name has a schema, which is no text."""
    if isinstance(value, dict):
        return {key: _bare(item) for key, item in value.items() if isinstance(item, dict | bool) or not (key in ANNOTATIONS or key.startswith("x-"))}
    return [_bare(item) for item in value] if isinstance(value, list) else value
