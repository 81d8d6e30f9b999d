"""The facts that findings stand on, as tables: one for each probe and analysis, with the place, the value and where that was read.

Subjects of one cause often have the same facts but for their name; these are shown once, with `EACH` for the name.
"""

import json
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from hostcheck.api import pattern
from hostcheck_builtin.formats.causes import EACH, Document, naming, subject_of

SHORT: Final = 80
"""Up to how many characters a composite value stands on one line."""
LONG: Final = 300
"""How many characters of a line are shown."""
FOLDED: Final = 6
"""Up to how many lines a value is shown at once; of others the first members are named."""
NAMED: Final = 5
GROUPS: Final = 20
"""How many different sets of facts are shown of one cause."""
PLAIN: Final = pattern(r"(?!(?:true|false|null)$)[\w./@+-]+", re.ASCII)
"""A text that needs no quotes beside the name of its member."""
MORE: Final = pattern(r"(?:… )?(\d+) more")
"""What stands in a report for members that were left out of a value."""


def evidence(alike: Sequence[Document], states: Mapping[str, str]) -> Document:
    """Return the tables of findings of one cause: ``{groups: [{subjects, tables}], more}``; a group has subjects where there are several."""
    same: dict[str, list[Document]] = {}
    for finding in alike:
        if finding["evidence"]:
            same.setdefault(json.dumps(_without_subject(finding), sort_keys=True), []).append(finding)
    groups = [
        {
            "subjects": [] if len(same) == 1 else [subject_of(finding) for finding in found],
            "tables": _tables(found[0]["evidence"] if len(found) == 1 else _without_subject(found[0]), states),
        }
        for found in list(same.values())[:GROUPS]
    ]
    return {"groups": groups, "more": len(same) - len(groups)}


def states(plugins: Iterable[Document]) -> dict[str, str]:
    """Return for each probe and analysis what it is, and whose where it does not come with hostcheck."""
    return {
        name: f"{what} {name}" + ("" if plugin["allowed"] == "built-in" else f" (plugin {plugin['distribution']})")
        for plugin in plugins
        for kind, what in (("probes", "Probe"), ("analyses", "Analysis"))
        for name in plugin["contributes"][kind]
    }


def _without_subject(finding: Document) -> list[Document]:
    """Return the evidence of a finding with `EACH` for its subject."""
    subject, each = finding["subject"], naming(finding["subject"])
    token = subject.replace("~", "~0").replace("/", "~1")
    return [
        {
            **item,
            "pointer": "/".join(EACH if part == token and part else part for part in item["pointer"].split("/")),
            "value": EACH if item["value"] == subject else item["value"],
            "source": each(item["source"]),
        }
        for item in finding["evidence"]
    ]


def _tables(items: Sequence[Document], states: Mapping[str, str]) -> list[Document]:
    """Return a table for each probe: which it is, at which place, and the facts below that place."""
    of_probe: dict[str, list[Document]] = {}
    for item in items:
        of_probe.setdefault(item["probe"], []).append(item)
    return [_table(probe, found, states.get(probe, f"{probe} (of no plugin that this report names)")) for probe, found in of_probe.items()]


def _table(probe: str, items: list[Document], state: str) -> Document:
    paths = [tokens(item["pointer"]) for item in items]
    base = os.path.commonprefix([path[:-1] for path in paths])
    rows = [
        {
            "fact": " > ".join(path[len(base) :]) or "all of it",
            "value": {"lines": [], "gist": ""} if item["value"] is None and "hole" in item else value_of(item["value"]),
            "hole": _hole(item),
            "source": "" if item["source"] == probe else item["source"],
        }
        for item, path in zip(items, paths, strict=True)
    ]
    return {"state": state, "at": " > ".join(base), "rows": rows, "has_source": any(row["source"] for row in rows)}


def _hole(item: Document) -> str:
    """Return what is not known of a value; empty where all of it is known."""
    if "hole" not in item:
        return ""
    why = f"{item['hole']['why']}: {item['hole']['message']}"
    return f"not known: {why}" if item["value"] is None else f"and possibly more ({why})"


def tokens(pointer: str) -> list[str]:
    """Split a JSON Pointer (RFC 6901) into its reference tokens."""
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]


def place(at: str) -> str:
    """Return a place as people read it: probe and JSON Pointer as names with arrows between."""
    probe, slash, pointer = at.partition("/")
    return " > ".join([probe, *tokens(slash + pointer)])


def value_of(value: Any) -> Document:
    """Return the lines of a value, each cut where it is long, and what it has in short where they are many."""
    lines = [line if len(line) <= LONG else f"{line[:LONG]}… ({len(line)} characters)" for line in value_lines(value)]
    return {"lines": lines, "gist": _gist(value) if len(lines) > FOLDED else ""}


def _gist(value: Any) -> str:
    """Return how many members a collection has, and the names of the first."""
    names = [name if isinstance(name, str) else _json(name) for name in value]
    left_out = MORE.fullmatch(str(value.get("…")) if isinstance(value, dict) else names[-1])
    if left_out:
        names = [name for name in names if name != "…"] if isinstance(value, dict) else names[:-1]
    count = len(names) + (int(left_out[1]) if left_out else 0)
    shown = [name if len(name) <= SHORT else f"{name[:SHORT]}…" for name in names[:NAMED]]
    return f"{count} members: {', '.join(shown)} and {count - len(shown)} more"


def value_lines(value: Any) -> list[str]:
    """Return a value as people read it; a composite one that is long gets a line for each of its members."""
    if not isinstance(value, dict | list):
        return [_json(value)]
    text = ", ".join(_each(value)) or "{}" if isinstance(value, dict) else _inner(value)
    if len(text) <= SHORT:
        return [text]
    return _each(value) if isinstance(value, dict) else [_inner(item) for item in value]


def _each(value: dict[str, Any]) -> list[str]:
    """Return the members of an object as `name: value`; texts that could be mistaken for something else keep their quotes."""
    return [f"{_word(key)}: {_word(item) if isinstance(item, str) else _inner(item)}" for key, item in sorted(value.items())]


def _inner(value: Any) -> str:
    if isinstance(value, dict):
        return f"{{{', '.join(_each(value))}}}"
    return f"[{', '.join(map(_inner, value))}]" if isinstance(value, list) else _json(value)


def _word(text: str) -> str:
    return text if PLAIN.fullmatch(text) else _json(text)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
