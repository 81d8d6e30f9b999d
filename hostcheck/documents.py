"""Read and write the JSON documents that pass between the commands; whoever wrote one may have meant harm.

A document names its own schema and major version; one that was not shipped with hostcheck is validated before anything looks at it.
"""

import json
import os
import stat
from collections import Counter
from collections.abc import Mapping
from functools import cache
from typing import Any, Final, NoReturn

from hostcheck.model import HostcheckError, Json
from hostcheck.parting import FactsError

KINDS: Final = {"evidence": (1,), "benchmark": (2, 1), "report": (2, 1)}
"""The major versions of each document that this version reads; it writes the first."""

DEPTH: Final = 200
SIZE: Final = 1 << 30


class DocumentError(HostcheckError):
    """A document that cannot be used; the message names it and says what to do."""


def canonical(document: Json) -> bytes:
    """Return the one way to write `document`: UTF-8, sorted keys, one line; json has its fast encoder for that alone."""
    return compact(document) + b"\n"


def compact(document: Json) -> bytes:
    """Return `document` on one line with sorted keys, for digests and pipes."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def digest(content: bytes) -> str:
    """Return the SHA-256 of `content` in hexadecimal."""
    import hashlib

    return hashlib.sha256(content).hexdigest()


def _refuse(token: str) -> NoReturn:
    raise ValueError(f"{token} is not JSON")


def parse(content: bytes, name: str) -> Json:
    """Return what the JSON text `content` says; raises DocumentError, naming `name`, where it is not JSON or nests too deep."""
    try:
        found = json.loads(content.decode("utf-8-sig"), parse_constant=_refuse, object_pairs_hook=_once)
    except RecursionError:
        raise DocumentError(f"{name}: nested too deep to be a hostcheck document") from None
    except UnicodeDecodeError as error:
        raise DocumentError(f"{name}: not UTF-8 text (byte {error.start}); is this the right file?") from None
    except ValueError as error:
        raise DocumentError(f"{name}: not JSON: {error}") from None
    if _deeper(found, DEPTH):
        raise DocumentError(f"{name}: nested more than {DEPTH} levels deep")
    return found


def parse_own(content: bytes, name: str) -> Json:
    """Return what a JSON text that came with a plugin says; the suite has read it as `parse` does, which takes three times as long."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise DocumentError(f"{name}: not JSON: {str(error)[:200]}") from None


@cache
def read_own(path: str) -> tuple[Json, bytes]:
    """Return what the JSON document at `path`, which came with a plugin, says, and its bytes; read once a process, so nobody changes what it says."""
    content = read_bytes(path)
    return parse_own(content, path), content


def _once(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    """Refuse what other readers would read differently: a key that stands twice."""
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = Counter(key for key, _ in pairs).most_common(1)[0][0]
        raise ValueError(f"the key {twice!r} appears twice in one object")
    return found


def _deeper(value: Json, depth: int) -> bool:
    level = [value]
    while level and depth >= 0:
        depth -= 1
        level = [item for outer in level if isinstance(outer, dict | list) for item in (outer.values() if isinstance(outer, dict) else outer)]
    return bool(level)


def read_bytes(path: str) -> bytes:
    """Return the content of the regular file `path` (`-` is standard input); raises DocumentError naming it."""
    if path == "-":
        import sys

        return sys.stdin.buffer.read(SIZE)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
        with open(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise DocumentError(f"{path}: not a regular file")
            content = file.read(SIZE + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise DocumentError(f"{path}: {str(reason).lower()}") from None
    if len(content) > SIZE:
        raise DocumentError(f"{path}: larger than {SIZE >> 20} MiB")
    return content


def read(path: str, kind: str) -> tuple[dict[str, Any], bytes]:
    """Return the document of `kind` at `path` and its bytes; raises DocumentError where it is another kind, another version, or not valid."""
    content = read_bytes(path)
    return recognise(parse(content, path), kind, path), content


def recognise(document: Json, kind: str, name: str) -> dict[str, Any]:
    """Return `document` if it says that it is of `kind`, in a version that this hostcheck reads, and is valid."""
    major = require_kind(document, kind, name)
    _require_writable(document, name)
    validate(document, f"{kind}-{major}", name)
    found: dict[str, Any] = document
    return found


def _require_writable(document: Json, name: str) -> None:
    """Raise DocumentError where a document holds what no JSON writer may write: a lone surrogate, a number beyond all bounds."""
    try:
        compact(document)
    except ValueError as error:
        raise DocumentError(f"{name}: {str(error)[:200]}") from None


def require_kind(document: Json, kind: str, name: str) -> int:
    """Return the major version of `document`, whose schema is ``hostcheck.KIND/MAJOR``; raises DocumentError where this hostcheck does not read it."""
    claim = document.get("schema") if isinstance(document, Mapping) else None
    for major in KINDS[kind]:
        if claim == f"hostcheck.{kind}/{major}":
            return major
    wanted = f"hostcheck.{kind}/{KINDS[kind][0]}"
    if not isinstance(claim, str):
        raise DocumentError(f'{name}: not a hostcheck document: it has no "schema": "{wanted}"')
    if claim.startswith(f"hostcheck.{kind}/"):
        known = " and ".join(repr(f"hostcheck.{kind}/{major}") for major in KINDS[kind])
        raise DocumentError(f"{name}: is {claim[:60]!r}, and this hostcheck reads {known}; use the version that wrote it, or create it again")
    raise DocumentError(f"{name}: is {claim[:60]!r}, not {wanted!r}; is this the right file?")


def published(name: str) -> dict[str, Any]:
    """Return the published JSON Schema `name`, such as ``evidence-1``."""
    path = os.path.join(os.path.dirname(__file__), "schemas", f"{name}.json")
    with open(path, "rb") as file:
        schema: dict[str, Any] = json.load(file)
    return schema


def validate(document: Json, name: str, what: str) -> None:
    """Raise DocumentError where `document` breaks the published schema `name`, saying where."""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match
    from referencing import Registry

    validator = Draft202012Validator(published(name), registry=Registry())
    error = best_match(validator.iter_errors(document))
    if error is not None:
        place = "/" + "/".join(str(token) for token in error.absolute_path)
        raise DocumentError(f"{what}: {place}: {error.message[:200]}")


ANNOTATIONS: Final = frozenset({"title", "description", "$comment"})


@cache
def load_facts_schema(path: str) -> dict[str, Any]:
    """Return the facts schema at `path`; raises FactsError."""
    schema = parse_own(_facts_schema(path), path)
    if not isinstance(schema, dict):
        raise FactsError(f"{path}: a facts schema is an object")
    return schema


@cache
def facts_schema_digest(path: str) -> str:
    """Return the digest of the facts schema at `path` without its annotations, which say what a fact means and not which facts there may be."""
    return digest(compact(json.loads(_facts_schema(path), object_pairs_hook=_bare)))


def _facts_schema(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise FactsError(f"{path}: {error.strerror}") from error


def _bare(members: list[tuple[str, Json]]) -> dict[str, Json]:
    """Return an object of a schema without its annotations; a fact of such a name has a schema, which is no text."""
    return {key: value for key, value in members if isinstance(value, dict | bool) or not (key in ANNOTATIONS or key.startswith("x-"))}
