"""Turn the examples of a rule into whole documents: patches (RFC 7396) at a place of a base host.

A base host has the facts of a well-kept machine and empty collections; so an example states only what its rule looks at.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from hostcheck.authoring.form import EXAMPLES, require_form
from hostcheck.documents import DocumentError
from hostcheck.model import Hole, Json, Why, incomplete
from hostcheck.pointer import join, tokens

HIDDEN: Final = Hole(why=Why.DENIED, message="hidden in the example")
SERVER: Final = "server"


def documents(written: Mapping[str, Json], hosts: Mapping[str, Json], what: str) -> Iterator[tuple[str, int, Json]]:
    """Yield each example of a rule as ``(result, number, document)``; raises DocumentError where it cannot be applied.

    `written` has, by result, a patch or a list of them; `at` is the pointer where they apply, `on` names the host, and `values` are what a site sets. In an
    entry, a key ``/pointer`` patches below `at`, ``//pointer`` below the root; ``=/pointer`` (or ``=``, `at` itself) replaces without merging; `whole` is a
    document by itself; `on` names another host; `holes` lists pointers that are not known, or with a ``+`` before them may have more members.
    """
    require_form(written, f"{what}: `examples`", EXAMPLES)
    at, on = str(written.get("at", "")), str(written.get("on", SERVER))
    if at and not at.startswith("/"):
        raise DocumentError(f"{what}: `at` is {at!r}, but must be a pointer: it starts with a slash")
    for result, entries in written.items():
        if result not in ("at", "on", "values"):
            for number, entry in enumerate(entries if isinstance(entries, list) else [entries], 1):
                yield result, number, applied(entry, at, on, hosts, f"{what}: {result} example {number}")


def applied(entry: Json, at: str, on: str, hosts: Mapping[str, Json], what: str) -> Json:
    """Return the document that one example stands for."""
    if not isinstance(entry, dict):
        return _put(_host(hosts, on, what), at, entry, what)
    if "whole" in entry:
        document: Json = _copied(entry["whole"])
    else:
        document = _copied(_host(hosts, str(entry.get("on", on)), what))
        patch = {key: value for key, value in entry.items() if key not in ("on", "holes") and not key.startswith(("/", "="))}
        document = _patched(document, at, patch, what) if patch else document
    for key, value in entry.items():
        if key.startswith("="):
            document = _put(document, _place(key[1:], at), value, what)
        elif key.startswith("/"):
            document = _patched(document, _place(key, at), value, what)
    for pointer in _pointers(entry.get("holes", []), what):
        document = _hidden(document, _place(pointer.removeprefix("+"), at), what, members=pointer.startswith("+"))
    return document


def _pointers(holes: Json, what: str) -> list[str]:
    if not isinstance(holes, list) or not all(isinstance(pointer, str) and pointer.removeprefix("+")[:1] in ("", "/") for pointer in holes):
        raise DocumentError(f"{what}: `holes` is {holes!r:.60}, but must be a list of pointers, such as [/value]")
    return holes


def _host(hosts: Mapping[str, Json], name: str, what: str) -> Json:
    if name not in hosts:
        raise DocumentError(f"{what}: {no_host(name, hosts)}")
    return hosts[name]


def no_host(name: str, hosts: Iterable[str]) -> str:
    """Say that there is no such base host, and which there are."""
    return f"there is no hosts/{name}.yaml; {f'there are {known}' if (known := ', '.join(sorted(hosts))) else 'write it: the facts of a host that passes'}"


def _place(pointer: str, at: str) -> str:
    return pointer[1:] if pointer.startswith("//") else at + pointer


def merged(document: Json, patch: Json) -> Json:
    """Return `document` with a JSON Merge Patch (RFC 7396) applied: null takes a member away, a list replaces a list."""
    if not isinstance(patch, dict):
        return patch
    found = dict(document) if isinstance(document, dict) else {}
    for key, value in patch.items():
        if value is None:
            found.pop(key, None)
        else:
            found[key] = merged(found.get(key), value)
    return found


def _patched(document: Json, pointer: str, patch: Json, what: str) -> Json:
    for token in reversed(tokens(pointer)):
        patch = {token: patch}
    if not isinstance(patch, dict):
        raise DocumentError(f"{what}: a patch of the whole document is a mapping")
    return merged(document, patch)


def _put(document: Json, pointer: str, value: Json, what: str) -> Json:
    """Return `document` with `value` at `pointer`, whatever stood there."""
    path = tokens(pointer)
    if not path:
        return value
    box = _copied(document)
    _parent(box, path, what)[path[-1]] = value
    return box


def _hidden(document: Json, pointer: str, what: str, *, members: bool) -> Json:
    path = tokens(pointer)
    if not path:
        return HIDDEN
    box = _copied(document)
    parent = _parent(box, path, what)
    if members and not isinstance(parent.get(path[-1]), dict | list):
        raise DocumentError(f"{what}: there is no collection at {pointer}; add it, or leave out the +")
    parent[path[-1]] = incomplete(parent[path[-1]], HIDDEN) if members else HIDDEN
    return box


def _parent(document: Json, path: list[str], what: str) -> dict[str, Any]:
    here = document
    for token in path[:-1]:
        here = here.setdefault(token, {}) if isinstance(here, dict) else None
    if not isinstance(here, dict):
        raise DocumentError(f"{what}: there is no object at {''.join(join('', token) for token in path[:-1])}")
    return here


def _copied(value: Json) -> Json:
    return {key: _copied(item) for key, item in value.items()} if type(value) is dict else list(value) if type(value) is list else value
