"""Read the YAML that authors write: JSON in another dress.

Only true, false, null and decimal numbers are not text: YAML 1.1 would make ``0660`` 432, ``2.10`` 2.1, ``no`` false and ``2022-10-25`` a date.
"""

import re
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

    text = _text(path)
    try:
        for depth, event in _depths(yaml, text):
            _require_plain(event, depth, path)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error)
        raise DocumentError(f"{path}{f':{mark.line + 1}' if mark else ''}: not YAML: {problem}{HINTS.get(problem, '')}") from None
    return None if node is None else _value(node, path)


def _text(path: str) -> str:
    try:
        return read_bytes(path).decode("utf-8")
    except UnicodeDecodeError as error:
        raise DocumentError(f"{path}: not UTF-8 text (byte {error.start})") from None


def _depths(yaml: Any, text: str) -> Any:
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        yield depth, event


def _require_plain(event: Any, depth: int, path: str) -> None:
    where = f"{path}:{event.start_mark.line + 1}"
    if depth > DEPTH:
        raise DocumentError(f"{where}: nested more than {DEPTH} levels deep")
    if getattr(event, "anchor", None) is not None:
        raise DocumentError(f"{where}: an anchor or alias (&, *) is not allowed; write the value out")
    if getattr(event, "tag", None) is not None:
        raise DocumentError(f"{where}: a tag ({event.tag}) is not allowed; put text in quotes")


def _value(node: Any, path: str) -> Json:
    if node.id == "scalar":
        return _scalar(node)
    if node.id == "sequence":
        return [_value(item, path) for item in node.value]
    found: dict[str, Json] = {}
    for key, item in node.value:
        if key.id != "scalar" or key.value in found:
            problem = f"the key {key.value!r} appears twice" if key.id == "scalar" else "a key must be text"
            raise DocumentError(f"{path}:{key.start_mark.line + 1}: {problem}")
        found[key.value] = _value(item, path)
    return found


def _scalar(node: Any) -> Json:
    text: str = node.value
    if node.style is not None:
        return text
    if text in WORDS:
        return WORDS[text]
    if NUMBER.fullmatch(text):
        return float(text) if "." in text else int(text)
    return text
