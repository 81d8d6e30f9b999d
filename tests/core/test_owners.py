"""The owner's law itself: what obeys it passes, and each way to break it is seen."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hostcheck.host import Host, LimitExceeded, attempt
from hostcheck.host.answers import Stat
from hostcheck.model import Hole, Json, Probe, incomplete
from hostcheck.testing import OwnersContract, memory_host

FILES = {"/etc/passwd": "root:x:0:0::/root:/bin/sh\nann:x:1001:1001::/home/ann:/bin/sh\nbob:x:1002:1002::/home/bob:/bin/sh\n"}
STATS = {f"/home/{name}": Stat(type="dir", uid=uid, gid=uid, mode=0o755) for name, uid in (("ann", 1001), ("bob", 1002))}
HOST = memory_host({**FILES, "/home/ann/note": "a", "/home/bob/note": "b", "/srv/note": "r"}, stats=STATS)
SCHEMA = """{"type": "object", "required": ["notes"], "additionalProperties": false, "properties": {
 "notes": {"type": "object", "additionalProperties": {"type": "string"}}, "count": {"type": "integer"}}}"""
PLACES = ("/home/ann/note", "/home/bob/note", "/srv/note")


def each(host: Host) -> Json:
    return {"notes": {path: attempt(host.read_text, path) for path in PLACES}}


def nobodys(host: Host) -> Json:
    """Drop the owner from each hole."""
    read = {path: attempt(host.read_text, path) for path in PLACES}
    known = {path: text for path, text in read.items() if not isinstance(text, Hole)}
    hole = next((text for text in read.values() if isinstance(text, Hole)), None)
    return {"notes": incomplete(known, hole and Hole(why=hole.why, message=hole.message))}


def together(host: Host) -> Json:
    """Lose all where one cannot be read."""
    return {"notes": {path: host.read_text(path) for path in PLACES}}


def bounded(host: Host) -> Json:
    """Read so much in all, whoever has laid it."""
    left, notes = 100, {}
    for path in PLACES:
        text = attempt(host.read_text, path)
        left -= 0 if isinstance(text, Hole) else len(text)
        notes[path] = text if left > 0 else Hole(why=attempt(_too_much).why, message="too much")
    return {"notes": notes}


def _too_much() -> Any:
    raise LimitExceeded("too much")


def counted(host: Host) -> Json:
    """State a number of all."""
    return {**each(host), "count": sum(not isinstance(attempt(host.read_text, path), Hole) for path in PLACES)}


def law(tmp_path: Path, collect: Callable[[Host], Json]) -> OwnersContract:
    (tmp_path / "notes.facts.json").write_text(SCHEMA)
    probe = Probe(id="acme.notes", title="Notes", facts_schema=str(tmp_path / "notes.facts.json"), collect=collect)
    contract = type("Law", (OwnersContract,), {"__test__": False, "others": [probe], "hosts": {"one": {"acme.notes": HOST}}})
    one: OwnersContract = contract()
    return one


def test_a_probe_that_leaves_out_only_what_is_a_users_obeys(tmp_path: Path) -> None:
    one = law(tmp_path, each)
    one.test_something_is_somebodys()
    for name in (name for name in dir(one) if name.startswith(("test_what_a", "test_what_t", "test_what_f", "test_a_"))):
        if name != "test_what_it_needs_is_given":
            getattr(one, name)(one.hosts["one"])


@pytest.mark.parametrize(
    ("collect", "words"),
    [
        (nobodys, "limit of uid 1001: acme.notes/notes: is open for limit (laid more than is looked at of one account) of anybody"),
        (together, "limit of uid 1001: acme.notes/: {'notes': {"),
        (bounded, "huge of uid 1001: acme.notes/notes//srv/note: 'r' became limit (too much) of anybody"),
        (counted, "limit of uid 1001: acme.notes/count: 3 became 2"),
    ],
)
def test_each_way_to_break_it_is_seen(tmp_path: Path, collect: Callable[[Host], Json], words: str) -> None:
    one = law(tmp_path, collect)
    with pytest.raises(AssertionError) as raised:
        one.test_what_a_user_lays_changes_nothing_about_others(one.hosts["one"])
    assert words in str(raised.value)


def test_a_host_on_which_nothing_is_a_users_proves_nothing(tmp_path: Path) -> None:
    one = law(tmp_path, each)
    one.hosts = {"roots": {"acme.notes": memory_host({path: "" for path in PLACES})}}  # type: ignore[misc]
    with pytest.raises(AssertionError, match="a user's"):
        one.test_something_is_somebodys()
