"""Read and write the JSON documents that pass between the commands; whoever wrote one may have meant harm.

A document names its own schema and major version; one that was not shipped with hostcheck is validated before anything looks at it.
"""

import json
import os
import stat
from collections import Counter
from collections.abc import Mapping
from functools import cache
from math import isfinite
from typing import IO, Any, Final, NoReturn

from hostcheck.deferred import pattern
from hostcheck.model import HostcheckError, Json

KINDS: Final = {"evidence": (2, 1), "benchmark": (2, 1), "report": (2, 1)}
"""The major versions of each document that this version reads; it writes the first."""

DEPTH: Final = 200
SIZE: Final = 128 << 20
VALUES: Final = 16_000_000
"""How much a document may hold, so that reading it takes 1.5 GB at most: a value counts as one and an object as four, by commas and brackets,
before anything is made of them. The evidence of 100,000 users, groups, ranges and processes is 90 MB and counts as nine millions."""
PROBES: Final = 1000
"""How many probes evidence may tell of."""
HALF: Final = pattern(rb"\\u[dD][89a-fA-F]")
"""What may be half of a character, which no text has."""


class DocumentError(HostcheckError):
    """A document that cannot be used; the message names it and says what to do."""


def canonical(document: Json) -> bytes:
    """Return the one way to write `document`: ASCII, since it may go to a terminal; sorted keys, one line: json has its fast encoder for that alone."""
    return compact(document) + b"\n"


def compact(document: Json) -> bytes:
    """Return `document` on one line with sorted keys, for digests and pipes."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def written(evidence: dict[str, Any]) -> bytes:
    """Return how evidence is written: as its version says, what repeats once, or all in its place."""
    from hostcheck.packing import pack

    return canonical(evidence if evidence["schema"] == "hostcheck.evidence/1" else pack(evidence))


def digest(content: bytes) -> str:
    """Return the SHA-256 of `content` in hexadecimal."""
    import hashlib

    return hashlib.sha256(content).hexdigest()


def _refuse(token: str) -> NoReturn:
    raise ValueError(f"{token} is not JSON")


def said(error: BaseException) -> str:
    """Return what is wrong with a JSON or TOML text; of a number with more digits than int() takes, Python's message says what only a programmer can do."""
    return "a number has too many digits" if "set_int_max_str_digits" in str(error) else str(error)


def parse(content: bytes, name: str) -> Json:
    """Return what the JSON text `content` says; raises DocumentError, naming `name`, where it is not JSON, holds too much or nests too deep."""
    if content.count(b",") + content.count(b"[") + 4 * content.count(b"{") > VALUES:
        raise DocumentError(f"{name}: holds more than {VALUES // 1_000_000} million values, an object counted as four; is this the right file?")
    try:
        found = json.loads(content.decode("utf-8-sig"), parse_constant=_refuse, parse_float=_finite, object_pairs_hook=_once)
    except RecursionError:
        raise DocumentError(f"{name}: nested too deep to be a hostcheck document") from None
    except UnicodeDecodeError as error:
        raise DocumentError(f"{name}: not UTF-8 text (byte {error.start}); is this the right file?") from None
    except ValueError as error:
        raise DocumentError(f"{name}: not JSON: {said(error)}") from None
    if _deeper(found, DEPTH):
        raise DocumentError(f"{name}: nested more than {DEPTH} levels deep")
    if HALF.search(content):
        require_writable(found, name)
    return found


def parse_own(content: bytes, name: str) -> Json:
    """Return what a JSON text that came with a plugin says; the suite has read it as `parse` does, which takes three times as long."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise DocumentError(f"{name}: not JSON: {said(error)[:200]}") from None


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


def _finite(text: str) -> float:
    if not isfinite(number := float(text)):
        raise ValueError(f"{text[:20]} is beyond all bounds")
    return number


def _deeper(value: Json, depth: int) -> bool:
    level = [value] if isinstance(value, dict | list) else []
    while level and depth > 0:
        depth -= 1
        level = [item for outer in level for item in (outer.values() if isinstance(outer, dict) else outer) if isinstance(item, dict | list)]
    return bool(level)


def read_bytes(path: str) -> bytes:
    """Return the content of the regular file `path` (`-` is standard input); raises DocumentError naming it."""
    if path == "-":
        import sys

        return _whole(sys.stdin.buffer, "standard input")
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
        with open(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise DocumentError(f"{path}: not a regular file")
            return _whole(file, path)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise DocumentError(f"{path}: {str(reason).lower()}") from None


def _whole(file: IO[bytes], name: str) -> bytes:
    content = file.read(SIZE + 1)
    if len(content) > SIZE:
        raise DocumentError(f"{name}: larger than {SIZE >> 20} MiB; is this the right file?")
    return content


def read(path: str, kind: str) -> tuple[dict[str, Any], bytes]:
    """Return the document of `kind` at `path` and its bytes; raises DocumentError where it is another kind, another version, or not valid."""
    content = read_bytes(path)
    return recognise(parse(content, path), kind, path), content


def recognise(document: Json, kind: str, name: str) -> dict[str, Any]:
    """Return `document` if it says that it is of `kind`, in a version that this hostcheck reads, and is valid; evidence with everything in its place."""
    major = require_kind(document, kind, name)
    if kind == "evidence" and isinstance(probes := document.get("probes"), dict) and len(probes) > PROBES:
        raise DocumentError(f"{name}: /probes: tells of {len(probes)} probes, and evidence has at most {PROBES}")
    from hostcheck.published import problem_of

    if problem := problem_of(document, f"{kind}-{major}"):
        raise DocumentError(f"{name}: {problem}")
    return _unpacked(document, name) if (kind, major) == ("evidence", 2) else document


def _unpacked(document: dict[str, Any], name: str) -> dict[str, Any]:
    """Return evidence with everything in its place, as version 1 has it: it is valid if that is."""
    from hostcheck.published import problem_of
    from hostcheck.unpacking import PackingError, unpack

    try:
        found = unpack(document)
    except PackingError as error:
        raise DocumentError(f"{name}: {error}") from None
    if problem := problem_of({**found, "schema": "hostcheck.evidence/1"}, "evidence-1"):
        raise DocumentError(f"{name}: {problem}, once it is unpacked")
    return found


def require_writable(document: Json, name: str) -> None:
    """Raise DocumentError where a document holds what no JSON writer may write: half a character (a lone surrogate), a number beyond all bounds."""
    try:
        json.dumps(document, ensure_ascii=False, allow_nan=False).encode()
    except ValueError as error:
        raise DocumentError(f"{name}: {said(error)[:200]}") from None


def kind_of(document: Json) -> str | None:
    """Return which kind of hostcheck's documents this says to be, None where it is none."""
    claim = document.get("schema") if isinstance(document, Mapping) else None
    return next((kind for kind in KINDS if isinstance(claim, str) and claim.startswith(f"hostcheck.{kind}/")), None)


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
