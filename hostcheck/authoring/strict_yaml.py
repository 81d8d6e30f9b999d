"""Read the YAML that authors write: JSON in another dress.

Only true, false, null and decimal numbers are not text: YAML 1.1 would make ``0660`` 432, ``2.10`` 2.1, ``no`` false and ``2022-10-25`` a date.
"""

import re
from collections.abc import Iterator
from itertools import takewhile
from typing import Any, Final

from hostcheck.deferred import pattern
from hostcheck.documents import DEPTH, DocumentError, read_bytes
from hostcheck.model import Json

WORDS: Final = {"true": True, "false": False, "null": None}
NUMBER: Final = pattern(r"-?(0|[1-9][0-9]*)(\.[0-9]*[1-9])?", re.ASCII)
"""A decimal number that is written as JSON would write it: 2.10 and 0660 are text."""

HINTS: Final = {"mapping values are not allowed here": "; quote a text that has a colon and a space in it, or write it below a line that ends with `>-`"}
"""What to do about the mistake that is made most."""


def read_yaml(path: str) -> Json:
    """Return what the YAML file at `path` says; raises DocumentError, with file and line, for what JSON could not say or others would read otherwise."""
    import yaml

    try:
        events = list(_plain_events(yaml, _text(path), path))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error)
        raise DocumentError(f"{path}{f':{mark.line + 1}' if mark else ''}: not YAML: {problem}{HINTS.get(problem, '')}") from None
    starts = [number for number, event in enumerate(events, 1) if isinstance(event, yaml.DocumentStartEvent)]
    if len(starts) > 1:
        raise DocumentError(f"{path}:{events[starts[1] - 1].start_mark.line + 1}: not YAML: a second document begins here")
    following = iter(events[starts[0] :] if starts else ())
    return _value(yaml, next(following), following, path) if starts else None


def _text(path: str) -> str:
    try:
        return read_bytes(path).decode("utf-8")
    except UnicodeDecodeError as error:
        raise DocumentError(f"{path}: not UTF-8 text (byte {error.start})") from None


def _plain_events(yaml: Any, text: str, path: str) -> Iterator[Any]:
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        where = f"{path}:{event.start_mark.line + 1}"
        if depth > DEPTH:
            raise DocumentError(f"{where}: nested more than {DEPTH} levels deep")
        if getattr(event, "anchor", None) is not None:
            raise DocumentError(f"{where}: an anchor or alias (&, *) is not allowed; write the value out")
        if getattr(event, "tag", None) is not None:
            raise DocumentError(f"{where}: a tag ({event.tag}) is not allowed; put text in quotes")
        yield event


def _value(yaml: Any, event: Any, following: Iterator[Any], path: str) -> Json:
    """Return the value that begins with `event`, and take all others of it from `following`."""
    if isinstance(event, yaml.ScalarEvent):
        return _scalar(event)
    inside = takewhile(lambda one: not isinstance(one, yaml.CollectionEndEvent), following)
    if isinstance(event, yaml.SequenceStartEvent):
        return [_value(yaml, item, following, path) for item in inside]
    found: dict[str, Json] = {}
    for key in inside:
        if not isinstance(key, yaml.ScalarEvent) or key.value in found:
            problem = f"the key {key.value!r} appears twice" if isinstance(key, yaml.ScalarEvent) else "a key must be text"
            raise DocumentError(f"{path}:{key.start_mark.line + 1}: {problem}")
        found[key.value] = _value(yaml, next(following), following, path)
    return found


def _scalar(event: Any) -> Json:
    text: str = event.value
    if event.style is not None:
        return text
    if text in WORDS:
        return WORDS[text]
    if NUMBER.fullmatch(text):
        return float(text) if "." in text else int(text)
    return text
