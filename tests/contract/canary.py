"""A secret put into what a host answers, line by line and in every way in which one can stand in a line; and where it came to light again."""

import json
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

from hostcheck.host.record import Recorder
from hostcheck.host.recording import decode, encode
from hostcheck.host.replay import Replay
from hostcheck.invoke import state
from hostcheck.model import Probe

SECRET = "zq7Canary"
SEPARATOR = re.compile(rb"[=:;,\[{(\"' \t]")
GARBAGE = (
    b"%s",
    b"password: %s",
    b'{"auth": "%s"',
    b'{"%s": 1, "%s": 2}',
    b"%s = 1\n%s = 2\n",
    b'[a]\nb = "%s\n[a]\n',
    b"- [%s, {: %s",
    b"%s: [&%s, *%s, !%s]",
    b'"%s',
    b"12%s",
    b"\xff%s\0%s",
    b"%s" * 3000,
    b"a: {%s: 1, %s: 2}\n",
    b"users: [{name: %s:%s}]\n",
    b"mounts: [{location: %s}]\n",
    b"export DOCKER_HOST=%s\nexport DOCKER_CONTEXT='%s\n",
)
"""Whole documents that no reader expects."""


def variants(line: bytes, secret: bytes) -> Iterator[bytes]:
    """Yield a line with a secret at its begin, at its end, as a value, in the place of a value, and instead of it."""
    yield secret + line
    yield line + secret
    yield secret
    found = SEPARATOR.search(line)
    if found is not None:
        yield line[: found.end()] + secret + line[found.end() :]
        yield line[: found.end()] + secret
    last = re.search(rb'"[^"]*"(?=[^"]*\Z)', line)
    if last is not None:
        yield line[: last.start()] + b'"' + secret + b'"' + line[last.end() :]
        yield line[: last.end() - 1] + secret + line[last.end() - 1 :]
    quoted = re.sub(rb'"[^"]*"', b'"%s"' % secret, line)
    if quoted != line:
        yield quoted


def texts(raw: bytes, most: int) -> Iterator[bytes]:
    """Yield a text with a secret in all lines at once, in each of `most` of them, and texts that no reader expects."""
    secret = SECRET.encode()
    between = b"\0" if b"\0" in raw else b"\n"  # as the words of a command line
    lines = raw.split(between)
    full = [number for number, line in enumerate(lines) if line.strip()]
    ways = [list(variants(line, secret)) for line in lines]
    for way in range(max((len(ways[number]) for number in full), default=0)):
        yield between.join(ways[number][min(way, len(ways[number]) - 1)] if number in full else line for number, line in enumerate(lines))
    for number in full[:: max(1, -(-len(full) // most))]:
        for line in ways[number]:
            yield between.join([*lines[:number], line, *lines[number + 1 :]])
    for garbage in GARBAGE:
        yield garbage.replace(b"%s", secret)


def poisoned(entry: dict[str, Any], most: int) -> Iterator[dict[str, Any]]:
    """Yield an answer of a recording with a secret in it: the content of a file, or what a server said; a file that was absent is there."""
    verb, args = entry["verb"], entry["args"]
    if verb == "read_bytes":
        raw = decode(entry["value"]) if "value" in entry else b""
        for text in dict.fromkeys(texts(raw, most)):
            yield {"verb": verb, "args": args, "value": encode(text)}
    elif verb == "get" and "value" in entry:
        answer = decode(entry["value"])
        for text in dict.fromkeys(texts(answer["body"], most)):
            yield {"verb": verb, "args": args, "value": {**entry["value"], "body": encode(text)}}


def told(probe: Probe, replay: Replay) -> Iterator[tuple[str, str]]:
    """Yield where the secret stands in what a probe states, as a pointer with a star for a name with the secret in it, and the text."""
    recorder = Recorder(replay)
    facts, holes = state(probe, recorder)
    document = {"facts": facts, "holes": holes, "sources": recorder.sources}
    if SECRET in json.dumps(document):
        yield from _found(document, "")


def _found(value: Any, at: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str) and SECRET in value:
        yield at, value
    elif isinstance(value, list):
        for item in value:
            yield from _found(item, f"{at}/[]")
    elif isinstance(value, dict):
        for key, item in value.items():
            if SECRET in key:
                yield f"{at}/(name)", key
            yield from _found(item, f"{at}/{'*' if SECRET in key else key}")


def allowed(at: str, text: str, names: tuple[str, ...], *, paths: bool) -> bool:
    """Say whether the secret may stand there: as a fact that is listed by name, or in a path where a reader takes one out of a file."""
    if at.startswith("/facts"):
        return any(fnmatchcase(at.removeprefix("/facts"), name) for name in names)
    if at == "/holes/[]/pointer":
        return paths or any(fnmatchcase("/".join("(name)" if SECRET in word else word for word in text.split("/")), name) for name in names)
    return paths and all(part.startswith("/") for part in re.split(r"[\s:=]", text) if SECRET in part)
